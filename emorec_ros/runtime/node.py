# SPDX-License-Identifier: Apache-2.0
"""What every emorec node shares: parameters, /diagnostics, bad messages and exit codes."""

from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
import signal
import sys
from threading import Event
from threading import Lock
from threading import Thread
from time import monotonic
from typing import Any
from typing import Generic

import cv2
from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from emorec_ros.runtime import watchdog
from emorec_ros.runtime.exit_codes import BAD_INPUT
from emorec_ros.runtime.exit_codes import CRASHED
from emorec_ros.runtime.exit_codes import FINISHED
from emorec_ros.runtime.exit_codes import TERMINATED
from emorec_ros.runtime.guarded_node import GuardedNode
from emorec_ros.runtime.health import Health
from emorec_ros.runtime.log import traceback_text
from emorec_ros.runtime.parameters import changed
from emorec_ros.runtime.parameters import declare
from emorec_ros.runtime.parameters import parameters_of
from emorec_ros.runtime.parameters import SettingsT
from emorec_ros.runtime.qos_overrides import drop_idle
from emorec_ros.runtime.qos_overrides import overridden
from emorec_ros.runtime.rcl_errors import as_input_error
from emorec_ros.runtime.rcl_errors import RCLError
from emorec_ros.runtime.shared_memory import hide_shared_memory
from emorec_ros.runtime.signals import as_interrupts
from emorec_ros.runtime.signals import ENDING_SIGNALS
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.errors import in_one_line
from emorec_vision.errors import InputError
from emorec_vision.errors import is_about_a_file
from emorec_vision.one_line import one_line
from rcl_interfaces.msg import SetParametersResult
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
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
        _shut_down()

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
        """Report something wrong on /diagnostics, and in the log, see emorec_ros.runtime.log.

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


_not_ending = Lock()
"""Held while an executor is made, which fails half-way where rclpy is shut down meanwhile."""


def run(make_node: Callable[[], EmorecNode[Any]], name: str) -> int:
    """Run one node until it is told to stop and return its exit code, see run_together."""
    return run_together({name: make_node})


def run_together(makers: Mapping[str, Callable[[], EmorecNode[Any]]]) -> int:
    """Run nodes in this process, each with an executor in a thread of its own, until one ends.

    They are made one after the other, and each runs as soon as it is made.

    Args:
        makers: by the name of the node.

    Returns:
        the exit code of the process: 0 is finished, 2 bad input of one of them (with one line on
        standard error), anything else a crash of one of them. What SIGINT, SIGTERM or SIGHUP ends
        is finished, but where the process would be started again, SIGTERM counts as a crash.
    """
    cv2.setNumThreads(1)
    running: list[_Running] = []
    ended = Event()
    codes = []
    name = next(iter(makers))
    # A signal in the middle of the construction waits until the nodes can be ended in order, and
    # the threads, which inherit the mask, leave signals to this one.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    came = as_interrupts(signal.SIGTERM, signal.SIGHUP)
    try:
        watchdog.expect(name, at_start=True)
        with as_input_error('the arguments or the parameter file cannot be read'):
            rclpy.init()
        for name, make_node in makers.items():
            watchdog.expect(name, at_start=True)
            running.append(_Running(make_node(), ended))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)
        ended.wait()  # Thread.join, once interrupted, takes the thread for ended
    except InputError as error:
        codes.append(_refuse(name, error))
    except OSError as error:
        if not is_about_a_file(error):
            raise
        codes.append(_refuse(name, InputError(f'cannot use {in_one_line(error)}')))
    except KeyboardInterrupt:
        pass
    except RCLError:
        if rclpy.ok():
            raise
    finally:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        _shut_down()
        watchdog.stop()
        codes += [each.end() for each in running]
    code = max(codes, default=FINISHED)
    told_alone = code == FINISHED and signal.SIGTERM in came and watchdog.is_kept()
    return TERMINATED if told_alone else code


class _Running(Thread):
    """A node and the thread of its executor; when that ends, for whatever reason, all do."""

    def __init__(self, node: EmorecNode[Any], ended: Event) -> None:
        super().__init__(name=node.program)
        self._node = node
        self._ended = ended
        self._exit_code = FINISHED
        steady_timer(node, 1.0, lambda: watchdog.expect(node.program))
        self.start()

    def run(self) -> None:
        """Let the node work until the end."""
        watchdog.expect(self.name)
        try:
            with _not_ending:
                executor = SingleThreadedExecutor() if rclpy.ok() else None
            if executor is not None:
                executor.add_node(self._node)
                executor.spin()
        except ExternalShutdownException:
            pass
        except InputError as error:
            self._exit_code = _refuse(self.name, error)
        except Exception as error:  # noqa: B902 - whatever it is, it must end the process
            if rclpy.ok():
                print(traceback_text(error), file=sys.stderr, flush=True)
                self._exit_code = CRASHED
        finally:
            _shut_down()
            self._ended.set()

    def end(self) -> int:
        """Wait for the thread, release what the node holds, and return its exit code."""
        self.join()
        try:
            self._node.close()
            self._node.destroy_node()
        except InputError as error:
            return _refuse(self.name, error)
        return max(self._exit_code, self._node.exit_code or FINISHED)


def _shut_down() -> None:
    with _not_ending, suppress(RCLError):  # another thread may just do the same
        rclpy.try_shutdown()


def _refuse(name: str, error: InputError) -> int:
    print(f'{name}: {one_line(str(error))}', file=sys.stderr, flush=True)
    return BAD_INPUT
