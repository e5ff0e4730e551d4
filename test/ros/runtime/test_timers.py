# SPDX-License-Identifier: Apache-2.0
"""Time-outs go on while simulated time stands still."""

from emorec_ros.runtime.timers import steady_timer
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.task import Future


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
