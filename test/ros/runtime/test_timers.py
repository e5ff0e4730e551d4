# SPDX-License-Identifier: Apache-2.0
"""Time-outs go on while simulated time stands still, with the arguments of every rclpy."""

from collections.abc import Callable
from typing import Any

from emorec_ros.runtime.timers import steady_timer
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.task import Future
from rclpy.timer import Timer


def test_a_timer_fires_without_a_clock_message(ros_context: Context) -> None:
    """A node under use_sim_time whose /clock does not come is no dead node."""
    node = Node('timed', context=ros_context, start_parameter_services=False,
                cli_args=['--ros-args', '-p', 'use_sim_time:=true'])
    fired = Future()
    steady_timer(node, 0.01, lambda: fired.set_result(None))
    executor = SingleThreadedExecutor(context=ros_context)
    executor.add_node(node)
    executor.spin_until_future_complete(fired, timeout_sec=10)
    node.destroy_node()
    assert fired.done()


class HumbleNode(Node):
    """A node whose timers take what they take in ROS 2 Humble (rclpy 3.3) and no more."""

    def create_timer(self, timer_period_sec: float, callback: Callable[[], None],
                     callback_group: Any = None, clock: Any = None) -> Timer:
        """Create a timer, which runs at once."""
        return super().create_timer(timer_period_sec, callback, callback_group, clock)


def test_a_timer_that_waits_fires_only_once_it_is_started(ros_context: Context) -> None:
    """Also with the rclpy of Humble, which has no `autostart`."""
    node = HumbleNode('humble', context=ros_context, start_parameter_services=False)
    calls: list[str] = []
    other = Future()
    waiting = steady_timer(node, 0.01, lambda: calls.append('waiting'), autostart=False)
    steady_timer(node, 0.05, lambda: other.set_result(None))
    executor = SingleThreadedExecutor(context=ros_context)
    executor.add_node(node)
    executor.spin_until_future_complete(other, timeout_sec=10)
    assert other.done() and calls == []
    waiting.reset()
    while not calls:
        executor.spin_once(timeout_sec=10)
    node.destroy_node()
