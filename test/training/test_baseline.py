# SPDX-License-Identifier: Apache-2.0
"""benchmarks/baseline.py on drawn stills of people whose rest is darker than usual."""
import json
from pathlib import Path
import sys

import numpy as np
from people_images import spaced_model
from people_images import write_images
from people_images import write_people
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'benchmarks'))

import baseline  # noqa: E402, I100


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, 'argv', ['baseline.py', *arguments])
    return baseline.main()


def test_figures_stand_side_by_side(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Raw and adapted, with their spread over the seeds."""
    model = spaced_model(tmp_path / 'spaced.onnx')
    folder = write_people(tmp_path / 'people')
    assert _run(monkeypatch, str(folder), '--model', str(model), '--seeds', '2', '--lasting', '20',
                '--json') == 0
    report = json.loads(capsys.readouterr().out)
    figures = report['figures']
    assert report['people'] == 4
    talk = figures['talk, Neutral']
    assert talk['adapted']['mean'] > talk['raw']['mean']
    assert all(part['low'] <= part['mean'] <= part['high'] for part in talk.values())
    assert {'talk, non-neutral', 'talk, calibration error', 'lasting 20 s, Happy',
            'arrives, Sad', 'swap with names, Neutral', 'swap without names, Happy',
            'name changes, non-neutral'} <= set(figures)


def test_people_without_rest_are_no_data(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """It is said in one line."""
    model = spaced_model(tmp_path / 'spaced.onnx')
    write_images(tmp_path / 'people', {'ada.happy.png': np.full((48, 48), 90, np.uint8)})
    assert _run(monkeypatch, str(tmp_path / 'people'), '--model', str(model)) == 2
    assert 'nobody has a Neutral image and one of another emotion' in capsys.readouterr().err


def test_a_swap_changes_the_faces_of_two_tracks() -> None:
    """The names follow a second later."""
    ada, ben = ({6: np.array([row]), 3: np.array([row + 1])} for row in (0, 10))
    timeline = baseline.swap((ada, ben), 6, True, np.random.default_rng(0))
    before, after, named = (timeline[frame] for frame in (599, 600, 610))
    assert before[0]['a'] < 10 <= after[0]['a']
    assert before[1] == after[1] == {'a': 'Ada', 'b': 'Ben'}
    assert named[1] == {'a': 'Ben', 'b': 'Ada'}
