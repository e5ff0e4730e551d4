# SPDX-License-Identifier: Apache-2.0
"""A track gets a name only when it is sure, keeps it steadily, and shares it with no other."""

from collections.abc import Sequence
import math

from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
from emorec_vision.identity.recognizer import Match
from emorec_vision.identity.recognizer import train
from emorec_vision.identity.tracks import EAGER_LOOKS
from emorec_vision.identity.tracks import KNOWN_EVERY
from emorec_vision.identity.tracks import TrackIdentities
from emorec_vision.identity.tracks import TrackIdentity
from emorec_vision.identity.tracks import UNKNOWN_EVERY
import numpy as np
from people_folders import portraits
import pytest


class ScriptedRecognizer:
    """Answer looks from a script; a face is told apart by its gray level."""

    threshold = 40.0

    def __init__(self, clock: list[float] | None = None, cost: float = 0.0) -> None:
        self.answers: dict[int, Match] = {}
        self.looked_at: list[int] = []
        self._clock = clock
        self._cost = cost

    def look(self, face: FaceCrop) -> Match:
        level = int(face.crop[0, 0])
        self.looked_at.append(level)
        if self._clock is not None:
            self._clock[0] += self._cost
        return self.answers[level]


def crop(track: int, detected: bool = True) -> FaceCrop:
    """Return the crop of track number `track`, evenly gray at that level."""
    box = Box(10, 10, 40, 40)
    return FaceCrop(f't{track}', np.full((40, 40), track, np.uint8), box, box, detected)


def run(tracks: TrackIdentities, faces: Sequence[FaceCrop], times: int) -> list[TrackIdentity]:
    """Update so many times with the same faces and return the last identities."""
    for _ in range(times):
        identities = tracks.update('s', faces)
    return identities


@pytest.fixture
def recognizer() -> ScriptedRecognizer:
    """Return a recogniser that the test writes the answers of."""
    return ScriptedRecognizer()


@pytest.fixture
def tracks(recognizer) -> TrackIdentities:
    """Return identities of tracks without a shortage of time."""
    return TrackIdentities(recognizer, look_budget=1.0, clock=lambda: 0.0)


def test_without_a_recognizer_everybody_is_unknown(recognizer):
    identity, = run(TrackIdentities(None), [crop(1)], 5)
    assert (identity.track_id, identity.person, identity.known) == ('t1', '', False)
    assert math.isnan(identity.distance) and identity.confidence == 0.0


def test_a_name_needs_three_agreeing_looks(recognizer, tracks):
    recognizer.answers[1] = Match('Ada', 30.0)
    known = [run(tracks, [crop(1)], 1)[0].known for _ in range(4)]
    assert known == [False, False, True, True]
    identity, = run(tracks, [crop(1)], 1)
    assert identity == TrackIdentity('t1', 'Ada', True, 30.0, pytest.approx(1 - 30 / 80))


def test_looks_that_disagree_give_no_name(recognizer, tracks):
    for turn in range(20):
        recognizer.answers[1] = Match(['Ada', 'Bob'][turn % 2], 30.0)
        assert not run(tracks, [crop(1)], 1)[0].known


@pytest.mark.parametrize('distance, known', [(39.9, True), (40.0, True), (40.1, False)])
def test_beyond_the_threshold_is_a_stranger(recognizer, tracks, distance, known):
    recognizer.answers[1] = Match('Ada', distance)
    identity, = run(tracks, [crop(1)], 3)
    assert identity.known == known
    assert identity.distance == pytest.approx(distance)
    assert identity.person == ('Ada' if known else '')


def test_a_name_is_kept_a_little_beyond_the_threshold(recognizer, tracks):
    recognizer.answers[1] = Match('Ada', 35.0)
    run(tracks, [crop(1)], 3)
    recognizer.answers[1] = Match('Ada', 43.0)
    assert run(tracks, [crop(1)], 5 * KNOWN_EVERY)[0].person == 'Ada'
    recognizer.answers[1] = Match('Ada', 45.0)
    assert run(tracks, [crop(1)], 2 * KNOWN_EVERY)[0].person == ''


