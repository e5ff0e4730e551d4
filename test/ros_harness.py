# SPDX-License-Identifier: Apache-2.0
"""Run real nodes as processes and talk to them over real topics."""

from collections.abc import Callable
import os
from pathlib import Path
import signal
import subprocess
import sys
from threading import Condition
from threading import Thread
from time import monotonic
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from emorec_ros.graph import config_folder
from emorec_ros.runtime.qos.profiles import RESULT
from patience import GRACE
from patience import PATIENCE
from patience import wait_until
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile

REPEAT_AFTER = 20.0
"""Seconds until a service that did not answer is called again."""


class Topic:
    """Collect the messages of one topic."""

    def __init__(self, node: Node, kind: type, name: str, qos: QoSProfile) -> None:
        self.messages: list[Any] = []
        self._changed = Condition()
        node.create_subscription(kind, name, self._add, qos)

    def wait_for(self, wanted: Callable[[Any], bool] = lambda _: True,
                 timeout: float = PATIENCE) -> Any:
        """Return the first message, also of those that came before, that is wanted."""
        def found() -> Any:
            return next((message for message in self.messages if wanted(message)), None)
        with self._changed:
            if not self._changed.wait_for(lambda: found() is not None, timeout):
                raise AssertionError(f'nothing wanted among {len(self.messages)} messages')
            return found()

    def wait_for_count(self, count: int, timeout: float = PATIENCE) -> list[Any]:
        """Return the messages once there are `count`."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.messages) >= count, timeout):
                raise AssertionError(f'{len(self.messages)} messages, not {count}')
            return list(self.messages)

    def _add(self, message: Any) -> None:
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()


class Harness:
    """Hold a test's own ROS node and the node processes that it started."""

    def __init__(self, context: Context, folder: Path) -> None:
        self.node = Node('test_harness', context=context, start_parameter_services=False)
        self._folder = folder
        self._processes: list[tuple[str, subprocess.Popen]] = []
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self.node)
        self._thread = Thread(target=self._spin, daemon=True)
        self._thread.start()
        self.diagnostics = self.topic(DiagnosticArray, '/diagnostics')

    def exit_code(self, executable: str, *arguments: str, **parameters: Any) -> int:
        """Start a node that ends by itself and return its exit code."""
        return self.start(executable, *arguments, **parameters).wait(PATIENCE)

    def start(self, executable: str, *arguments: str, **parameters: Any) -> subprocess.Popen:
        """Start a node; parameters are values as on a command line."""
        words = ['--params-file', str(config_folder() / 'emorec.yaml'), *arguments]
        for name, value in parameters.items():
            words += ['-p', f'{name}:={value}']
        return self._run(executable, '-m', f'emorec_ros.{executable}', '--ros-args', *words)

    def start_script(self, name: str, script: str, **parameters: Any) -> subprocess.Popen:
        """Start a Python script that runs a node whose hardware it replaced."""
        (self._folder / f'{name}.py').write_text(script)
        words = [word for key, value in parameters.items() for word in ('-p', f'{key}:={value}')]
        return self._run(name, str(self._folder / f'{name}.py'), '--ros-args', *words)

    def topic(self, kind: type, name: str, qos: QoSProfile = RESULT) -> Topic:
        """Collect the messages of a topic from now on."""
        return Topic(self.node, kind, name, qos)

    def publisher(self, kind: type, name: str, qos: QoSProfile = RESULT) -> Any:
        """Make a publisher and wait until somebody listens to it.

        What a reliable subscription is sent from then on comes, also when it has not found the
        publisher yet; a best-effort one may miss the first messages.
        """
        publisher = self.node.create_publisher(kind, name, qos)
        wait_until(publisher.get_subscription_count, lambda: f'nobody listens to {name}')
        return publisher

    def call(self, kind: type, service: str, **request: Any) -> Any:
        """Call a service of a node, once it is there, and return its answer.

        A busy machine may lose the answer of a node that has not found the client's reader yet
        (rmw_send_response waits 0.1 s for it), so ask again: for what may be done twice only.
        """
        client = self.node.create_client(kind, service)
        if not client.wait_for_service(PATIENCE):
            raise AssertionError(f'nobody offers {service}')
        answers: list[Any] = []
        asked = -REPEAT_AFTER

        def answered() -> bool:
            nonlocal asked
            if monotonic() - asked >= REPEAT_AFTER:
                asked = monotonic()
                client.call_async(kind.Request(**request)).add_done_callback(
                    lambda future: answers.append(future.result()))
            return bool(answers)
        wait_until(answered, lambda: f'{service} does not answer; {self._end_of_logs()}')
        self.node.destroy_client(client)
        return answers[0]

    def set_parameters(self, node: str, **values: Any) -> list[Any]:
        """Set parameters of a node as `ros2 param set` does and return (set, reason) of each."""
        answer = self.call(SetParameters, f'/{node}/set_parameters', parameters=[
            Parameter(name, value=value).to_parameter_msg() for name, value in values.items()])
        return [(each.successful, each.reason) for each in answer.results]

    def log(self, executable: str) -> str:
        """Return what a node printed so far."""
        return (self._folder / f'{executable}.log').read_text()

    def values(self, executable: str, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """Wait for /diagnostics of a node whose values are wanted."""
        def of(message: DiagnosticArray) -> dict[str, str]:
            status, = message.status
            return {pair.key: pair.value for pair in status.values}
        message = self.diagnostics.wait_for(
            lambda message: message.status[0].name.endswith(executable)
            and wanted(of(message)))
        return of(message)

    def stop_nodes(self) -> None:
        """End every process."""
        for _, process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for _, process in self._processes:
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def close(self) -> None:
        """End every process and the own node."""
        self.stop_nodes()
        self._executor.shutdown()
        self._thread.join(PATIENCE)
        self.node.destroy_node()

    def _end_of_logs(self) -> str:
        """Return how every process is and what it printed last."""
        return '; '.join(f'{name}: exit status {process.poll()}, its log ends with '
                         f'{self.log(name)[-1000:]!r}' for name, process in self._processes)

    def _run(self, name: str, *words: str) -> subprocess.Popen:
        log = open(self._folder / f'{name}.log', 'wb')
        process = subprocess.Popen(
            [sys.executable, *words], stdout=log, stderr=subprocess.STDOUT, env=os.environ)
        self._processes.append((name, process))
        return process

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            pass
