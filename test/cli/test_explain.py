# SPDX-License-Identifier: Apache-2.0
"""`emorec explain` draws what the network looks at in each face of an image."""

from pathlib import Path

import cv2
from emorec_cli.main import main
from emorec_vision.files.access import write_png
from emorec_vision.sources.images import read_image
import numpy as np
from onnx_models import write_model
import pytest

WIDTH, ONE_FACE, ROW = 632, 300, 226


@pytest.fixture(scope='module')
def portrait(tmp_path_factory: pytest.TempPathFactory, astronaut: np.ndarray) -> Path:
    """Return an image file with one face."""
    path = tmp_path_factory.mktemp('portrait') / 'portrait.png'
    write_png(path, astronaut)
    return path


def explain(capsys, *arguments: object) -> tuple[int, list[str], str]:
    """Run the command and return its status, its lines and the last one of its complaints."""
    status = main(['explain', *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), (printed.err.splitlines() or [''])[-1]


def test_each_face_gets_a_row_of_the_sheet(capsys, tmp_path, model, portrait, astronaut):
    pair = tmp_path / 'pair.png'
    write_png(pair, np.hstack([astronaut, astronaut]))
    status, lines, _ = explain(capsys, portrait, pair, '--model', model, '--out',
                               tmp_path / 'maps')
    assert status == 0 and len(lines) == 5
    assert lines[1] == f'{portrait}: written to {tmp_path}/maps/portrait.png'
    assert lines[2].startswith(f'{pair}: 1 ') and lines[3].startswith(f'{pair}: 2 ')
    one, two = (read_image(tmp_path / 'maps' / name) for name in ('portrait.png', 'pair.png'))
    assert one.shape == (ONE_FACE, WIDTH, 3)
    assert two.shape == (ONE_FACE + ROW, WIDTH, 3)


def test_the_place_that_is_looked_at_is_red(capsys, tmp_path):
    model = write_model(tmp_path / 'quarter.onnx', place=(0, 24, 24, 48), spread=0.1)
    face = np.full((48, 48), 20, np.uint8)
    face[:24, 24:] = 180
    write_png(tmp_path / 'face.png', face)
    status, lines, _ = explain(capsys, tmp_path / 'face.png', '--model', model, '--patch', 8,
                               '--out', tmp_path / 'maps')
    assert status == 0 and 'Surprise' in lines[0]
    sheet = read_image(tmp_path / 'maps' / 'face.png').astype(int)
    heat = sheet[34:34 + 192, 220:220 + 192]
    red = heat[..., 0] - heat[..., 2]
    assert red[:80, 110:].min() > 15
    assert np.abs(red[130:, :64]).max() == 0


def test_a_named_emotion_is_explained(capsys, tmp_path, model, portrait):
    status, lines, _ = explain(capsys, portrait, '--model', model, '--emotion', 'Fear', '--out',
                               tmp_path)
    assert status == 0 and lines[0].startswith(f'{portrait}: Fear ')


def test_an_image_without_a_face_is_told(capsys, tmp_path, model):
    cv2.imwrite(str(tmp_path / 'empty.png'), np.full((200, 200), 128, np.uint8))
    status, lines, _ = explain(capsys, tmp_path / 'empty.png', '--model', model, '--out',
                               tmp_path / 'maps')
    assert (status, lines) == (0, [f'{tmp_path}/empty.png: no face found'])
    assert not list((tmp_path / 'maps').iterdir())


@pytest.mark.parametrize('options, complaint', [
    (['--emotion', 'Bored'], "emorec: --emotion: 'Bored' is none that brightness tells"),
    (['--patch', '49'], 'emorec: --patch 49: the network sees faces of 48 px'),
    (['--patch', '0'], '0 is not a whole number of 1 or more'),
    (['--method', 'gradient'], 'emorec: --method gradient needs a .keras file'),
    (['--method', 'gradient', '--patch', '8'], 'emorec: --patch belongs to --method occlusion'),
    (['--model', 'missing.onnx'], 'emorec: there is no emotion model at missing.onnx')])
def test_bad_options_are_told_in_one_line(capsys, tmp_path, model, portrait, options, complaint):
    try:
        status, lines, error = explain(capsys, portrait, '--model', model, '--out', tmp_path,
                                       *options)
    except SystemExit as stop:
        status, lines, error = stop.code, [], capsys.readouterr().err.splitlines()[-1]
    assert (status, lines) == (2, []) and complaint in error


def test_an_unreadable_image_does_not_stop_the_others(capsys, tmp_path, model, portrait):
    status, lines, error = explain(capsys, tmp_path / 'missing.png', portrait, '--model', model,
                                   '--out', tmp_path)
    assert status == 2 and len(lines) == 2 and 'missing.png' in error
