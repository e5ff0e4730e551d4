# SPDX-License-Identifier: Apache-2.0
"""Read parts in several processes of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import as_completed
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing import parent_process
import os
import signal
from threading import Thread

from emorec_vision.errors import InputError
from emorec_vision.video_parts.part import Part
from emorec_vision.video_parts.part import Recipe
from emorec_vision.video_parts.reading import PartRows
from emorec_vision.video_parts.reading import read_part


def usable_cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, 'sched_getaffinity', None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def read_here(parts: Sequence[Part], recipe: Recipe, jobs: int
              ) -> Iterator[tuple[Part, PartRows | InputError]]:
    """Yield the parts as they are done, each with its rows, or with why it has none.

    Args:
        jobs: processes; 1 is this one.

    Raises:
        InputError: if a process was killed, as when memory is short.
    """
    if jobs == 1 or len(parts) < 2:
        for part in parts:
            yield part, rows_or_error(part, recipe)
        return
    with ProcessPoolExecutor(min(jobs, len(parts)), get_context('spawn'), _begin) as pool:
        waiting = {pool.submit(rows_or_error, part, recipe): part for part in parts}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        except BrokenProcessPool:
            raise InputError('a process that read a video was killed; is memory short? Give '
                             'fewer --jobs; what is done is kept') from None
        finally:
            pool.shutdown(cancel_futures=True, wait=False)


def rows_or_error(part: Part, recipe: Recipe) -> PartRows | InputError:
    """Return the rows of a part, or why it has none."""
    try:
        return read_part(part, recipe)
    except InputError as error:
        return error


def _begin() -> None:
    """Leave Ctrl-C to the process that waits, and die with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)
