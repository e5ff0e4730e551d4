# SPDX-License-Identifier: Apache-2.0
"""The frames of faces and persons."""

from math import isnan

from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.hri.ids import face_id
from emorec_ros.hri.ids import id_in_view
from emorec_ros.runtime.transforms import placed
from emorec_ros.runtime.transforms import Transforms
from geometry_msgs.msg import Quaternion
from rclpy.node import Node

FACING_THE_CAMERA = Quaternion(x=0.5, y=0.5, z=-0.5, w=0.5)
"""In the optical frame: x out of the face against z of the camera, z up (REP 155, REP 103)."""


class HumanFrames:
    """A frame `face_<id>` per face whose position is measured, and one of its person in its place.

    There is no head pose: the frames face the camera, and there is no gaze_<id>, which would say
    where somebody looks.

    Args:
        node: that publishes them.
        persons: whether persons have frames.
    """

    def __init__(self, node: Node, persons: bool) -> None:
        self._transforms = Transforms(node, 'faces')
        self._persons = persons

    def publish(self, people: PersonEmotionArray) -> None:
        """Publish the frames of one image, with its stamp."""
        if not self._transforms.wanted:
            return
        self._transforms.publish([
            transform for person in people.people
            if not (person.estimated or isnan(person.position.z))
            for transform in placed(
                people.header, self._names(person), person.position, FACING_THE_CAMERA)])

    def _names(self, person: PersonEmotion) -> list[str]:
        names = [f'face_{face_id(person.track_id)}']
        if self._persons:
            names.append(f'person_{id_in_view(person.track_id, person.person)}')
        return names
