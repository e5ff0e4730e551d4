# SPDX-License-Identifier: Apache-2.0
"""`emorec watch` on a video of 20 seconds."""

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
