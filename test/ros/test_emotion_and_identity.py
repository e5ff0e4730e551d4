# SPDX-License-Identifier: Apache-2.0
"""The emotion and the identity node over real topics."""

from collections.abc import Callable
from pathlib import Path
import shutil
from typing import Any

import cv2
from emorec.msg import Emotion
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotionArray
from emorec.msg import IdentityArray
from emorec_ros.messages.conversions import roi_from_box
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.geometry import Box
import numpy as np
from onnx_models import LABELS
from onnx_models import write_model
import pytest
from ros_harness import Harness
from sensor_msgs.msg import Image
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

BOX = Box(20, 20, 60, 60)


def face(track_id: str, gray: np.ndarray, box: Box = BOX, detected: bool = True) -> Face:
    """Return a face as the detector publishes it."""
    crop, crop_box = context_crop(gray, box)
    return Face(track_id=track_id, roi=roi_from_box(box), detected=detected,
                crop=to_message(crop, 'mono8'), crop_roi=roi_from_box(crop_box))


def array(number: int, *faces: Face) -> FaceArray:
    """Return image `number` with these faces."""
    return FaceArray(header=Header(stamp=time_from_ns(10**10 + number * 33_000_000)),
                     session='s', faces=list(faces))


def plain(gray: int) -> np.ndarray:
    """Return a plain image; the test model's emotion k is likeliest near gray 36 * k."""
    return np.full((120, 120), gray, np.uint8)


def test_one_emotion_array_per_face_array(harness: Harness, tmp_path: Path) -> None:
    """Empty ones too; each detected face is measured, by track_id; a missed one is not."""
    harness.start('emotion', model=write_model(tmp_path / 'model.onnx'))
    emotions = harness.topic(FaceEmotionArray, '/face_emotions')
    faces = harness.publisher(FaceArray, '/faces')
    faces.publish(array(0))
    sent = array(1, face('a', plain(108)), face('b', plain(0)),
                 face('lost', plain(0), detected=False))
    faces.publish(sent)
    empty, measured = emotions.wait_for_count(2)
    assert empty.emotions == []
    assert measured.header == sent.header
    assert {emotion.track_id: emotion.emotion for emotion in measured.emotions} == {'a': 3, 'b': 0}
    assert all(sum(emotion.probabilities) == pytest.approx(1) for emotion in measured.emotions)


@pytest.mark.parametrize('labels, numbers, seven', [
    (('Sad', 'Happy', 'Bored'), (Emotion.HAPPY, Emotion.SAD, Emotion.OTHER), 2),
    ((*LABELS, 'Contempt'), (*range(7), Emotion.CONTEMPT), 7)])
def test_a_model_of_other_emotions_names_them(
    labels: tuple[str, ...], numbers: tuple[int, ...], seven: int, harness: Harness,
    tmp_path: Path
) -> None:
    """In the order of Emotion.msg; the field of seven holds what there is of them."""
    harness.start('emotion', model=write_model(
        tmp_path / 'model.onnx', labels=labels, outputs=len(labels)))
    emotions = harness.topic(FaceEmotionArray, '/face_emotions')
    faces = harness.publisher(FaceArray, '/faces')
    faces.publish(array(0, *(face(label, plain(36 * index))
                             for index, label in enumerate(labels))))
    answer = emotions.wait_for()
    assert sorted(answer.labels) == sorted(labels)
    for measured in answer.emotions:
        row = list(measured.label_probabilities)
        assert answer.labels[row.index(max(row))] == measured.track_id
        assert measured.emotion == numbers[list(answer.labels).index(measured.track_id)]
        assert sum(row) == pytest.approx(1)
        assert sum(share > 0 for share in measured.probabilities) <= seven
        if measured.emotion < len(LABELS):
            assert measured.probabilities[measured.emotion] == pytest.approx(max(row))


def test_a_broken_crop_does_not_stop_the_others(harness: Harness, tmp_path: Path) -> None:
    """A malformed crop is dropped and counted, the other faces of the image are measured."""
    harness.start('emotion', model=write_model(tmp_path / 'model.onnx'))
    emotions = harness.topic(FaceEmotionArray, '/face_emotions')
    faces = harness.publisher(FaceArray, '/faces')
    broken = face('broken', plain(0))
    broken.crop = Image(height=5, width=5, step=5, encoding='mono8')
    faces.publish(array(0, broken, face('good', plain(108))))
    assert [emotion.track_id for emotion in emotions.wait_for().emotions] == ['good']
    harness.values('emotion', lambda values: values.get('dropped') == '1')


@pytest.mark.parametrize('node, topic, kind', [
    ('emotion', '/face_emotions', FaceEmotionArray), ('identity', '/identities', IdentityArray)])
