# SPDX-License-Identifier: Apache-2.0
"""Run the graph authenticated and encrypted (SROS 2), one enclave for each process."""

from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory

from emorec_vision.errors import InputError

KEYSTORE = 'ROS_SECURITY_KEYSTORE'
ENFORCED = {'ROS_SECURITY_ENABLE': 'true', 'ROS_SECURITY_STRATEGY': 'Enforce',
            'ROS_SECURITY_ENCLAVE_OVERRIDE': ''}
"""The last one would put every process into one enclave."""
LACKING = ('security libraries', 'security support enabled')
"""In what rmw_fastrtps and rmw_cyclonedds say when they were built without security."""
PROBE = """
import rclpy
rclpy.init(args=['--ros-args', '--enclave', '/probe'])
rclpy.create_node('probe')
"""
PROBE_SECONDS = 30.0
HOW = 'see docs/security.md'


def enclave(program: str) -> str:
    """Return the enclave of a program of the graph, as config/sros2/policy.xml has it."""
    return f'/emorec/{program}'


def security_environment(environ: Mapping[str, str], programs: Iterable[str]) -> dict[str, str]:
    """Return the variables of processes that talk to nobody without a certificate.

    Args:
        environ: of the run; ROS_SECURITY_KEYSTORE names the keystore there.
        programs: that run, each in its enclave.

    Raises:
        InputError: if the middleware cannot, or the keystore or an enclave in it is missing.
    """
    if not can_secure(environ):
        raise InputError(f'secure: the middleware here is built without security, as that of the '
                         f'ROS 2 wheels is; an installed ROS 2 has it, {HOW}')
    keystore = Path(environ.get(KEYSTORE, '')).absolute()
    if not environ.get(KEYSTORE) or not keystore.is_dir():
        raise InputError(f'secure: {KEYSTORE} names no keystore; make one and set it, {HOW}')
    for name in map(enclave, programs):
        if not (keystore / 'enclaves' / name.strip('/') / 'permissions.p7s').is_file():
            raise InputError(f'secure: {keystore} has no enclave {name} with permissions; {HOW}')
    return {**ENFORCED, KEYSTORE: str(keystore)}


def can_secure(environ: Mapping[str, str]) -> bool:
    """Tell whether the middleware was built with security, by starting a node in an enclave.

    The enclave is empty, so that the node never starts; what matters is what it complains about.
    """
    with TemporaryDirectory() as keystore:
        (Path(keystore) / 'enclaves' / 'probe').mkdir(parents=True)
        probe = subprocess.run(
            [sys.executable, '-c', PROBE], capture_output=True, text=True, timeout=PROBE_SECONDS,
            stdin=subprocess.DEVNULL, check=False,
            env={**environ, **ENFORCED, KEYSTORE: keystore, 'ROS_LOG_DIR': keystore})
    return not any(text in probe.stderr for text in LACKING)
