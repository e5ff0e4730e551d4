# SPDX-License-Identifier: Apache-2.0
"""How results go from node to node: over topics, or directly where nodes share a process."""

from collections import defaultdict
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import Generic
from typing import Protocol
from typing import TypeVar

from emorec_ros.runtime.qos import RESULT
from rclpy.node import Node

Result = TypeVar('Result')


@dataclass(frozen=True)
class Channel(Generic[Result]):
    """What one node tells others.

    Attributes:
        topic: where it is published.
        kind: of the messages there.
        to_message: makes the message of a result.
        from_message: makes a result of the message.
    """

    topic: str
    kind: type
    to_message: Callable[[Result], Any] = lambda result: result
    from_message: Callable[[Any], Result] = lambda message: message


class Transport(Protocol):
    """A way from node to node."""

    def sender(self, node: Node, channel: Channel[Result]) -> Callable[[Result], None]:
        """Return what sends a result of this node, from any thread."""

    def receive(
        self, node: Node, channel: Channel[Result], callback: Callable[[Result], None],
        urgent: bool = True
    ) -> None:
        """Let this node's executor call `callback` with every result.

        One that is not urgent may wait for the next that is: to wake an executor costs more than
        most callbacks.
        """


class Topics:
    """Results are messages, for nodes in processes of their own."""

    def sender(self, node: Node, channel: Channel[Result]) -> Callable[[Result], None]:
        """Return what publishes a result."""
        publisher = node.create_publisher(channel.kind, channel.topic, RESULT)
        return lambda result: publisher.publish(channel.to_message(result))

    def receive(
        self, node: Node, channel: Channel[Result], callback: Callable[[Result], None],
        urgent: bool = True
    ) -> None:
        """Subscribe."""
        node.create_subscription(
            channel.kind, channel.topic, lambda message: callback(channel.from_message(message)),
            RESULT)


class Direct:
    """Results are handed over as they are, between the nodes of one process that share this.

    They are messages only while somebody else subscribes. As on a topic, a node that is behind
    loses the oldest results of more than RESULT's depth.
    """

    def __init__(self) -> None:
        self._inboxes: dict[Node, _Inbox] = {}
        self._receivers: defaultdict[str, list[Callable[[Any], None]]] = defaultdict(list)

    def sender(self, node: Node, channel: Channel[Result]) -> Callable[[Result], None]:
        """Return what hands a result to the receivers, also to those that come later."""
        publisher = node.create_publisher(channel.kind, channel.topic, RESULT)
        receivers = self._receivers[channel.topic]

        def send(result: Result) -> None:
            for receive in receivers:
                receive(result)
            if publisher.get_subscription_count() > 0:
                publisher.publish(channel.to_message(result))
        return send

    def receive(
        self, node: Node, channel: Channel[Result], callback: Callable[[Result], None],
        urgent: bool = True
    ) -> None:
        """Receive what nodes of this process send."""
        inbox = self._inboxes.get(node)
        if inbox is None:
            inbox = self._inboxes[node] = _Inbox(node)
        self._receivers[channel.topic].append(inbox.entrance(callback, urgent))


class _Inbox:
    """Results that wait for a node's executor, which a guard condition wakes."""

    def __init__(self, node: Node) -> None:
        self._waiting: deque[tuple[Callable[[Any], None], Any]] = deque(maxlen=0)
        self._guard = node.create_guard_condition(self._take)

    def entrance(self, callback: Callable[[Any], None], urgent: bool) -> Callable[[Any], None]:
        """Return what puts a result in, for `callback`, from any thread."""
        self._waiting = deque(maxlen=(self._waiting.maxlen or 0) + RESULT.depth)

        def put(result: Any) -> None:
            self._waiting.append((callback, result))
            if urgent:
                self._guard.trigger()
        return put

    def _take(self) -> None:
        while self._waiting:
            callback, result = self._waiting.popleft()
            callback(result)


TOPICS = Topics()
