# SPDX-License-Identifier: Apache-2.0
"""The node of a command that takes part in the graph but is no node of it."""

from collections.abc import Sequence
from threading import Thread

from emorec_ros.runtime.guarded_node import GuardedNode
from emorec_ros.runtime.process.rcl_errors import as_input_error
from emorec_ros.runtime.process.shared_memory import hide_shared_memory
import rclpy
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions


class CommandNode:
    """A node whose callbacks run in a thread of its own; signals stay with the command.

    Args:
        name: of the node.
        namespace: of the node.
        arguments: of ROS, as after `--ros-args` on a command line.

    Attributes:
        ros: the node, to subscribe and publish with before `start`.

    Raises:
        InputError: if ROS does not start.
    """

    def __init__(
        self, name: str, namespace: str = '', arguments: Sequence[str] = ()
    ) -> None:
        self._context = Context()
        self._thread = Thread(target=self._spin, name=name, daemon=True)
        try:
            with as_input_error('ROS 2 does not start'):
                rclpy.init(
                    args=['--ros-args', *arguments], context=self._context,
                    signal_handler_options=SignalHandlerOptions.NO)
                self.ros = GuardedNode(
                    name, context=self._context, namespace=namespace,
                    start_parameter_services=False, enable_rosout=False)
                hide_shared_memory()
        except BaseException:
            self._context.try_shutdown()
            raise

    def start(self) -> None:
        """Begin to receive."""
        self._thread.start()

    def close(self) -> None:
        """Leave the graph; a second call does nothing."""
        if not self._context.ok():
            return
        self._context.try_shutdown()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self.ros.destroy_node()

    def _spin(self) -> None:
        executor = SingleThreadedExecutor(context=self._context)
        executor.add_node(self.ros)
        try:
            executor.spin()
        except ExternalShutdownException:
            pass
