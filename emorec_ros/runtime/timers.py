# SPDX-License-Identifier: Apache-2.0
"""Timers that simulated time does not stop."""

from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node
from rclpy.timer import Timer


def steady_timer(
    node: Node, period: float, callback: Callable[[], None], **options: Any
) -> Timer:
    """Create a timer on the steady clock, which neither /clock nor a change of date moves.

    Args:
        node: whose executor calls `callback`.
        period: between two calls, s.
        callback: what is called.
        options: further arguments of Node.create_timer.
    """
    return node.create_timer(
        period, callback, clock=Clock(clock_type=ClockType.STEADY_TIME), **options)
