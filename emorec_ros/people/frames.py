# SPDX-License-Identifier: Apache-2.0
"""Publish the places of people as frames on /tf."""

from importlib import import_module
from math import isnan

from emorec.msg import FaceArray
from geometry_msgs.msg import Quaternion
from geometry_msgs.msg import Transform
from geometry_msgs.msg import TransformStamped
from geometry_msgs.msg import Vector3
from rclpy.node import Node
from rclpy.qos import QoSProfile


class PersonFrames:
    """A frame `person_<track_id>` per face whose position was measured, below the optical frame.

    Its axes are parallel to those of the optical frame, for which way a person faces is not
    known. An estimated position has no frame, because a frame could not say that it is one.
    Without the package tf2_msgs this says so once, and publishes nothing.

    Args:
        node: that publishes them.
    """

    def __init__(self, node: Node) -> None:
        self._publisher = None
        try:
            self._message = import_module('tf2_msgs.msg').TFMessage
        except ImportError:
            node.get_logger().warning(
                'publish_tf: tf2_msgs cannot be imported, so there are no frames of people; '
                'install it (apt install ros-$ROS_DISTRO-tf2-msgs)')
            return
        self._publisher = node.create_publisher(self._message, '/tf', QoSProfile(depth=100))

    def publish(self, faces: FaceArray) -> None:
        """Publish the frames of one image, with its stamp."""
        transforms = [
            TransformStamped(
                header=faces.header, child_frame_id=f'person_{face.track_id}',
                transform=Transform(
                    translation=Vector3(
                        x=face.position.x, y=face.position.y, z=face.position.z),
                    rotation=Quaternion(w=1.0)))
            for face in faces.faces if not (face.estimated or isnan(face.position.z))]
        if self._publisher is not None and transforms and faces.header.frame_id:
            self._publisher.publish(self._message(transforms=transforms))
