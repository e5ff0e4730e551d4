# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions features` writes whole files, says what they are, and goes on."""

import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
FIVE = ['--classes', 'Angry,Happy,Sad,Surprise,Neutral']


def write(csv: Path, out: Path, *flags: str) -> int:
    """Run the command."""
    return main(['emotions', 'features', str(csv), '--out', str(out), *flags])


def test_files_hold_what_the_page_says(tiny_csv: Path, tmp_path: Path) -> None:
    """Images, labels and values of the same rows; PrivateTest is not touched."""
    assert write(tiny_csv, tmp_path, *FIVE, '--hog', '--images', '--one-hot') == 0
    said = json.loads((tmp_path / 'features.json').read_text())
    assert said['labels'] == ['Angry', 'Happy', 'Sad', 'Surprise', 'Neutral']
    assert list(said['columns']) == ['hog']
    place = tmp_path / 'Training'
    images, labels, hog = (np.load(place / f'{name}.npy', allow_pickle=False)
                           for name in ('images', 'labels', 'hog'))
    assert images.dtype == np.uint8 and hog.shape == (len(images), 72)
    assert labels.shape == (len(images), 5) and (labels.sum(axis=1) == 1).all()
    whole = load_csv(tiny_csv).split('training')
    kept = np.isin(whole.labels, [0, 3, 4, 5, 6])
    assert (images == whole.images[kept]).all()
    assert (tmp_path / 'PublicTest').is_dir() and not (tmp_path / 'PrivateTest').exists()


def test_only_what_is_missing_is_made(tiny_csv: Path, tmp_path: Path,
                                      capsys: pytest.CaptureFixture[str]) -> None:
    """The page names the kinds of both runs."""
    assert write(tiny_csv, tmp_path, '--hog') == 0
    first = (tmp_path / 'Training' / 'hog.npy').stat().st_mtime_ns
    assert write(tiny_csv, tmp_path, '--hog', '--pixels', '--private') == 0
    assert '1 of 2 kinds were there' in capsys.readouterr().out
    assert (tmp_path / 'Training' / 'hog.npy').stat().st_mtime_ns == first
    assert list(json.loads((tmp_path / 'features.json').read_text())['columns']) == [
        'hog', 'pixels']
    assert np.load(tmp_path / 'PrivateTest' / 'pixels.npy').shape[1] == 2304


@pytest.mark.parametrize('flags, reason', [
    ([], 'name what to write'),
    (['--landmarks', 'nowhere.dat'], 'nowhere.dat'),
    (['--hog', '--one-hot'], 'holds features with another one_hot')])
def test_bad_input_is_one_line(flags: list[str], reason: str, tiny_csv: Path, tmp_path: Path,
                               capsys: pytest.CaptureFixture[str]) -> None:
    """And what is there stays."""
    assert write(tiny_csv, tmp_path, '--pixels') == 0
    capsys.readouterr()
    assert write(tiny_csv, tmp_path, *flags) == 2
    complaint = capsys.readouterr().err
    assert reason in complaint and complaint.count('\n') == 1


def test_landmarks_are_those_of_dlib(tiny_csv: Path, tmp_path: Path,
                                     capsys: pytest.CaptureFixture[str]) -> None:
    """68 points where dlib and a predictor are installed; another file is told."""
    pytest.importorskip('dlib', reason='dlib is not installed')
    other = tmp_path / 'other.dat'
    other.write_bytes(b'no predictor')
    assert write(tiny_csv, tmp_path / 'o', '--landmarks', str(other)) == 2
    assert 'is no shape predictor of dlib' in capsys.readouterr().err
    file = Path('/usr/share/dlib/shape_predictor_68_face_landmarks.dat')
    if not file.exists():
        pytest.skip('libdlib-data is not installed')
    assert write(tiny_csv, tmp_path / 'o', '--landmarks', str(file)) == 0
    assert np.load(tmp_path / 'o' / 'Training' / 'landmarks.npy').shape[1] == 136