def test_a_name_outlasts_single_contrary_looks_but_not_three(recognizer, tracks):
    ada, bob = Match('Ada', 30.0), Match('Bob', 20.0)
    names = []
    for answer in (ada, ada, ada, *[ada] * (KNOWN_EVERY - 1), bob, bob, ada, bob, bob, bob):
        recognizer.answers[1] = answer
        names.append(run(tracks, [crop(1)], 1)[0].person)
        if answer is ada and len(names) > KNOWN_EVERY:
            names += [each.person for each in run(tracks, [crop(1)], KNOWN_EVERY - 1)]
    assert set(names[2:-1]) == {'Ada'}
    assert names[-1] == 'Bob'


def test_two_tracks_never_carry_one_name_and_the_nearest_has_it(recognizer, tracks):
    recognizer.answers = {1: Match('Ada', 30.0), 2: Match('Ada', 20.0)}
    for _ in range(3 * KNOWN_EVERY):
        identities = tracks.update('s', [crop(1), crop(2)])
        names = [each.person for each in identities if each.known]
        assert len(names) == len(set(names))
    assert [each.person for each in identities] == ['', 'Ada']


@pytest.mark.parametrize('newcomer, names', [(20.0, ['', 'Ada']), (29.0, ['Ada', '']),
                                             (38.0, ['Ada', ''])])
def test_a_newcomer_takes_a_name_only_when_clearly_nearer(recognizer, tracks, newcomer, names):
    recognizer.answers = {1: Match('Ada', 30.0), 2: Match('Ada', newcomer)}
    run(tracks, [crop(1)], 5)
    identities = run(tracks, [crop(1), crop(2)], 2 * KNOWN_EVERY)
    assert [each.person for each in identities] == names


def test_a_name_is_free_again_when_its_track_ended(recognizer, tracks):
    recognizer.answers = {1: Match('Ada', 20.0), 2: Match('Ada', 35.0)}
    assert [each.person for each in run(tracks, [crop(1), crop(2)], 20)] == ['Ada', '']
    assert run(tracks, [crop(2)], UNKNOWN_EVERY)[0].person == 'Ada'


def test_settled_tracks_are_looked_at_rarely(recognizer, tracks):
    recognizer.answers = {1: Match('Ada', 30.0), 2: Match('Bob', 90.0)}
    run(tracks, [crop(1), crop(2)], 3)
    recognizer.looked_at.clear()
    run(tracks, [crop(1), crop(2)], 10 * KNOWN_EVERY)
    assert recognizer.looked_at.count(1) == 10
    assert recognizer.looked_at.count(2) == 10 * KNOWN_EVERY // UNKNOWN_EVERY


def test_a_track_that_never_settles_is_looked_at_rarely_after_a_while(recognizer, tracks):
    for turn in range(300):
        recognizer.answers[1] = Match(f'Person {turn}', 30.0)
        run(tracks, [crop(1)], 1)
    assert EAGER_LOOKS < len(recognizer.looked_at) <= EAGER_LOOKS + 300 / UNKNOWN_EVERY


def test_a_face_that_was_not_detected_is_not_looked_at(recognizer, tracks):
    recognizer.answers[1] = Match('Ada', 30.0)
    assert math.isnan(run(tracks, [crop(1, detected=False)], 5)[0].distance)
    assert recognizer.looked_at == []
    run(tracks, [crop(1)], 3)
    assert run(tracks, [crop(1, detected=False)], 50)[0].person == 'Ada'


def test_looks_stay_within_the_budget_and_newest_tracks_come_first():
    clock = [0.0]
    recognizer = ScriptedRecognizer(clock, cost=0.003)
    recognizer.answers = {track: Match(f'P{track}', 30.0) for track in range(1, 11)}
    tracks = TrackIdentities(recognizer, look_budget=0.008, clock=lambda: clock[0])
    tracks.update('s', [crop(1), crop(2)])
    faces = [crop(track) for track in range(1, 11)]
    for update in range(30):
        before = clock[0]
        recognizer.looked_at.clear()
        identities = tracks.update('s', faces)
        assert clock[0] - before <= 0.008
        if update == 0:
            assert set(recognizer.looked_at) <= set(range(3, 11))
    assert [each.person for each in identities] == [f'P{track}' for track in range(1, 11)]


