# SPDX-License-Identifier: Apache-2.0
"""A stranger in the domain of `emorec live`."""

from collections.abc import Callable
import signal

from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.runtime.qos.profiles import RESULT
from live_harness import Live
from patience import wait_until
import pytest
import rclpy
from system.test_identity_services import JOIN_IN

LONGEST_LINE = 500


def test_what_no_node_says_is_dropped_with_few_short_lines(
    live: Callable[..., Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers and labels that are no emotion, and a track_id of 105,124 bytes, end nothing."""
    run = live('--source', 'demo', '--json')
    run.until(lambda: bool(run.lines))
    domain, reach = JOIN_IN.search(run.log).groups()
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', reach)
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=int(domain))
    publisher = rclpy.create_node('stranger', context=context).create_publisher(
        PersonEmotionArray, '/emotions', RESULT)
    wait_until(publisher.get_subscription_count)
    for person in 20 * [
            PersonEmotion(emotion=200), PersonEmotion(emotion=254, label='\x1b[2J\n'),
            PersonEmotion(track_id='x' * 105_124)]:
        publisher.publish(PersonEmotionArray(people=[person]))
    run.until(lambda: 'track_id has 105124 characters' in run.log)
    answers = len(run.lines)
    run.until(lambda: len(run.lines) > answers + 10)
    context.try_shutdown()
    assert run.end(signal.SIGINT) == 0
    assert run.log.count('dropped: emotions: ') < 20 and 'Traceback' not in run.log
    assert all(len(line) <= LONGEST_LINE and line.isprintable() for line in run.log.splitlines())
