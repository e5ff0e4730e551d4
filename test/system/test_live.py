# SPDX-License-Identifier: Apache-2.0
"""The whole system: `emorec live` on files, and when things go wrong."""

from collections.abc import Callable
import csv
from importlib.util import find_spec
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from time import sleep

import cv2
from emorec_vision.emotions import EMOTIONS
from live_harness import EMOREC
from live_harness import Live
from live_harness import node_processes
import numpy as np
from onnx_models import write_model
from patience import wait_until
import pytest

Start = Callable[..., Live]


def test_a_clip_gives_every_frame_once_and_the_same_answers_again(
    live: Start, clip: Path
) -> None:
    """Files lose no frame, and results repeat, also in the other layout of processes."""
    def play(processes: str) -> list:
        run = live('--source', f'video:{clip}', '--json', '--rate', '0', '--processes', processes)
        assert run.end() == 0, run.log
        assert '40 frames answered' in run.log
        answers = run.messages()
        for person in (person for answer in answers for person in answer['people']):
            person['track_id'] = person['track_id'].rsplit('-', 1)[1]
        return answers

    answers = play('one')
    assert [round(25 * answer['stamp']) for answer in answers] == list(range(40))
    assert sum(len(answer['people']) for answer in answers) > 30
    assert play('one') == answers
    assert play('each') == answers


def test_whoever_only_looks_is_told_nothing_about_ros(live: Start) -> None:
    """One line about the person is all; --verbose tells the rest."""
    run = live('--source', 'demo', '--duration', '1')
    assert run.end() == 0
    assert run.log == ''
    assert 'unknown' in run.lines[0]
    run = live('--source', 'demo', '--duration', '1', '--verbose')
    assert run.end() == 0
    assert 'ROS_DOMAIN_ID=' in run.log and '[INFO] face_detector: ' in run.log


@pytest.mark.parametrize('labels', [('Happy', 'Sad', 'Neutral', 'Bored', 'Keen'),
                                    (*EMOTIONS, 'Contempt')])
@pytest.mark.parametrize('processes', ['one', 'each'])
def test_a_model_of_other_emotions_goes_all_the_way(
    live: Start, clip: Path, tmp_path: Path, labels: tuple[str, ...], processes: str
) -> None:
    """Five or eight labels: they are confirmed, printed and drawn."""
    model = write_model(tmp_path / 'm.onnx', labels=labels, outputs=len(labels))
    run = live('--source', f'video:{clip}', '--json', '--rate', '0', '--model', str(model),
               '--processes', processes, '--record', 'out.mp4')
    assert run.end() == 0, run.log
    measured = [person for person in run.people() if person['probabilities']]
    assert len(measured) > 30
    assert all(set(person['probabilities']) == set(labels) for person in measured)
    last = measured[-1]
    assert last['confirmed'] and last['emotion'] in labels and last['frame_emotion'] in labels
    assert 0 < last['probability'] <= 1 and 0 <= last['since'] < 1.6
    assert cv2.VideoCapture(str(tmp_path / 'out.mp4')).get(cv2.CAP_PROP_FRAME_COUNT) == 40
    assert 'dropped' not in run.log


def test_a_table_and_a_page_hold_what_was_printed(
        live: Start, clip: Path, tmp_path: Path) -> None:
    """One row per person and image, with the numbers of --json."""
    run = live('--source', f'video:{clip}', '--json', '--rate', '0', '--csv', 'rows.csv',
               '--report', 'page.html')
    assert run.end() == 0, run.log
    printed = [(message['stamp'], person) for message in map(json.loads, run.lines)
               for person in message['people']]
    rows = list(csv.DictReader((tmp_path / 'rows.csv').open()))
    assert len(rows) == len(printed) > 30 and f'{len(rows)} rows in ' in run.log
    for row, (stamp, person) in zip(rows, printed):
        assert float(row['time']) == pytest.approx(stamp)
        assert (row['track_id'], row['confirmed'] or None) == (
            person['track_id'], person['emotion'] if person['confirmed'] else None)
        assert float(row['Happy']) == pytest.approx(person['probabilities']['Happy'], abs=1e-4)
    assert '<svg' in (tmp_path / 'page.html').read_text()


def test_the_annotated_video_has_every_frame(live: Start, clip: Path, tmp_path: Path) -> None:
    """--record writes what was drawn, in the time of the clip, and leaves nothing else."""
    run = live('--source', f'video:{clip}', '--record', 'out.mp4', '--rate', '0')
    assert run.end() == 0, run.log
    capture = cv2.VideoCapture(str(tmp_path / 'out.mp4'))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 40
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(25, abs=0.1)
    assert [path.name for path in tmp_path.glob('*.mp4')] == ['out.mp4']
    original = cv2.VideoCapture(str(clip))
    for capture_ in (capture, original):
        capture_.set(cv2.CAP_PROP_POS_FRAMES, 30)
    drawn, plain = capture.read()[1].astype(int), original.read()[1].astype(int)
    assert np.mean(np.abs(drawn - plain).max(axis=2) > 60) > 0.01


def test_a_folder_of_images_gives_one_answer_each(
    live: Start, tmp_path: Path, astronaut: np.ndarray
) -> None:
    """Still images share no tracks: a face in a single image is found."""
    folder = tmp_path / 'pictures'
    folder.mkdir()
    for name in ('a.png', 'b.jpg', 'c.png'):
        cv2.imwrite(str(folder / name), cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR))
    cv2.imwrite(str(folder / 'd.png'), np.full((200, 300, 3), 128, np.uint8))
    run = live('--source', f'images:{folder}', '--json')
    assert run.end() == 0, run.log
    people = [message['people'] for message in run.messages()]
    assert [len(faces) for faces in people] == [1, 1, 1, 0]
    assert len({faces[0]['track_id'] for faces in people[:3]}) == 3
    assert people[0][0]['frame_emotion'] == 'Happy'


