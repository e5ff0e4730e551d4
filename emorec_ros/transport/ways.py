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

from emorec_ros.runtime.qos.profiles import RESULT
from rclpy.node import Node

Close = Callable[[], object]
Result = TypeVar('Result')


@dataclass(frozen=True)
class Sender(Generic[Result]):
    """What sends the results of one node.

    Attributes:
        send: sends a result, from any thread.
        count_listeners: returns how many nodes and other subscribers get them.
    """

    send: Callable[[Result], None]
    count_listeners: Callable[[], int]

    def __call__(self, result: Result) -> None:
        """Send a result, from any thread."""
        self.send(result)


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

    def sender(self, node: Node, channel: Channel[Result]) -> Sender[Result]:
        """Return what sends the results of this node."""

    def receive(
        self, node: Node, channel: Channel[Result], callback: Callable[[Result], None],
        urgent: bool = True
    ) -> Close:
        """Let this node's executor call `callback` with every result, until the end of that.

        One that is not urgent may wait for the next that is: to wake an executor costs more than
        most callbacks.

        Returns:
            what ends it.
        """


class Topics:
    """Results are messages, for nodes in processes of their own."""

    def sender(self, node: Node, channel: Channel[Result]) -> Sender[Result]:
        """Return what publishes the results."""
        publisher = node.create_publisher(channel.kind, channel.topic, RESULT)
        return Sender(lambda result: publisher.publish(channel.to_message(result)),
                      publisher.get_subscription_count)

    def receive(
        self, node: Node, channel: Channel[Result], callback: Callable[[Result], None],
        urgent: bool = True
    ) -> Close:
        """Subscribe."""
        subscription = node.create_subscription(
            channel.kind, channel.topic, lambda message: callback(channel.from_message(message)),
            RESULT)
        return lambda: node.destroy_subscription(subscription)


class Direct:
    """Results are handed over as they are, between the nodes of one process that share this.

    They are messages only while somebody else subscribes. As on a topic, a node that is behind
    loses the oldest results, of more than RESULT's depth for each of its inputs.
    """

    def __init__(self) -> None:
        self._inboxes: dict[Node, _Inbox] = {}
        self._receivers: defaultdict[str, list[Callable[[Any], None]]] = defaultdict(list)

    def sender(self, node: Node, channel: Channel[Result]) -> Sender[Result]:
        """Return what hands results to the receivers, also to those that come later."""
        publisher = node.create_publisher(channel.kind, channel.topic, RESULT)
        receivers = self._receivers[channel.topic]

        def send(result: Result) -> None:
            for receive in tuple(receivers):
                receive(result)
            if publisher.get_subscription_count() > 0:
                publisher.publish(channel.to_message(result))
        return Sender(send, lambda: len(receivers) + publisher.get_subscription_count())

    def receive(
        self, node: Node, channel: Channel[Result], callback: Callable[[Result], None],
        urgent: bool = True
    ) -> Close:
        """Receive what nodes of this process send."""
        inbox = self._inboxes.get(node)
        if inbox is None:
            inbox = self._inboxes[node] = _Inbox(node)
        receivers, entrance = self._receivers[channel.topic], inbox.entrance(callback, urgent)
        receivers.append(entrance)

        def close() -> None:
            receivers.remove(entrance)
            inbox.close_entrance()
        return close


class _Inbox:
    """Results that wait for a node's executor, which a guard condition wakes."""

    def __init__(self, node: Node) -> None:
        self._waiting: deque[tuple[Callable[[Any], None], Any]] = deque(maxlen=0)
        self._guard = node.create_guard_condition(self._take)

    def entrance(self, callback: Callable[[Any], None], urgent: bool) -> Callable[[Any], None]:
        """Return what puts a result in, for `callback`, from any thread."""
        self._waiting = deque(self._waiting, (self._waiting.maxlen or 0) + RESULT.depth)

        def put(result: Any) -> None:
            self._waiting.append((callback, result))
            if urgent:
                self._guard.trigger()
        return put

    def close_entrance(self) -> None:
        """Make room for one input less."""
        self._waiting = deque(self._waiting, (self._waiting.maxlen or 0) - RESULT.depth)

    def _take(self) -> None:
        while self._waiting:
            callback, result = self._waiting.popleft()
            callback(result)


TOPICS = Topics()
