# SPDX-License-Identifier: Apache-2.0
"""The examples, run as their users run them."""

from pathlib import Path
from time import monotonic
from time import sleep

from emorec.msg import Emotion
from emorec.msg import PersonEvent
from ros_harness import Harness
from ros_harness import PATIENCE


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
