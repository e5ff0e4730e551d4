# SPDX-License-Identifier: Apache-2.0
"""The topics below /humans/persons."""

from typing import Any

from emorec_ros.hri.installed import EngagementLevel
from emorec_ros.hri.installed import IdsList
from emorec_ros.hri.messages import engagement
from emorec_ros.hri.messages import ids_message
from emorec_ros.hri.persons import Person
from emorec_ros.hri.persons import Persons
from emorec_ros.runtime.qos.profiles import LATCHED
from emorec_ros.runtime.qos.profiles import RESULT
from rclpy.node import Node
from rclpy.publisher import Publisher
from std_msgs.msg import Bool
from std_msgs.msg import Float32
from std_msgs.msg import Header
from std_msgs.msg import String


class PersonTopics:
    """The lists of the persons and the topics of each, which go when the person goes.

    Args:
        node: that publishes them.
        root: of the topics, /humans in REP 155.
    """

    def __init__(self, node: Node, root: str) -> None:
        self._node = node
        self._root = f'{root}/persons'
        self._persons: dict[str, _Person] = {}
        self._said: tuple[list[str], list[str]] | None = None
        self._tracked, self._known = (
            node.create_publisher(IdsList, f'{self._root}/{name}', LATCHED)
            for name in ('tracked', 'known'))

    def count_listeners(self) -> int:
        """Return how many subscribe to the lists."""
        return self._tracked.get_subscription_count() + self._known.get_subscription_count()

    def publish(self, header: Header, persons: Persons, again: bool = False) -> None:
        """Publish what has changed, or all of it for those who came late."""
        here = persons.here
        for person_id in self._persons.keys() - {person.person_id for person in here}:
            self._persons.pop(person_id).close()
        for person in here:
            if person.person_id not in self._persons:
                self._persons[person.person_id] = _Person(
                    self._node, f'{self._root}/{person.person_id}')
            self._persons[person.person_id].publish(header, person, again)
        lists = persons.tracked_ids, persons.known_ids
        if again or lists != self._said:
            self._said = lists
            for publisher, ids in zip((self._tracked, self._known), lists, strict=True):
                publisher.publish(ids_message(header, ids))


class _Person:
    """The topics of one person; one without anything to say is not there yet."""

    def __init__(self, node: Node, root: str) -> None:
        self._node = node
        self._root = root
        self._publishers: dict[str, Publisher] = {}
        self._said: dict[str, Any] = {}

    def publish(self, header: Header, person: Person, again: bool) -> None:
        """Publish what has changed; `again`: also what late subscribers do not get by itself."""
        for topic, text in (
                ('face_id', person.face_id), ('alias', person.alias), ('name', person.name)):
            if text or topic in self._said:
                self._tell(topic, text, String(data=text))
        self._tell('anonymous', person.anonymous, Bool(data=person.anonymous))
        if again:
            self._said.update(location_confidence=None, engagement_status=None)
        seen, level = float(bool(person.face_id)), engagement(person.engaged)
        self._tell('location_confidence', seen, Float32(data=seen), latched=False)
        self._tell('engagement_status', level, EngagementLevel(header=header, level=level),
                   latched=False)

    def close(self) -> None:
        """Take the topics out of the graph."""
        for publisher in self._publishers.values():
            self._node.destroy_publisher(publisher)

    def _tell(self, topic: str, value: Any, message: Any, latched: bool = True) -> None:
        if topic not in self._publishers:
            self._publishers[topic] = self._node.create_publisher(
                type(message), f'{self._root}/{topic}', LATCHED if latched else RESULT)
        if self._said.get(topic) != value:
            self._said[topic] = value
            self._publishers[topic].publish(message)
