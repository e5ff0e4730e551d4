# SPDX-License-Identifier: Apache-2.0
"""A proven face is asked for its shape rarely; a new, doubtful or moved one at once."""
from emorec_vision.depth.shape_trust import AGAIN_EVERY
from emorec_vision.depth.shape_trust import ShapeTrust
from emorec_vision.geometry import Box

FACE = Box(100, 80, 60, 60)


def looks(trust: ShapeTrust, answers: list[bool], box: Box = FACE) -> list[bool]:
    """Show one face in as many images as there are answers; return when its shape was judged."""
    looked = []
    for is_head in answers:
        trust.next_image({'a-1': FACE})
        looked.append(trust.must_look(box))
        if looked[-1]:
            trust.learn(box, is_head)
    return looked


def test_a_proven_face_is_asked_again_every_sixth_image():
    expected = [True] * 3 + ([False] * (AGAIN_EVERY - 1) + [True]) * 2
    assert looks(ShapeTrust(3), [True] * len(expected)) == expected


def test_one_doubt_takes_the_trust_away():
    trust = ShapeTrust(3)
    looks(trust, [True] * (2 + AGAIN_EVERY))
    assert looks(trust, [False, False, True, True, True, True]) == [True] * 5 + [False]


def test_what_is_never_a_head_is_always_asked():
    assert all(looks(ShapeTrust(1), [False] * 20))


def test_a_box_elsewhere_is_a_new_face():
    trust = ShapeTrust(2)
    looks(trust, [True] * 3)
    trust.next_image({'a-1': FACE})
    assert not trust.must_look(FACE) and trust.must_look(Box(200, 80, 60, 60))
    trust.learn(Box(200, 80, 60, 60), False)
    assert not trust.must_look(FACE)


def test_a_track_that_ended_is_forgotten():
    trust = ShapeTrust(2)
    looks(trust, [True] * 3)
    trust.next_image({})
    trust.next_image({'a-1': FACE})
    assert trust.must_look(FACE)
