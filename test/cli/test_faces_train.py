# SPDX-License-Identifier: Apache-2.0
"""`emorec faces train` writes a model, and says in one line why it cannot."""

import json

import cv2
from emorec_cli.main import main
from emorec_vision.identity.factory import why_no_sface
from emorec_vision.people.store import PeopleStore
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path):
    """Return a people folder with two people."""
    random = np.random.default_rng(0)
    people = PeopleStore(tmp_path / 'people')
    for name in ('Ada', 'Élise'):
        people.add(name, [cv2.resize(random.integers(0, 256, (12, 12), dtype=np.uint8),
                                     (150, 150)) for _ in range(2)])
    return people.path


@pytest.mark.parametrize('recognizer, templates, name', [
    ('lbph', 4, 'LBPH'),
    pytest.param('sface', 2, 'SFace', marks=pytest.mark.skipif(
        bool(why_no_sface()), reason=why_no_sface()))])
def test_it_learns_everybody_and_says_so(folder, capsys, recognizer, templates, name):
    assert main(['faces', 'train', '--people', str(folder), '--recognizer', recognizer]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(
        f'learned Ada, Élise from {2 * templates} templates\nthreshold ')
    assert f'recogniser: {name}\n' in printed.err
    assert json.loads((folder / '.model' / 'people.json').read_text())['calibration'][
        'false_accept'] == 0.01
    assert main(['faces', 'train', '--people', str(folder), '--false-accept', '0.05',
                 '--json', '--recognizer', recognizer]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found['templates'] == {'Ada': templates, 'Élise': templates}
    assert found['false_accept'] == 0.05


def test_bad_input_is_one_line(tmp_path, folder, capsys):
    (tmp_path / 'empty').mkdir()
    for arguments, words in ((['--people', str(tmp_path / 'nowhere')], 'no people folder'),
                             (['--people', str(tmp_path / 'empty')], 'nobody in'),
                             (['--people', str(folder), '--false-accept', '2'], 'false-accept')):
        assert main(['faces', 'train', *arguments]) == 2
        error = capsys.readouterr().err
        assert words in error and error.count('\n') == 1


def test_an_image_that_cannot_be_read_is_named(folder, capsys):
    (folder / 'Ada' / 'broken.png').write_bytes(b'no image')
    assert main(['faces', 'train', '--people', str(folder)]) == 0
    assert 'broken.png' in capsys.readouterr().err
