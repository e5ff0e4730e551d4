# SPDX-License-Identifier: Apache-2.0
"""Timers that simulated time does not stop."""

from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node
from rclpy.timer import Timer


def steady_timer(
    node: Node, period: float, callback: Callable[[], None], autostart: bool = True,
    **options: Any
) -> Timer:
    """Create a timer on the steady clock, which neither /clock nor a change of date moves.

    Args:
        node: whose executor calls `callback`.
        period: between two calls, s.
        callback: what is called.
        autostart: whether it runs at once; else it waits for its reset(). rclpy of Humble has no
            such argument.
        options: further arguments of Node.create_timer.
    """
    timer = node.create_timer(
        period, callback, clock=Clock(clock_type=ClockType.STEADY_TIME), **options)
    if not autostart:
        timer.cancel()
    return timer
