# SPDX-License-Identifier: Apache-2.0
"""Files lose nothing: frames are sent as answers come."""

from emorec_ros.flow.credit import FrameCredit


def connected_credit() -> FrameCredit:
    """Return a credit whose first frame (stamp 0) is done."""
    credit = FrameCredit(['emotions'])
    credit.sent(0, 'frame 0', now=0.0)
    credit.answered(0, 'emotions')
    return credit


def test_the_first_frame_is_alone_and_repeated_until_answered() -> None:
    """Nothing else is sent before the chain is known to be connected."""
    credit = FrameCredit(['emotions'])
    credit.sent(0, 'frame 0', now=0.0)
    assert not credit.wait(0.0)
    assert credit.due(now=0.1) == []
    for again in range(1, 100):
        assert credit.due(now=0.25 * again) == ['frame 0']
    assert credit.lost_count == 0
    credit.answered(0, 'emotions')
    assert credit.wait(0.0)


def test_two_frames_are_in_flight() -> None:
    """A third waits until one is answered."""
    credit = connected_credit()
    credit.sent(1, 'frame 1', now=1.0)
    assert credit.wait(0.0)
    credit.sent(2, 'frame 2', now=1.0)
    assert not credit.wait(0.0)
    credit.answered(2, 'emotions')
    assert credit.wait(0.0)
    assert not credit.wait(0.0, until_empty=True)


def test_an_unanswered_frame_is_sent_again_and_then_lost() -> None:
    """After the last attempt the frame is counted as lost and its place is free."""
    credit = FrameCredit(['emotions'], attempts=3)
    credit.sent(0, 'frame 0', now=0.0)
    credit.answered(0, 'emotions')
    credit.sent(1, 'frame 1', now=0.0)
    assert credit.due(now=0.5) == []
    assert credit.due(now=1.0) == ['frame 1']
    assert credit.due(now=2.0) == ['frame 1']
    assert credit.due(now=3.0) == []
    assert (credit.lost_count, credit.repeated_count, credit.done_count) == (1, 2, 1)
    assert credit.wait(0.0, until_empty=True)


def test_all_unanswered_frames_are_sent_again_together_in_order() -> None:
    """A node that comes back must not see the younger one first."""
    credit = connected_credit()
    credit.sent(1, 'frame 1', now=1.0)
    credit.sent(2, 'frame 2', now=1.9)
    assert credit.due(now=1.95) == []
    assert credit.due(now=2.0) == ['frame 1', 'frame 2']
    assert credit.due(now=2.9) == []


def test_a_frame_is_done_when_every_answerer_answered() -> None:
    """A recording or a printer holds the next frame back as well."""
    credit = FrameCredit(['emotions', 'drawn'])
    credit.sent(0, 'frame 0', now=0.0)
    credit.answered(0, 'emotions')
    credit.answered(0, 'emotions')
    assert not credit.connected
    credit.answered(0, 'drawn')
    assert credit.connected


def test_answers_to_other_stamps_are_ignored() -> None:
    """A second camera's answers do not count."""
    credit = connected_credit()
    credit.sent(1, 'frame 1', now=0.0)
    credit.answered(77, 'emotions')
    assert credit.done_count == 1
