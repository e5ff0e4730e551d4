# SPDX-License-Identifier: Apache-2.0
"""The topics below /humans/faces."""

from emorec.msg import FaceArray
from emorec.msg import PersonEmotionArray
from emorec_ros.hri.ids import face_id
from emorec_ros.hri.installed import Expression
from emorec_ros.hri.installed import FacialLandmarks
from emorec_ros.hri.installed import IdsList
from emorec_ros.hri.installed import NormalizedRegionOfInterest2D
from emorec_ros.hri.messages import expression_message
from emorec_ros.hri.messages import ids_message
from emorec_ros.hri.messages import landmarks_message
from emorec_ros.hri.messages import roi_message
from emorec_ros.messages.conversions import box_from_roi
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_vision.faces.crop import padded_square
import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

CROP_SIZE = 128
"""Side of a cropped face, px (REP 155)."""


class FaceTopics:
    """The list of the faces and the topics of each, which go when the face goes.

    What no face has a measurement for (facs, softbiometrics) has no topic.

    Args:
        node: that publishes them.
        root: of the topics, /humans in REP 155.
    """

    def __init__(self, node: Node, root: str) -> None:
        self._node = node
        self._root = f'{root}/faces'
        self._faces: dict[str, _Face] = {}
        self._tracked = node.create_publisher(IdsList, f'{self._root}/tracked', RESULT)

    @property
    def crops_wanted(self) -> bool:
        """Tell whether somebody subscribes to a cropped face."""
        return any(face.cropped.get_subscription_count() > 0 for face in self._faces.values())

    def count_listeners(self) -> int:
        """Return how many subscribe to the list."""
        return self._tracked.get_subscription_count()

    def publish(self, faces: FaceArray) -> None:
        """Publish which faces an image shows, and where."""
        self._keep([face.track_id for face in faces.faces])
        self._tracked.publish(ids_message(
            faces.header, [face_id(face.track_id) for face in faces.faces]))
        for face in faces.faces:
            topics = self._faces[face.track_id]
            if topics.roi.get_subscription_count() > 0:
                topics.roi.publish(roi_message(faces, face))
            if topics.landmarks.get_subscription_count() > 0:
                message = landmarks_message(faces, face)
                if message is not None:
                    topics.landmarks.publish(message)

    def express(self, people: PersonEmotionArray) -> None:
        """Publish the emotions of an image."""
        for person in people.people:
            face = self._faces.get(person.track_id)
            if face is not None and face.expression.get_subscription_count() > 0:
                face.expression.publish(expression_message(people.header, person))

    def crop(self, faces: FaceArray, rgb: np.ndarray) -> None:
        """Publish the faces cut out of their image, uint8 (H, W, 3), to whom it may concern."""
        for face in faces.faces:
            topics = self._faces.get(face.track_id)
            if topics is None or topics.cropped.get_subscription_count() == 0:
                continue
            crop = padded_square(rgb, box_from_roi(face.roi), CROP_SIZE)
            topics.cropped.publish(to_message(crop, 'rgb8', faces.header))

    def clear(self, header: Header) -> None:
        """Publish that there are no faces, unless there are none already."""
        if self._faces:
            self.publish(FaceArray(header=header))

    def _keep(self, track_ids: list[str]) -> None:
        for track_id in self._faces.keys() - set(track_ids):
            self._faces.pop(track_id).close()
        for track_id in track_ids:
            if track_id not in self._faces:
                self._faces[track_id] = _Face(self._node, f'{self._root}/{face_id(track_id)}')


class _Face:
    """The topics of one face."""

    def __init__(self, node: Node, root: str) -> None:
        self._node = node
        self.roi = node.create_publisher(NormalizedRegionOfInterest2D, f'{root}/roi', RESULT)
        self.landmarks = node.create_publisher(FacialLandmarks, f'{root}/landmarks', RESULT)
        self.cropped = node.create_publisher(Image, f'{root}/cropped', IMAGE)
        self.expression = node.create_publisher(Expression, f'{root}/expression', RESULT)

    def close(self) -> None:
        """Take the topics out of the graph."""
        for publisher in (self.roi, self.landmarks, self.cropped, self.expression):
            self._node.destroy_publisher(publisher)
