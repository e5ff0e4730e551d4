# SPDX-License-Identifier: Apache-2.0
"""The quality of service of every topic.

Images are reliable with a queue of five: the usual sensor-data profile (best effort) loses up to
half of a camera's images on one machine, because each is larger than one datagram.
"""

from rclpy.qos import DurabilityPolicy
from rclpy.qos import HistoryPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy


def _keep_last(
        depth: int, reliability: ReliabilityPolicy = ReliabilityPolicy.RELIABLE,
        durability: DurabilityPolicy = DurabilityPolicy.VOLATILE) -> QoSProfile:
    """Return the profile of a queue of that depth."""
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=depth,
                      reliability=reliability, durability=durability)


IMAGE = _keep_last(5)
BEST_EFFORT_IMAGE = _keep_last(5, ReliabilityPolicy.BEST_EFFORT)
RESULT = _keep_last(10)
STATIC = _keep_last(100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
LATCHED = _keep_last(1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
