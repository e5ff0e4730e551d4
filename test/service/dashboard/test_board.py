# SPDX-License-Identifier: Apache-2.0
"""What a dashboard keeps for those who look."""

from threading import Thread
from typing import Any

from emorec_service.dashboard.board import Board
from emorec_service.dashboard.board import COLOUR
from emorec_service.dashboard.board import DEPTH
from emorec_service.dashboard.board import GAP
from emorec_service.dashboard.board import LOOKED_AT_FOR
from emorec_service.dashboard.board import MOST_LINES
from emorec_service.dashboard.board import SHOWN_FOR
from patience import PATIENCE
import pytest


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return the board's clock."""
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    """Return an empty board."""
    return Board(clock)


def person(emotion: str = 'Happy', key: str = 'a', confirmed: bool = True) -> dict[str, Any]:
    """Return somebody as the board takes them."""
    return {'key': key, 'name': key.upper(), 'emotion': emotion, 'confirmed': confirmed}


def parts(board: Board) -> list[list[Any]]:
    """Return the only timeline: how long ago each emotion began and ended."""
    line, = board.snapshot(-1, 0.0)['lines']
    return line['parts']


def test_an_emotion_is_one_part_of_the_timeline_until_another_begins(
        board: Board, clock: Clock) -> None:
    """Whatever the rate of the answers; what is not confirmed has no name."""
    for emotion, confirmed in (('Happy', False), ('Happy', True), ('Happy', True), ('Sad', True)):
        board.show_people([person(emotion, confirmed=confirmed)])
        clock.now += 0.5
    assert parts(board) == [[2.0, 1.5, ''], [1.5, 0.5, 'Happy'], [0.5, 0.5, 'Sad']]


def test_an_absence_is_a_gap_and_what_is_long_over_is_forgotten(
        board: Board, clock: Clock) -> None:
    """The rest of a timeline goes with its person, two minutes later."""
    board.show_people([person()])
    clock.now += GAP + 1
    board.show_people([person()])
    assert parts(board) == [[GAP + 1, GAP + 1, 'Happy'], [0.0, 0.0, 'Happy']]
    clock.now += SHOWN_FOR - 1
    board.show_people([person('Sad')])
    assert [emotion for *_, emotion in parts(board)] == ['Happy', 'Sad']
    clock.now += SHOWN_FOR
    assert board.snapshot(-1, 0.0)['lines'] == []


def test_a_crowd_that_passes_by_leaves_no_endless_list(board: Board) -> None:
    """The last ones stay."""
    for number in range(3 * MOST_LINES):
        board.show_people([person(key=f'{number}')])
    keys = [line['key'] for line in board.snapshot(-1, 0.0)['lines']]
    assert keys == [str(number) for number in range(2 * MOST_LINES, 3 * MOST_LINES)]


def test_silence_is_told(board: Board, clock: Clock) -> None:
    """From the last answer on; before the first one there is none."""
    assert board.snapshot(-1, 0.0)['silent'] is None
    board.show_people([])
    clock.now += 7
    assert board.snapshot(-1, 0.0)['silent'] == 7


def test_the_newest_notice_is_first(board: Board, clock: Clock) -> None:
    """With its age."""
    board.tell('enrol Ada')
    clock.now += 2
    board.tell('enrol Ada: too dark', bad=True)
    assert board.snapshot(-1, 0.0)['notices'] == [
        {'age': 0, 'text': 'enrol Ada: too dark', 'bad': True},
        {'age': 2, 'text': 'enrol Ada', 'bad': False}]


def test_who_looks_gets_each_image_once_and_waits_for_the_next(board: Board) -> None:
    """A number tells which one it was."""
    assert board.image(COLOUR, 0, 0.0) is None
    board.show_image(COLOUR, b'first')
    assert board.image(COLOUR, 0, 0.0) == (1, b'first')
    assert board.image(COLOUR, 1, 0.0) is None
    found: list[Any] = []
    waiting = Thread(target=lambda: found.append(board.image(COLOUR, 1, PATIENCE)))
    waiting.start()
    board.show_image(COLOUR, b'second')
    waiting.join()
    assert found == [(2, b'second')]


def test_an_image_is_looked_at_for_some_seconds_after_somebody_asked(
        board: Board, clock: Clock) -> None:
    """Each kind for itself: whoever sees only colour costs no depth."""
    assert not board.is_looked_at(COLOUR)
    board.image(COLOUR, 0, 0.0)
    assert board.is_looked_at(COLOUR) and not board.is_looked_at(DEPTH)
    clock.now += LOOKED_AT_FOR
    assert not board.is_looked_at(COLOUR)


def test_news_are_waited_for(board: Board) -> None:
    """A page that knows the last number gets the next one when it is there."""
    number = board.snapshot(-1, 0.0)['number']
    found: list[Any] = []
    waiting = Thread(target=lambda: found.append(board.snapshot(number, PATIENCE)))
    waiting.start()
    board.show(rejected=[{'reason': 'flat'}])
    waiting.join()
    assert found[0]['rejected'] == [{'reason': 'flat'}] and found[0]['number'] == number + 1
