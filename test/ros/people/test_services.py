# SPDX-License-Identifier: Apache-2.0
"""Enrolling, renaming and forgetting people over the services of the identity node."""

from pathlib import Path
import shutil

from emorec.msg import PersonChange
from emorec_vision.geometry import Box
from enrolling_robot import Robot
import numpy as np
from ros_harness import Harness


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
