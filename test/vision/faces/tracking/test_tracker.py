# SPDX-License-Identifier: Apache-2.0
"""Check the tracks."""

import math

from emorec_vision.errors import InputError
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.tracking.tracker import new_session
from emorec_vision.faces.tracking.tracker import Tracker
from emorec_vision.geometry import Box
from emorec_vision.stamps import seconds_to_ns as ns
import numpy as np
import pytest

STEP = 1 / 30


def face(x: float, y: float = 100, side: float = 80) -> Detection:
    return Detection(Box(round(x), round(y), round(side), round(side)), 20.0)


def test_a_face_is_published_from_its_third_detection_on() -> None:
    tracker = Tracker('s')
    shown = [tracker.update([face(100)], ns(step * STEP)) for step in range(4)]
    assert [len(tracks) for tracks in shown] == [0, 0, 1, 1]
    assert shown[2][0].track_id == shown[3][0].track_id == 's-1'
    assert shown[2][0].detected


def test_an_unseen_face_is_kept_for_the_timeout_and_then_dropped() -> None:
    tracker = Tracker('s', timeout=0.5)
    for step in range(3):
        tracker.update([face(100)], ns(step * 0.1))
    kept = {stamp: tracker.update([], ns(stamp)) for stamp in (0.3, 0.5, 0.7, 0.71, 0.9)}
    assert [len(tracks) for tracks in kept.values()] == [1, 1, 1, 0, 0]
    assert not kept[0.5][0].detected
    assert kept[0.5][0].box == face(100).box


def test_an_id_is_never_used_again() -> None:
    tracker = Tracker('s', min_hits=1)
    first = tracker.update([face(100)], 0)[0].track_id
    second = tracker.update([face(100)], ns(2.0))[0].track_id
    assert (first, second) == ('s-1', 's-2')


def test_a_face_that_comes_back_in_time_keeps_its_id() -> None:
    tracker = Tracker('s', min_hits=1)
    tracker.update([face(100)], 0)
    tracker.update([], ns(0.2))
    assert tracker.update([face(110)], ns(0.4))[0].track_id == 's-1'


def test_a_single_false_alarm_is_never_published() -> None:
    tracker = Tracker('s')
    shown = [tracker.update([face(100)] if step % 4 == 0 else [], ns(step * STEP))
             for step in range(40)]
    assert not any(shown)


def test_a_new_face_that_nobody_looked_for_is_not_given_up() -> None:
    tracker = Tracker('s')
    tracker.update([face(100)], 0, looked_at=())
    for step in range(1, 6):
        tracker.update([], ns(step * STEP), looked_at=())
    tracker.update([face(100)], ns(6 * STEP))
    assert len(tracker.update([face(100)], ns(7 * STEP))) == 1


def test_faces_passing_each_other_keep_their_ids() -> None:
    tracker = Tracker('s', min_hits=1)
    for step in range(40):
        tracks = tracker.update([face(100 + 10 * step), face(490 - 10 * step, y=165)],
                                ns(step * STEP))
        assert [track.track_id for track in tracks] == ['s-1', 's-2']
    assert tracks[0].box.x > 450
    assert tracks[1].box.x < 150


def test_a_fast_face_keeps_its_id_and_is_expected_ahead() -> None:
    tracker = Tracker('s', min_hits=1)
    for step in range(20):
        tracks = tracker.update([face(30 * step)], ns(step * STEP))
    assert [track.track_id for track in tracks] == ['s-1']
    assert tracker.expected(ns(20 * STEP))['s-1'].x == pytest.approx(600, abs=20)


def test_a_face_of_quite_another_size_is_another_face() -> None:
    tracker = Tracker('s', min_hits=1)
    tracker.update([face(100, side=200)], 0)
    ids = {track.track_id for track in tracker.update([face(150, 150, side=60)], ns(STEP))}
    assert 's-2' in ids


def test_an_unseen_track_ends_where_another_one_has_taken_its_face_over() -> None:
    tracker = Tracker('s', min_hits=1)
    tracker.update([face(100), face(220)], 0)
    for step in range(1, 13):
        tracks = tracker.update([face(220 - 10 * step)], ns(step * STEP))
    assert [track.track_id for track in tracks] == ['s-2']


