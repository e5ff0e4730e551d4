# SPDX-License-Identifier: Apache-2.0
"""Measure the emotion of every face on /faces and publish it on /face_emotions."""

from array import array
from dataclasses import dataclass
import sys
from time import monotonic

from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec.msg import IdentityArray
from emorec_ros.flow.recent import Recent
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.faces import Faces
from emorec_ros.messages.people import names_of
from emorec_ros.messages.people import seven_of
from emorec_ros.personal.lessons import LessonServices
from emorec_ros.personal.reading import ADAPT
from emorec_ros.personal.reading import PERSON
from emorec_ros.personal.reading import PersonalReading
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.input_switch import InputSwitch
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.words import NOBODY
from emorec_ros.transport.channels import FACE_EMOTIONS
from emorec_ros.transport.channels import FACES
from emorec_ros.transport.channels import IDENTITIES
from emorec_ros.transport.ways import TOPICS
from emorec_ros.transport.ways import Transport
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.emotion.rest import Adapted
from emorec_vision.emotions import number_of
from emorec_vision.files.user_path import expand
from emorec_vision.people.folder import default_people_folder
import numpy as np

REMEMBERED = 4
"""Answers kept for images that come again, which nothing is learnt from twice."""


@dataclass(frozen=True)
class Settings:
    """Parameters of the emotion node."""

    model: str = parameter(
        '', 'ONNX emotion model, or accurate, or ferplus; empty = the shipped fast one')
    adapt: str = parameter(
        PERSON, 'read each face against the same person at rest: off; rest: by what was seen '
        'since the start; person: also by what the people folder keeps of known people',
        choices=ADAPT, dynamic=True)
    people: str = parameter(
        '', "folder of the known people, as the identity node has it; empty = this user's, "
        '$XDG_DATA_HOME/emorec/people; none = nothing is kept')
    keep_rests: bool = parameter(
        True, 'with adapt person: write what was seen of known people into their folder; off for '
        'files, whose results repeat then')
    lazy: bool = parameter(False, f'{LAZY}, or expressions are learnt', dynamic=True)


class Emotion(EmorecNode[Settings]):
    """The node that publishes one FaceEmotionArray per FaceArray, with its stamp, always.

    The last known identity of a track counts; it is not waited for.
    """

    def __init__(self, transport: Transport = TOPICS) -> None:
        super().__init__('emotion', Settings)
        settings = self.settings
        path = model_path(settings.model)
        self._model = EmotionModel(path)
        self.health.note({'model': str(path)})
        self._answered: Recent[FaceEmotionArray] = Recent(REMEMBERED)
        self._said_raw = False
        folder = None if settings.people == NOBODY else expand(
            settings.people or default_people_folder())
        self._personal = (None if self._model.space is None
                          else PersonalReading(self, self._model, folder))
        self._lessons = LessonServices(self, self._model, self._personal)
        self._send = transport.sender(self, FACE_EMOTIONS)
        self._input = InputSwitch(
            self, [lambda: transport.receive(self, FACES, self._on_faces),
                   lambda: transport.receive(self, IDENTITIES, self._on_identities,
                                             urgent=False)],
            [self._send.count_listeners], lambda: self._lessons.is_running)

    def use_settings(self, settings: Settings) -> None:
        """Go on with other settings; another way to adapt begins with nothing in memory."""
        if self._personal is not None:
            self._personal.use(settings.adapt)
        self._input.update(settings)

    def close(self) -> None:
        """Write what was learnt of known people."""
        if self._personal is not None:
            self._personal.close()

    def _on_identities(self, message: IdentityArray) -> None:
        if self._personal is not None:
            self._personal.names.update(names_of(message))

    def _on_faces(self, faces: Faces) -> None:
        started = monotonic()
        header, session = faces.message.header, faces.message.session
        answer = self._answered.get(stamp_ns(header.stamp))
        if answer is None or answer.session != session:
            answer = self._measure(faces)
            self._answered.put(stamp_ns(header.stamp), answer)
        self._send(answer)
        now = monotonic()
        self.health.count('face arrays', now, now - started)

    def _measure(self, faces: Faces) -> FaceEmotionArray:
        size, labels, message = self._model.input_size, self._model.labels, faces.message
        crops = [crop for crop in faces.crops(self.drop) if crop.detected]
        tracks = [crop.track_id for crop in crops]
        pixels = np.array([crop.pixels(size) for crop in crops], np.uint8).reshape(-1, size, size)
        rows, adapted = self._read(faces, tracks, pixels)
        return FaceEmotionArray(
            header=message.header, session=message.session, labels=labels,
            emotions=[FaceEmotion(
                track_id=track_id, emotion=number_of(labels[row.argmax()]),
                probabilities=seven_of(labels, row), label_probabilities=array('f', row),
                **_adapted_fields(adapted.get(track_id)))
                for track_id, row in zip(tracks, rows, strict=True)])

    def _read(self, faces: Faces, tracks: list[str],
              pixels: np.ndarray) -> tuple[np.ndarray, dict[str, Adapted]]:
        """Return what the network says, and of each track what it is against the person's rest."""
        personal, message = self._personal, faces.message
        if personal is None:
            self._say_raw()
        if personal is None or not (personal.is_on or self._lessons.is_running):
            return self._model.predict(pixels), {}
        rows, places = self._model.read(pixels)
        stamp = stamp_ns(message.header.stamp)
        names = personal.names.of([face.track_id for face in message.faces], monotonic())
        probabilities = dict(zip(tracks, rows))
        coordinates = {} if places is None else dict(zip(tracks, places))
        self._lessons.add(stamp, names, probabilities, coordinates)
        if not personal.is_on:
            return rows, {}
        personal.begin(message.session, stamp)
        return rows, personal.read(stamp, names, probabilities, coordinates)

    def _say_raw(self) -> None:
        """Say once that this model cannot adapt; not at once: bad input is to be the only line."""
        if not self._said_raw and self.settings.adapt != ADAPT[0]:
            self._said_raw = True
            self.get_logger().info(
                f'{self._model.path} does not say where expressions lie, so faces are not read '
                'against their rest; "emorec emotions expressions" adds it')


def _adapted_fields(adapted: Adapted | None) -> dict[str, object]:
    """Return the fields of a face that was read against the person's rest, {} of another."""
    return {} if adapted is None else {
        'adapted': array('f', adapted.probabilities), 'adapted_weight': adapted.weight}


def main() -> int:
    """Run the node."""
    return run(Emotion, 'emotion')


if __name__ == '__main__':
    sys.exit(main())
