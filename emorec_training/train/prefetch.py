# SPDX-License-Identifier: Apache-2.0
"""Makes the next portions while the present one is learnt."""

import collections
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar('T')

DEPTH: int = 4
"""Portions that are made ahead at most."""


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield the items in their order, made in a thread of its own while the last one is used.

    What raises there is raised here; where no more is wanted, none is begun.
    """
    pool, source, end = ThreadPoolExecutor(1), iter(items), object()
    try:
        waiting = collections.deque(pool.submit(next, source, end) for _ in range(DEPTH))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(pool.submit(next, source, end))
            yield item  # type: ignore[misc]
    finally:
        pool.shutdown(cancel_futures=True)
