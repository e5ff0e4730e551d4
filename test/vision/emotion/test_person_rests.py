# SPDX-License-Identifier: Apache-2.0
"""Whose rest a face is read against, through changes of track and name."""

from emorec_vision.emotion.person_rests import KEPT
from emorec_vision.emotion.person_rests import Known
from emorec_vision.emotion.person_rests import LONGEST_STEP
from emorec_vision.emotion.person_rests import PersonRests
from emorec_vision.emotion.person_rests import SETTLED
from emorec_vision.emotion.rest import Adapted
from emorec_vision.emotion.rest import Rest
from emorec_vision.stamps import NANOSECONDS
from expressive import FRAME_NS
from expressive import FRAME_S
from expressive import place
from expressive import raw
from expressive import space
import numpy as np
import pytest

SOUR, MERRY = place('Sad', 0.52), place('Happy', 0.52)
"""Two resting faces."""


class Stage:
    """Shows faces to PersonRests, image after image."""

    def __init__(self, rests: PersonRests | None = None) -> None:
        self.rests = rests or PersonRests(space())
        self.stamp = 10**18

    def show(self, seconds: float, names: dict[str, str],
             **faces: np.ndarray) -> dict[str, Adapted]:
        """Show faces by track for some time and return the last answers."""
        answers: dict[str, Adapted] = {}
        for _ in range(round(seconds / FRAME_S)):
            self.stamp += FRAME_NS
            answers = self.rests.read(self.stamp, {track: names.get(track, '') for track in faces},
                                      {track: raw(face) for track, face in faces.items()}, faces)
        return answers

    def near(self, name: str, face: np.ndarray) -> bool:
        """Tell whether a person's rest is this face."""
        return bool(np.linalg.norm(self.rests.people[name].rest.mean - face) < 0.2)


def test_two_unknown_people_never_share_a_rest() -> None:
    """Each track is read against its own."""
    stage = Stage()
    stage.show(20, {}, a=SOUR, b=MERRY)
    answers = stage.show(0.1, {}, a=SOUR, b=MERRY)
    assert [int(each.probabilities.argmax()) for each in answers.values()] == [6, 6]
    swapped = stage.show(0.1, {}, a=MERRY, b=SOUR)
    assert [int(each.probabilities.argmax()) for each in swapped.values()] != [6, 6]


def test_the_rest_of_an_unknown_track_is_forgotten_after_a_while() -> None:
    """KEPT seconds out of view; a shorter gap changes nothing."""
    stage = Stage()
    weight = stage.show(20, {}, a=SOUR)['a'].weight
    stage.show(KEPT - 0.3, {}, b=MERRY)
    assert stage.show(0.1, {}, a=SOUR)['a'].weight >= weight
    stage.show(KEPT + 0.3, {}, b=MERRY)
    assert stage.show(0.1, {}, a=SOUR)['a'].weight == 0


def test_a_person_takes_over_what_the_track_learnt_once_it_has_settled() -> None:
    """And another track of the same person is read against it at once."""
    stage = Stage()
    stage.show(10, {}, a=SOUR)
    stage.show(SETTLED - 0.5, {'a': 'Ada'}, a=SOUR)
    assert stage.rests.people['Ada'].rest.seconds == 0
    assert not stage.rests.settled
    stage.show(1.0, {'a': 'Ada'}, a=SOUR)
    assert stage.near('Ada', SOUR) and stage.rests.settled == {'Ada'}
    stage.show(KEPT + 1, {}, x=np.zeros(6))
    assert stage.show(0.1, {'new': 'Ada'}, new=SOUR)['new'].weight > 0.4


def test_a_name_that_is_withdrawn_before_it_settled_teaches_nobody() -> None:
    """A wrong name that comes and goes never adds up to a settled one."""
    stage = Stage()
    for _ in range(5):
        stage.show(SETTLED / 2, {'a': 'Bob'}, a=SOUR)
        stage.show(SETTLED / 2, {}, a=SOUR)
    assert stage.rests.people['Bob'].rest.seconds == 0


