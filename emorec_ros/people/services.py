# SPDX-License-Identifier: Apache-2.0
"""The services by which a robot learns, forgets and renames people while the graph runs."""

from collections.abc import Callable
from collections.abc import Sequence
import math
from typing import TypeVar

from emorec.msg import EnrollProgress
from emorec.msg import PersonChange
from emorec.srv import Enroll
from emorec.srv import Forget
from emorec.srv import ListPeople
from emorec.srv import Reload
from emorec.srv import Rename
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.people.enrolment import Enrolment
from emorec_ros.people.keeper import PeopleKeeper
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.errors import InputError
from emorec_vision.identity.tracks import TrackCrop
from emorec_vision.people.model import PeopleModel
from emorec_vision.people.names import folder_name
from emorec_vision.people.names import plain_name
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future

MOST_PHOTOS = 1000
Result = TypeVar('Result')


class PeopleServices:
    """Offer ~/enroll, ~/forget, ~/list_people, ~/rename and ~/reload of one node.

    The node goes on while a service works: what takes time is done by the keeper's thread.

    Args:
        node: with the settings enroll_photos and enroll_timeout.
        keeper: of the people.
        use: called in the node's own thread with who is known, when that has changed.
    """

    def __init__(self, node: EmorecNode, keeper: PeopleKeeper,
                 use: Callable[[PeopleModel], None]) -> None:
        self._node = node
        self._keeper = keeper
        self._use = use
        self._used = keeper.model
        self._enrolment: Enrolment | None = None
        self._progress = node.create_publisher(EnrollProgress, 'enroll_progress', RESULT)
        self._changes = node.create_publisher(PersonChange, 'person_changes', RESULT)
        group = ReentrantCallbackGroup()
        for kind, name, answer in (
                (Enroll, 'enroll', self._enroll), (Forget, 'forget', self._forget),
                (ListPeople, 'list_people', self._list), (Rename, 'rename', self._rename),
                (Reload, 'reload', self._reload)):
            node.create_service(kind, f'~/{name}', answer, callback_group=group)
        self._patience = steady_timer(
            node, node.settings.enroll_timeout, self._lose_patience, autostart=False,
            callback_group=group)

    def offer(self, faces: Sequence[TrackCrop], stamp: int) -> None:
        """Show the faces of the next image (stamp in ns) to the enrolment, if there is one."""
        if self._enrolment is not None:
            self._enrolment.offer(faces, stamp)

    async def _enroll(self, request: Enroll.Request, response: Enroll.Response) -> Enroll.Response:
        try:
            enrolment = self._enrolment = self._new_enrolment(request)
        except InputError as error:
            response.message = str(error)
            return response
        try:
            await self._in_worker(self._keeper.prepare)
            self._patience.reset()
            photos = await enrolment.photos
            self._patience.cancel()
            count = await self._in_worker(lambda: self._keeper.add(enrolment.name, photos))
            self._tell(PersonChange.ENROLLED, enrolment.name)
            response.success, response.photos = True, len(photos)
            response.message = (f'{enrolment.name} is recognised from now on; {len(photos)} '
                                f'photos were added, {count} are in {self._keeper.folder}')
        except InputError as error:
            enrolment.hint = response.message = str(error)
        self._patience.cancel()
        self._enrolment = None
        self._report(enrolment, finished=True)
        return response

    async def _forget(self, request: Forget.Request, response: Forget.Response) -> Forget.Response:
        try:
            name = plain_name(request.name)
            if self._enrolment is not None and self._enrolment.name == name:
                self._enrolment.end('the person is to be forgotten')
            response.pictures = await self._in_worker(lambda: self._keeper.forget(name))
            self._tell(PersonChange.FORGOTTEN, name)
            response.success = True
            response.message = (f'{name} is forgotten: {response.pictures} images, the entry in '
                                'the model and the confirmation window were deleted')
        except InputError as error:
            response.message = str(error)
        return response

    async def _rename(self, request: Rename.Request, response: Rename.Response) -> Rename.Response:
        try:
            name, new_name = plain_name(request.name), plain_name(request.new_name)
            await self._in_worker(lambda: self._keeper.rename(name, new_name))
            self._tell(PersonChange.RENAMED, name, new_name)
            response.success, response.message = True, f'{name} is called {new_name} now'
        except InputError as error:
            response.message = str(error)
        return response

    async def _list(self, _request: ListPeople.Request,
                    response: ListPeople.Response) -> ListPeople.Response:
        response.threshold = math.nan
        try:
            counts = await self._in_worker(self._keeper.counts)
            response.names, response.pictures = list(counts), list(counts.values())
            response.threshold = float(self._keeper.model.threshold)
        except InputError as error:
            self._node.warn(str(error))
        return response

    async def _reload(self, _request: Reload.Request,
                      response: Reload.Response) -> Reload.Response:
        before = set(self._used.names)
        try:
            await self._in_worker(self._keeper.read)
            response.success = True
            response.message = f'known now: {", ".join(self._used.names) or "nobody"}'
        except InputError as error:
            response.message = f'{error}; everybody stays unknown'
            self._node.warn(response.message)
            self._node.health.note({'people': str(error)})
        after = set(self._used.names)
        for change, names in ((PersonChange.FORGOTTEN, before - after),
                              (PersonChange.ENROLLED, after - before)):
            for name in sorted(names):
                self._tell(change, name)
        return response

    def _new_enrolment(self, request: Enroll.Request) -> Enrolment:
        name = plain_name(request.name)
        folder_name(name)
        if self._enrolment is not None:
            raise InputError(f'{self._enrolment.name} is being enrolled; wait until that is done')
        if request.num_photos > MOST_PHOTOS:
            raise InputError(f'{request.num_photos} photos are too many; ask for at most '
                             f'{MOST_PHOTOS}')
        return Enrolment(name, request.num_photos or self._node.settings.enroll_photos,
                         request.track_id, self._report)

    async def _in_worker(self, work: Callable[[], Result]) -> Result:
        done = Future()

        def tell(keep: Callable[[object], None]) -> Callable[[object], None]:
            def keep_and_wake(outcome: object) -> None:
                keep(outcome)
                if (executor := self._node.executor) is not None:
                    executor.wake()
            return keep_and_wake

        self._keeper.submit(work, tell(done.set_result), tell(done.set_exception))
        try:
            return await done
        finally:
            # What other work has changed meanwhile counts too: the newest is always right.
            if self._used is not self._keeper.model:
                self._used = self._keeper.model
                self._use(self._used)

    def _lose_patience(self) -> None:
        self._patience.cancel()
        if self._enrolment is not None:
            self._enrolment.end(f'time was up ({self._node.settings.enroll_timeout:g} s)')

    def _report(self, enrolment: Enrolment, finished: bool = False) -> None:
        message = EnrollProgress(
            name=enrolment.name, track_id=enrolment.track_id, photos=enrolment.taken,
            wanted=enrolment.wanted, hint=enrolment.hint, finished=finished)
        message.header.stamp = time_from_ns(enrolment.stamp)
        self._progress.publish(message)

    def _tell(self, change: int, name: str, new_name: str = '') -> None:
        message = PersonChange(change=change, name=name, new_name=new_name)
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._changes.publish(message)
