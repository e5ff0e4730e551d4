# SPDX-License-Identifier: Apache-2.0
"""The examples, run as their users run them."""

from pathlib import Path
import subprocess
import sys
from time import monotonic
from time import sleep

from builtin_interfaces.msg import Time
from emorec.msg import Emotion
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec.msg import PersonEvent
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import write_png
import numpy as np
from ros_harness import Harness
from ros_harness import PATIENCE
from std_msgs.msg import Bool


def test_people_are_greeted_by_name(harness: Harness, project_root: Path) -> None:
    """Unknown people and other events bring no words."""
    harness.start_script(
        'greet_by_name', (project_root / 'examples' / 'greet_by_name.py').read_text())
    events = harness.publisher(PersonEvent, '/person_events')
    for event, person, emotion in [
            (PersonEvent.ARRIVED, 'Ada', Emotion.UNKNOWN),
            (PersonEvent.RECOGNISED, 'Ada', Emotion.UNKNOWN),
            (PersonEvent.EMOTION, 'Ada', Emotion.SAD),
            (PersonEvent.LEFT, '', Emotion.SAD), (PersonEvent.LEFT, 'Ada', Emotion.SAD)]:
        events.publish(PersonEvent(
            event=event, person=person, known=bool(person), emotion=emotion))
    deadline = monotonic() + PATIENCE
    while 'Goodbye' not in harness.log('greet_by_name') and monotonic() < deadline:
        sleep(0.05)
    assert harness.log('greet_by_name').splitlines() == [
        'Hello, Ada!', 'Can I help?', 'Goodbye, Ada.']


def test_a_robot_is_held_while_somebody_is_angry(harness: Harness, project_root: Path) -> None:
    """From two seconds of it on, and while nothing is known."""
    harness.start_script(
        'stop_when_angry', (project_root / 'examples' / 'stop_when_angry.py').read_text())
    held = harness.topic(Bool, '/hold_still')
    people = harness.publisher(PersonEmotionArray, '/emotions')
    assert held.wait_for(lambda message: message.data), 'silence'

    def said(emotion: int, confirmed: bool, seconds: int) -> bool:
        """Return what is published of one person who has looked so for a while."""
        before = len(held.messages)
        message = PersonEmotionArray(people=[PersonEmotion(
            emotion=emotion, confirmed=confirmed, since=Time(sec=100))])
        message.header.stamp.sec = 100 + seconds
        people.publish(message)
        return held.wait_for_count(before + 1)[before].data
    assert not said(Emotion.HAPPY, True, 10)
    assert not said(Emotion.ANGRY, True, 1)
    assert not said(Emotion.ANGRY, False, 10)
    assert said(Emotion.ANGRY, True, 2)
    assert not said(Emotion.NEUTRAL, True, 0)


def test_a_video_becomes_a_table(tmp_path: Path, project_root: Path,
                                 astronaut: np.ndarray) -> None:
    """Without ROS; what cannot be read is one line."""
    folder = make_folder(tmp_path / 'images')
    for number in range(6):
        write_png(folder / f'{number}.png', astronaut)
    example = project_root / 'examples' / 'bag_to_csv.py'

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, example, *map(str, arguments)], text=True,
                              capture_output=True, cwd=project_root)
    done = run(f'images:{tmp_path / "images"}', tmp_path / 'rows.csv')
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / 'rows.csv').read_text().splitlines()
    assert len(rows) > 1 and done.stdout == f'{len(rows) - 1} rows in {tmp_path / "rows.csv"}\n'
    wrong = run('video:nowhere.mp4', tmp_path / 'other.csv')
    assert wrong.returncode == 1 and wrong.stderr.count('\n') == 1
