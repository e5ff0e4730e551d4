# SPDX-License-Identifier: Apache-2.0
"""The whole system: one run of `emorec live` on the demo scene, whose nodes are then killed."""

from collections import Counter
from collections.abc import Iterator
import os
import signal

from emorec_ros.graph import LAYOUTS
from live_harness import Live
import pytest


VICTIMS = {'one': ('pipeline', 'camera_driver'),
           'each': ('emotion', 'face_detector', 'aggregator', 'identity')}
"""Which processes are killed, by the layout of processes."""


@pytest.fixture(scope='module', params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    """Return a layout of processes."""
    return str(request.param)


@pytest.fixture(scope='module')
def demo(layout: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Run the demo scene."""
    run = Live(tmp_path_factory.mktemp('demo'), '--source', 'demo', '--json',
               '--processes', layout)
    yield run
    run.close()


def test_the_demo_confirms_a_happy_person_and_never_the_poster(demo: Live) -> None:
    """One object per image, one person, Happy, at a plausible distance."""
    demo.until(lambda: sum(person['confirmed'] for person in demo.people()) > 40)
    messages, people = demo.messages(), demo.people()
    assert messages == sorted(messages, key=lambda message: message['stamp'])
    assert max(len(message['people']) for message in messages) == 1
    assert len({person['track_id'] for person in people}) == 1
    confirmed = Counter(person['emotion'] for person in people if person['confirmed'])
    assert confirmed.most_common(1)[0][0] == 'Happy'
    measured = [person for person in people if person['probabilities']]
    assert all(0.5 < person['distance'] < 3 for person in measured)
    assert len(measured) > 20
    assert all(abs(sum(person['probabilities'].values()) - 1) < 0.01 for person in measured)
    assert all(max(person['probabilities'], key=person['probabilities'].get)
               == person['frame_emotion'] for person in measured)


def test_killed_processes_come_back(layout: str, demo: Live) -> None:
    """After kill -9 of any process /emotions goes on, also if what returns gets stuck first."""
    for victim in VICTIMS[layout]:
        demo.until(lambda victim=victim: victim in demo.nodes() and len(demo.lines) > 30)
        os.kill(demo.nodes()[victim], signal.SIGKILL)
        demo.until(lambda victim=victim: f'{victim} ended with signal SIGKILL' in demo.log)
        before = len(demo.lines)
        demo.until(lambda before=before: any(
            person['frame_emotion'] for message in demo.messages()[before + 15:]
            for person in message['people']))
