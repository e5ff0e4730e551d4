# SPDX-License-Identifier: Apache-2.0
"""Whose window is whose, through losses of the track and changes of name."""

from window_player import FRAME
from window_player import HAPPY
from window_player import NEUTRAL
from window_player import Player
from window_player import SAD
from window_player import said


def test_every_track_has_its_own_window() -> None:
    """Two people's emotions do not mix."""
    states = Player().play(13, a=('', HAPPY), b=('', SAD))
    assert (said(states['a']), said(states['b'])) == ((HAPPY, True), (SAD, True))


def test_a_frame_without_measurement_changes_nothing() -> None:
    """A missing emotion adds nothing to the window."""
    player = Player()
    player.play(13, a=('', HAPPY))
    assert said(player.play(100, a=('', None))['a']) == (HAPPY, True)


def test_a_returning_person_continues_the_window_they_left() -> None:
    """A new track that is recognised as somebody just seen is confirmed at once."""
    player = Player()
    since = player.play(20, a=('Ada', HAPPY))['a'].since
    player.play(30)
    state = player.play(1, b=('Ada', HAPPY))['b']
    assert said(state) == (HAPPY, True)
    assert state.since == since


def test_the_time_until_the_new_track_is_recognised_does_not_count_as_away() -> None:
    """Away for 1.7 s, recognised after another 0.5 s: the window goes on, as it does at once."""
    player = Player(expiry=2.0)
    player.play(20, a=('Ada', HAPPY))
    player.play(50)
    player.play(15, b=('', None))
    assert said(player.play(1, b=('Ada', None))['b']) == (HAPPY, True)


def test_exactly_expiry_is_too_long() -> None:
    """Less than `expiry` continues, `expiry` itself does not, to the nanosecond."""
    for away, expected in ((2_000_000_000, (NEUTRAL, False)), (1_999_999_999, (HAPPY, True))):
        player = Player(expiry=2.0)
        player.play(20, a=('Ada', HAPPY))
        player.stamp += away - FRAME
        assert said(player.play(1, b=('Ada', HAPPY))['b']) == expected


def test_a_person_away_for_longer_than_expiry_starts_afresh() -> None:
    """An emotion from before a long absence is not reported."""
    player = Player(expiry=2.0)
    player.play(20, a=('Ada', HAPPY))
    player.play(70)
    assert said(player.play(1, b=('Ada', HAPPY))['b']) == (NEUTRAL, False)


def test_two_unknown_people_never_share_a_window() -> None:
    """A new unknown track starts empty, however soon it comes."""
    player = Player()
    player.play(20, a=('', HAPPY))
    assert said(player.play(1, b=('', HAPPY))['b']) == (NEUTRAL, False)


def test_a_track_that_becomes_known_keeps_what_was_measured() -> None:
    """The window belongs to the track; a first name does not empty it."""
    player = Player()
    player.play(13, a=('', HAPPY))
    assert said(player.play(1, a=('Ada', None))['a']) == (HAPPY, True)


def test_a_change_of_name_empties_the_window() -> None:
    """When a track turns out to be somebody else, the emotions so far are dropped."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    assert said(player.play(1, a=('Bob', HAPPY))['a']) == (NEUTRAL, False)


def test_two_tracks_that_swap_names_both_start_afresh() -> None:
    """Nobody inherits the window of the person they were taken for."""
    player = Player()
    player.play(20, a=('Ada', HAPPY), b=('Bob', SAD))
    states = player.play(1, a=('Bob', HAPPY), b=('Ada', SAD))
    assert said(states['a']) == said(states['b']) == (NEUTRAL, False)


def test_a_change_of_name_does_not_continue_the_new_persons_window() -> None:
    """A change of name empties, also when the new name was left a moment ago."""
    player = Player()
    player.play(20, a=('Ada', HAPPY), b=('Bob', SAD))
    player.play(1, a=('Ada', HAPPY))
    assert said(player.play(1, a=('Bob', HAPPY))['a']) == (NEUTRAL, False)


def test_a_track_that_became_somebody_else_returns_as_that_person() -> None:
    """What is left under a name is what was measured under it."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    player.play(20, a=('Bob', SAD))
    player.play(10)
    states = player.play(1, b=('Bob', None), c=('Ada', None))
    assert (said(states['b']), said(states['c'])) == ((SAD, True), (NEUTRAL, False))


def test_a_person_found_again_under_a_new_track_takes_the_window_along() -> None:
    """The old track is still held without being measured when the new one gets the name."""
    player = Player()
    since = player.play(20, a=('Ada', HAPPY))['a'].since
    player.play(3, a=('Ada', None))
    player.play(3, a=('Ada', None), b=('', HAPPY))
    states = player.play(1, a=('', None), b=('Ada', HAPPY))
    assert (said(states['b']), states['b'].since) == ((HAPPY, True), since)
    assert said(states['a']) == (NEUTRAL, False)


