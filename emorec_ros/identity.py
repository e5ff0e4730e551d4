# SPDX-License-Identifier: Apache-2.0
"""Say who the faces on /faces belong to, on /identities."""

from collections import OrderedDict
from pathlib import Path
import sys
from time import monotonic

from emorec.msg import FaceArray
from emorec.msg import Identity as IdentityMessage
from emorec.msg import IdentityArray
from emorec_ros.conversions import box_from_roi
from emorec_ros.conversions import stamp_ns
from emorec_ros.images import ImageMessageError
from emorec_ros.images import to_gray
from emorec_ros.node import EmorecNode
from emorec_ros.node import run
from emorec_ros.parameters import Parameter
from emorec_ros.qos import RESULT
from emorec_vision.errors import InputError
from emorec_vision.identity import FaceRecognizer
from emorec_vision.identity import TrackCrop
from emorec_vision.identity import TrackIdentities
from emorec_vision.people import load_people
from emorec_vision.recognizer import DEFAULT_THRESHOLD

REMEMBERED = 4


class Identity(EmorecNode):
    """Publish exactly one IdentityArray per FaceArray, with its stamp, empty ones too."""

    PARAMETERS = (
        Parameter('people', '', 'folder with a sub-folder of face pictures per person; empty = '
                  'everybody is unknown'),
        Parameter('threshold', DEFAULT_THRESHOLD, 'largest LBPH distance at which a face is a '
                  'known person', 0.0, 1000.0),
        Parameter('agreeing_looks', 3, 'looks at a track that must agree before it gets a name',
                  1, 100),
        Parameter('look_budget', 0.008, 'time for looking at faces per picture, s', 0.0, 1.0),
    )

    def __init__(self) -> None:
        super().__init__('identity')
        settings = self.settings
        self._tracks = TrackIdentities(
            self._recognizer(), look_budget=settings.look_budget,
            agreeing_looks=settings.agreeing_looks)
        self._answered: OrderedDict[int, IdentityArray] = OrderedDict()
        self._session = ''
        self._identities = self.create_publisher(IdentityArray, 'identities', RESULT)
        self.create_subscription(FaceArray, 'faces', self._on_faces, RESULT)

    def _recognizer(self) -> FaceRecognizer | None:
        if not self.settings.people:
            return None
        try:
            people = load_people(Path(self.settings.people))
            for warning in people.warnings:
                self.get_logger().warning(warning)
            self.health.notes['people'] = ', '.join(people.names)
            return FaceRecognizer(people, threshold=self.settings.threshold)
        except InputError as error:
            self.get_logger().error(f'{error}; everybody stays unknown')
            self.health.notes['people'] = str(error)
            return None

    def _on_faces(self, message: FaceArray) -> None:
        started = monotonic()
        stamp = stamp_ns(message.header.stamp)
        if message.session != self._session:
            self._session = message.session
            self._answered.clear()
        if stamp not in self._answered:
            self._answered[stamp] = self._identify(message)
            while len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)
        self._identities.publish(self._answered[stamp])
        now = monotonic()
        self.health.count('face arrays', now, now - started)

    def _identify(self, message: FaceArray) -> IdentityArray:
        identities = self._tracks.update(message.session, self._crops(message))
        return IdentityArray(
            header=message.header, session=message.session,
            identities=[IdentityMessage(
                track_id=identity.track_id, person=identity.person, known=identity.known,
                distance=float(identity.distance), confidence=float(identity.confidence))
                for identity in identities])

    def _crops(self, message: FaceArray) -> list[TrackCrop]:
        crops = []
        for face in message.faces:
            try:
                box, crop_box = box_from_roi(face.roi), box_from_roi(face.crop_roi)
                if not box.area or not crop_box.area:
                    raise ImageMessageError('its region is empty')
                crops.append(TrackCrop(
                    face.track_id, to_gray(face.crop), crop_box, box, face.detected))
            except ImageMessageError as error:
                self.drop(f'crop of {face.track_id}: {error}')
        return crops


def main() -> int:
    """Run the node."""
    return run(Identity, 'identity')


if __name__ == '__main__':
    sys.exit(main())
