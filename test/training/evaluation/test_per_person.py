# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions evaluate --per-person`, with people whose rest is darker than usual."""
import json
from pathlib import Path
from typing import Any

from emorec_cli.main import main
from emorec_training.evaluation.per_person import interval_over_people
from emorec_vision.emotions import EMOTIONS
import numpy as np
from onnx_models import write_model
from people_images import shown
from people_images import spaced_model
from people_images import write_images
from people_images import write_people
import pytest


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a model that knows where expressions lie."""
    return str(spaced_model(tmp_path_factory.mktemp('models') / 'spaced.onnx'))


@pytest.fixture(scope='module')
def people(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the folder of the images of four people."""
    return str(write_people(tmp_path_factory.mktemp('people')))


def _figures(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(['emotions', 'evaluate', *arguments, '--per-person', '--json']) == 0
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return figures


def test_adapted_answers_are_right_where_raw_ones_are_not(
        model: str, people: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Who knows the rest, or a labelled image of each emotion, knows more than the network."""
    figures = _figures(capsys, model, people)
    readings = {part['reading']: part for part in figures['readings']}
    assert list(readings) == ['raw', 'without labels', 'rest known', 'expressions learnt']
    assert readings['raw']['accuracy'] < 0.5
    assert readings['rest known']['accuracy'] == 1.0
    for name in ('rest known', 'expressions learnt'):
        assert readings[name]['accuracy'] > readings[name]['raw_accuracy'] + 0.1
        assert not any('cop' in note or 'flat' in note for note in readings[name]['notes'])
    assert readings['rest known']['pictures'] == 24
    assert figures['people']['p0'] == {
        name: 2 if name in ('Happy', 'Sad', 'Neutral') else 0 for name in EMOTIONS}


def test_the_table_names_who_was_found(
        model: str, people: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Options may stand between model and data."""
    assert main(['emotions', 'evaluate', model, '--per-person', people]) == 0
    text = capsys.readouterr().out
    assert '4 people (p0, p1, p2, p3) with 6 images each' in text
    assert 'Happy: 8 images of 4 people, 2 each' in text
    row = next(line for line in text.splitlines() if line.startswith('rest known'))
    assert row.split()[2:7] == ['24', '100.0%', '100.0%', '100.0%', '100.0%']


def test_a_neutral_image_is_read_against_the_others(
        model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One alone teaches the rest but is not read; a copy is read, and said to be one."""
    rng = np.random.default_rng(0)
    neutral = shown(6, -40, rng)
    images = {f'p{number}.happy.png': shown(3, -40, rng) for number in range(3)}
    images |= {'p0.neutral.png': neutral, 'p1.neutral.png': neutral, 'p1.normal.png': neutral}
    readings = _figures(capsys, model, str(write_images(tmp_path, images)))['readings']
    rest = next(part for part in readings if part['reading'] == 'rest known')
    assert {name: rest['per_class'][name]['pictures'] for name in ('Happy', 'Neutral')} == {
        'Happy': 2, 'Neutral': 2}
    assert rest['notes'][0].startswith('2 of the Neutral images are copies')
    assert 'expressions learnt' not in [part['reading'] for part in readings]


@pytest.mark.parametrize(('second', 'flatters'), [('001', True), ('002', False)])
def test_frames_of_one_sequence_are_said_to_flatter(
        second: str, flatters: bool, model: str, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Another sequence of the person is what they are read on, if there is one."""
    rng = np.random.default_rng(0)
    write_images(tmp_path, {
        f'{name}/S1_{sequence}_0000000{frame}.png': shown(EMOTIONS.index(name), 0, rng)
        for name in ('Happy', 'Sad') for sequence, frame in (
            ('001', 1), ('001', 2), (second, 3))})
    readings = _figures(capsys, model, str(tmp_path))['readings']
    learnt = next(part for part in readings if part['reading'] == 'expressions learnt')
    assert any('flattering' in note for note in learnt['notes']) == flatters
    assert (learnt['pictures'] == 40) == flatters


def test_the_figures_are_written(model: str, people: str, tmp_path: Path) -> None:
    """JSON, and two images of each reading."""
    assert main(['emotions', 'evaluate', model, people, '--per-person', '--out',
                 str(tmp_path / 'new')]) == 0
    names = sorted(path.name for path in (tmp_path / 'new').iterdir())
    assert len(names) == 9 and 'per_person.json' in names
    assert 'reliability_rest_known.png' in names


@pytest.mark.parametrize(('arguments', 'reason'), [
    (['{model}', '{model}', '--per-person'], 'is no folder of images'),
    (['{model}', '{people}', '--per-person', '--tta', 'flip'], 'does not go with --tta'),
    (['{plain}', '{people}', '--per-person'], 'does not say where expressions lie'),
    (['{model}', '{people}', '--subject', 'p.'], '--subject belongs to --per-person'),
    (['{people}'], 'name one model, then the data'),
    (['{model}', '{people}', '--per-person', '--subject', '('], 'no regular expression')])
def test_slips_are_said_in_one_line(
        arguments: list[str], reason: str, model: str, people: str, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """With exit status 2."""
    plain = str(write_model(tmp_path / 'plain.onnx'))
    names = {'model': model, 'people': people, 'plain': plain}
    assert main(['emotions', 'evaluate', *(each.format(**names) for each in arguments)]) == 2
    error = capsys.readouterr().err
    assert reason in error and error.count('\n') == 1


def test_intervals_are_those_of_people() -> None:
    """Ten images of one person say no more than one."""
    hits = np.arange(100) % 2 == 0
    wide = interval_over_people(np.repeat(hits[:10], 10), np.repeat(np.arange(10), 10))
    narrow = interval_over_people(hits, np.arange(100))
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]
