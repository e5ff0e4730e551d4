# SPDX-License-Identifier: Apache-2.0
"""`emorec preprocess` on a video of 20 seconds."""

import csv
import re

from cli.face_video import FACELESS
from cli.face_video import run
from cli.face_video import SECONDS
import cv2
from emorec_vision.drawing.contact_sheet import contact_sheet
import numpy as np
import pytest


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


def test_the_sheet_says_what_watch_says_of_the_same_second(capsys, video, model, tmp_path):
    _, lines, _ = run(capsys, 'watch', '--source', f'video:{video}', '--model', model)
    said = [re.sub(' ,( [0-9]+%).*', r'\1', line.split(' : ')[1]) for line in lines[3:]]
    run(capsys, 'preprocess', video, '--out', tmp_path, '--model', model)
    seconds = [second for second in range(SECONDS) if second not in FACELESS]
    crops = [cv2.imread(str(tmp_path / f'image{second}.png'), cv2.IMREAD_GRAYSCALE)
             for second in seconds]
    expected = contact_sheet(crops, [f'{second}s {said[second]}' for second in seconds])
    sheet = cv2.imread(str(tmp_path / 'contact_sheet.png'), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(sheet, expected)


def test_a_table_has_a_row_per_face_and_image(capsys, video, model, tmp_path):
    table = tmp_path / 't.csv'
    status, _, _ = run(capsys, 'preprocess', video, '--out', tmp_path / 'crops', '--model', model,
                       '--csv', table)
    assert status == 0
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > SECONDS and len({row['time'] for row in rows}) == len(rows)
    (tmp_path / 'photos').mkdir()
    status, _, errors = run(capsys, 'preprocess', tmp_path / 'photos', '--out', tmp_path / 'other',
                            '--csv', table)
    assert status == 2 and '--csv is for a video' in errors


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