def test_a_name_lost_for_a_while_keeps_the_window() -> None:
    """Unknown is not somebody else."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    player.play(5, a=('', None))
    assert said(player.play(1, a=('Ada', None))['a']) == (HAPPY, True)


def test_a_person_in_view_is_not_continued_by_a_second_track() -> None:
    """A window is left only by a track that is gone."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    states = player.play(1, a=('Ada', HAPPY), b=('Ada', SAD))
    assert said(states['b']) == (NEUTRAL, False)


def test_since_is_when_the_present_answer_began() -> None:
    """`since` moves when the emotion or its confirmation changes, and only then."""
    player = Player()
    player.play(12, a=('', HAPPY))
    confirmed_at = player.stamp + FRAME
    assert player.play(1, a=('', HAPPY))['a'].since == confirmed_at
    assert player.play(50, a=('', HAPPY))['a'].since == confirmed_at
    unsure = player.play(8, a=('', SAD))['a']
    assert said(unsure) == (NEUTRAL, False)
    assert unsure.since == player.stamp


def test_a_return_does_not_move_since_of_what_the_new_track_already_says() -> None:
    """A track confirmed sad before it is recognised keeps its answer and its time."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    before = player.play(20, b=('', SAD))['b']
    after = player.play(1, b=('Ada', SAD))['b']
    assert said(before) == said(after) == (SAD, True)
    assert after.since == before.since


def test_a_return_that_confirms_nothing_keeps_since_of_the_new_track() -> None:
    """The new track was not sure from its start, and still is not with what was left."""
    player = Player()
    player.play(13, a=('Ada', HAPPY))
    player.play(10)
    born = player.stamp + FRAME
    player.play(11, b=('', SAD))
    state = player.play(1, b=('Ada', SAD))['b']
    assert said(state) == (NEUTRAL, False)
    assert state.since == born


def test_a_return_takes_over_since_of_the_same_answer() -> None:
    """A person who was happy, and is again by the time they are recognised, was all along."""
    player = Player()
    since = player.play(20, a=('Ada', HAPPY))['a'].since
    assert player.play(20, b=('', HAPPY))['b'].since > since
    assert player.play(1, b=('Ada', HAPPY))['b'].since == since


def test_a_track_that_lost_its_name_leaves_nothing_under_it_once_another_has_it() -> None:
    """What an unknown track measured is not continued by the person whose name it once had."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    player.play(1, a=('', HAPPY), b=('Ada', SAD))
    player.play(20, a=('', HAPPY), b=('Ada', SAD))
    player.play(1, a=('', HAPPY))
    player.play(1)
    assert said(player.play(1, c=('Ada', SAD))['c']) == (SAD, True)


def test_a_restarted_detector_loses_tracks_but_not_people() -> None:
    """After forget_tracks an unknown track is new and a known person continues."""
    player = Player()
    player.play(20, a=('Ada', HAPPY), b=('', SAD))
    player.windows.forget_tracks()
    states = player.play(1, a=('', SAD), c=('Ada', HAPPY))
    assert (said(states['a']), said(states['c'])) == ((NEUTRAL, False), (HAPPY, True))


def test_clear_forgets_everybody() -> None:
    """After a jump of time nothing is continued."""
    player = Player()
    player.play(20, a=('Ada', HAPPY))
    player.windows.clear()
    assert said(player.play(1, b=('Ada', HAPPY))['b']) == (NEUTRAL, False)


def test_a_forgotten_person_leaves_nothing_behind() -> None:
    """Neither the track in view nor the window left by it says what was measured."""
    for away in (False, True):
        player = Player()
        player.play(20, a=('Ada', HAPPY), b=('Bob', SAD))
        if away:
            player.play(1, b=('Bob', SAD))
        player.windows.forget_person('Ada')
        states = player.play(1, a=('' if not away else 'Ada', HAPPY), b=('Bob', SAD))
        assert (said(states['a']), said(states['b'])) == ((NEUTRAL, False), (SAD, True))


def test_a_renamed_person_keeps_the_window() -> None:
    """In view or away, and the change of name is none to somebody else."""
    for away in (False, True):
        player = Player()
        player.play(20, a=('Ada', HAPPY))
        if away:
            player.play(1)
        player.windows.rename_person('Ada', 'Ada L.')
        assert said(player.play(1, a=('Ada L.', None))['a']) == (HAPPY, True)
        player.play(1)
        assert said(player.play(1, b=('Ada L.', None))['b']) == (HAPPY, True)
