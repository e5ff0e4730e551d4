# SPDX-License-Identifier: Apache-2.0
"""The dashboard node over real topics and HTTP."""

from collections.abc import Callable
import json
from pathlib import Path
import re
import socket
from typing import Any
from urllib.request import Request
from urllib.request import urlopen

import cv2
from emorec.msg import Emotion
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec.srv import Forget
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_jpeg
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
import numpy as np
from patience import wait_until
import pytest
from ros_harness import Harness
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
HEADER = Header(stamp=time_from_ns(10**10))
SAD = PersonEmotionArray(header=HEADER, session='s', people=[PersonEmotion(
    person='Ada', known=True, track_id='s-1', emotion=Emotion.SAD, label='Sad', confirmed=True,
    share=1.0, probability=0.8, frame_emotion=Emotion.SAD, distance=1.5,
    probabilities=[0.05, 0.05, 0.05, 0.0, 0.8, 0.0, 0.05])])


class Page:
    """What a browser does that shows the page of a node."""

    def __init__(self, harness: Harness) -> None:
        told = re.compile(r'the dashboard is at (http://127\.0\.0\.1:\d+/)\?token=(\w+)')
        wait_until(lambda: told.search(harness.log('dashboard')))
        self._url, self._token = told.search(harness.log('dashboard')).groups()

    def ask(self, path: str, data: dict[str, Any] | None = None) -> Any:
        """Return the status and the content of an answer."""
        request = Request(self._url + path, None if data is None else json.dumps(data).encode(), {
            'authorization': f'Bearer {self._token}', 'content-type': 'application/json'})
        with urlopen(request) as reply:
            return reply.status, reply.read()

    def until(self, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Return what the page shows once it is wanted."""
        states: list[dict[str, Any]] = []

        def found() -> bool:
            states.append(json.loads(self.ask('state')[1]))
            return bool(wanted(states[-1]))
        wait_until(found, lambda: str(states[-1:]))
        return states[-1]


@pytest.fixture
def page(harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Start a dashboard with a token of its own."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    harness.start('dashboard', port=0)
    return Page(harness)


def test_who_is_there_is_shown_and_so_are_the_nodes(harness: Harness, page: Page) -> None:
    """With the probabilities of the image, and how each node is."""
    people = harness.publisher(PersonEmotionArray, '/emotions')
    people.publish(SAD)
    state = page.until(lambda state: state['people'] and state['nodes'])
    person, = state['people']
    assert (person['name'], person['emotion'], person['distance']) == ('Ada', 'Sad', 1.5)
    assert person['probabilities']['Sad'] == pytest.approx(0.8)
    assert [line['name'] for line in state['lines']] == ['Ada']
    assert ('dashboard', 'OK') in [(node['name'], node['level']) for node in state['nodes']]


def test_images_are_received_only_while_somebody_looks(harness: Harness, page: Page) -> None:
    """Colour as it is drawn, depth as colours, and what depth rejected."""
    assert harness.node.count_subscribers('/annotated_image/compressed') == 0
    shown = []

    def look() -> bool:
        shown[:] = [page.ask(f'image/{kind}') for kind in ('colour', 'depth')]
        return all(status == 200 for status, _ in shown)
    page.ask('image/colour')
    colour = harness.publisher(CompressedImage, '/annotated_image/compressed', IMAGE)
    depth = harness.publisher(Image, '/depth_registered/image_raw', IMAGE)
    rejected = harness.publisher(FaceArray, '/faces_rejected')
    sent = to_jpeg(np.full((48, 64, 3), 90, np.uint8), 80, HEADER)
    distances = np.full((48, 64), 4900, np.uint16)
    distances[:, :32], distances[:, 60:] = 500, 0

    def send_and_look() -> bool:
        colour.publish(sent)
        depth.publish(to_message(distances, '16UC1', HEADER))
        return look()
    wait_until(send_and_look)
    assert shown[0][1] == bytes(sent.data)
    image = cv2.imdecode(np.frombuffer(shown[1][1], np.uint8), cv2.IMREAD_COLOR).astype(int)
    near, far, unknown = image[24, 8], image[24, 48], image[24, 62]
    assert near[2] > 100 and near[2] > 2 * near[0] and far[0] > far[2] and unknown.max() < 40
    rejected.publish(FaceArray(header=HEADER, faces=[Face(
        rejected_because='flat', distance=2.0,
        roi=RegionOfInterest(x_offset=1, y_offset=2, width=3, height=4))]))
    state = page.until(lambda state: state['rejected'])
    assert state['rejected'] == [{'box': [1, 2, 3, 4], 'reason': 'flat', 'distance': 2.0}]
    wait_until(lambda: harness.node.count_subscribers('/annotated_image/compressed') == 0)


def test_a_button_asks_the_node_and_tells_its_answer(harness: Harness, page: Page) -> None:
    """Where nobody offers the service, that is told."""
    assert page.ask('forget', {'name': 'Ada'})[0] == 202
    page.until(lambda state: state['notices']
               and state['notices'][0]['text'] == 'nobody offers identity/forget now')

    def forget(request: Any, response: Any) -> Any:
        response.message = f'nobody is called {request.name}'
        return response
    harness.node.create_service(Forget, '/identity/forget', forget)

    def told(state: dict[str, Any]) -> bool:
        page.ask('forget', {'name': 'Ada'})
        return {'forget Ada: nobody is called Ada'} & {each['text'] for each in state['notices']}
    page.until(told)


def test_a_port_that_is_taken_ends_with_2_and_one_line(
        harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        assert harness.exit_code('dashboard', port=port) == 2
    line, = harness.log('dashboard').splitlines()
    assert line.startswith(f'dashboard: cannot listen on 127.0.0.1, port {port}: ')
