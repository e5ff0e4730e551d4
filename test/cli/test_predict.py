# SPDX-License-Identifier: Apache-2.0
"""`emorec predict` boxes each face of an image, and needs neither ROS nor TensorFlow."""

import csv
import json
import os
from pathlib import Path
import re
import subprocess
import sys

import cv2
from emorec_cli.main import main
from emorec_vision.emotion.model import model_path
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.geometry import Box
import numpy as np
from onnx_models import write_model
import pytest
from yunet_models import write_yunet

HEAD = Box(126, 0, 200, 230)
FACE = Box(50, 65, 98, 98)
"""Her head in the photograph, and where Haar finds her face in that, px."""
PLACES = [(20, 120, 0.45), (140, 60, 0.8), (320, 90, 1.0), (540, 5, 1.6)]


@pytest.fixture(scope='module')
def group(tmp_path_factory, astronaut) -> Path:
    """Return a photograph of four people of several sizes."""
    image = np.full((400, 880, 3), (186, 178, 170), np.uint8)
    head = astronaut[HEAD.y:HEAD.bottom, HEAD.x:HEAD.right]
    for x, y, scale in PLACES:
        person = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        image[y:y + person.shape[0], x:x + person.shape[1]] = person
    return write_image(tmp_path_factory.mktemp('group') / 'group.jpg', image)


def write_image(path: Path, rgb: np.ndarray) -> Path:
    """Write a colour image."""
    assert cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return path


