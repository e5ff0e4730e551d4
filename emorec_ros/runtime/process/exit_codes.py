# SPDX-License-Identifier: Apache-2.0
"""What the exit code of a node process means, to the supervisor and to ros2 launch alike."""

import signal

FINISHED = 0
"""the run is over, such as a file at its end"""
CRASHED = 1
"""or any code but the others: start the process again"""
BAD_INPUT = 2
"""starting again would not help; one line on standard error says why"""
TERMINATED = 128 + signal.SIGTERM
"""somebody else than the run ended the process: a crash"""


def how_it_ended(code: int) -> str:
    """Return in words what the code of a crashed process means; -N stands for signal N."""
    if code == TERMINATED:
        code = -signal.SIGTERM
    if code >= 0:
        return f'exit code {code}'
    names = {each.value: each.name for each in signal.Signals}
    why = ', as nothing moved in it' if code == -signal.SIGALRM else ''
    return f'signal {names.get(-code, -code)}{why}'
