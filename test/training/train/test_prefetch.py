# SPDX-License-Identifier: Apache-2.0
"""Batches that are prepared while the present one is used."""
from collections.abc import Iterator
import threading

from emorec_training.train.prefetch import DEPTH
from emorec_training.train.prefetch import prefetch
from patience import PATIENCE
import pytest


def test_all_come_in_their_order() -> None:
    """However many there are."""
    for count in (0, 1, DEPTH, 100):
        assert list(prefetch(range(count))) == list(range(count))
    assert list(prefetch([None, None])) == [None, None]


def test_they_are_made_in_another_thread_and_not_all_at_once() -> None:
    """While the first is used the next ones are made, up to DEPTH of them."""
    made = []
    enough = threading.Event()

    def make() -> Iterator[int]:
        for number in range(100):
            made.append(threading.current_thread())
            if len(made) == DEPTH + 1:
                enough.set()
            yield number

    batches = prefetch(make())
    assert next(batches) == 0
    assert enough.wait(PATIENCE), 'nothing is prepared'
    assert threading.current_thread() not in made and len(made) == DEPTH + 1
    batches.close()  # type: ignore[attr-defined]
    assert len(made) == DEPTH + 1, 'after the end nothing more is made'


def test_what_fails_there_is_raised_here() -> None:
    """After the batches that were still made."""
    def make() -> Iterator[int]:
        yield 1
        raise ValueError('no such teacher')

    batches = prefetch(make())
    assert next(batches) == 1
    with pytest.raises(ValueError, match='no such teacher'):
        next(batches)
