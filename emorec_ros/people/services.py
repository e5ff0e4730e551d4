# SPDX-License-Identifier: Apache-2.0
"""The services and the action by which a robot learns, forgets and renames people at run time."""

from collections.abc import Callable
from collections.abc import Sequence
import math
from typing import TypeVar

from emorec.msg import PersonChange
from emorec.srv import Enroll
from emorec.srv import Forget
from emorec.srv import ListPeople
from emorec.srv import Reload
from emorec.srv import Rename
from emorec_ros.people.enroll_action import EnrollAction
from emorec_ros.people.enrolments import Enrolments
from emorec_ros.people.worker import Worker
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.people.model import PeopleModel
from emorec_vision.people.names import plain_name
from emorec_vision.people.store import PeopleStore
import numpy as np
from rclpy.callback_groups import ReentrantCallbackGroup

Result = TypeVar('Result')


class PeopleServices:
    """Offer ~/enroll, ~/forget, ~/list_people, ~/rename and ~/reload of one node, and the action.

    The node goes on while a service works: what takes time is done by a worker thread.

    Args:
        node: with the settings enroll_photos and enroll_timeout.
        people: that were read; None: nobody is known, and nobody can be added.
        use: called in the node's own thread with who is known, when that has changed.
    """

    def __init__(self, node: EmorecNode, people: PeopleStore | None,
                 use: Callable[[PeopleModel], None]) -> None:
        self._node = node
        self._people = people
        self._use = use
        self._used = people.model if people else PeopleModel()
        self._worker = Worker(node)
        self._enrolments = Enrolments(node, self._prepare, self._learn)
        self._action = EnrollAction(node, self._enrolments)
        self._changes = node.create_publisher(PersonChange, 'person_changes', RESULT)
        group = ReentrantCallbackGroup()
        for kind, name, answer in (
                (Enroll, 'enroll', self._enroll), (Forget, 'forget', self._forget),
                (ListPeople, 'list_people', self._list), (Rename, 'rename', self._rename),
                (Reload, 'reload', self._reload)):
            node.create_service(kind, f'~/{name}', answer, callback_group=group)

    @property
    def is_enrolling(self) -> bool:
        """Tell whether somebody is being enrolled, which takes faces."""
        return self._enrolments.is_running

    def offer(self, faces: Sequence[FaceCrop], stamp: int) -> None:
        """Show the faces of the next image (stamp in ns) to the enrolment, if there is one."""
        self._enrolments.offer(faces, stamp)

    def close(self) -> None:
        """Finish what is being written."""
        self._action.close()
        self._worker.close()

    async def _enroll(self, request: Enroll.Request, response: Enroll.Response) -> Enroll.Response:
        try:
            enrolment = self._enrolments.begin(request.name, request.num_photos, request.track_id)
            response.message = await self._enrolments.complete(enrolment)
            response.success, response.photos = True, enrolment.taken
        except InputError as error:
            response.message = str(error)
        return response

    async def _forget(self, request: Forget.Request, response: Forget.Response) -> Forget.Response:
        try:
            name = plain_name(request.name)
            self._enrolments.forgotten(name)
            forgotten = await self._work(lambda people: people.forget(name))
            response.pictures = forgotten.photos
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
            await self._work(lambda people: people.rename(name, new_name))
            self._tell(PersonChange.RENAMED, name, new_name)
            response.success, response.message = True, f'{name} is called {new_name} now'
        except InputError as error:
            response.message = str(error)
        return response

    async def _list(self, _request: ListPeople.Request,
                    response: ListPeople.Response) -> ListPeople.Response:
        response.threshold = math.nan
        try:
            counts = await self._work(PeopleStore.counts)
            response.names, response.pictures = list(counts), list(counts.values())
            response.threshold = float(self._used.threshold)
        except InputError as error:
            self._node.warn(str(error))
        return response

    async def _reload(self, _request: Reload.Request,
                      response: Reload.Response) -> Reload.Response:
        before = set(self._used.names)
        try:
            if self._people is not None:
                await self._work(PeopleStore.read)
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

    async def _prepare(self) -> None:
        await self._work(PeopleStore.prepare)

    async def _learn(self, name: str, photos: list[np.ndarray]) -> str:
        message = await self._work(lambda people: _add(people, name, photos))
        self._tell(PersonChange.ENROLLED, name)
        return message

    async def _work(self, work: Callable[[PeopleStore], Result]) -> Result:
        """Return the result of what the worker does with the people; use who is known then."""
        people = self._people
        if people is None:
            raise InputError('this node knows nobody (its parameter people is none); give it a '
                             'folder, or leave the parameter empty')
        try:
            return await self._worker.do(lambda: work(people))
        finally:
            # What other work has changed meanwhile counts too: the newest is always right.
            if self._used is not people.model:
                self._used = people.model
                self._use(self._used)

    def _tell(self, change: int, name: str, new_name: str = '') -> None:
        message = PersonChange(change=change, name=name, new_name=new_name)
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._changes.publish(message)


def _add(people: PeopleStore, name: str, photos: list[np.ndarray]) -> str:
    """Add photos of a person, learn them, and say so."""
    count = people.add(name, photos, learn=True)
    return (f'{name} is recognised from now on; {len(photos)} photos were added, {count} are in '
            f'{people.path}')
