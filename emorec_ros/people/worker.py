# SPDX-License-Identifier: Apache-2.0
"""A thread for what takes time, so that a node goes on while its services work."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from emorec_vision.errors import in_one_line
from emorec_vision.errors import InputError
from rclpy.node import Node
from rclpy.task import Future

Result = TypeVar('Result')


class Worker:
    """Does one piece of work after the other in a thread of its own.

    Args:
        node: whose executor waits for the results.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._thread = ThreadPoolExecutor(1, 'worker')

    async def do(self, work: Callable[[], Result]) -> Result:
        """Return the result of some work, or raise what it raised.

        Raises:
            InputError: also for an OSError, which names the file.
        """
        done = Future()

        def finish() -> None:
            try:
                done.set_result(work())
            except OSError as error:
                done.set_exception(InputError(in_one_line(error)))
            except Exception as error:  # noqa: B902 - whatever it is, who waits must hear of it
                done.set_exception(error)
            if (executor := self._node.executor) is not None:
                executor.wake()

        self._thread.submit(finish)
        result: Result = await done
        return result

    def close(self) -> None:
        """Finish the work in hand, and do no more."""
        self._thread.shutdown(cancel_futures=True)
