# SPDX-License-Identifier: Apache-2.0
"""Joining results by stamp, in order and in bounded time."""

from emorec_ros.flow.stamp_join import KEPT_EARLY
from emorec_ros.flow.stamp_join import Key
from emorec_ros.flow.stamp_join import StampJoin


def key(stamp: int, session: str = 's') -> Key:
    """Return the key of an image."""
    return stamp, session


def stamps(join: StampJoin, now: float) -> list[int]:
    """Return the stamps that are answered now."""
    return [joined.key[0] for joined in join.ready(now)]


def test_answers_when_the_emotions_are_in() -> None:
    """Neither faces nor emotions alone make an answer."""
    join = StampJoin(timeout=0.1)
    join.add_faces(key(1), 'faces', now=0.0)
    assert stamps(join, 0.0) == []
    join.add_emotions(key(1), 'emotions')
    joined, = join.ready(0.0)
    assert (joined.faces, joined.emotions, joined.identities) == ('faces', 'emotions', None)
    assert not join.waiting


def test_emotions_may_come_before_the_faces() -> None:
    """Topics have no order between them."""
    join = StampJoin(timeout=0.1)
    join.add_emotions(key(1), 'emotions')
    join.add_faces(key(1), 'faces', now=0.0)
    assert stamps(join, 0.0) == [1]


def test_answers_without_emotions_after_the_timeout() -> None:
    """A dead emotion node does not stop the answers."""
    join = StampJoin(timeout=0.1)
    join.add_faces(key(1), 'faces', now=0.0)
    assert stamps(join, 0.09) == []
    joined, = join.ready(0.1)
    assert joined.emotions is None


def test_answers_come_in_stamp_order() -> None:
    """A complete image waits for an older one that is not."""
    join = StampJoin(timeout=0.1)
    join.add_faces(key(2), 'faces', now=0.01)
    join.add_faces(key(1), 'faces', now=0.02)
    join.add_emotions(key(2), 'emotions')
    assert stamps(join, 0.05) == []
    join.add_emotions(key(1), 'emotions')
    assert stamps(join, 0.05) == [1, 2]


def test_a_repeated_image_keeps_what_has_come_for_it() -> None:
    """Faces that come again neither reset the time-out nor lose the emotions that are in."""
    join = StampJoin(timeout=0.1, wait_for_identities=True)
    join.add_faces(key(1), 'faces', now=0.0)
    join.add_emotions(key(1), 'emotions')
    join.add_faces(key(1), 'faces', now=0.09)
    joined, = join.ready(0.1)
    assert joined.emotions == 'emotions'


def test_results_of_another_session_are_nobodys() -> None:
    """After a restart of the detector the emotions of its last life do not count."""
    join = StampJoin(timeout=0.1)
    join.add_faces(key(1, 'new'), 'faces', now=0.0)
    join.add_emotions(key(1, 'old'), 'emotions')
    assert stamps(join, 0.05) == []


def test_identities_are_waited_for_only_when_asked() -> None:
    """On files results repeat only if the identities of the very image count."""
    join = StampJoin(timeout=0.1, wait_for_identities=True)
    join.add_faces(key(1), 'faces', now=0.0)
    join.add_emotions(key(1), 'emotions')
    assert stamps(join, 0.0) == []
    join.add_identities(key(1), 'identities')
    joined, = join.ready(0.0)
    assert joined.identities == 'identities'


def test_results_that_nobody_asks_for_do_not_pile_up() -> None:
    """Early results are kept for a bounded number of images."""
    join = StampJoin(timeout=0.1)
    for stamp in range(KEPT_EARLY + 1):
        join.add_emotions(key(stamp), 'emotions')
    join.add_faces(key(0), 'faces', now=0.0)
    join.add_faces(key(1), 'faces', now=0.0)
    assert [joined.emotions for joined in join.ready(1.0)] == [None, 'emotions']
