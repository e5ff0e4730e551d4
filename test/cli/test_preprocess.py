# SPDX-License-Identifier: Apache-2.0
"""`emorec preprocess` and `emorec watch` on a video of 20 seconds."""
from pathlib import Path
import re

import cv2
from emorec_cli.main import main
import numpy as np
from onnx_models import write_model
import pytest

RATE = 5
SECONDS = 20
FACELESS = (7, 12)


@pytest.fixture(scope='module')
def model(tmp_path_factory) -> Path:
    """Return a small emotion model."""
    return write_model(tmp_path_factory.mktemp('model') / 'model.onnx')


@pytest.fixture(scope='module')
def video(tmp_path_factory, astronaut) -> Path:
    """Return a video of a face that drifts, and is away in the seconds FACELESS."""
    path = tmp_path_factory.mktemp('video') / 'input_video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), RATE, (320, 240))
    for index in range(SECONDS * RATE):
        left = 90 + index % 10
        image = astronaut[10:250, left:left + 240]
        frame = np.full((240, 320, 3), 120, np.uint8)
        if index // RATE not in FACELESS:
            frame[:, 40:280] = image
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def run(capsys, *arguments: object) -> tuple[int, list[str], str]:
    """Run the command and return its status, its lines and what it complained of."""
    status = main(list(map(str, arguments)))
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err


def test_twenty_seconds_give_twenty_crops_but_those_without_a_face(
        capsys, video, model, tmp_path):
    out = tmp_path / 'crops'
    status, lines, _ = run(capsys, 'preprocess', video, '--out', out, '--model', model)
    assert status == 0
    assert lines == [f'{video}: 18 crops of 20 in {out}',
                     'no face from second 7, 12 on, 1 s each']
    numbers = {int(path.stem.removeprefix('image')) for path in out.glob('image*.png')}
    assert numbers == set(range(SECONDS)) - set(FACELESS)
    for path in out.glob('image*.png'):
        crop = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert crop.shape == (48, 48) and crop.dtype == np.uint8
        eyes, cheeks = crop[14:24].mean(), crop[26:34].mean()
        assert eyes < cheeks, 'a face is darker at its eyes than below them'
    sheet = cv2.imread(str(out / 'contact_sheet.png'))
    assert sheet is not None and sheet.shape[1] > 900


def test_crops_are_never_mixed_with_earlier_ones(capsys, video, model, tmp_path):
    (tmp_path / 'image0.png').write_bytes(b'earlier')
    status, lines, complaint = run(
        capsys, 'preprocess', video, '--out', tmp_path, '--model', model)
    assert (status, lines) == (2, [])
    assert complaint == f'emorec: {tmp_path} holds crops already; name another --out\n'
    assert (tmp_path / 'image0.png').read_bytes() == b'earlier'


@pytest.mark.parametrize('what', ['missing', 'text', 'folder'])
def test_what_is_no_video_is_refused_in_one_line(capsys, tmp_path, model, what):
    path = tmp_path / 'clip.avi'
    if what == 'text':
        path.write_text('no video')
    elif what == 'folder':
        path.mkdir()
    status, lines, complaint = run(
        capsys, 'preprocess', path, '--out', tmp_path / 'out', '--model', model)
    assert (status, lines) == (2, [])
    assert str(path) in complaint and complaint.count('\n') == 1
    assert not (tmp_path / 'out').exists()


def test_a_video_without_a_face_ends_with_2(capsys, tmp_path, model):
    path = tmp_path / 'empty.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 2, (160, 120))
    for _ in range(4):
        writer.write(np.full((120, 160, 3), 90, np.uint8))
    writer.release()
    status, lines, complaint = run(
        capsys, 'preprocess', path, '--out', tmp_path / 'out', '--model', model)
    assert status == 2 and 'shows no face' in complaint
    assert lines[-1] == 'no face from second 0, 1 on, 1 s each'


def test_watch_prints_one_line_per_second_of_file_time(capsys, video, model):
    status, lines, _ = run(capsys, 'watch', '--source', f'video:{video}', '--model', model)
    assert status == 0
    assert lines[:3] == ['Reading video stream ...', '', 'Preprocessing ...']
    assert len(lines) == 3 + SECONDS
    for second, line in enumerate(lines[3:]):
        assert line.startswith(f'00:00:{second:02d}s : ')
        if second in FACELESS:
            assert line.endswith('no face')
        else:
            assert re.fullmatch(r'00:00:\d\ds : [A-Z][a-z]+\?? , \d{1,3}%', line)


def test_watch_confirms_what_stays(capsys, video, model):
    _, lines, _ = run(capsys, 'watch', '--source', f'video:{video}', '--model', model)
    emotions = [line.split(' : ')[1].split(' , ')[0] for line in lines[3:]]
    assert emotions[0].endswith('?'), '5 measurements confirm nothing'
    assert not emotions[6].endswith('?') and not emotions[19].endswith('?')


def test_watch_ends_after_its_duration(capsys, video, model):
    _, lines, _ = run(capsys, 'watch', '--source', f'video:{video}', '--model', model,
                      '--duration', '3', '--every', '0.5')
    assert len(lines) == 3 + 6


@pytest.mark.parametrize('arguments', [
    ['--source', 'nonsense'], ['--source', 'video:missing.avi'], ['--model', 'missing.onnx']])
def test_watch_refuses_bad_input_in_one_line(capsys, model, arguments):
    status, lines, complaint = run(capsys, 'watch', *arguments)
    assert (status, lines) == (2, []) and complaint.count('\n') == 1
