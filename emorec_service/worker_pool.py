# SPDX-License-Identifier: Apache-2.0
"""A bounded number of pictures at work and waiting, each worker with a process of its own."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
import math
from queue import SimpleQueue
from time import monotonic
from typing import TypeVar

from emorec_service.refused import Refused
from emorec_service.work_limits import WorkLimits
from emorec_service.worker import Worker

Result = TypeVar('Result')
SMOOTHING = 0.1
"""Share of the newest picture in the running mean of the time that one takes."""


class WorkerPool:
    """Run work on pictures in threads, each with a process that has model and detector.

    Args:
        model: ONNX file, or a name of emotion.model.SHIPPED.
        limits: what a picture may take.
        workers: pictures at work at once.
        waiting: requests beyond those that may be on their way in or wait.
        people: folder of the people whose faces are told by name, '' for nobody.

    Raises:
        InputError: if the model or the folder of people cannot be used.

    Attributes:
        model: what the processes told of it.
        workers: pictures at work at once.
        places: requests that may be there at once.
        taken: requests that are.
        refused: requests that found no place so far.
        seconds_each: running mean of the time that a picture takes a worker.
    """

    def __init__(self, model: str, limits: WorkLimits, workers: int, waiting: int,
                 people: str = '') -> None:
        self.workers = workers
        self.places = workers + waiting
        self.taken = 0
        self.refused = 0
        self.seconds_each = 0.1
        self._workers = [Worker(model, limits, people) for _ in range(workers)]
        try:
            self.model = self._workers[0].model()
        except BaseException:
            self._close_workers()
            raise
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix='picture')

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one place from the first byte of a request to its answer.

        To be entered in the event loop's thread only.

        Raises:
            Refused: 503 if all are taken, with the time until one may be free.
        """
        if self.taken >= self.places:
            self.refused += 1
            seconds = max(1, math.ceil(self.taken * self.seconds_each / self.workers))
            raise Refused(503, f'too many pictures are waiting: send it again in {seconds} s',
                          {'Retry-After': str(seconds)})
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    @property
    def replaced(self) -> int:
        """Return how many processes were started for ones that had ended."""
        return sum(worker.replaced for worker in self._workers)

    async def run(self, work: Callable[[Worker], Result]) -> Result:
        """Return what `work` returns, called in a thread with a worker of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._timed, work)

    def close(self) -> None:
        """Wait for what is at work, and end."""
        self._threads.shutdown(cancel_futures=True)
        self._close_workers()

    def _close_workers(self) -> None:
        for worker in self._workers:
            worker.close()

    def _timed(self, work: Callable[[Worker], Result]) -> Result:
        worker = self._idle.get()
        start = monotonic()
        try:
            return work(worker)
        finally:
            self._idle.put(worker)
            self.seconds_each += SMOOTHING * (monotonic() - start - self.seconds_each)
