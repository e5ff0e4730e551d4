# SPDX-License-Identifier: Apache-2.0
"""The services by which a robot learns and forgets a person's expressions at run time."""

from collections.abc import Mapping

from emorec.msg import ExpressionProgress
from emorec.srv import ForgetExpressions
from emorec.srv import LearnExpressions
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.personal.reading import PersonalReading
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.emotion.learnt_expressions import ExpressionLearner
from emorec_vision.emotion.lesson import Lesson
from emorec_vision.emotion.lesson import SECONDS
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.errors import InputError
from emorec_vision.people.names import plain_name
import numpy as np
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future
from std_srvs.srv import Trigger

SLACK = 3.0
"""How many times as long as it should take a lesson may take, with its face out of view."""


class LessonServices:
    """Offer ~/learn_expressions, ~/skip_expression and ~/forget_expressions; tell the progress.

    Args:
        node: that offers them.
        model: with a space; None: it has none, and nothing can be learnt.
        reading: keeps what is learnt.
    """

    def __init__(self, node: EmorecNode, model: EmotionModel,
                 reading: PersonalReading | None) -> None:
        self._node = node
        self._model = model
        self._reading = reading
        self._lesson: Lesson | None = None
        self._over: Future = Future()
        self._progress = node.create_publisher(ExpressionProgress, 'expression_progress', RESULT)
        group = ReentrantCallbackGroup()
        self._patience = steady_timer(
            node, SECONDS, self._lose_patience, autostart=False, callback_group=group)
        node.create_service(LearnExpressions, '~/learn_expressions', self._learn,
                            callback_group=group)
        node.create_service(ForgetExpressions, '~/forget_expressions', self._forget,
                            callback_group=group)
        node.create_service(Trigger, '~/skip_expression', self._skip, callback_group=group)

    @property
    def is_running(self) -> bool:
        """Tell whether somebody's expressions are being learnt, which takes faces."""
        return self._lesson is not None

    def add(self, stamp: int, names: Mapping[str, str], probabilities: Mapping[str, np.ndarray],
            coordinates: Mapping[str, np.ndarray]) -> None:
        """Show the faces of the next image to the lesson, if there is one; see Lesson.add."""
        if self._lesson is not None and self._lesson.add(
                stamp, names, probabilities, coordinates):
            self._tell()

    async def _learn(self, request: LearnExpressions.Request,
                     response: LearnExpressions.Response) -> LearnExpressions.Response:
        try:
            reading, name = self._checked(request.name)
            if self._lesson is not None:
                raise InputError(f'the expressions of {self._lesson.name} are being learnt; wait '
                                 'until that is done')
            self._lesson = Lesson(name, self._model.labels, request.expressions,
                                  request.seconds or SECONDS, request.track_id)
            findings = await self._teach(reading, self._lesson)
            response.findings = findings
            response.success = True
            response.message = f'{name} is read by what was shown from now on'
        except InputError as error:
            response.message = str(error)
        return response

    async def _teach(self, reading: PersonalReading, lesson: Lesson) -> list[str]:
        """Return what was found in the frames of a lesson, which is kept."""
        self._over = Future()
        self._patience.timer_period_ns = int(SLACK * lesson.longest * 1e9)
        self._patience.reset()
        self._tell()
        try:
            await self._over
            assert self._model.space is not None
            learnt = ExpressionLearner(self._model.space, self._model.labels).learn(lesson.shown)
            await reading.learn(lesson.name, learnt)
            return [str(finding) for finding in learnt.findings]
        except InputError as error:
            lesson.hint = str(error)
            raise
        finally:
            self._patience.cancel()
            self._lesson = None
            self._publish(lesson, finished=True)

    async def _forget(self, request: ForgetExpressions.Request,
                      response: ForgetExpressions.Response) -> ForgetExpressions.Response:
        try:
            reading, name = self._checked(request.name)
            response.success = await reading.forget(name, list(request.expressions))
            what = ', '.join(request.expressions) or 'the face at rest and all expressions'
            response.message = (f'forgotten of {name}: {what}' if response.success
                                else f'nothing of that was known of {name}')
        except InputError as error:
            response.message = str(error)
        return response

    def _skip(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        try:
            if self._lesson is None:
                raise InputError('nothing is being learnt')
            response.message = f'{self._lesson.expression} is skipped'
            self._lesson.skip()
            self._tell()
            response.success = True
        except InputError as error:
            response.message = str(error)
        return response

    def _checked(self, name: str) -> tuple[PersonalReading, str]:
        """Return what keeps the expressions of a person, and the name as it is kept."""
        if self._reading is None:
            raise InputError(f'{self._model.path} does not say where expressions lie; "emorec '
                             'emotions expressions" adds it')
        name = plain_name(name)
        self._reading.files_of(name)
        return self._reading, name

    def _lose_patience(self) -> None:
        self._patience.cancel()
        if self._lesson is not None and not self._over.done():
            hint = f' (last hint: {self._lesson.hint})' if self._lesson.hint else ''
            self._over.set_exception(InputError(
                f'time was up before {self._lesson.name} had shown everything{hint}; nothing was '
                'kept, try again'))

    def _tell(self) -> None:
        lesson = self._lesson
        if lesson is None:
            return
        self._publish(lesson)
        if lesson.done and not self._over.done():
            self._over.set_result(None)

    def _publish(self, lesson: Lesson, finished: bool = False) -> None:
        message = ExpressionProgress(
            name=lesson.name, track_id=lesson.track_id, expression=lesson.expression,
            prompt=lesson.prompt, frames=lesson.frames, hint=lesson.hint, finished=finished)
        message.header.stamp = time_from_ns(lesson.stamp)
        self._progress.publish(message)