def predict(capsys, *arguments: object) -> tuple[int, list[str], str]:
    """Run the command and return its status, the lines it printed and what it complained of."""
    status = main(['predict', *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), without_detector(printed.err)


def without_detector(complaints: str) -> str:
    """Return what a command complained of, without the line about its detector."""
    return re.sub(r'^emorec: faces are found by .*\n', '', complaints, flags=re.MULTILINE)


@pytest.mark.parametrize('options, line', [
    ([], 'emorec: faces are found by '), (['--detector', 'haar'], 'the Haar cascade\n')])
def test_the_detector_is_told_once(capsys, group, model, options, line):
    assert main(['predict', str(group), '--model', str(model), *options]) == 0
    complaints = capsys.readouterr().err
    assert complaints.count('\n') == 1 and line in complaints


def test_each_face_of_a_group_is_boxed(capsys, group, model):
    status, lines, complaints = predict(capsys, group, '--json', '--model', model)
    assert (status, len(lines), complaints) == (0, 1, '')
    result = json.loads(lines[0])
    assert (result['image'], result['width'], result['height']) == (str(group), 880, 400)
    assert len(result['faces']) == len(PLACES)
    for face, (x, y, scale) in zip(result['faces'], PLACES, strict=True):
        expected = Box(round(x + scale * FACE.x), round(y + scale * FACE.y),
                       round(scale * FACE.width), round(scale * FACE.height))
        assert Box(*face['roi']).iou(expected) > 0.6
        assert list(face['probabilities']) == list(EMOTIONS)
        assert sum(face['probabilities'].values()) == pytest.approx(1, abs=1e-4)
        assert face['probabilities'][face['emotion']] == max(face['probabilities'].values())


def test_text_has_one_line_per_face(capsys, group, model):
    status, lines, _ = predict(capsys, group, '--model', model)
    assert (status, len(lines)) == (0, len(PLACES))
    assert all(line.startswith(f'{group}: {number} face ') and line.count('%') == 7
               for number, line in enumerate(lines, 1))


@pytest.mark.parametrize('labels', [('Happy', 'Sad', 'Neutral', 'Bored', 'Keen'),
                                    (*EMOTIONS, 'Contempt')])
def test_a_model_of_other_emotions_is_answered_by_their_names(capsys, tmp_path, group, labels):
    model = write_model(tmp_path / 'm.onnx', labels=labels, outputs=len(labels))
    _, lines, _ = predict(capsys, group, '--model', model)
    assert len(lines) == len(PLACES)
    assert all(f' {name} ' in line for line in lines for name in labels)
    _, lines, _ = predict(capsys, group, '--model', model, '--json', '--out', tmp_path / 'out')
    for face in json.loads(lines[0])['faces']:
        assert set(face['probabilities']) == set(labels) and face['emotion'] in labels
    assert (tmp_path / 'out' / 'group.png').is_file()


def test_an_answer_below_the_threshold_is_not_sure(capsys, tmp_path, group):
    model = write_model(tmp_path / 'm.onnx', spread=0.05)
    lines = predict(capsys, group, '--model', model, '--threshold', '1')[1]
    assert all(re.search(r'\): not sure: [A-Z][a-z]+ \d+%, ', line) for line in lines)
    assert 'not sure' not in str(predict(capsys, group, '--model', model, '--threshold', '0'))
    sure, = predict(capsys, group, '--model', model, '--json', '--threshold', '0')[1]
    unsure, = predict(capsys, group, '--model', model, '--json', '--threshold', '1')[1]
    for line, expected in ((sure, True), (unsure, False)):
        assert {face['sure'] for face in json.loads(line)['faces']} == {expected}
    for threshold, folder in (('0', 'sure'), ('1', 'unsure')):
        predict(capsys, group, '--model', model, '--threshold', threshold,
                '--out', tmp_path / folder)
    drawn = [cv2.imread(str(tmp_path / folder / 'group.png')) for folder in ('sure', 'unsure')]
    assert (drawn[0] != drawn[1]).any()


def test_a_flat_answer_is_doubted_by_default(capsys, tmp_path, group):
    labels = [f'label {number}' for number in range(40)]
    flat = write_model(tmp_path / 'm.onnx', labels=labels, outputs=40, spread=0.002)
    assert all('not sure: ' in line for line in predict(capsys, group, '--model', flat)[1])


@pytest.mark.parametrize('threshold', ['-0.1', '1.1', 'nan', 'half'])
def test_a_threshold_outside_0_to_1_is_refused(capsys, group, threshold):
    with pytest.raises(SystemExit, match='2'):
        predict(capsys, group, '--threshold', threshold)
    assert f'{threshold} is not a number from 0 to 1' in capsys.readouterr().err


def test_the_same_image_gives_the_same_answer(capsys, group, model):
    first, again = (predict(capsys, group, '--json', '--model', model) for _ in range(2))
    assert first == again


def test_an_image_without_a_face_says_so(capsys, tmp_path, model):
    path = write_image(tmp_path / 'wall.png', np.full((200, 300, 3), 128, np.uint8))
    assert predict(capsys, path, '--model', model)[1] == [f'{path}: no face found']
    status, lines, _ = predict(capsys, path, '--json', '--model', model)
    assert (status, json.loads(lines[0])['faces']) == (0, [])


def test_an_unreadable_image_is_told_after_which_the_others_are_done(
        capsys, tmp_path, group, model):
    broken = tmp_path / 'broken.png'
    broken.write_bytes(b'not an image')
    status, lines, complaints = predict(capsys, tmp_path / 'none.png', group, broken, group,
                                        '--json', '--model', model)
    assert status == 2
    assert [len(json.loads(line)['faces']) for line in lines] == [4, 4]
    missing, damaged = complaints.splitlines()
    assert missing.startswith('emorec: ') and 'none.png' in missing
    assert damaged.startswith('emorec: ') and 'broken.png' in damaged


def test_annotated_images_are_written_each_under_its_own_name(capsys, tmp_path, group, model):
    folder = tmp_path / 'new' / 'folder'
    assert predict(capsys, group, group, '--model', model, '--out', folder)[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == ['group-2.png', 'group.png']
    original, drawn = (cv2.imread(str(path)) for path in (group, folder / 'group.png'))
    assert drawn.shape == original.shape
    assert 0.001 < (drawn != original).any(axis=2).mean() < 0.5


def test_a_folder_that_cannot_be_made_is_told(capsys, tmp_path, group, model):
    (tmp_path / 'file').write_text('')
    status, _, complaints = predict(capsys, group, '--model', model, '--out', tmp_path / 'file')
    assert status == 2
    assert complaints.startswith('emorec: cannot make the folder')


def test_a_bad_model_ends_the_command_in_one_line(capsys, tmp_path, group):
    status, lines, complaints = predict(capsys, group, '--model', tmp_path / 'none.onnx')
    assert (status, lines) == (2, [])
    assert complaints.count('\n') == 1 and 'none.onnx' in complaints


def test_it_needs_neither_ros_nor_tensorflow(group, model, project_root):
    program = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {'rclpy', 'emorec', 'keras', 'tensorflow'}:
            raise ImportError(f'{name} is not installed')
sys.meta_path.insert(0, Absent())
from emorec_cli.main import main
sys.exit(main(sys.argv[1:]))
"""
    run = subprocess.run([sys.executable, '-c', program, 'predict', str(group), '--json',
                          '--model', str(model)], capture_output=True, text=True,
                         cwd=project_root, check=False)
    assert (run.returncode, without_detector(run.stderr)) == (0, '')
    assert len(json.loads(run.stdout)['faces']) == 4


def test_the_shipped_model_sees_the_astronaut_smile(capsys, tmp_path, astronaut):
    try:
        model_path('')
    except InputError as error:
        pytest.skip(str(error))
    path = write_image(tmp_path / 'astronaut.png', astronaut)
    status, lines, _ = predict(capsys, path, '--json')
    face, = json.loads(lines[0])['faces']
    assert (status, face['emotion']) == (0, 'Happy')
    assert face['probabilities']['Happy'] > 0.5


def test_a_pipe_and_names_that_are_too_long_are_refused_in_one_line_each(
        capsys, tmp_path, group, model):
    os.mkfifo(tmp_path / 'pipe')
    status, lines, complaints = predict(capsys, tmp_path / 'pipe', tmp_path / ('a' * 300),
                                        '--model', model)
    pipe, long = complaints.splitlines()
    assert (status, lines) == (2, [])
    assert pipe.endswith('pipe: it is no regular file')
    assert long.endswith('File name too long')


def test_an_image_of_the_longest_name_has_a_copy(capsys, tmp_path, group, model):
    path = tmp_path / ('a' * 251 + '.jpg')
    path.write_bytes(group.read_bytes())
    status, _, complaints = predict(capsys, path, '--model', model, '--out', tmp_path / 'out')
    assert (status, complaints) == (0, '')
    assert [file.name for file in (tmp_path / 'out').iterdir()] == [f'{"a" * 251}.png']


def test_yunet_finds_the_faces_instead(capsys, tmp_path, model):
    gray = np.zeros((240, 320, 3), np.uint8)
    gray[112:128, 80:96] = 255
    image = write_image(tmp_path / 'bright.png', gray)
    yunet = write_yunet(tmp_path / 'yunet.onnx')
    status, lines, _ = predict(capsys, image, '--json', '--model', model,
                               '--detector-model', yunet)
    x, y, width, height = json.loads(lines[0])['faces'][0]['roi']
    assert (status, width, x + width / 2) == (0, height, pytest.approx(88, abs=1))


def test_a_file_that_is_no_yunet_model_ends_with_one_line(capsys, group, model):
    status, lines, complaints = predict(capsys, group, '--model', model, '--detector-model', model)
    assert (status, lines) == (2, [])
    assert complaints.count('\n') == 1
    assert f'{model} is no YuNet model' in complaints


def test_a_folder_stands_for_its_images_and_a_table_has_a_row_per_face(
        capsys, tmp_path, group, model):
    """In natural order; a folder without images is told, and the rest is read."""
    photos, empty, table = tmp_path / 'photos', tmp_path / 'empty', tmp_path / 'rows.csv'
    photos.mkdir()
    empty.mkdir()
    for name in ('10.jpg', '9.jpg'):
        (photos / name).write_bytes(group.read_bytes())
    status, lines, complaints = predict(capsys, photos, empty, '--model', model, '--csv', table)
    assert status == 2 and 'holds no image' in complaints
    rows = list(csv.DictReader(table.open()))
    assert [Path(row['file']).name for row in rows] == ['9.jpg'] * 4 + ['10.jpg'] * 4
    assert len(lines) == 8 and f'8 rows in {table}' in complaints
    assert {row['emotion'] for row in rows} <= set(EMOTIONS)


def test_enrolled_people_are_named(capsys, tmp_path, astronaut, model):
    """In the line, in JSON and in the image."""
    (tmp_path / 'people' / 'Eileen').mkdir(parents=True)
    photo = write_image(tmp_path / 'people' / 'Eileen' / 'one.png', astronaut)
    _, lines, _ = predict(capsys, photo, '--model', model, '--people', tmp_path / 'people')
    assert ': Eileen ' in lines[0]
    _, lines, _ = predict(capsys, photo, '--model', model, '--people', tmp_path / 'people',
                          '--json')
    assert json.loads(lines[0])['faces'][0]['person'] == 'Eileen'
    status, _, complaints = run_for_error(capsys, photo, '--people', tmp_path / 'nowhere')
    assert status == 2 and 'nowhere' in complaints


def run_for_error(capsys, *arguments: object) -> tuple[int, list[str], str]:
    """Run the command, which ends with the error of a user."""
    try:
        return predict(capsys, *arguments)
    except InputError as error:
        return 2, [], str(error)
