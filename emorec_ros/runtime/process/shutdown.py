# SPDX-License-Identifier: Apache-2.0
"""How a process's part in ROS ends."""

from contextlib import suppress
from threading import Lock

from emorec_ros.runtime.process.rcl_errors import RCLError
import rclpy

NOT_ENDING = Lock()
"""Held while an executor is made, which fails half-way where rclpy is shut down meanwhile."""


def shut_down() -> None:
    """End this process's part in ROS, from any thread."""
    with NOT_ENDING, suppress(RCLError):  # another thread may just do the same
        rclpy.try_shutdown()
