# SPDX-License-Identifier: Apache-2.0
"""Commands play the topics of a bag that their options name."""

from bags import Bag
from bags import COLOUR
from bags import DEPTH
from bags import STEP
from emorec_cli.main import main
from emorec_vision.sources import open_source
import numpy as np
import pytest


@pytest.fixture
def bag(tmp_path):
    """Write a bag of two cameras, of which the second has depth."""
    bag = Bag(tmp_path / 'bag')
    for number in range(3):
        bag.image('/a/image', COLOUR, 'rgb8', number * STEP)
        bag.image('/b/image', COLOUR[::-1], 'rgb8', number * STEP)
        bag.image('/b/depth/image', DEPTH, '16UC1', number * STEP)
    bag.close()
    return bag.path


@pytest.mark.parametrize('options, colour, with_depth, line', [
    ([], COLOUR[::-1], True, 'playing /b/image, depth /b/depth/image'),
    (['--colour', '/a/image'], COLOUR, False, 'playing /a/image, depth none'),
    (['--colour', '/a/image', '--depth', '/b/depth/image'], COLOUR, True,
     'playing /a/image, depth /b/depth/image'),
    (['--depth', 'none'], COLOUR[::-1], False, 'playing /b/image, depth none')])
@pytest.mark.parametrize('kind', ['bag:', ''])
def test_record_takes_the_topics_that_are_named(
        kind, options, colour, with_depth, line, bag, tmp_path, capsys):
    folder = tmp_path / 'new'
    assert main(['record', str(folder), '--source', f'{kind}{bag}', *options]) == 0
    assert line in capsys.readouterr().err
    with open_source(f'recording:{folder}') as source:
        frame = source.read()
    assert np.array_equal(frame.rgb, colour) and (frame.depth is not None) == with_depth


@pytest.mark.parametrize('command', [
    ['watch'], ['record', 'new'], ['faces', 'acquire', '--name', 'Ada'], ['live']])
def test_a_topic_that_fits_nothing_is_refused_in_one_line(
        command, bag, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for source, told in ((f'bag:{bag}', 'has no topic /nobody'), ('demo', 'is no bag')):
        if command == ['live'] and source != 'demo':
            continue
        assert main([*command, '--source', source, '--colour', '/nobody']) == 2
        complaint = capsys.readouterr().err
        assert told in complaint and complaint.count('\n') == 1
