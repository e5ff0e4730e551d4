# SPDX-License-Identifier: Apache-2.0
"""A page in the browser: who is here, how they feel, what the camera sees, how the nodes are."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
import sys
from time import monotonic
from typing import Any
from typing import TYPE_CHECKING

import cv2
from diagnostic_msgs.msg import DiagnosticArray
from emorec.msg import EnrollProgress
from emorec.msg import ExpressionProgress
from emorec.msg import FaceArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonEmotionArray
from emorec.msg import PersonEvent
from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.camera.image_subscription import RELIABILITIES
from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import to_depth
from emorec_ros.messages.labels import check_people
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import LATCHED
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_ros.visualizer import EARLY
from emorec_ros.web import shown
from emorec_ros.web.actions import Actions
from emorec_vision.drawing.depth_image import depth_as_colours
from emorec_vision.errors import InputError
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import UnreadEncoding
from sensor_msgs.msg import CompressedImage

if TYPE_CHECKING:
    from emorec_service.dashboard.board import Board

DEPTH_RATE = 5.0
"""Depth images a second that are drawn."""
NEEDED = ('emorec_service', 'fastapi', 'uvicorn')


@dataclass(frozen=True)
class Settings:
    """Parameters of the dashboard."""

    port: int = parameter(5050, 'port of the page on 127.0.0.1; 0 = a free one', 0, 65535)
    token: bool = parameter(
        True, 'let in only who shows the token that stands in the printed address; false = every '
        'user and program of this machine')
    rate: float = parameter(12.0, 'images a second that are sent at most, Hz', 1.0, 60.0)
    image_reliability: str = parameter(
        'auto', 'how to subscribe to depth', choices=RELIABILITIES)


class Dashboard(EmorecNode[Settings]):
    """The node that serves the page; it subscribes to images only while somebody looks."""

    def __init__(self) -> None:
        super().__init__('dashboard', Settings)
        check_service()
        from emorec_service.dashboard import board
        from emorec_service.dashboard.server import DashboardServer
        self._kinds = board.COLOUR, board.DEPTH
        self._board: Board = board.Board()
        self._last = dict.fromkeys(self._kinds, 0.0)
        self._looking: list[Callable[[], Any]] = []
        self.create_subscription(PersonEmotionArray, 'emotions', self._on_people, RESULT)
        self.create_subscription(
            PeopleSummary, 'people_summary',
            lambda message: self._board.show(present=shown.present(message)), LATCHED)
        self.create_subscription(PersonEvent, 'person_events', self._on_event, RESULT)
        self.create_subscription(EnrollProgress, 'enroll_progress', self._on_enrolment, RESULT)
        self.create_subscription(
            ExpressionProgress, 'expression_progress', self._on_expression, RESULT)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        actions = Actions(self, self._board.tell)
        self._server = DashboardServer(
            self._board, actions.begin, self.settings.port, self.settings.token)
        steady_timer(self, 0.3, self._follow_viewers)
        print(f'the dashboard is at {self._server.url}', file=sys.stderr, flush=True)

    def close(self) -> None:
        """Stop serving."""
        self._server.close()

    def _follow_viewers(self) -> None:
        wanted = any(map(self._board.is_looked_at, self._kinds))
        if wanted and not self._looking:
            annotated = self.create_subscription(
                CompressedImage, 'annotated_image/compressed', self._on_image, IMAGE)
            depth = ImageSubscription(
                self, 'depth_registered/image_raw', self._on_depth,
                self.settings.image_reliability)
            rejected = self.create_subscription(
                FaceArray, 'faces_rejected',
                lambda faces: self._board.show(rejected=shown.rejected(faces)), RESULT)
            self._looking = [lambda: self.destroy_subscription(annotated), depth.close,
                             lambda: self.destroy_subscription(rejected)]
        elif not wanted and self._looking:
            for stop in self._looking:
                stop()
            self._looking = []
            self._board.show(rejected=[])

    def _is_due(self, kind: str, rate: float) -> bool:
        now = monotonic()
        if not self._board.is_looked_at(kind) or now - self._last[kind] < EARLY / rate:
            return False
        self._last[kind] = now
        return True

    def _on_image(self, message: CompressedImage) -> None:
        if self._is_due(self._kinds[0], self.settings.rate):
            self._board.show_image(self._kinds[0], bytes(message.data))

    def _on_depth(self, message: AnyImage) -> None:
        if not self._is_due(self._kinds[1], DEPTH_RATE):
            return
        try:
            colours = depth_as_colours(to_depth(message))
        except ImageMessageError as error:
            self.drop(f'depth: {error}', once=isinstance(error, UnreadEncoding))
            return
        self._board.show_image(self._kinds[1], cv2.imencode('.jpg', colours)[1].tobytes())

    def _on_people(self, message: PersonEmotionArray) -> None:
        try:
            check_people(message)
        except ValueError as error:
            self.drop(f'people: {error}')
            return
        self._board.show_people(shown.people(message))

    def _on_event(self, message: PersonEvent) -> None:
        name = shown.person_name(message.person, message.track_id)
        self._board.tell(f'{name}: {message.event_label.lower()}'
                         + f' {message.label}' * (message.event == PersonEvent.EMOTION))

    def _on_enrolment(self, message: EnrollProgress) -> None:
        if not message.finished:
            self._board.tell(f'{message.name}: {message.photos} of {message.wanted} photos'
                             + f', {message.hint}' * bool(message.hint))

    def _on_expression(self, message: ExpressionProgress) -> None:
        if not message.finished:
            self._board.tell(f'{message.name}, {message.prompt}: {message.frames} images'
                             + f', {message.hint}' * bool(message.hint))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.startswith('emorec: '):
                self._board.show_node(status.name.removeprefix('emorec: '), shown.node(status))


def check_service() -> None:
    """Check that what serves the page is installed.

    Raises:
        InputError: if it is not, with what to do.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(f'the dashboard needs {", ".join(missing)}: run `make service`, or '
                         'build with -DEMOREC_SERVICE=ON and install "emorec[serve]"')


def main() -> int:
    """Run the node."""
    return run(Dashboard, 'dashboard')


if __name__ == '__main__':
    sys.exit(main())
