# SPDX-License-Identifier: Apache-2.0
"""Run nodes in a process until one of them ends, and tell how it did."""

from collections.abc import Callable
from collections.abc import Mapping
import signal
import sys
from threading import Event
from threading import Thread
from typing import Any

import cv2
from emorec_ros.runtime.logs.log import traceback_text
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.process import watchdog
from emorec_ros.runtime.process.exit_codes import BAD_INPUT
from emorec_ros.runtime.process.exit_codes import CRASHED
from emorec_ros.runtime.process.exit_codes import FINISHED
from emorec_ros.runtime.process.exit_codes import TERMINATED
from emorec_ros.runtime.process.rcl_errors import as_input_error
from emorec_ros.runtime.process.rcl_errors import RCLError
from emorec_ros.runtime.process.shutdown import NOT_ENDING
from emorec_ros.runtime.process.shutdown import shut_down
from emorec_ros.runtime.process.signals import as_interrupts
from emorec_ros.runtime.process.signals import ENDING_SIGNALS
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.errors import in_one_line
from emorec_vision.errors import InputError
from emorec_vision.errors import is_about_a_file
from emorec_vision.one_line import one_line
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor


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
        shut_down()
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
            with NOT_ENDING:
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
            shut_down()
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


def _refuse(name: str, error: InputError) -> int:
    print(f'{name}: {one_line(str(error))}', file=sys.stderr, flush=True)
    return BAD_INPUT
