# SPDX-License-Identifier: Apache-2.0
"""A bounded number of pictures at work and waiting, each worker with a detector of its own."""

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
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.reader.stills import StillFaces

Result = TypeVar('Result')
SMOOTHING = 0.1
"""Share of the newest picture in the running mean of the time that one takes."""


class WorkerPool:
    """Run work on pictures in threads; the model and every cascade are loaded once, here.

    Args:
        model: shared by all workers (ONNX Runtime runs it from several threads).
        workers: pictures at work at once.
        waiting: requests beyond those that may be on their way in or wait.

    Attributes:
        workers: pictures at work at once.
        places: requests that may be there at once.
        taken: requests that are.
        refused: requests that found no place so far.
        seconds_each: running mean of the time that a picture takes a worker.
    """

    def __init__(self, model: EmotionModel, workers: int, waiting: int) -> None:
        self.workers = workers
        self.places = workers + waiting
        self.taken = 0
        self.refused = 0
        self.seconds_each = 0.1
        self._idle: SimpleQueue[StillFaces] = SimpleQueue()
        for _ in range(workers):
            self._idle.put(StillFaces(model))
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

    async def run(self, work: Callable[[StillFaces], Result]) -> Result:
        """Return what `work` returns, called in a worker thread with a detector."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._timed, work)

    def close(self) -> None:
        """Wait for what is at work, and end."""
        self._threads.shutdown(cancel_futures=True)

    def _timed(self, work: Callable[[StillFaces], Result]) -> Result:
        faces = self._idle.get()
        start = monotonic()
        try:
            return work(faces)
        finally:
            self._idle.put(faces)
            self.seconds_each += SMOOTHING * (monotonic() - start - self.seconds_each)
