# SPDX-License-Identifier: Apache-2.0
"""`emorec faces evaluate` measures a folder per person, and repeats with its seed."""

import json
import sys

import cv2
from emorec_cli.main import main
from emorec_vision.model_files.weights import yunet_weights
import numpy as np
import pytest


pytest.importorskip('emorec_training', reason='emorec_training is not installed')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Return five made-up faces with four images each, and a person with one."""
    home = tmp_path_factory.mktemp('faces')
    random = np.random.default_rng(0)
    for person in range(5):
        face = cv2.resize(random.integers(40, 216, (12, 12), dtype=np.uint8), (100, 100))
        (home / f'p{person}').mkdir()
        for number in range(4):
            noise = random.normal(0, 4, face.shape)
            cv2.imwrite(str(home / f'p{person}' / f'{number}.png'),
                        np.clip(face + noise, 0, 255).astype(np.uint8))
    (home / 'once').mkdir()
    cv2.imwrite(str(home / 'once' / '0.png'), np.zeros((50, 50), np.uint8))
    return home


def evaluate(folder, *more):
    return main(['faces', 'evaluate', str(folder), '--train-pictures', '2', '--splits', '2',
                 *more])


def test_it_prints_and_writes_the_figures(folder, tmp_path, capsys):
    pytest.importorskip('matplotlib', reason='the training extra (matplotlib) is not installed')
    out = tmp_path / 'new' / 'out'
    assert evaluate(folder, '--out', str(out)) == 0
    printed = capsys.readouterr()
    assert '5 people, 20 images, 2 enrolled of each, 2 splits, seed 0' in printed.out
    assert 'once is left out' in printed.err
    figures = json.loads((out / 'evaluation.json').read_text())
    assert figures['closed_set_accuracy']['mean'] == 1.0
    assert np.array(figures['confusion']).sum() == 2 * 5 * 2
    for name in ('confusion.png', 'roc.png'):
        assert min(cv2.imread(str(out / name)).shape[:2]) > 300
    assert not [path for path in out.iterdir() if path.name.startswith('.')]


def test_the_seed_decides(folder, capsys):
    printed = []
    for seed in ('1', '1', '2'):
        assert evaluate(folder, '--json', '--seed', seed) == 0
        figures = json.loads(capsys.readouterr().out)
        assert figures.pop('seed') == int(seed)
        printed.append(figures)
    assert printed[0] == printed[1]


@pytest.mark.parametrize('missing, options', [
    ('emorec_training', []), ('matplotlib', ['--out', 'out'])])
def test_what_is_not_installed_is_told_before_it_measures(
        folder, tmp_path, capsys, monkeypatch, missing, options):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.chdir(tmp_path)
    assert evaluate(folder, *options) == 2
    printed = capsys.readouterr()
    assert f'({missing}): run `make training`' in printed.err and '[training]' in printed.err
    assert (printed.out, printed.err.count('\n')) == ('', 1)
    assert not (tmp_path / 'out').exists()


def test_figures_in_text_need_no_matplotlib(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    assert evaluate(folder) == 0


@pytest.mark.parametrize('more, words', [
    (['--splits', '0'], '--splits'), (['--seed', '-1'], '--seed'),
    (['--train-pictures', '11'], '--train-pictures'),
    (['--train-pictures', '4'], 'needs 4')])
def test_bad_input_is_one_line(folder, capsys, more, words):
    assert evaluate(folder, *more) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize('detector, words', [
    pytest.param('yunet', 'by YuNet', marks=pytest.mark.skipif(
        yunet_weights() is None, reason='the weights of YuNet are not installed')),
    ('haar', 'by the Haar cascade')])
def test_the_detector_that_is_asked_for_cuts_the_faces(
        astronaut, tmp_path, capsys, detector, words):
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[:256, 96:352]
    for person in range(4):
        (tmp_path / f'p{person}').mkdir()
        for number in range(3):
            cv2.imwrite(str(tmp_path / f'p{person}' / f'{number}.png'), gray)
    assert evaluate(tmp_path, '--detect', '--detector', detector, '--recognizer', 'lbph') == 0
    printed = capsys.readouterr()
    assert f'faces are found {words}' in printed.err and '4 people, 12 images' in printed.out


def test_a_missing_folder_is_named(tmp_path, capsys):
    assert evaluate(tmp_path / 'nowhere') == 2
    assert 'nowhere' in capsys.readouterr().err
