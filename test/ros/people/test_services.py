# SPDX-License-Identifier: Apache-2.0
"""Enrolling, renaming and forgetting people over the services of the identity node."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
import shutil
from threading import Event
from typing import Any

import cv2
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
from emorec_vision.faces.haar import HaarDetector
from emorec_vision.geometry import Box
import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest
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


@pytest.fixture(scope='module')
def portrait(astronaut: np.ndarray) -> tuple[np.ndarray, Box]:
    """Return a gray image and the box of the face in it."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    return gray, max((found.box for found in HaarDetector().detect(gray)),
                     key=lambda box: box.width)


def test_a_person_is_enrolled_recognised_renamed_and_forgotten_while_the_node_runs(
    harness: Harness, portrait: tuple[np.ndarray, Box], tmp_path: Path
) -> None:
    """Every image is answered meanwhile, and nothing of the person is left in the end."""
    people = tmp_path / 'people'
    robot = Robot(harness, portrait, people=people)
    assert robot.call('list_people')().names == []
    enrolled = robot.call('enroll', name=' Ada/é. ', num_photos=4, track_id='a')
    robot.show_until(lambda _: bool(robot.progress.messages), 'a', 'b')
    refused = robot.call('enroll', name='Bob')()
    assert not refused.success and 'Ada/é. is being enrolled' in refused.message
    robot.show_until(lambda names: names['a'] == 'Ada/é.', 'a', 'b')
    answer = enrolled()
    assert answer.success and answer.photos == 4, answer.message
    assert [message.photos for message in robot.progress.messages if not message.hint] \
        == [1, 2, 3, 4, 4]
    assert [message.finished for message in robot.progress.messages[-2:]] == [False, True]
    assert {message.track_id for message in robot.progress.messages} == {'a'}

    listed = robot.call('list_people')()
    assert (list(listed.names), list(listed.pictures)) == (['Ada/é.'], [4])
    assert listed.threshold > 0
    assert robot.call('rename', name='Ada/é.', new_name='Ada')().success
    robot.show_until(lambda names: names['a'] == 'Ada', 'a')
    assert not robot.call('rename', name='Zoe', new_name='Eve')().success

    answer = robot.call('forget', name='Ada')()
    assert answer.success and answer.pictures == 4
    assert '4 images' in answer.message and 'model' in answer.message
    assert set(robot.show('a').values()) == {''}
    assert not [path for path in people.rglob('*') if path.suffix in ('.png', '.yaml')]
    answer = robot.call('forget', name='Ada')()
    assert not answer.success and "called 'Ada'" in answer.message
    assert [(change.change, change.name, change.new_name) for change in robot.changes.messages] \
        == [(PersonChange.ENROLLED, 'Ada/é.', ''), (PersonChange.RENAMED, 'Ada/é.', 'Ada'),
            (PersonChange.FORGOTTEN, 'Ada', '')]


def test_an_enrolment_that_comes_to_nothing_says_why_and_keeps_nothing(
    harness: Harness, portrait: tuple[np.ndarray, Box], tmp_path: Path
) -> None:
    """The face goes away, time is up, the name cannot be; the next one may try at once."""
    people = tmp_path / 'people'
    robot = Robot(harness, portrait, people=people, enroll_timeout=1.5)
    lost = robot.call('enroll', name='Ada', num_photos=50)
    robot.show_until(lambda _: any(message.photos for message in robot.progress.messages), 'a')
    robot.show('b')
    answer = lost()
    assert not answer.success and 'the face was lost after' in answer.message
    assert robot.progress.messages[-1].finished
    assert robot.progress.messages[-1].hint == answer.message

    late = robot.call('enroll', name='Ada')
    robot.show_until(lambda _: robot.progress.messages[-1].hint == 'two faces in view', 'a', 'b')
    answer = late()
    assert 'time was up (1.5 s) after 0 of 20' in answer.message
    assert 'two faces in view' in answer.message
    for name, complaint in (('', 'empty'), ('x' * 300, 'too long'), ('a\nb', 'line break')):
        assert complaint in robot.call('enroll', name=name)().message
    assert not robot.call('list_people')().names
    assert not list(people.rglob('*.png'))

    shutil.rmtree(people)
    assert not robot.call('forget', name='Ada')().success
    assert robot.call('reload')().message == 'known now: nobody'
    people.write_text('no folder')
    assert 'people' in robot.call('enroll', name='Ada')().message
    assert not robot.call('reload')().success
    assert robot.show('a') == {'a': ''}


def test_without_a_people_folder_nobody_is_enrolled(
    harness: Harness, portrait: tuple[np.ndarray, Box]
) -> None:
    """Recognition can be switched off, and then says so."""
    robot = Robot(harness, portrait, people='none')
    assert 'knows nobody' in robot.call('enroll', name='Ada')().message
    assert 'knows nobody' in robot.call('forget', name='Ada')().message
    assert robot.call('list_people')().names == []
    answer = robot.call('reload')()
    assert answer.success and answer.message == 'known now: nobody'
    assert robot.show('a') == {'a': ''}