@pytest.mark.parametrize('processes, victim', [('one', 'pipeline'), ('each', 'face_detector')])
def test_a_process_killed_in_the_middle_of_a_file_costs_no_frame(
    processes: str, victim: str, live: Start, clip: Path
) -> None:
    """What the dead detector did not answer is sent again; every frame comes once, in order."""
    run = live('--source', f'video:{clip}', '--json', '--rate', '15', '--processes', processes)
    run.until(lambda: len(run.lines) > 10)
    os.kill(run.nodes()[victim], signal.SIGKILL)
    assert run.end() == 0, run.log
    assert [round(25 * message['stamp']) for message in run.messages()] == list(range(40))
    assert '0 lost' in run.log


@pytest.mark.parametrize('end', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_cleanly_when_told_to(end: signal.Signals, live: Start) -> None:
    """Ctrl-C, SIGTERM and a closed terminal give status 0 and leave no process."""
    run = live('--source', 'demo')
    run.until(lambda: len(run.lines) > 0)
    assert 'Happy' in run.lines[0]
    nodes = run.nodes()
    assert set(nodes) == {'pipeline', 'camera_driver'}
    assert run.end(end) == 0
    assert not set(nodes.values()) & set(node_processes())
    assert 'Traceback' not in run.log


def test_a_stopped_run_goes_on_in_the_same_processes(live: Start) -> None:
    """As after the sleep of a laptop: time that nobody lived through is held against nobody."""
    run = live('--source', 'demo', '--json')
    run.until(lambda: len(run.lines) > 0)
    nodes = run.nodes()
    everybody = [run.process.pid, *nodes.values()]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    sleep(12)  # longer than a node may be silent
    for pid in everybody:
        os.kill(pid, signal.SIGCONT)
    before = len(run.lines)
    run.until(lambda: len(run.lines) > before + 60)
    assert run.nodes() == nodes
    assert 'starting it again' not in run.log


def test_kill_9_leaves_no_process(live: Start) -> None:
    """Whatever happens to `emorec live`, its nodes die with it."""
    run = live('--source', 'demo', '--json')
    run.until(lambda: len(run.lines) > 0)
    nodes = set(run.nodes().values())
    run.process.kill()
    wait_until(lambda: not nodes & set(node_processes()))


def test_a_closed_pipe_ends_it(tmp_path: Path) -> None:
    """`emorec live --json | head -1` ends by itself, without a word."""
    result = subprocess.run(
        f'{EMOREC} live --source demo --json | head -n 1; echo ${{PIPESTATUS[0]}}',
        shell=True, executable='/bin/bash', capture_output=True, text=True, cwd=tmp_path)
    first, status = result.stdout.splitlines()
    assert first.startswith('{"stamp"')
    assert status == '0'
    assert 'Traceback' not in result.stderr


@pytest.mark.parametrize('arguments, complaint', [
    (['--source', 'video:nowhere.mp4'], 'nowhere.mp4'),
    (['--source', 'images:nowhere'], 'nowhere'),
    (['--source', 'webcam:99'], 'video99'),
    (['--source', 'telepathy'], 'telepathy'),
    (['--source', 'topics'], 'topics'),
    (['--source', 'demo', '--model', 'nowhere.onnx'], 'nowhere.onnx'),
    (['--source', 'demo', '--people', 'nowhere'], 'nowhere'),
    (['--source', 'demo', '--record', 'nowhere/out.mp4'], 'nowhere'),
    (['--source', 'demo', '--duration', '-1'], '-1'),
])
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], complaint: str, live: Start
) -> None:
    """Every mistake gets a line that names it, and nothing goes on running."""
    run = live(*arguments)
    assert run.end() == 2, run.log
    lines = [line for line in run.log.splitlines()
             if not line.startswith(('emorec: on this machine only', '[INFO]', 'usage:', ' '))]
    assert len(lines) == 1, run.log
    assert complaint in lines[0]


@pytest.mark.skipif(find_spec('hri_msgs') is not None, reason='hri_msgs is installed')
def test_ros4hri_without_its_messages_is_one_line(live: Start) -> None:
    """Nothing is started, instead of a graph without the bridge."""
    run = live('--source', 'demo', '--hri')
    assert run.end() == 2, run.log
    line, = run.log.splitlines()
    assert 'ROS4HRI needs the ROS package hri_msgs' in line


def test_a_text_file_named_onnx_is_refused(live: Start, tmp_path: Path) -> None:
    """A model that is none ends the run with the node's one line."""
    (tmp_path / 'fake.onnx').write_text('not a model')
    run = live('--source', 'demo', '--model', 'fake.onnx')
    assert run.end() == 2
    assert 'fake.onnx' in run.log
    assert 'Traceback' not in run.log


def test_without_ros_on_the_path_help_works() -> None:
    """`emorec live --help` teaches the sources without starting anything."""
    result = subprocess.run([sys.executable, '-m', 'emorec_cli.main', 'live', '--help'],
                            capture_output=True, text=True)
    assert result.returncode == 0
    for word in ('webcam[:DEVICE]', 'stream:URL', 'video:FILE', 'demo', '--json', '--record'):
        assert word in result.stdout
