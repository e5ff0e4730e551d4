# SPDX-License-Identifier: Apache-2.0
"""Every reading of PrivateTest is on record."""
from pathlib import Path

from emorec_cli.main import main
from emorec_training.evaluation import private_test_log
from emorec_vision.emotions import EMOTIONS
from gray_images import RIGHT
from gray_images import write_gray_csv
from gray_images import WRONG
from onnx_models import write_model
import pytest


@pytest.fixture
def model(tmp_path: Path) -> str:
    """Return the path of a model that is right on all but the mislabelled images."""
    return str(write_model(tmp_path / 'brightness.onnx'))


@pytest.fixture
def members(tmp_path: Path) -> list[str]:
    """Return a model that is right, and one that takes the labels in reverse."""
    return [str(write_model(tmp_path / 'right.onnx')),
            str(write_model(tmp_path / 'reversed.onnx', EMOTIONS[::-1]))]


@pytest.fixture
def gray_csv(tmp_path: Path) -> str:
    """Return the path of a csv of images that are told by their gray level."""
    return str(write_gray_csv(tmp_path / 'gray.csv'))


def test_private_test_is_read_only_on_record(
        model: str, gray_csv: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """It takes both options; each figure is a line in the list before it is shown."""
    log = tmp_path / 'docs' / 'private_test.csv'
    monkeypatch.setattr(private_test_log, 'PRIVATE_LOG', log)
    command = ['emotions', 'evaluate', model, gray_csv]
    final = [*command, '--split', 'private', '--final']
    for arguments, message in ((['--split', 'private'], 'PrivateTest is read with'),
                               (['--final'], 'PrivateTest is read with'),
                               (final[4:], 'so PrivateTest is not read')):
        assert main([*command, *arguments]) == 2
        captured = capsys.readouterr()
        assert message in captured.err and captured.out == ''
    log.parent.mkdir()
    assert main(final) == 0
    assert main([*final, '--tta', 'flip', '--classes', 'Happy,Sad']) == 0
    lines = log.read_text().splitlines()
    assert lines[0] == 'date,revision,model,model_sha256,accuracy,pictures,labels'
    assert len(lines) == 4 and len(lines[1].split(',')[3]) == 64
    assert lines[1].endswith(f',{RIGHT / (RIGHT + WRONG):.4f},24,fer2013')
    assert 'brightness.onnx (image and mirror image)' in lines[2]
    assert lines[2].endswith(',9,fer2013: Happy Sad')


def test_every_member_that_reads_private_test_is_listed(
        members: list[str], gray_csv: str, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for the ensemble, with the hashes of all its files, and one for each member."""
    monkeypatch.setattr(private_test_log, 'PRIVATE_LOG', tmp_path / 'log.csv')
    command = ['emotions', 'ensemble', *members, gray_csv, '--split', 'private', '--final']
    assert main(command) == 0
    lines = [line.split(',') for line in (tmp_path / 'log.csv').read_text().splitlines()[1:]]
    assert ['right.onnx' in line[2] for line in lines] == [True, True, False]
    assert ['reversed.onnx' in line[2] for line in lines] == [True, False, True]
    assert lines[0][3] == f'{lines[1][3]} + {lines[2][3]}'
