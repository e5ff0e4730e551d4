# SPDX-License-Identifier: Apache-2.0
"""When a person's confirmed emotion counts as changed, and from what."""

from emorec_vision.emotion.person_windows import Change
from window_player import FRAME
from window_player import HAPPY
from window_player import Player
from window_player import SAD


def test_a_change_is_told_once_with_what_it_replaces_and_for_how_long() -> None:
    """The first has none before it; not being sure in between is no change, nor its end."""
    player = Player()
    player.play(20, a=('', HAPPY))
    first = player.stamp - 7 * FRAME
    player.play(8, a=('', SAD))
    player.play(12, a=('', HAPPY))
    player.play(13, a=('', SAD))
    assert player.changes == [('a', HAPPY, Change(None, 0)),
                              ('a', SAD, Change(HAPPY, player.stamp - first))]


def test_a_return_with_the_same_emotion_is_no_change() -> None:
    """The last confirmed emotion belongs to the person and goes from track to track."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    player.play(30)
    player.play(5, b=('', HAPPY))
    player.play(20, b=('Ada', HAPPY))
    assert player.changes == [('a', HAPPY, Change(None, 0))]


def test_a_return_with_another_emotion_is_a_change_from_the_one_before() -> None:
    """How long the last one was held counts from its confirmation on the earlier track."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    first = player.stamp - 7 * FRAME
    player.play(20)
    player.play(20, b=('Ada', SAD))
    assert player.changes[1:] == [
        ('b', SAD, Change(HAPPY, player.changes[1][2].held))]
    assert first + player.changes[1][2].held == player.stamp - 7 * FRAME


def test_somebody_else_and_a_late_return_start_with_a_first_emotion() -> None:
    """What another person felt, or the same one long ago, is nothing to change from."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    player.play(20, a=('Bob', SAD))
    player.play(100)
    player.play(20, b=('Bob', HAPPY))
    player.play(20, c=('', SAD))
    assert [(track, change) for track, _, change in player.changes] == [
        (track, Change(None, 0)) for track in 'aabc']


def test_a_first_name_is_no_change() -> None:
    """The emotion of a stranger who turns out to be Ada was told already."""
    player = Player()
    player.play(20, a=('', HAPPY))
    player.play(20, a=('Ada', HAPPY))
    assert len(player.changes) == 1
