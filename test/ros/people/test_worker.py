# SPDX-License-Identifier: Apache-2.0
"""Slow work runs beside the node, and whoever awaits it hears how it went."""

from collections.abc import Callable
from collections.abc import Iterator
from threading import current_thread
from threading import Event
from threading import Timer
from typing import Any

from emorec_ros.people.worker import Worker
from emorec_vision.errors import InputError
import pytest
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

PATIENCE = 30.0


class Office:
    """A node with a worker, and the executor that waits for it."""

    def __init__(self, context: Context) -> None:
        self.node = Node('office', context=context, start_parameter_services=False)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)
        self.worker = Worker(self.node)

    def result_of(self, work: Callable[[], Any]) -> Any:
        """Let the worker do something, and return what came of it."""
        task = self.executor.create_task(self.worker.do(work))
        self.executor.spin_until_future_complete(task, PATIENCE)
        assert task.done()
        return task.result()


@pytest.fixture
def office(ros_context: Context) -> Iterator[Office]:
    """Give a worker and its node."""
    office = Office(ros_context)
    yield office
    office.worker.close()
    office.executor.shutdown()
    office.node.destroy_node()


def test_work_is_done_in_another_thread_always_the_same(office: Office) -> None:
    threads = {office.result_of(current_thread) for _ in range(3)}
    assert len(threads) == 1 and threads != {current_thread()}


@pytest.mark.parametrize('raised, kind, text', [
    (ValueError('wrong'), ValueError, '^wrong$'), (InputError('bad'), InputError, '^bad$'),
    (OSError(28, 'No space left', 'a.png'), InputError, '^a.png: No space left$')])
def test_what_work_raises_is_raised_where_it_is_awaited(
    office: Office, raised: Exception, kind: type[Exception], text: str
) -> None:
    def fail() -> None:
        raise raised
    with pytest.raises(kind, match=text):
        office.result_of(fail)


def test_the_node_goes_on_while_work_is_done(office: Office) -> None:
    """The work waits for a timer of the very node."""
    came = Event()
    office.node.create_timer(0.01, came.set)
    assert office.result_of(lambda: came.wait(PATIENCE))


def test_closing_waits_for_what_is_being_done(office: Office) -> None:
    started, go_on, done = Event(), Event(), []

    def work() -> None:
        started.set()
        go_on.wait(PATIENCE)
        done.append(True)
    office.executor.create_task(office.worker.do(work))
    office.executor.spin_once(PATIENCE)
    assert started.wait(PATIENCE) and not done
    Timer(0.05, go_on.set).start()
    office.worker.close()
    assert done
