# SPDX-License-Identifier: Apache-2.0
"""Say who the faces on /faces belong to, on /identities."""

from collections.abc import Sequence
from dataclasses import dataclass
import math
import os
from pathlib import Path
import sys
from time import monotonic

from emorec.msg import FaceArray
from emorec.msg import Identity as IdentityMessage
from emorec.msg import IdentityArray
from emorec_ros.flow.recent import Recent
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.faces import Faces
from emorec_ros.people.services import PeopleServices
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.input_switch import InputSwitch
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.words import NOBODY
from emorec_ros.transport.channels import FACES
from emorec_ros.transport.channels import IDENTITIES
from emorec_ros.transport.ways import TOPICS
from emorec_ros.transport.ways import Transport
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.files.user_path import expand
from emorec_vision.identity.factory import AUTO
from emorec_vision.identity.factory import choice_in_words
from emorec_vision.identity.factory import RECOGNIZERS
from emorec_vision.identity.look_worker import LookWorker
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.identity.tracks import TrackIdentities
from emorec_vision.people.folder import default_people_folder
from emorec_vision.people.model import PeopleModel
from emorec_vision.people.store import PeopleStore

REMEMBERED = 4


@dataclass(frozen=True)
class Settings:
    """Parameters of the identity node."""

    people: str = parameter(
        '', "folder with a sub-folder of face images per person; empty = this user's, "
        '$XDG_DATA_HOME/emorec/people; none = everybody is unknown')
    agreeing_looks: int = parameter(
        3, 'looks at a track that must agree before it gets a name', 1, 100, dynamic=True)
    recognizer: str = parameter(
        AUTO, 'what tells people apart; auto: SFace where its weights are installed, else LBPH',
        choices=RECOGNIZERS)
    look_budget: float = parameter(
        0.008, 'processor time for looking at faces per image, s, on average; 0 = no looks', 0.0,
        1.0, dynamic=True)
    wait_for_looks: bool = parameter(
        False, 'answer an image after all looks that are due, whatever they take: for files, '
        'whose results repeat then')
    enroll_photos: int = parameter(
        20, 'photos that ~/enroll takes unless it is asked for another number', 1, 1000)
    enroll_timeout: float = parameter(
        60.0, 'longest time for the photos of ~/enroll, s', 0.1, 3600.0)
    false_accept: float = parameter(
        FALSE_ACCEPT, 'share of looks at strangers that may pass for somebody, where the folder '
        'has no model yet that says it', 0.0001, 0.5)
    lazy: bool = parameter(False, f'{LAZY}, or is enrolled', dynamic=True)


class Identity(EmorecNode[Settings]):
    """The node that publishes one IdentityArray per FaceArray, with its stamp, empty ones too."""

    def __init__(self, transport: Transport = TOPICS) -> None:
        super().__init__('identity', Settings)
        settings = self.settings
        self._looks = None if settings.wait_for_looks else LookWorker()
        self._tracks = TrackIdentities(None, look_budget=_budget(settings),
                                       agreeing_looks=settings.agreeing_looks,
                                       worker=self._looks)
        self._answered: Recent[IdentityArray] = Recent(REMEMBERED)
        self._choice: list[str] = []
        people = None if settings.people == NOBODY else PeopleStore(
            _folder(settings.people), settings.false_accept, self.get_logger().warning,
            settings.recognizer)
        self._use(PeopleModel())
        if people is not None:
            self._read(people)
        self._people_services = PeopleServices(self, people, self._use)
        self._send = transport.sender(self, IDENTITIES)
        self._input = InputSwitch(
            self, [lambda: transport.receive(self, FACES, self._on_faces)],
            [self._send.count_listeners], lambda: self._people_services.is_enrolling)

    def use_settings(self, settings: Settings) -> None:
        """Go on with other settings; the tracks keep their names."""
        self._tracks.look_budget = _budget(settings)
        self._tracks.agreeing_looks = settings.agreeing_looks
        self._input.update(settings)

    def close(self) -> None:
        """Finish what is being written, and the look in hand."""
        self._people_services.close()
        if self._looks is not None:
            self._looks.close()

    def _read(self, people: PeopleStore) -> None:
        recognizer = choice_in_words(self.settings.recognizer)
        self._choice.append(f'recogniser: {recognizer}')
        self.health.note({'recognizer': recognizer})
        try:
            people.read()
        except InputError as error:
            self.get_logger().error(f'{error}; everybody stays unknown')
            self.health.note({'people': str(error)})
            return
        self._use(people.model)
        if people.model.names:
            self.get_logger().info(f'recognises {", ".join(people.model.names)} by the images in '
                                   f'{people.path}')
        elif self.settings.people:
            self.get_logger().warning(f'nobody is enrolled in {people.path} yet; everybody is '
                                      'unknown')

    def _use(self, model: PeopleModel) -> None:
        """Recognise these people from now on."""
        self._tracks.set_recognizer(model.recognizer)
        if model.names:
            self.health.note({'recognizer': choice_in_words(self.settings.recognizer, tried=True)})
        self.health.note({'people': ', '.join(model.names) or 'nobody'})

    def _on_faces(self, faces: Faces) -> None:
        started = monotonic()
        while self._choice:  # not before: bad input of any node is to be the only line
            self.get_logger().info(self._choice.pop())
        message = faces.message
        stamp = stamp_ns(message.header.stamp)
        answer = self._answered.get(stamp)
        if answer is None or answer.session != message.session:
            answer = self._identify(message, faces.crops(self.drop))
            self._answered.put(stamp, answer)
        self._send(answer)
        now = monotonic()
        self.health.count('face arrays', now, now - started)

    def _identify(self, message: FaceArray, crops: Sequence[FaceCrop]) -> IdentityArray:
        self._people_services.offer(crops, stamp_ns(message.header.stamp))
        identities = self._tracks.update(message.session, crops)
        return IdentityArray(
            header=message.header, session=message.session,
            identities=[IdentityMessage(
                track_id=identity.track_id, person=identity.person, known=identity.known,
                distance=float(identity.distance), confidence=float(identity.confidence))
                for identity in identities])


def _folder(name: str) -> Path:
    """Return the people folder; one that is named may be missing, for enrolling makes it.

    Raises:
        InputError: where it cannot be made either, since its own folder is missing too.
    """
    if not name:
        return default_people_folder()
    folder = expand(name)
    if not os.path.isdir(folder if os.path.lexists(folder) else folder.parent):
        raise InputError(f'people is {name}, and there is no such folder; check the path, or give '
                         f'{NOBODY} to know nobody')
    return folder


def _budget(settings: Settings) -> float:
    """Return the time for looks per image, s."""
    return math.inf if settings.wait_for_looks else settings.look_budget


def main() -> int:
    """Run the node."""
    return run(Identity, 'identity')


if __name__ == '__main__':
    sys.exit(main())
