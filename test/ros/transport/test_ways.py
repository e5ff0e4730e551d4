# SPDX-License-Identifier: Apache-2.0
"""Results on their way from node to node of one process, or over topics."""

from collections.abc import Iterator
from threading import current_thread
from threading import Thread
from time import monotonic
from time import sleep

from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.transport.ways import Channel
from emorec_ros.transport.ways import Direct
from emorec_ros.transport.ways import Topics
from emorec_ros.transport.ways import Transport
import pytest
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_msgs.msg import Int32

CHANNEL: Channel[int] = Channel(
    'numbers', Int32, lambda number: Int32(data=number), lambda message: message.data)


@pytest.fixture
def nodes(ros_context: Context) -> Iterator[list[Node]]:
    """Return two nodes."""
    nodes = [Node(name, context=ros_context) for name in ('from', 'to')]
    yield nodes
    for node in nodes:
        node.destroy_node()


@pytest.fixture
def executor(ros_context: Context, nodes: list[Node]) -> Iterator[SingleThreadedExecutor]:
    """Return the executor of the second node; nothing runs in it before `spin`."""
    executor = SingleThreadedExecutor(context=ros_context)
    executor.add_node(nodes[1])
    yield executor
    executor.shutdown()


def spin_until(executor: SingleThreadedExecutor, results: list, count: int) -> None:
    """Spin until there are `count` results."""
    deadline = monotonic() + 20
    while len(results) < count and monotonic() < deadline:
        executor.spin_once(timeout_sec=0.1)
    assert len(results) == count


@pytest.mark.parametrize('transport', [Topics(), Direct()])
def test_results_arrive_in_order_in_the_receivers_own_thread(
    transport: Transport, nodes: list[Node], executor: SingleThreadedExecutor
) -> None:
    """Whoever sends them, and from whichever thread."""
    received: list[tuple[int, Thread]] = []
    transport.receive(
        nodes[1], CHANNEL, lambda number: received.append((number, current_thread())))
    send = transport.sender(nodes[0], CHANNEL)
    deadline = monotonic() + 20
    while (isinstance(transport, Topics) and nodes[0].count_subscribers('numbers') == 0
           and monotonic() < deadline):
        sleep(0.02)
    sleep(0.3)
    worker = Thread(target=lambda: [send(number) for number in range(5)])
    worker.start()
    worker.join()
    assert received == []
    spin_until(executor, received, 5)
    assert received == [(number, current_thread()) for number in range(5)]


def test_what_is_handed_over_is_the_object_itself_and_no_message(
    nodes: list[Node], executor: SingleThreadedExecutor
) -> None:
    """No subscription is made and nothing converted while nobody else listens."""
    converted: list[object] = []
    channel: Channel[object] = Channel('numbers', Int32, converted.append)
    received: list[object] = []
    direct = Direct()
    send = direct.sender(nodes[0], channel)
    direct.receive(nodes[1], channel, received.append)
    sent = object()
    send(sent)
    spin_until(executor, received, 1)
    assert received[0] is sent
    assert converted == []
    assert nodes[0].count_subscribers('numbers') == 0


def test_somebody_else_who_subscribes_gets_messages(
    nodes: list[Node], executor: SingleThreadedExecutor
) -> None:
    """From then on each result is published."""
    heard: list[Int32] = []
    send = Direct().sender(nodes[0], CHANNEL)
    nodes[1].create_subscription(Int32, 'numbers', heard.append, RESULT)
    deadline = monotonic() + 20
    while not heard and monotonic() < deadline:
        send(7)
        executor.spin_once(timeout_sec=0.1)
    assert heard[0].data == 7


def test_a_receiver_that_is_behind_loses_the_oldest(
    nodes: list[Node], executor: SingleThreadedExecutor
) -> None:
    """Memory does not grow behind a node that does not keep up."""
    received: list[int] = []
    direct = Direct()
    send = direct.sender(nodes[0], CHANNEL)
    direct.receive(nodes[1], CHANNEL, received.append)
    for number in range(RESULT.depth + 5):
        send(number)
    spin_until(executor, received, RESULT.depth)
    assert received == list(range(5, RESULT.depth + 5))


def test_what_is_not_urgent_waits_for_what_is(
    nodes: list[Node], executor: SingleThreadedExecutor
) -> None:
    """And comes before it if it was sent before."""
    received: list[str] = []
    direct = Direct()
    other: Channel[str] = Channel('names', Int32)
    direct.receive(nodes[1], other, received.append, urgent=False)
    direct.receive(nodes[1], CHANNEL, lambda number: received.append(str(number)))
    direct.sender(nodes[0], other)('Ada')
    executor.spin_once(timeout_sec=0.3)
    assert received == []
    direct.sender(nodes[0], CHANNEL)(1)
    spin_until(executor, received, 2)
    assert received == ['Ada', '1']
