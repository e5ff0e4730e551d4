# SPDX-License-Identifier: Apache-2.0
"""Enrolling people by the action of the identity node, beside its service."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from action_msgs.msg import GoalStatus
from emorec.action import EnrollPerson
from emorec_vision.geometry import Box
from enrolling_robot import Robot
import numpy as np
from patience import PATIENCE
import pytest
from rclpy.action import ActionClient
from rclpy.task import Future
from ros_harness import Harness

Start = Callable[..., 'Goal']


def done(future: Future) -> Any:
    """Wait for what another thread finds out."""
    came = Event()
    future.add_done_callback(lambda _: came.set())
    assert came.wait(PATIENCE)
    return future.result()


class Goal:
    """A goal of the action."""

    def __init__(self, client: ActionClient, **goal: Any) -> None:
        self.feedback: list[tuple[int, int, str]] = []
        self.handle = done(client.send_goal_async(EnrollPerson.Goal(**goal), self._note))
        self._result = self.handle.get_result_async()

    def cancel(self) -> bool:
        """Cancel it and tell whether that was accepted."""
        return bool(done(self.handle.cancel_goal_async()).goals_canceling)

    def result(self) -> tuple[int, EnrollPerson.Result]:
        """Wait for status and result."""
        answer = done(self._result)
        return answer.status, answer.result

    def _note(self, message: Any) -> None:
        feedback = message.feedback
        self.feedback.append((feedback.photos, feedback.wanted, feedback.hint))


@pytest.fixture
def enroll(harness: Harness) -> Start:
    """Return what sends a goal to the identity node."""
    client = ActionClient(harness.node, EnrollPerson, '/identity/enroll_person')

    def start(**goal: Any) -> Goal:
        assert client.wait_for_server(PATIENCE)
        return Goal(client, **goal)
    return start


def test_a_person_is_enrolled_with_feedback(
    harness: Harness, portrait: tuple[np.ndarray, Box], enroll: Start, tmp_path: Path
) -> None:
    """Those who follow enroll_progress hear of it too, and every image is answered meanwhile."""
    robot = Robot(harness, portrait, people=tmp_path / 'people')
    goal = enroll(name='Ada', num_photos=3, track_id='a')
    robot.show_until(lambda names: names['a'] == 'Ada', 'a', 'b')
    status, result = goal.result()
    assert (status, result.success, result.photos) == (GoalStatus.STATUS_SUCCEEDED, True, 3)
    assert 'Ada is recognised from now on' in result.message
    assert [photos for photos, _, hint in goal.feedback if not hint] == [1, 2, 3]
    assert {wanted for _, wanted, _ in goal.feedback} == {3}
    assert robot.progress.wait_for(lambda message: message.finished).photos == 3
    assert not goal.cancel()
    assert len(list((tmp_path / 'people' / 'Ada').glob('*.png'))) == 3


def test_a_cancelled_enrolment_leaves_nothing_and_only_one_runs_at_a_time(
    harness: Harness, portrait: tuple[np.ndarray, Box], enroll: Start, tmp_path: Path
) -> None:
    """A second one is refused with a line, by the action and by the service."""
    people = tmp_path / 'people'
    robot = Robot(harness, portrait, people=people)
    goal = enroll(name='Ada', num_photos=50)
    robot.show_until(lambda _: any(photos for photos, _, _ in goal.feedback), 'a')
    status, refused = enroll(name='Bob').result()
    assert (status, refused.success) == (GoalStatus.STATUS_ABORTED, False)
    assert 'Ada is being enrolled' in refused.message
    assert 'Ada is being enrolled' in robot.call('enroll', name='Bob')().message
    assert goal.cancel()
    status, result = goal.result()
    assert (status, result.success, result.photos) == (GoalStatus.STATUS_CANCELED, False, 0)
    assert result.message.startswith('cancelled after ')
    assert 'none of them was kept' in result.message
    assert not list(people.rglob('*.png')) + list(people.rglob('*.yaml'))
    again = robot.call('enroll', name='Bob', num_photos=2)
    robot.show_until(lambda names: names['a'] == 'Bob', 'a')
    assert again().success
    assert (people / 'Bob').is_dir() and not (people / 'Ada').exists()


def test_what_comes_to_nothing_is_aborted_with_the_reason(
    harness: Harness, portrait: tuple[np.ndarray, Box], enroll: Start, tmp_path: Path
) -> None:
    """A track that is not there, a name that cannot be, and time that is up."""
    robot = Robot(harness, portrait, people=tmp_path / 'people', enroll_timeout=1.5)
    goals = [enroll(name='Ada', track_id='nobody')]
    robot.show_until(lambda _: any(m.finished for m in robot.progress.messages), 'a')
    goals += [enroll(name='a\nb'), enroll(name='Ada', num_photos=1001), enroll(name='Ada')]
    for goal, reason in zip(goals, (
            'the face was lost after 0 of 20 photos of Ada', 'line break', 'too many',
            'time was up (1.5 s) after 0 of 20 photos of Ada'), strict=True):
        status, result = goal.result()
        assert (status, result.success) == (GoalStatus.STATUS_ABORTED, False)
        assert reason in result.message
    assert not list((tmp_path / 'people').rglob('*.png'))
