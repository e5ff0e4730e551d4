# SPDX-License-Identifier: Apache-2.0
"""Messages that nobody means, by a seed: names of a megabyte, 10,000 faces, odd numbers."""

from array import array
from collections.abc import Sequence
from math import inf
from math import nan
from random import Random
from time import time_ns
from typing import Any

from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PersonChange
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import RESULT
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image

TOPICS = {
    'faces': (FaceArray, RESULT), 'face_emotions': (FaceEmotionArray, RESULT),
    'identities': (IdentityArray, RESULT), 'person_changes': (PersonChange, RESULT),
    'emotions': (PersonEmotionArray, RESULT), 'camera/rgb/image_raw': (Image, IMAGE),
    'camera/rgb/camera_info': (CameraInfo, IMAGE),
    'camera/depth_registered/image_raw': (Image, IMAGE)}
MEMBERS = {'faces': Face, 'emotions': FaceEmotion, 'identities': Identity, 'people': PersonEmotion}
"""What the array of this name holds."""
STRINGS = ('', 'Happy', 'rgb8', 'mono8', '16UC1', 'x' * 300, '../../etc/passwd', '\u202e陽子',
           '\x1b[2J\n[INFO] aggregator: all is well')
MEGABYTE = 'x' * 2**20
FLOATS = (0.0, 1.0, -1.0, nan, inf, -inf, 1e38)
COUNTS = (0, 1, 2, 65, 300, 10_000)
CHANGED = 0.15
"""Share of the fields that are no longer what they are in a new message."""


class HostileMessages:
    """What publishes them.

    Args:
        node: that publishes.
        random: chooses.
    """

    def __init__(self, node: Any, random: Random) -> None:
        self._random = random
        self._strings: Sequence[str] = ()
        self._publishers = {topic: node.create_publisher(kind, topic, qos)
                            for topic, (kind, qos) in TOPICS.items()}

    def publish(self) -> str:
        """Publish one, taken now or earlier, and return its topic."""
        topic = self._random.choice(list(TOPICS))
        message = TOPICS[topic][0]()
        self._strings = (*STRINGS, MEGABYTE)
        self._spoil(message)
        if hasattr(message, 'header'):
            message.header.stamp = time_from_ns(time_ns() - self._random.choice(
                (0, 10**6, 10**9, 10**12, 10**18)))
        self._publishers[topic].publish(message)
        return topic

    def _spoil(self, message: Any) -> None:
        for name, kind in message.get_fields_and_field_types().items():
            value = getattr(message, name)
            if hasattr(value, 'get_fields_and_field_types'):
                self._spoil(value)
            elif name in MEMBERS and kind.startswith('sequence'):
                setattr(message, name, self._members(MEMBERS[name]))
            elif self._random.random() < CHANGED:
                setattr(message, name, self._value(kind, value))

    def _members(self, kind: type) -> Sequence[Any]:
        count = self._random.choice(COUNTS)
        if count > 2:
            self._strings = STRINGS  # beyond what the middleware sends
        some = [kind() for _ in range(min(count, 3))]
        for member in some:
            self._spoil(member)
        return (some * count)[:count]

    def _value(self, kind: str, value: Any) -> Any:
        """Return another value of a field of a type, as the IDL of ROS names it."""
        random = self._random
        if kind == 'string':
            return random.choice(self._strings)
        if kind == 'boolean':
            return not value
        if kind == 'sequence<string>':
            return [random.choice(STRINGS)] * random.choice(COUNTS)
        if kind in ('float', 'double'):
            return random.choice(FLOATS)
        if kind.startswith('sequence'):
            return array(value.typecode, [1] * random.choice(COUNTS))
        if '[' in kind:
            return [random.choice(FLOATS)] * len(value)
        signed = kind.startswith('int')
        bits = int(''.join(filter(str.isdigit, kind)) or 8)
        return random.choice((0, 1, 2, 2**(bits - 1) - 1, (2**bits - 1) // (2 if signed else 1)))
