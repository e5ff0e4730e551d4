# SPDX-License-Identifier: Apache-2.0
"""Run the whole graph as processes of this machine and listen to /emotions."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import ExitStack
from functools import partial
import os
from pathlib import Path
from queue import Empty
from queue import Queue
import sys
from typing import Any

from emorec_ros.graph import config_folder
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import NODE_ENVIRONMENT
from emorec_ros.graph import parameter_file
from emorec_ros.graph import ProcessDescription
from emorec_ros.graph import processes
from emorec_ros.messages import labels
from emorec_ros.run import dds
from emorec_ros.run import security
from emorec_ros.run.run_folder import remove_dead_folders
from emorec_ros.run.run_folder import run_folder
from emorec_ros.run.supervisor import Supervisor
from emorec_ros.runtime.process.exit_codes import FINISHED
from emorec_ros.runtime.words import NOBODY
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand

PRINTED = 'printed'
LIVE = 'live'
"""The program that is this process, by the name of its enclave."""
MIDDLEWARE = {'RMW_IMPLEMENTATION': 'rmw_fastrtps_cpp'}
PROFILE = 'fastdds.xml'
LAST_DOMAIN = 232
BEYOND_THIS_MACHINE = ('ROS_DISCOVERY_SERVER', 'ROS_STATIC_PEERS', 'ROS_LOCALHOST_ONLY')
"""What a user may have set and would lead a private run to other machines."""
KEPT_MESSAGES = 300
"""While nobody reads standard output, the oldest ones are given up."""


class LiveRun:
    """The graph as processes of this machine, in a ROS domain of their own.

    Use it as a context manager: leaving it ends every process. The messages on /emotions come
    from `wait_for_message`; `acknowledge` tells a file source that one was used.

    Args:
        options: what to run.
        network: whether other machines can take part, in the domain of ROS_DOMAIN_ID.
        log: told what users should know, one line each.
        secure: whether the processes talk only to those with a certificate, in the domain of
            ROS_DOMAIN_ID, for which their permissions are.
        quiet: whether to tell nothing about ROS on this machine alone, and what nodes say below
            a warning.

    Raises:
        InputError: if ROS does not start or the options do not fit, when it is entered.
    """

    def __init__(
        self, options: GraphOptions, network: bool, log: Callable[[str], None],
        secure: bool = False, quiet: bool = False
    ) -> None:
        self._options = options
        self._network = network
        self._secure = secure
        self._quiet = quiet
        self._log = log
        self.stop_code = FINISHED
        """2 if a node found bad input while it ended, such as a full disk under a recording"""
        self._messages: Queue[Any] = Queue(KEPT_MESSAGES)
        self._cleanup = ExitStack()

    def __enter__(self) -> 'LiveRun':
        try:
            self._start()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._cleanup.close()

    def exit_code(self) -> int | None:
        """Return the exit code of the run once it has ended; crashed nodes are started again."""
        return self._supervisor.poll()

    def _stop(self) -> None:
        self.stop_code = self._supervisor.stop()

    def pids(self) -> dict[str, int]:
        """Return the process ids by the names of their programs."""
        return self._supervisor.pids()

    def wait_for_message(self, timeout: float) -> Any | None:
        """Return the next PersonEmotionArray, None if it takes more than `timeout` seconds."""
        try:
            return self._messages.get(timeout=timeout)
        except Empty:
            return None

    def acknowledge(self, message: Any) -> None:
        """Tell a file source that its frame was used."""
        self._acknowledgements.publish(message.header)

    def _start(self) -> None:
        remove_dead_folders()
        folder = self._cleanup.enter_context(run_folder())
        dds.remove_dead_segments()
        self._cleanup.callback(dds.remove_dead_segments)
        environment = self._environment(folder)
        described = processes(self._options)
        environments = dds.environments(
            environment, len(described), folder / PROFILE, environment['ROS_DOMAIN_ID'])
        self._supervisor = Supervisor(partial(next, environments), self._log, spares=True)
        self._cleanup.callback(self._stop)
        for process in described:
            self._supervisor.start(
                process.executable, command(process, folder)
                + ['--log-level', 'warn'] * self._quiet + self._enclave(process.executable))
        self._cleanup.enter_context(_environ(environment))
        self._listen()

    def _environment(self, folder: Path) -> dict[str, str]:
        secured = self._secured()
        profile = folder / PROFILE
        dds.write_profile(
            config_folder() / 'fastdds.xml', profile, self._network, self._segment_size())
        environment = {
            'RCUTILS_CONSOLE_OUTPUT_FORMAT': '[{severity}] {name}: {message}',
            **os.environ,
            **NODE_ENVIRONMENT,
            **secured,
            'ROS_LOG_DIR': str(folder),
            'ROS_DOMAIN_ID': self._domain(),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET' if self._network else 'SYSTEM_DEFAULT',
            **MIDDLEWARE,
            **dds.profile_environment(profile),
            'PYTHONSAFEPATH': '1',
        }
        if not self._network:
            for name in BEYOND_THIS_MACHINE:
                environment.pop(name, None)
        return environment

    def _secured(self) -> dict[str, str]:
        return {} if not self._secure else security.security_environment(
            {**os.environ, **MIDDLEWARE},
            [LIVE, *(process.executable for process in processes(self._options))])

    def _enclave(self, program: str) -> list[str]:
        return ['--enclave', security.enclave(program)] if self._secure else []

    def _domain(self) -> str:
        wanted = os.environ.get('ROS_DOMAIN_ID', '')
        if self._network or self._secure:
            if wanted and not (wanted.isdecimal() and int(wanted) <= LAST_DOMAIN):
                raise InputError(f'ROS_DOMAIN_ID={wanted} is no number from 0 to {LAST_DOMAIN}')
            self._log(f'ROS_DOMAIN_ID={wanted or 0}, '
                      f'{"open to the network" if self._network else "on this machine only"}'
                      f'{", authenticated and encrypted" if self._secure else ""}')
            return wanted or '0'
        from domain_coordinator import domain_id
        domain = str(self._cleanup.enter_context(domain_id()))
        if not self._quiet:
            self._log(f'on this machine only; to join in: export ROS_DOMAIN_ID={domain} '
                      'ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST')
        return domain

    def _segment_size(self) -> int:
        size = dds.segment_size()
        if size < dds.FULL_SEGMENT:
            self._log(dds.SMALL_MEMORY)
        return size

    def _keep(self, drop: Callable[[str], None], message: Any) -> None:
        try:
            labels.check_people(message)
        except ValueError as error:
            drop(f'emotions: labels: {error}')
            return
        if self._messages.full():
            self._messages.get()
        self._messages.put(message)

    def _listen(self) -> None:
        # here, for the nodes to start while ROS is imported
        from emorec.msg import PersonEmotionArray
        from emorec_ros.runtime.command_node import CommandNode
        from emorec_ros.runtime.qos.profiles import RESULT
        from std_msgs.msg import Header

        node = CommandNode('emorec_live', self._options.namespace, self._enclave(LIVE))
        self._cleanup.callback(node.close)
        self._acknowledgements = node.ros.create_publisher(Header, PRINTED, RESULT)
        node.ros.create_subscription(
            PersonEmotionArray, 'emotions', partial(self._keep, node.ros.drop), RESULT)
        node.start()


@contextmanager
def _environ(environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def command(process: ProcessDescription, folder: Path) -> list[str]:
    """Return the command of a process; the parameters of its nodes go into files in `folder`."""
    arguments = ['--params-file', str(config_folder() / 'emorec.yaml')]
    for node in process.nodes:
        if node.parameters:
            parameters = folder / f'{node.executable}.yaml'
            parameters.write_text(parameter_file(node))
            arguments += ['--params-file', str(parameters)]
    arguments += ['-r', f'__ns:=/{process.namespace}'] if process.namespace else []
    for topic, target in process.remappings.items():
        arguments += ['-r', f'{topic}:={target}']
    return [sys.executable, '-m', f'emorec_ros.{process.executable}', '--ros-args', *arguments]


def check_people(folder: str) -> str:
    """Return the people folder if it is one, or empty, or NOBODY.

    Raises:
        InputError: if there is no such folder.
    """
    if folder not in ('', NOBODY) and not expand(folder).is_dir():
        raise InputError(f'people folder {folder} does not exist; it holds a sub-folder of face '
                         'images per person')
    return folder
