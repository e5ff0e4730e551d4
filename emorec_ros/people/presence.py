# SPDX-License-Identifier: Apache-2.0
"""Publish who arrives, leaves and engages, and once a second who is here."""

from collections.abc import Mapping
from time import monotonic

from emorec.msg import FaceArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonEvent
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.presence import event_message
from emorec_ros.messages.presence import seen_in
from emorec_ros.messages.presence import summary_message
from emorec_ros.runtime.qos.profiles import LATCHED
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.emotion.aggregation import PersonInView
from emorec_vision.emotion.presence import PersonNews
from emorec_vision.emotion.presence import Presence
from rclpy.node import Node
from std_msgs.msg import Header

SUMMARY_EVERY = 1.0
BLIND_AFTER = 5.0
"""Seconds without answers (steady clock) after which nobody knows who is here."""


class PresenceTopics:
    """The topics `person_events` and `people_summary`.

    Args:
        node: that publishes them.
        presence: who is here.
        leave_when_blind: whether everybody has left once nobody looks; files only pause.
    """

    def __init__(self, node: Node, presence: Presence, leave_when_blind: bool) -> None:
        self._presence = presence
        self._leave_when_blind = leave_when_blind
        self._header = Header()
        self._answered_at = -BLIND_AFTER
        self._events = node.create_publisher(PersonEvent, 'person_events', RESULT)
        self._summary = node.create_publisher(PeopleSummary, 'people_summary', LATCHED)
        steady_timer(node, SUMMARY_EVERY, self._sum_up)

    def count_listeners(self) -> int:
        """Return how many subscribe to the events or the summary."""
        return self._events.get_subscription_count() + self._summary.get_subscription_count()

    def add(self, faces: FaceArray, people: Mapping[str, PersonInView]) -> None:
        """Take note of an answered image and publish what happened in it."""
        self._answered_at = monotonic()
        self._header = faces.header
        self._publish(self._presence.update(stamp_ns(faces.header.stamp), seen_in(faces, people)))

    def _sum_up(self) -> None:
        watching = monotonic() - self._answered_at < BLIND_AFTER
        if not watching and self._leave_when_blind:
            self._publish(self._presence.everybody_left())
        self._summary.publish(summary_message(self._header, watching, self._presence.visits))

    def _publish(self, news: list[PersonNews]) -> None:
        for each in news:
            self._events.publish(event_message(self._header, each))