def test_a_still_box_hardly_jitters() -> None:
    tracker, noise = Tracker('s', min_hits=1), np.random.default_rng(7)
    measured = [face(100 + noise.normal(0, 2), side=80 + noise.normal(0, 3))
                for _ in range(120)]
    boxes = [tracker.update([found], ns(step * STEP))[0].box
             for step, found in enumerate(measured)]
    raw = np.diff([found.box.width for found in measured]).std()
    assert np.diff([box.width for box in boxes]).std() < 0.5 * raw


def test_a_moving_box_lags_little() -> None:
    tracker = Tracker('s', min_hits=1)
    for step in range(60):
        box = tracker.update([face(8 * step)], ns(step * STEP))[0].box
    assert abs(box.x - 8 * 59) < 0.15 * 80


@pytest.mark.parametrize('hertz, first, kept', [
    (30, 2, 0.5), (5, 2, 0.6), (2, 3, 1.5), (1, 3, 3.0), (0.8, 3, 3.0)])
def test_the_timeout_follows_the_interval_of_slow_images(
        hertz: float, first: int, kept: float) -> None:
    """One face in images at irregular times is one track, and ends some intervals after it."""
    tracker, jitter = Tracker('s'), np.random.default_rng(3)
    stamps = (np.arange(30) + jitter.uniform(-0.2, 0.2, 30)) / hertz
    stamps = 100 + np.delete(stamps, 20)
    shown = [tracker.update([face(100)], ns(stamp)) for stamp in stamps]
    assert [len(tracks) for tracks in shown[first:]] == [1] * (29 - first)
    assert len({tracks[0].track_id for tracks in shown[first:]}) == 1
    assert tracker.update([], ns(stamps[-1] + 0.8 * kept))
    assert not tracker.update([], ns(stamps[-1] + 1.2 * kept))


def test_a_detection_that_does_not_count_keeps_a_track_and_makes_none() -> None:
    tracker = Tracker('s')
    shown = [tracker.update([face(100)], ns(step * STEP), counts=step % 2 == 0)
             for step in range(8)]
    assert [len(tracks) for tracks in shown] == [0] * 4 + [1] * 4
    for step in range(8, 40):
        tracks = tracker.update([face(100)], ns(step * STEP), counts=False)
    assert [track.detected for track in tracks] == [True]


def test_an_ended_track_is_gone_at_once() -> None:
    tracker = Tracker('s', min_hits=1)
    tracker.update([face(100), face(300)], 0)
    tracker.end({'s-1'})
    assert [track.track_id for track in tracker.update([], ns(STEP))] == ['s-2']


@pytest.mark.parametrize('stamps', [
    [1.0, 1.0, 1.0, 1.0], [1.0, 1.1, 1.05, 1.2], [1.0, 0.9, 0.8, 0.7]])
def test_a_repeated_or_slightly_older_stamp_does_no_harm(stamps: list[float]) -> None:
    tracker = Tracker('s')
    for number, stamp in enumerate(stamps):
        tracks = tracker.update([face(100 + 5 * number)], ns(stamp))
        assert all(box.area for box in tracker.expected(ns(stamp)).values())
    assert [track.track_id for track in tracks] == ['s-1']
    assert abs(tracks[0].box.x - 100) < 30


def test_expected_names_the_newest_track_first() -> None:
    tracker = Tracker('s')
    tracker.update([face(100)], 0)
    tracker.update([face(100), face(300)], ns(STEP))
    assert list(tracker.expected(ns(2 * STEP))) == ['s-2', 's-1']


@pytest.mark.parametrize('settings', [
    {'min_hits': 0}, {'timeout': 0.0}, {'timeout': -1.0}, {'timeout': math.nan}])
def test_a_setting_out_of_range_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(settings))):
        Tracker('s', **settings)


def test_sessions_start_with_a_letter_and_differ() -> None:
    names = {new_session() for _ in range(200)}
    assert len(names) > 195
    assert all(name[0].isalpha() and name.isalnum() and len(name) < 12 for name in names)