def test_an_empty_region_is_dropped_and_the_node_lives(
    node: str, topic: str, kind: type, harness: Harness, tmp_path: Path
) -> None:
    """A foreign detector that leaves crop_roi or roi at zero crashes nobody."""
    harness.start(node, **({'model': write_model(tmp_path / 'model.onnx')}
                           if node == 'emotion' else {}))
    answers = harness.topic(kind, topic)
    faces = harness.publisher(FaceArray, '/faces')
    no_crop, no_roi = face('a', plain(0)), face('b', plain(0))
    no_crop.crop_roi = RegionOfInterest()
    no_roi.roi = RegionOfInterest()
    faces.publish(array(0, no_crop, no_roi, face('good', plain(108))))
    answer = answers.wait_for()
    found = answer.emotions if node == 'emotion' else answer.identities
    assert [one.track_id for one in found] == ['good']


@pytest.mark.parametrize('make, complaint', [
    (lambda path: path, 'broken.onnx'),
    (lambda path: path.write_text('no model'), 'broken.onnx'),
    (lambda path: write_model(path, labels=['Angry'] * 7), 'labels'),
])
def test_a_bad_model_ends_with_2_and_one_line(
    make: Callable[[Path], Any], complaint: str, harness: Harness, tmp_path: Path
) -> None:
    """Missing, not ONNX, labels that are none: one line with the path and what to do."""
    path = tmp_path / 'broken.onnx'
    make(path)
    assert harness.exit_code('emotion', model=path) == 2
    line, = harness.log('emotion').splitlines()
    assert line.startswith('emotion: ')
    assert complaint in line


@pytest.fixture(scope='module')
def portrait(astronaut: np.ndarray) -> tuple[np.ndarray, Box]:
    """Return a gray image and the box of the face in it."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    return gray, max((found.box for found in HaarDetector().detect(gray)),
                     key=lambda box: box.width)


@pytest.fixture
def people(tmp_path: Path, portrait: tuple[np.ndarray, Box]) -> Path:
    """Write a people folder with one person."""
    gray, box = portrait
    home = tmp_path / 'people' / 'Eileen Collins'
    home.mkdir(parents=True)
    for shift in range(4):
        cut = gray[box.y + shift:box.bottom + shift, box.x + shift:box.right + shift]
        cv2.imwrite(str(home / f'{shift}.png'), cv2.resize(cut, (150, 150)))
    return home.parent


def test_a_known_face_gets_its_name_after_agreeing_looks(
    harness: Harness, people: Path, portrait: tuple[np.ndarray, Box]
) -> None:
    """The name is the folder's; a face unlike anybody's stays unknown; empty arrays answered."""
    gray, box = portrait
    harness.start('identity', people=people, wait_for_looks=True)
    identities = harness.topic(IdentityArray, '/identities')
    faces = harness.publisher(FaceArray, '/faces')
    noise = np.random.default_rng(0).integers(0, 256, (120, 120), np.uint8)
    faces.publish(array(0))
    for number in range(1, 11):
        faces.publish(array(number, face('a', gray, box), face('b', noise)))
        identities.wait_for_count(number + 1)
    assert identities.messages[0].identities == []
    first, last = identities.messages[1], identities.messages[-1]
    assert not any(identity.known for identity in first.identities)
    found = {identity.track_id: identity for identity in last.identities}
    assert (found['a'].person, found['a'].known) == ('Eileen Collins', True)
    assert (found['b'].person, found['b'].known) == ('', False)
    assert found['a'].distance < found['b'].distance
    assert found['a'].confidence > found['b'].confidence


def test_looks_meanwhile_name_a_known_face(
    harness: Harness, people: Path, portrait: tuple[np.ndarray, Box]
) -> None:
    """Every image is answered without waiting for a look, as in front of a camera."""
    harness.start('identity', people=people)
    identities = harness.topic(IdentityArray, '/identities')
    faces = harness.publisher(FaceArray, '/faces')
    for number in range(300):
        faces.publish(array(number, face('a', *portrait)))
        identities.wait_for_count(number + 1)
        if identities.messages[-1].identities[0].known:
            break
    assert identities.messages[-1].identities[0].person == 'Eileen Collins'
    assert 'recogniser: ' in harness.log('identity')


@pytest.mark.parametrize('broken, complaint', [
    ('Ada/1.png', 'shows nobody'), ('.model/people.json', 'people.json is broken')])
def test_a_broken_image_or_model_is_named_and_everybody_is_unknown(
    broken: str, complaint: str, harness: Harness, people: Path,
    portrait: tuple[np.ndarray, Box]
) -> None:
    """The graph runs on without names."""
    if 'model' not in broken:
        shutil.rmtree(people / 'Eileen Collins')
    path = people / broken
    path.parent.mkdir()
    path.write_text('neither image nor model')
    harness.start('identity', people=people)
    identities = harness.topic(IdentityArray, '/identities')
    harness.publisher(FaceArray, '/faces').publish(array(0, face('a', *portrait)))
    identity, = identities.wait_for().identities
    assert not identity.known
    assert complaint in harness.log('identity')
    assert 'everybody stays unknown' in harness.log('identity')
    harness.values('identity', lambda values: complaint in values['people'])
