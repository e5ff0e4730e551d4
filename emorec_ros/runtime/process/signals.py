# SPDX-License-Identifier: Apache-2.0
"""The signals that end a process in order."""

import signal

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def as_interrupts(*numbers: signal.Signals) -> list[int]:
    """Let signals interrupt as Ctrl-C does, unless they are ignored (nohup).

    Returns:
        those that came so far, a list that grows.
    """
    came: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    for number in numbers:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)
    return came