def test_of_many_new_faces_one_after_the_other_is_named():
    """Not all at the end, after each had one look, then each a second one."""
    clock = [0.0]
    recognizer = ScriptedRecognizer(clock, cost=0.008)
    recognizer.answers = {level: Match(f'p{level}', 10.0, 90.0) for level in range(1, 6)}
    tracks = TrackIdentities(recognizer, look_budget=0.008, clock=lambda: clock[0])
    crowd = [crop(level) for level in range(1, 6)]
    named = [sum(identity.known for identity in run(tracks, crowd, 3)) for _ in crowd]
    assert named == [1, 2, 3, 4, 5]


def test_one_look_is_taken_even_when_it_costs_more_than_the_budget():
    clock = [0.0]
    recognizer = ScriptedRecognizer(clock, cost=0.5)
    recognizer.answers = {1: Match('Ada', 30.0), 2: Match('Bob', 30.0)}
    tracks = TrackIdentities(recognizer, look_budget=0.0, clock=lambda: clock[0])
    for count in range(1, 7):
        identities = tracks.update('s', [crop(1), crop(2)])
        assert len(recognizer.looked_at) == count
    assert [each.person for each in identities] == ['Ada', 'Bob']


def test_a_look_without_margin_to_the_second_best_names_nobody(recognizer, tracks):
    recognizer.answers = {1: Match('Ada', 38.0, 40.0), 2: Match('Bob', 45.0, 60.0),
                          3: Match('Eve', 45.0, 49.0)}
    identities = run(tracks, [crop(1), crop(2), crop(3)], 5)
    assert [each.person for each in identities] == ['Ada', 'Bob', '']
    assert identities[1].distance == pytest.approx(45.0)
    assert identities[1].confidence == pytest.approx(1 - 30 / 80)


def test_another_recogniser_starts_all_tracks_anew(recognizer, tracks):
    recognizer.answers[1] = Match('Ada', 30.0)
    assert run(tracks, [crop(1)], 50)[0].person == 'Ada'
    other = ScriptedRecognizer()
    other.answers[1] = Match('Bob', 30.0)
    tracks.set_recognizer(other)
    names = [run(tracks, [crop(1)], 1)[0].person for _ in range(4)]
    assert names == ['', '', 'Bob', 'Bob']
    tracks.set_recognizer(None)
    identity, = run(tracks, [crop(1)], 5)
    assert (identity.person, identity.confidence) == ('', 0.0)
    assert math.isnan(identity.distance)


def test_a_new_session_forgets_all(recognizer, tracks):
    recognizer.answers[1] = Match('Ada', 30.0)
    run(tracks, [crop(1)], 3)
    identity, = tracks.update('another', [crop(1)])
    assert not identity.known


def test_identities_come_in_the_order_of_the_faces(recognizer, tracks):
    recognizer.answers = {track: Match('Ada', 90.0) for track in range(1, 6)}
    for order in ([3, 1, 2], [2, 5, 3, 1], []):
        identities = tracks.update('s', [crop(track) for track in order])
        assert [each.track_id for each in identities] == [f't{track}' for track in order]


def test_an_enrolled_image_is_at_distance_zero_through_the_live_crop():
    images = portraits(1, 3)
    recognizer = train({'Ada': images})
    frame = np.full((480, 640), 60, np.uint8)
    frame[100:250, 200:350] = images[1]
    box = Box(200, 100, 150, 150)
    tracks = TrackIdentities(recognizer)
    for _ in range(3):
        identity, = tracks.update('s', [FaceCrop('t', *context_crop(frame, box, max_side=999),
                                                 box, True)])
    assert identity.known
    assert identity.distance == pytest.approx(0.0, abs=1e-6)
    assert identity.confidence == pytest.approx(1.0)
