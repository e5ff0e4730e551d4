# SPDX-License-Identifier: Apache-2.0
"""What every emorec node shares: parameters, /diagnostics, bad messages and exit codes."""

from collections.abc import Callable
import sys
from threading import Thread
from time import monotonic
from typing import Any
from typing import Generic

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from emorec_ros.runtime.guarded_node import GuardedNode
from emorec_ros.runtime.health import Health
from emorec_ros.runtime.logs.log import traceback_text
from emorec_ros.runtime.parameters import changed
from emorec_ros.runtime.parameters import declare
from emorec_ros.runtime.parameters import parameters_of
from emorec_ros.runtime.parameters import SettingsT
from emorec_ros.runtime.process import watchdog
from emorec_ros.runtime.process.exit_codes import CRASHED
from emorec_ros.runtime.process.shared_memory import hide_shared_memory
from emorec_ros.runtime.process.shutdown import shut_down
from emorec_ros.runtime.qos.overrides import drop_idle
from emorec_ros.runtime.qos.overrides import overridden
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.errors import InputError
from emorec_vision.one_line import one_line
from rcl_interfaces.msg import SetParametersResult
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile

LEVELS = (DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR)
NO_HARDWARE = 'none'
"""What diagnostic_updater, too, says of a node without a device."""


class EmorecNode(GuardedNode, Generic[SettingsT]):
    """A node with settings, /diagnostics and an exit code.

    Args:
        name: of the node.
        settings: dataclass of its parameters, see emorec_ros.runtime.parameters.
        node_arguments: further arguments of rclpy's Node.

    Attributes:
        program: the name before any remapping.
        settings: the values of the parameters, another object after they were set.
        health: what /diagnostics tells.
        exit_code: of the process, None until the node knows.
        hardware_id: of /diagnostics, the name of the node's device.

    Raises:
        InputError: if a given value does not fit its parameter.
    """

    def __init__(self, name: str, settings: type[SettingsT], **node_arguments: Any) -> None:
        try:
            super().__init__(
                name, automatically_declare_parameters_from_overrides=True, **node_arguments)
        except ValueError as error:
            raise InputError(
                f'a parameter has no type, such as an empty list: {error}') from error
        hide_shared_memory()
        self.program = name
        self.health = Health()
        self.hardware_id = NO_HARDWARE
        self.exit_code: int | None = None
        self.settings, unknown = declare(self, settings)
        for given in unknown:
            self.get_logger().warning(
                f'parameter {given} is unknown and ignored; known are: '
                f'{", ".join(sorted(each.name for each in parameters_of(settings)))}')
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        steady_timer(self, 1.0, self._publish_diagnostics)
        self._started = steady_timer(self, 0.0, self._warn_of_idle_qos)

    def create_publisher(
        self, kind: type, topic: str, qos_profile: QoSProfile | int, **options: Any
    ) -> Publisher:
        """Create a publisher; qos_overrides hold for relative topics with a profile of ours.

        Raises:
            InputError: if a given value of qos_overrides does not fit.
        """
        if isinstance(qos_profile, QoSProfile) and not topic.startswith('/'):
            qos_profile = overridden(self, topic, qos_profile)
        return super().create_publisher(kind, topic, qos_profile, **options)

    def set_parameters(self, parameter_list: list[Parameter]) -> list[SetParametersResult]:
        """Set parameters one by one and tell of each whether it is."""
        return [self.set_parameters_atomically([each]) for each in parameter_list]

    def set_parameters_atomically(self, parameter_list: list[Parameter]) -> SetParametersResult:
        """Set all of the parameters or, where one does not fit, none of them.

        rclpy's services end here too. Its own refusals do not say what would fit.
        """
        if not all(self.has_parameter(each.name) for each in parameter_list):
            return super().set_parameters_atomically(parameter_list)
        before = self.settings
        try:
            settings = changed(before, {each.name: each.value for each in parameter_list},
                               self.get_name())
            if settings != before:
                self.use_settings(settings)
        except InputError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self.settings = settings
        result = super().set_parameters_atomically([
            Parameter(each.name, value=getattr(settings, each.name, each.value))
            for each in parameter_list])
        if not result.successful:
            self.use_settings(before)
            self.settings = before
        return result

    def use_settings(self, settings: SettingsT) -> None:
        """Take up settings that are about to become `self.settings`, in the executor's thread.

        Raises:
            InputError: to refuse values that do not go together.
        """

    def finish(self, exit_code: int) -> None:
        """End the process with this exit code, from any thread."""
        self.exit_code = exit_code
        shut_down()

    def start_worker(self, work: Callable[[], None]) -> Thread:
        """Run `work` in a thread; an error in it is a crash of the node, not a silent stop.

        Call it last in a constructor: from here on the watchdog expects the node, since `work`
        may hold Python's lock before the executor spins.
        """
        def run_to_the_end() -> None:
            try:
                work()
            except Exception as error:  # noqa: B902 - whatever it is, it must end the process
                if self.context.ok():
                    print(traceback_text(error), file=sys.stderr, flush=True)
                    self.finish(CRASHED)

        watchdog.expect(self.program)
        thread = Thread(target=run_to_the_end, daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Release what the node holds besides ROS entities (threads, devices, files)."""

    def drop(self, text: str, once: bool = False) -> None:
        """Count a bad message and warn about it."""
        self.health.count('dropped', monotonic())
        self.warn(f'dropped: {text}', once)

    def warn(self, text: str, once: bool = False) -> None:
        """Report something wrong on /diagnostics, and in the log, see emorec_ros.runtime.logs.log.

        Args:
            text: what is wrong.
            once: it will stay so: log the text only the first time.
        """
        self.health.error(one_line(text), monotonic())
        self.get_logger().warning(text, once)

    def note_health(self) -> None:
        """Note what is only known at the time of a report; called before each of them."""

    def _warn_of_idle_qos(self) -> None:
        self.destroy_timer(self._started)
        for name in drop_idle(self):
            self.get_logger().warning(
                f'parameter {name} has no effect; reliability and depth can be overridden, of '
                'publishers and of subscriptions to images, under the full names of their topics')

    def _publish_diagnostics(self) -> None:
        self.note_health()
        self.get_logger().tell_due()
        now = monotonic()
        level, message = self.health.level_and_message(now)
        status = DiagnosticStatus(
            level=LEVELS[level],
            name=f'emorec: {self.get_fully_qualified_name().strip("/")}', message=message,
            hardware_id=self.hardware_id,
            values=[KeyValue(key=key, value=value)
                    for key, value in self.health.values(now).items()])
        array = DiagnosticArray(status=[status])
        array.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(array)
