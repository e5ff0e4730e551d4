# SPDX-License-Identifier: Apache-2.0
"""Say where people are in another frame than the camera's, through tf2."""

from importlib import import_module
from math import nan
from typing import Any

from emorec.msg import PersonEmotionArray
from emorec_ros.runtime.node import EmorecNode
from emorec_vision.errors import InputError
from emorec_vision.geometry import Vector
from geometry_msgs.msg import Point
from geometry_msgs.msg import Quaternion
from geometry_msgs.msg import Transform
from geometry_msgs.msg import Vector3
import numpy as np
from rclpy.duration import Duration
from rclpy.time import Time

STALE_AFTER = Duration(seconds=0.5)
"""A transform that is not there yet for the time of an image is the newest one, up to this age."""


class TargetFrame:
    """The frame that positions and bearings are given in.

    Args:
        node: that listens to /tf and /tf_static for it.
        frame: its id.

    Raises:
        InputError: if the package tf2_ros is not installed.
    """

    def __init__(self, node: EmorecNode[Any], frame: str) -> None:
        try:
            tf2_ros = import_module('tf2_ros')
        except ImportError:
            raise InputError(
                'parameter target_frame needs the ROS package tf2_ros, which cannot be imported: '
                'apt install ros-$ROS_DISTRO-tf2-ros-py') from None
        self._node = node
        self._frame = frame
        self._error = tf2_ros.TransformException
        self._buffer = tf2_ros.Buffer()
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def move(self, people: PersonEmotionArray) -> None:
        """Put people into the frame; where it is not known, places are NaN, and that is said."""
        try:
            transform = self._lookup(people)
        except self._error as error:
            self._node.warn(f'positions are unknown in target_frame {self._frame}: {error}')
            transform = Transform(translation=Vector3(x=nan, y=nan, z=nan),
                                  rotation=Quaternion(x=nan, y=nan, z=nan, w=nan))
        rotation = matrix_of(transform.rotation)
        origin = np.array(_values(transform.translation))
        people.header.frame_id = self._frame
        for person in people.people:
            x, y, z = (rotation @ _values(person.position) + origin).tolist()
            person.position = Point(x=x, y=y, z=z)
            x, y, z = (rotation @ _values(person.bearing)).tolist()
            person.bearing = Vector3(x=x, y=y, z=z)

    def _lookup(self, people: PersonEmotionArray) -> Transform:
        """Return the transform of an image's time, or the newest one if that is young enough."""
        source, then = people.header.frame_id, Time.from_msg(people.header.stamp)
        if self._buffer.can_transform(self._frame, source, then):
            return self._buffer.lookup_transform(self._frame, source, then).transform
        newest = self._buffer.lookup_transform(self._frame, source, Time())
        if then - Time.from_msg(newest.header.stamp) > STALE_AFTER:
            raise self._error(f'the newest transform from {source} is older than '
                              f'{STALE_AFTER.nanoseconds / 1e9:g} s')
        return newest.transform


def matrix_of(rotation: Quaternion) -> np.ndarray:
    """Return the matrix of a unit quaternion, float64 (3, 3)."""
    x, y, z, w = rotation.x, rotation.y, rotation.z, rotation.w
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


def _values(vector: Point | Vector3) -> Vector:
    return vector.x, vector.y, vector.z
