# SPDX-License-Identifier: Apache-2.0
"""Whose window is whose, through losses of the track and changes of name."""

from emorec_vision.person_windows import PersonState
from emorec_vision.person_windows import PersonWindows

ANGRY, HAPPY, SAD, NEUTRAL = 0, 3, 4, 6
FRAME = 1 / 30


def measurement(emotion: int) -> list[float]:
    """Give probabilities with this emotion on top."""
    return [0.94 if index == emotion else 0.01 for index in range(7)]


class Player:
    """Play frames of people to PersonWindows."""

    def __init__(self, expiry: float = 2.0) -> None:
        self.windows = PersonWindows(expiry=expiry)
        self.stamp = 100.0

    def play(self, frames: int, **tracks: tuple[str, int | None]) -> dict[str, PersonState]:
        """Show tracks as track_id=(name, emotion or None) for some frames."""
        states = {}
        for _ in range(frames):
            self.stamp += FRAME
            states = self.windows.update(
                self.stamp, {track: name for track, (name, _) in tracks.items()},
                {track: measurement(emotion) for track, (_, emotion) in tracks.items()
                 if emotion is not None})
        return states


def said(state: PersonState) -> tuple[int, bool]:
    """Give what a state says."""
    return state.confirmation.emotion, state.confirmation.confirmed


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
