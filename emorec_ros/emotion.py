# SPDX-License-Identifier: Apache-2.0
"""Measure the emotion of every face on /faces and publish it on /face_emotions."""

from dataclasses import dataclass
import sys
from time import monotonic

from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec_ros.messages.conversions import box_from_roi
from emorec_ros.messages.images import to_gray
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.node import run
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.qos import RESULT
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.faces.crop import face_input
import numpy as np


@dataclass(frozen=True)
class Settings:
    """Parameters of the emotion node."""

    model: str = parameter(
        '', 'ONNX emotion model, or accurate; empty = the shipped fast one')


class Emotion(EmorecNode[Settings]):
    """The node that publishes one FaceEmotionArray per FaceArray, with its stamp, always."""

    def __init__(self) -> None:
        super().__init__('emotion', Settings)
        path = model_path(self.settings.model)
        self._model = EmotionModel(path)
        self.health.note({'model': str(path)})
        self._emotions = self.create_publisher(FaceEmotionArray, 'face_emotions', RESULT)
        self.create_subscription(FaceArray, 'faces', self._on_faces, RESULT)

    def _on_faces(self, message: FaceArray) -> None:
        started = monotonic()
        measured = [(face.track_id, pixels) for face in message.faces
                    if (pixels := self._input(face)) is not None]
        size = self._model.input_size
        probabilities = self._model.predict(
            np.array([pixels for _, pixels in measured], np.uint8).reshape(-1, size, size))
        self._emotions.publish(FaceEmotionArray(
            header=message.header, session=message.session,
            emotions=[FaceEmotion(track_id=track_id, emotion=int(row.argmax()), probabilities=row)
                      for (track_id, _), row in zip(measured, probabilities)]))
        now = monotonic()
        self.health.count('face arrays', now, now - started)

    def _input(self, face: Face) -> np.ndarray | None:
        if not face.detected:
            return None
        try:
            return face_input(to_gray(face.crop), box_from_roi(face.crop_roi),
                              box_from_roi(face.roi), self._model.input_size)
        except ValueError as error:
            self.drop(f'crop of {face.track_id}: {error}')
            return None


def main() -> int:
    """Run the node."""
    return run(Emotion, 'emotion')


if __name__ == '__main__':
    sys.exit(main())