def test_people_who_swap_names_do_not_mix() -> None:
    """What was learnt under a settled name stays with it; the tracks go on as the others."""
    stage = Stage()
    stage.show(20, {'a': 'Ada', 'b': 'Bob'}, a=SOUR, b=MERRY)
    stage.show(20, {'a': 'Bob', 'b': 'Ada'}, a=MERRY, b=SOUR)
    assert stage.near('Ada', SOUR) and stage.near('Bob', MERRY)


def test_a_track_that_was_misnamed_briefly_keeps_its_own() -> None:
    """It goes on with its own rest under the right name."""
    stage = Stage()
    weight = stage.show(15, {}, a=SOUR)['a'].weight
    stage.show(SETTLED / 2, {'a': 'Bob'}, a=SOUR)
    answer = stage.show(0.1, {'a': 'Ada'}, a=SOUR)['a']
    assert answer.weight >= weight
    assert stage.rests.people['Bob'].rest.seconds == 0


def test_a_track_that_loses_its_name_goes_on_until_another_carries_it() -> None:
    """Then it starts anew."""
    stage = Stage()
    weight = stage.show(20, {'a': 'Ada'}, a=SOUR)['a'].weight
    assert stage.show(1, {}, a=SOUR)['a'].weight >= weight
    answers = stage.show(0.1, {'b': 'Ada'}, a=MERRY, b=SOUR)
    assert answers['a'].weight == 0
    assert answers['b'].weight >= weight


def test_forgotten_is_forgotten() -> None:
    """The person's rest is gone, and the track in view starts anew."""
    stage = Stage()
    stage.show(20, {'a': 'Ada'}, a=SOUR)
    stage.rests.forget_person('Ada')
    assert 'Ada' not in stage.rests.people and not stage.rests.settled
    assert stage.show(0.1, {}, a=SOUR)['a'].weight == 0


def test_a_new_name_keeps_all() -> None:
    """In view it goes on without a step, under the new name alone."""
    stage = Stage()
    weight = stage.show(20, {'a': 'Ada'}, a=SOUR)['a'].weight
    stage.rests.rename_person('Ada', 'Ada Lovelace')
    assert stage.show(0.1, {'a': 'Ada Lovelace'}, a=SOUR)['a'].weight >= weight
    assert set(stage.rests.people) == {'Ada Lovelace'}
    assert stage.rests.settled == {'Ada Lovelace'}


def test_a_stored_person_is_read_right_from_the_first_image_with_the_name() -> None:
    """What is stored is asked for once."""
    asked: list[str] = []

    def load(name: str) -> Known | None:
        asked.append(name)
        return Known(Rest(space(), 30, SOUR)) if name == 'Ada' else None

    stage = Stage(PersonRests(space(), load))
    assert stage.show(0.1, {}, a=SOUR)['a'].probabilities.argmax() != 6
    answer = stage.show(0.1, {'a': 'Ada'}, a=SOUR)['a']
    assert answer.weight > 0.8 and answer.probabilities.argmax() == 6
    stage.show(2, {'a': 'Ada', 'b': 'Bob'}, a=SOUR, b=MERRY)
    assert asked == ['Ada', 'Bob']


def test_a_long_pause_between_images_counts_as_a_short_one() -> None:
    """One frame stands for LONGEST_STEP seconds at most."""
    stage = Stage()
    stage.show(0.1, {}, a=np.zeros(6))
    stage.stamp += int(1.9 * NANOSECONDS)
    stage.show(0.1, {}, a=np.zeros(6))
    weight = stage.show(0.1, {}, a=np.zeros(6))['a'].weight
    assert 0 < weight <= LONGEST_STEP / (LONGEST_STEP + 6)


def test_time_that_goes_back_teaches_nothing_backwards() -> None:
    """A stamp a little back adds no seconds; the tracks are forgotten where time begins anew."""
    stage = Stage()
    stage.show(10, {'a': 'Ada'}, a=SOUR)
    seconds = stage.rests.people['Ada'].rest.seconds
    stage.stamp -= 5 * FRAME_NS
    stage.show(0.1, {'a': 'Ada'}, a=SOUR)
    assert stage.rests.people['Ada'].rest.seconds == pytest.approx(seconds)
    stage.rests.forget_tracks()
    assert stage.show(0.1, {}, a=SOUR)['a'].weight == 0
    assert stage.near('Ada', SOUR)
