# SPDX-License-Identifier: Apache-2.0
"""`emorec watch` on a video of 20 seconds."""

import csv
import re

from cli.face_video import FACELESS
from cli.face_video import run
from cli.face_video import SECONDS
from emorec_vision.emotions import EMOTIONS
from onnx_models import write_model
import pytest


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


@pytest.mark.parametrize('labels', [('Happy', 'Sad', 'Neutral', 'Bored', 'Keen'),
                                    (*EMOTIONS, 'Contempt')])
def test_watch_tells_what_the_model_calls_it(capsys, tmp_path, video, labels):
    model = write_model(tmp_path / 'm.onnx', labels=labels, outputs=len(labels))
    status, lines, _ = run(capsys, 'watch', '--source', f'video:{video}', '--model', model)
    assert status == 0
    told = {line.split(' : ')[1].split(' , ')[0].rstrip('?') for line in lines[3:]}
    assert told - {'no face'} and told <= {*labels, 'no face'}


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


def test_watch_writes_a_table_and_a_page(capsys, tmp_path, video, model):
    """One row per face and image, and who showed what over time."""
    table, page = tmp_path / 'rows.csv', tmp_path / 'page.html'
    status, _, complaints = run(capsys, 'watch', '--source', f'video:{video}', '--model', model,
                                '--csv', table, '--report', page)
    assert status == 0
    rows = list(csv.DictReader(table.open()))
    assert f'{len(rows)} rows in {table}' in complaints and f'page is in {page}' in complaints
    times = [float(row['time']) for row in rows]
    assert times == sorted(times) and 0 <= times[0] and times[-1] < SECONDS
    assert {row['confirmed'] for row in rows} - {''} <= set(EMOTIONS)
    assert all(abs(sum(float(row[name]) for name in EMOTIONS) - 1) < 1e-3 for row in rows)
    assert '<svg' in page.read_text()


def test_a_table_of_another_kind_is_refused_before_anything_is_read(capsys, tmp_path, video):
    """With those that there are."""
    status, lines, complaints = run(capsys, 'watch', '--source', f'video:{video}', '--csv',
                                    tmp_path / 'rows.xls')
    assert status == 2 and '.csv or .parquet' in complaints
    assert not any(line.startswith('00:00') for line in lines)
