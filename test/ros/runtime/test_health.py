# SPDX-License-Identifier: Apache-2.0
"""What a node counts and notes, from several threads, for /diagnostics."""

from collections.abc import Iterator
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from threading import Thread

from emorec_ros.runtime.health import ERROR_AFTER
from emorec_ros.runtime.health import Health
from emorec_ros.runtime.health import Level
from patience import PATIENCE
import pytest


class SlowNotes(Mapping[str, str]):
    """Two notes of one moment; the second waits until `read` is set, or for a while."""

    def __init__(self) -> None:
        self.begun = Event()
        self.read = Event()

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[str]:
        yield 'first'
        self.begun.set()
        self.read.wait(0.2)
        yield 'second'

    def __getitem__(self, name: str) -> str:
        return 'noted'


@pytest.fixture
def health() -> Health:
    """Return figures of the last 5 s."""
    return Health(span=5.0)


def test_events_are_counted_with_their_rate_and_the_time_they_took(health: Health) -> None:
    """Totals never forget; rates are of the last seconds."""
    for number in range(20):
        health.count('images', number / 2, 0.004)
    assert health.total('images') == 20 and health.total('none') == 0
    values = health.values(9.5)
    assert (values['images'], values['images per second']) == ('20', '2.2')
    assert values['images ms'] == '4.0'


def test_the_last_error_is_told_until_it_is_old(health: Health) -> None:
    """All is well again after a while, but the text stays."""
    assert health.level_and_message(0.0) == (Level.OK, 'running')
    health.error('first', 1.0)
    health.error('second', 2.0)
    assert health.level_and_message(6.0) == (Level.WARN, 'second')
    assert health.level_and_message(8.0) == (Level.OK, 'running')
    assert health.values(8.0)['last error'] == 'second'


def test_what_stays_away_becomes_an_error(health: Health) -> None:
    """A warning at first; its newest text is told, and it ends when it is back."""
    health.gone('unplugged', 10.0)
    assert health.level_and_message(10.0 + ERROR_AFTER / 2) == (Level.WARN, 'unplugged')
    health.gone('still unplugged', 12.0)
    assert health.level_and_message(10.0 + ERROR_AFTER) == (Level.ERROR, 'still unplugged')
    assert health.level_and_message(100.0) == (Level.ERROR, 'still unplugged')
    health.back()
    assert health.level_and_message(100.0) == (Level.OK, 'running')
    health.gone('unplugged', 101.0)
    assert health.level_and_message(102.0) == (Level.WARN, 'unplugged')


def test_a_note_replaces_the_earlier_one_of_its_name(health: Health) -> None:
    """Other notes stay."""
    health.note({'depth': 'none', 'people': 'Ada'})
    health.note({'depth': 'checked'})
    values = health.values(0.0)
    assert (values['depth'], values['people']) == ('checked', 'Ada')


def test_a_reader_never_sees_half_of_what_is_noted_together(health: Health) -> None:
    """A worker notes while the executor reports."""
    notes = SlowNotes()
    writer = Thread(target=health.note, args=(notes,))
    writer.start()
    notes.begun.wait(PATIENCE)
    seen = health.values(0.0)
    notes.read.set()
    writer.join(PATIENCE)
    assert {'first', 'second'} <= set(seen)


def test_no_event_of_several_threads_is_lost(health: Health) -> None:
    """The total is the sum of what all of them counted."""
    with ThreadPoolExecutor(4) as threads:
        for _ in range(4):
            threads.submit(lambda: [health.count('images', 0.0) for _ in range(2000)])
    assert health.total('images') == 8000
