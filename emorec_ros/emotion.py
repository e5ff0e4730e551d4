# SPDX-License-Identifier: Apache-2.0
"""Measure the emotion of every face on /faces and publish it on /face_emotions."""

from array import array
from dataclasses import dataclass
import sys
from time import monotonic

from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec_ros.messages.faces import Faces
from emorec_ros.messages.people import seven_of
from emorec_ros.runtime.input_switch import InputSwitch
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.node import run
from emorec_ros.runtime.parameters import parameter
from emorec_ros.transport.channels import FACE_EMOTIONS
from emorec_ros.transport.channels import FACES
from emorec_ros.transport.ways import TOPICS
from emorec_ros.transport.ways import Transport
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.emotions import number_of
import numpy as np


@dataclass(frozen=True)
class Settings:
    """Parameters of the emotion node."""

    model: str = parameter(
        '', 'ONNX emotion model, or accurate, or ferplus; empty = the shipped fast one')
    lazy: bool = parameter(False, LAZY, dynamic=True)


class Emotion(EmorecNode[Settings]):
    """The node that publishes one FaceEmotionArray per FaceArray, with its stamp, always."""

    def __init__(self, transport: Transport = TOPICS) -> None:
        super().__init__('emotion', Settings)
        path = model_path(self.settings.model)
        self._model = EmotionModel(path)
        self.health.note({'model': str(path)})
        self._send = transport.sender(self, FACE_EMOTIONS)
        self._input = InputSwitch(
            self, [lambda: transport.receive(self, FACES, self._on_faces)],
            [self._send.count_listeners])

    def use_settings(self, settings: Settings) -> None:
        """Go on with other settings."""
        self._input.update(settings)

    def _on_faces(self, faces: Faces) -> None:
        started = monotonic()
        size = self._model.input_size
        message = faces.message
        crops = [crop for crop in faces.crops(self.drop) if crop.detected]
        probabilities = self._model.predict(np.array(
            [crop.pixels(size) for crop in crops], np.uint8).reshape(-1, size, size))
        labels = self._model.labels
        self._send(FaceEmotionArray(
            header=message.header, session=message.session, labels=labels,
            emotions=[FaceEmotion(track_id=crop.track_id, emotion=number_of(labels[row.argmax()]),
                                  probabilities=seven_of(labels, row),
                                  label_probabilities=array('f', row))
                      for crop, row in zip(crops, probabilities, strict=True)]))
        now = monotonic()
        self.health.count('face arrays', now, now - started)


def main() -> int:
    """Run the node."""
    return run(Emotion, 'emotion')


if __name__ == '__main__':
    sys.exit(main())
