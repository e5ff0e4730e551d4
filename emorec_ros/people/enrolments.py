# SPDX-License-Identifier: Apache-2.0
"""Enrol one person after the other, whichever way it was asked for."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence

from emorec.msg import EnrollProgress
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.people.enrolment import Enrolment
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.people.names import folder_name
from emorec_vision.people.names import plain_name
import numpy as np
from rclpy.callback_groups import ReentrantCallbackGroup

MOST_PHOTOS = 1000


class Enrolments:
    """The enrolments of a node, of which one runs at a time; the topic `enroll_progress`.

    Args:
        node: with the settings enroll_photos and enroll_timeout.
        prepare: checks that photos can be kept.
        learn: keeps the photos of a person, whom the node knows from then on, and says so.
    """

    def __init__(self, node: EmorecNode, prepare: Callable[[], Awaitable[None]],
                 learn: Callable[[str, list[np.ndarray]], Awaitable[str]]) -> None:
        self._node = node
        self._prepare = prepare
        self._learn = learn
        self._enrolment: Enrolment | None = None
        self._progress = node.create_publisher(EnrollProgress, 'enroll_progress', RESULT)
        self._patience = steady_timer(
            node, node.settings.enroll_timeout, self._lose_patience, autostart=False,
            callback_group=ReentrantCallbackGroup())

    @property
    def is_running(self) -> bool:
        """Tell whether somebody is being enrolled, which takes faces."""
        return self._enrolment is not None

    def begin(self, name: str, num_photos: int, track_id: str,
              report: Callable[[Enrolment], None] = lambda enrolment: None) -> Enrolment:
        """Return an enrolment that collects photos; `complete` it.

        Args:
            name: of the person.
            num_photos: wanted; 0 for the default of the node.
            track_id: whose; '' for the only face in view.
            report: called after every photo and whenever the hint changes.

        Raises:
            InputError: if there is one already, or it cannot be.
        """
        name = plain_name(name)
        folder_name(name)
        if self._enrolment is not None:
            raise InputError(f'{self._enrolment.name} is being enrolled; wait until that is done')
        if num_photos > MOST_PHOTOS:
            raise InputError(f'{num_photos} photos are too many; ask for at most {MOST_PHOTOS}')

        def report_to_all(enrolment: Enrolment) -> None:
            self._publish(enrolment)
            report(enrolment)

        self._enrolment = Enrolment(
            name, num_photos or self._node.settings.enroll_photos, track_id, report_to_all)
        return self._enrolment

    async def complete(self, enrolment: Enrolment) -> str:
        """Wait for the photos, keep them, and return what was done.

        Raises:
            InputError: if it comes to nothing; none of the photos is kept then.
        """
        try:
            await self._prepare()
            self._patience.reset()
            photos = await enrolment.photos
            self._patience.cancel()
            return await self._learn(enrolment.name, photos)
        except InputError as error:
            enrolment.hint = str(error)
            raise
        finally:
            self._patience.cancel()
            self._enrolment = None
            self._publish(enrolment, finished=True)

    def offer(self, faces: Sequence[FaceCrop], stamp: int) -> None:
        """Show the faces of the next image (stamp in ns) to the enrolment, if there is one."""
        if self._enrolment is not None:
            self._enrolment.offer(faces, stamp)

    def forgotten(self, name: str) -> None:
        """End the enrolment of a person who is to be forgotten."""
        if self._enrolment is not None and self._enrolment.name == name:
            self._enrolment.end('the person is to be forgotten')

    def _lose_patience(self) -> None:
        self._patience.cancel()
        if self._enrolment is not None:
            self._enrolment.end(f'time was up ({self._node.settings.enroll_timeout:g} s)')

    def _publish(self, enrolment: Enrolment, finished: bool = False) -> None:
        message = EnrollProgress(
            name=enrolment.name, track_id=enrolment.track_id, photos=enrolment.taken,
            wanted=enrolment.wanted, hint=enrolment.hint, finished=finished)
        message.header.stamp = time_from_ns(enrolment.stamp)
        self._progress.publish(message)
