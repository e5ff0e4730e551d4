# SPDX-License-Identifier: Apache-2.0
"""Whatever a JSON file holds, it is read or refused in one line."""

from pathlib import Path

import cv2
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.errors import InputError
from emorec_vision.files.json_text import DEEPEST
from emorec_vision.files.json_text import parse_json
from emorec_vision.files.json_text import read_json
from emorec_vision.people.store import PeopleStore
from emorec_vision.sources import open_source
import numpy as np
from onnx_models import write_model
import pytest

DEEP = '[' * 100_000
LONG = '9' * 400
VERY_LONG = '9' * 5000
HOSTILE = [DEEP, '{"fx": ' * 100_000, DEEP + ']' * 100_000, LONG, f'{{"rate": {LONG}}}',
           f'{{"rate": {VERY_LONG}}}', f'{{"fx": {LONG}, "fy": 1, "cx": 1, "cy": 1}}',
           '{"K": ' + '[' * 500 + ']' * 500 + '}', '', '{', '"\\ud800', b'\xff\xfe{', b'\x00']


@pytest.mark.parametrize('text', HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_in_one_line(text, tmp_path):
    path = tmp_path / 'a.json'
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match='a.json is no JSON file that can be read') as refusal:
        read_json(path)
    assert '\n' not in str(refusal.value) and len(str(refusal.value)) < 300
    with pytest.raises(ValueError):
        parse_json(text)


def test_what_is_usual_is_read(tmp_path):
    deep = '[' * DEEPEST + ']' * DEEPEST
    assert parse_json(deep)[0]
    with pytest.raises(ValueError, match='nested deeper'):
        parse_json(f'[{deep}]')
    (tmp_path / 'a.json').write_text('\ufeff{"rate": 30.5, "n": 12345678901234567890}')
    assert read_json(tmp_path / 'a.json') == {'rate': 30.5, 'n': 12345678901234567890}


def test_a_file_that_is_too_large_is_not_parsed(tmp_path, monkeypatch):
    monkeypatch.setattr('emorec_vision.files.json_text.MOST_BYTES', 10)
    (tmp_path / 'a.json').write_text('[1, 2, 3, 4, 5]')
    with pytest.raises(InputError, match='at most 10 are read'):
        read_json(tmp_path / 'a.json')


def recording(folder: Path) -> Path:
    """Write a recording of one frame."""
    cv2.imwrite(str(folder / '0_rgb.png'), np.zeros((8, 8, 3), np.uint8))
    return folder


@pytest.mark.parametrize('text', [DEEP, f'{{"rate": {LONG}}}',
                                  f'{{"frames": {{"0": [{LONG}, 0, 0, 0, 1, 0, 0, 0, 1]}}}}'])
def test_the_camera_of_a_recording(text, tmp_path):
    (recording(tmp_path) / 'camera.json').write_text(text)
    with pytest.raises(InputError, match='camera.json') as refusal:
        open_source(f'recording:{tmp_path}')
    assert '\n' not in str(refusal.value)


@pytest.mark.parametrize('stamps', ['0 9223372036854775807000\n', f'0 {VERY_LONG}\n',
                                    f'{VERY_LONG} 1\n', '0 2147483648000000000\n'])
def test_the_stamps_of_a_recording_are_those_of_ros(stamps, tmp_path):
    (recording(tmp_path) / 'stamps.txt').write_text(stamps)
    with pytest.raises(InputError, match='stamp') as refusal:
        open_source(f'recording:{tmp_path}')
    assert '\n' not in str(refusal.value)


def test_a_size_of_5000_digits_in_a_dump(tmp_path):
    (tmp_path / 'r-1.0-1.ppm').write_bytes(f'P6 {VERY_LONG} 1 255\n'.encode() + bytes(40))
    with pytest.raises(InputError, match='is no P6 image'):
        open_source(f'recording:{tmp_path}')


@pytest.mark.parametrize('text', [DEEP, LONG, VERY_LONG, f'{{"format": {LONG}}}'])
def test_the_model_of_the_people(text, tmp_path):
    (tmp_path / 'Ann').mkdir()
    cv2.imwrite(str(tmp_path / 'Ann' / '1.png'), np.zeros((150, 150), np.uint8))
    (tmp_path / '.model').mkdir()
    (tmp_path / '.model' / 'people.json').write_text(text)
    with pytest.raises(InputError, match='people.json is broken') as refusal:
        PeopleStore(tmp_path).read()
    assert '\n' not in str(refusal.value)


@pytest.mark.parametrize('labels', [DEEP, VERY_LONG, f'[{LONG}]', '["Angry",\n"Angry"]'])
def test_the_labels_of_an_emotion_model(labels, tmp_path):
    path = write_model(tmp_path / 'm.onnx', labels=labels)
    with pytest.raises(InputError, match='its labels are') as refusal:
        EmotionModel(path)
    assert '\n' not in str(refusal.value) and len(str(refusal.value)) < 500
