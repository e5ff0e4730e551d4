# SPDX-License-Identifier: Apache-2.0
"""The library as other programs use it: one image, many, several threads, known people."""

from concurrent.futures import ThreadPoolExecutor
import json
from pathlib import Path

import cv2
from emorec_vision import EmotionReader
from emorec_vision import InputError
from emorec_vision import to_pandas
from emorec_vision import to_supervision
import numpy as np
from PIL import Image
import pytest


def enroll(folder: Path, photo: np.ndarray) -> None:
    """Make somebody known by one photo."""
    folder.mkdir(parents=True)
    Image.fromarray(photo).save(folder / 'one.png')


@pytest.fixture(scope='module')
def reader() -> EmotionReader:
    """Return a reader of the shipped model that knows nobody."""
    return EmotionReader(people=None)


def test_three_lines_tell_a_face(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """The portrait smiles."""
    face, = reader.read(astronaut)
    assert (face.emotion, face.sure, face.person) == ('Happy', True, '')
    assert list(face.probabilities) == list(reader.emotions)
    assert sum(face.probabilities.values()) == pytest.approx(1, abs=1e-3)
    assert face.box.width > 80 and face.crop.shape == (48, 48)


def test_every_kind_of_image_gets_the_same_answer(
        reader: EmotionReader, astronaut: np.ndarray, tmp_path: Path) -> None:
    """An array, OpenCV's order, opacity, Pillow's, a path, bytes; without colour nearly so."""
    file = tmp_path / 'face.png'
    Image.fromarray(astronaut).save(file)
    opaque = np.dstack([astronaut, np.full(astronaut.shape[:2], 255, np.uint8)])
    expected = [face.to_dict() for face in reader.read(astronaut)]
    kinds = {'path': file, 'text': str(file), 'bytes': file.read_bytes(), 'opaque': opaque,
             'Pillow': Image.open(file), 'view': astronaut[:, ::-1][:, ::-1]}
    for kind, image in kinds.items():
        assert [face.to_dict() for face in reader.read(image)] == expected, kind
    bgr = cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR)
    assert [face.to_dict() for face in reader.read(bgr, order='bgr')] == expected
    gray, = reader.read(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY))
    assert gray.emotion == 'Happy'


def test_a_photo_of_a_telephone_held_upright_is_turned(
        reader: EmotionReader, astronaut: np.ndarray, tmp_path: Path) -> None:
    """By Pillow, as the file itself is."""
    file = tmp_path / 'turned.jpg'
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(astronaut).copy()).save(file, exif=exif, quality=95)
    opened, = reader.read(Image.open(file))
    assert opened.emotion == 'Happy' and reader.read(file)[0].emotion == 'Happy'


@pytest.mark.parametrize('image, reason', [
    (np.zeros((4, 4, 3)), 'float64'), (np.zeros((4, 4, 2), np.uint8), r'\(4, 4, 2\)'),
    (np.zeros((0, 4, 3), np.uint8), 'shows nothing'), (None, 'NoneType is no image'),
    ('nowhere.png', 'nowhere.png'), (b'no image', 'the image')])
def test_what_is_no_image_is_told_in_one_line(
        reader: EmotionReader, image: object, reason: str) -> None:
    """With what to give instead."""
    with pytest.raises(InputError, match=reason) as told:
        reader.read(image)
    assert '\n' not in str(told.value)


def test_wrong_names_are_told(astronaut: np.ndarray, reader: EmotionReader) -> None:
    """Of the channels, the model, the detector and the people."""
    with pytest.raises(InputError, match="order is 'gbr'"):
        reader.read(astronaut, order='gbr')
    for wrong in ({'model': 'nowhere.onnx'}, {'detector': 'hog'}, {'people': 'nowhere'},
                  {'people': None, 'recognizer': 'hog'}):
        with pytest.raises(InputError):
            EmotionReader(**wrong)  # type: ignore[arg-type]


def test_a_wall_shows_nobody(reader: EmotionReader) -> None:
    """Nor do outputs of it have rows."""
    assert reader.read(np.full((240, 320, 3), 128, np.uint8)) == []


def test_threads_share_a_reader(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """Each gets the answers to its own images."""
    blank = np.full_like(astronaut, 128)
    images = [astronaut, blank, astronaut[:, ::-1]] * 5
    alone = [[face.to_dict() for face in faces] for faces in reader.read_all(images)]
    with ThreadPoolExecutor(4) as threads:
        together = [[face.to_dict() for face in faces]
                    for faces in threads.map(reader.read, images)]
    assert together == alone


def test_an_enrolled_person_is_named_once_in_an_image(
        astronaut: np.ndarray, tmp_path: Path) -> None:
    """Of two faces that look like her, one is her."""
    enroll(tmp_path / 'people' / 'Eileen', astronaut)
    reader = EmotionReader(people=tmp_path / 'people')
    assert reader.people == ['Eileen']
    face, = reader.read(astronaut)
    assert face.person == 'Eileen'
    twice = np.hstack([astronaut, astronaut])
    assert sorted(face.person for face in reader.read(twice)) == ['', 'Eileen']


def test_own_people_need_not_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who never enrolled anybody has no folder."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'nothing'))
    assert EmotionReader().people == []


def test_readings_become_json_and_tables(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """Plain numbers and words."""
    row, = json.loads(json.dumps([face.to_dict() for face in reader.read(astronaut)]))
    assert row['emotion'] == 'Happy' and row['Happy'] == row['probability'] > 0.9
    assert row['width'] > 80 and row['person'] == ''


def test_readings_become_a_data_frame(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """With a column per emotion."""
    pytest.importorskip('pandas')
    table = to_pandas(reader.read(astronaut))
    assert table.emotion.tolist() == ['Happy'] and table.Happy[0] > 0.9


def test_readings_become_detections(reader: EmotionReader, astronaut: np.ndarray) -> None:
    """Of supervision, with none where there is nobody."""
    pytest.importorskip('supervision')
    found = to_supervision(reader.read(astronaut))
    assert len(found) == 1 and found.data['class_name'].tolist() == ['Happy']
    assert reader.emotions[found.class_id[0]] == 'Happy' and found.confidence[0] > 0.9
    assert len(to_supervision([])) == 0


@pytest.mark.parametrize('function, library', [
    (to_pandas, 'pandas'), (to_supervision, 'supervision')])
def test_a_missing_library_is_named(
        function: object, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(__import__('sys').modules, library, None)
    with pytest.raises(InputError, match=f'pip install {library}'):
        function([])  # type: ignore[operator]
