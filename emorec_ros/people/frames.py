# SPDX-License-Identifier: Apache-2.0
"""Publish the places of people as frames on /tf."""

from math import isnan

from emorec.msg import FaceArray
from emorec_ros.runtime.transforms import placed
from emorec_ros.runtime.transforms import Transforms
from geometry_msgs.msg import Quaternion
from rclpy.node import Node


class PersonFrames:
    """A frame `person_<track_id>` per face whose position was measured, below the optical frame.

    Its axes are parallel to those of the optical frame, for which way a person faces is not
    known. An estimated position has no frame, because a frame could not say that it is one.
    Without the package tf2_msgs this says so once, and publishes nothing.

    Args:
        node: that publishes them.
    """

    def __init__(self, node: Node) -> None:
        self._transforms = Transforms(node, 'people')

    def publish(self, faces: FaceArray) -> None:
        """Publish the frames of one image, with its stamp."""
        self._transforms.publish([
            transform for face in faces.faces
            if not (face.estimated or isnan(face.position.z))
            for transform in placed(faces.header, [f'person_{face.track_id}'], face.position,
                                    Quaternion(w=1.0))])
