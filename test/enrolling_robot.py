# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the robot around an identity node, which enrols people."""

from collections.abc import Callable
from itertools import count
from threading import Event
from typing import Any

from emorec.msg import EnrollProgress
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import IdentityArray
from emorec.msg import PersonChange
from emorec.srv import Enroll
from emorec.srv import Forget
from emorec.srv import ListPeople
from emorec.srv import Reload
from emorec.srv import Rename
from emorec_ros.messages.conversions import roi_from_box
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_vision.faces.crop import context_crop
from emorec_vision.geometry import Box
import numpy as np
from patience import PATIENCE
from patience import wait_until
from ros_harness import Harness
from std_msgs.msg import Header

SERVICES = {'enroll': Enroll, 'forget': Forget, 'list_people': ListPeople, 'rename': Rename,
            'reload': Reload}
POSES = ((0, 0, 0), (-12, 4, 0), (10, -8, 4), (-4, 10, -8))
"""Where the face is in the images, in turn: right, down and wider than the detector says, px."""
PERIOD_NS = 250_000_000
"""Time between two images: all may be photos."""


class Robot:
    """Show faces to an identity node and call its services."""

    def __init__(self, harness: Harness, portrait: tuple[np.ndarray, Box],
                 **parameters: Any) -> None:
        harness.start('identity', **parameters)
        self.identities = harness.topic(IdentityArray, '/identities')
        self.progress = harness.topic(EnrollProgress, '/enroll_progress')
        self.changes = harness.topic(PersonChange, '/person_changes')
        self._faces = harness.publisher(FaceArray, '/faces')
        self._harness = harness
        self._portrait = portrait
        self._numbers = count()

    def call(self, service: str, **request: Any) -> Callable[[], Any]:
        """Call a service; what is returned waits for the answer and gives it."""
        kind = SERVICES[service]
        client = self._harness.node.create_client(kind, f'/identity/{service}')
        assert client.wait_for_service(PATIENCE)
        answered = Event()
        future = client.call_async(kind.Request(**request))
        future.add_done_callback(lambda _: answered.set())

        def answer() -> Any:
            assert answered.wait(PATIENCE), f'{service} did not answer'
            return future.result()
        return answer

    def show(self, *track_ids: str) -> dict[str, str]:
        """Show the next image, of a moving face under each id; return the names by id."""
        number = next(self._numbers)
        self._faces.publish(FaceArray(
            header=Header(stamp=time_from_ns(10**10 + number * PERIOD_NS)), session='s',
            faces=[self._face(track_id, number) for track_id in track_ids]))
        answer = self.identities.wait_for_count(number + 1)[number]
        return {identity.track_id: identity.person for identity in answer.identities}

    def show_until(self, wanted: Callable[[dict[str, str]], bool], *track_ids: str) -> None:
        """Show images until the names are as wanted."""
        wait_until(lambda: wanted(self.show(*track_ids)),
                   lambda: f'{self.show(*track_ids)}; {self.progress.messages}')

    def _face(self, track_id: str, number: int) -> Face:
        gray, box = self._portrait
        right, down, wider = POSES[number % len(POSES)]
        moved = Box(box.x + right, box.y + down, box.width + wider, box.height + wider)
        crop, crop_box = context_crop(gray, moved)
        return Face(track_id=track_id, roi=roi_from_box(moved), detected=True,
                    crop=to_message(crop, 'mono8'), crop_roi=roi_from_box(crop_box))
