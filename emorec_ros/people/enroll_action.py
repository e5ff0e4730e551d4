# SPDX-License-Identifier: Apache-2.0
"""Enrol people by an action, with feedback, which can be cancelled."""

from typing import Any

from emorec.action import EnrollPerson
from emorec_ros.people.enrolment import Enrolment
from emorec_ros.people.enrolments import Enrolments
from emorec_vision.errors import InputError
from rclpy.action import ActionServer
from rclpy.action import CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node

RESULT_KEPT = 60
"""Seconds for which the result, with the name in it, can be asked for."""


class EnrollAction:
    """The action ~/enroll_person of one node.

    Every goal is accepted, because a refusal could not say why: what cannot be done is aborted at
    once, with the reason in its result.

    Args:
        node: that serves it.
        enrolments: of that node.
    """

    def __init__(self, node: Node, enrolments: Enrolments) -> None:
        self._enrolments = enrolments
        self._by_goal: dict[bytes, Enrolment] = {}
        self._server = ActionServer(
            node, EnrollPerson, '~/enroll_person', self._enroll, cancel_callback=self._cancel,
            callback_group=ReentrantCallbackGroup(), result_timeout=RESULT_KEPT)

    def close(self) -> None:
        """Serve no more."""
        self._server.destroy()

    async def _enroll(self, goal: Any) -> EnrollPerson.Result:
        key, request, result = bytes(goal.goal_id.uuid), goal.request, EnrollPerson.Result()
        try:
            enrolment = self._by_goal[key] = self._enrolments.begin(
                request.name, request.num_photos, request.track_id,
                lambda enrolment: goal.publish_feedback(feedback_of(enrolment)))
            if goal.is_cancel_requested:
                _cancel(enrolment)
            result.message = await self._enrolments.complete(enrolment)
            result.success, result.photos = True, enrolment.taken
            goal.succeed()
        except InputError as error:
            result.message = str(error)
            if goal.is_cancel_requested:
                goal.canceled()
            else:
                goal.abort()
        finally:
            self._by_goal.pop(key, None)
        return result

    def _cancel(self, goal: Any) -> CancelResponse:
        enrolment = self._by_goal.get(bytes(goal.goal_id.uuid))
        in_time = enrolment is None or _cancel(enrolment)
        return CancelResponse.ACCEPT if in_time else CancelResponse.REJECT


def feedback_of(enrolment: Enrolment) -> EnrollPerson.Feedback:
    """Return how far an enrolment is."""
    return EnrollPerson.Feedback(
        photos=enrolment.taken, wanted=enrolment.wanted, hint=enrolment.hint)


def _cancel(enrolment: Enrolment) -> bool:
    """Cancel an enrolment and tell whether it was in time."""
    return enrolment.end('cancelled')
