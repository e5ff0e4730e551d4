# SPDX-License-Identifier: Apache-2.0
"""Prepares the next batches in a thread while the network learns from the present one."""

import collections
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar('T')

DEPTH: int = 4
"""Batches that are prepared in advance at most."""


def prefetch(items: Iterable[T]) -> Iterator[T]:
    """Yield the items in their order, each made in a thread while earlier ones are used.

    What raises in the thread is raised here; once this iterator is closed, no more is made.
    """
    pool, source, end = ThreadPoolExecutor(1), iter(items), object()
    try:
        waiting = collections.deque(pool.submit(next, source, end) for _ in range(DEPTH))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(pool.submit(next, source, end))
            yield item  # type: ignore[misc]
    finally:
        pool.shutdown(cancel_futures=True)
