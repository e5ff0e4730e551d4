# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions distill`: a student learns from teachers and votes."""
import json
import math
from pathlib import Path
import shutil

from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
from emorec_training.provenance import file_sha256
from fer_csv import TRAIN_FLAGS
from fer_csv import write_votes
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


def teachers_of(folder: Path) -> dict[str, str]:
    """Return the teachers that a run names, with their hashes."""
    teachers: dict[str, str] = json.loads((folder / 'result.json').read_text())['teachers']
    return teachers


def distill(teacher: Path, csv: Path, out: Path, *flags: str) -> int:
    """Train a student."""
    return main(['emotions', 'distill', str(teacher), str(csv), *TRAIN_FLAGS, *flags, '--out',
                 str(out)])


def test_a_student_learns_from_a_teacher(
        trained_run: Path, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Its run names the teachers, without which it is not gone on with."""
    student, sha256 = tmp_path / 'student', file_sha256(trained_run / 'model.keras')
    assert distill(trained_run, tiny_csv, student, '--epochs', '2', '--teacher-weight',
                   '0.8') == 0
    assert 'weight: 0.8' in (student / 'config.yaml').read_text()
    assert teachers_of(student) == {str(trained_run): sha256}
    capsys.readouterr()
    resume = ['--resume', '--epochs', '3']
    assert main(['emotions', 'train', str(tiny_csv), *resume, '--out', str(student)]) == 2
    assert f'learns from {trained_run}: go on with' in capsys.readouterr().err
    other = shutil.copytree(trained_run, tmp_path / 'other')
    assert distill(other, tiny_csv, student, *resume) == 0
    assert teachers_of(student) == {str(trained_run): sha256, str(other): sha256}


def test_teachers_may_see_what_the_student_sees(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, own_cache: Path) -> None:
    """Distorted as for the student or less; each batch that comes again is asked about once."""
    before = set(own_cache.glob('emorec/answers-*/*.npz'))
    assert distill(trained_run, tiny_csv, tmp_path / 'shown', '--teacher-sees', 'shown',
                   '--answered-epochs', '1', '--epochs', '2') == 0
    batch = int(TRAIN_FLAGS[TRAIN_FLAGS.index('--batch-size') + 1])
    batches = math.ceil(len(load_csv(tiny_csv).split('training').images) / batch)
    assert len(set(own_cache.glob('emorec/answers-*/*.npz')) - before) == batches
    assert 'sees: shown' in (tmp_path / 'shown' / 'config.yaml').read_text()
    assert distill(trained_run, tiny_csv, tmp_path / 'milder', '--teacher-sees', 'milder',
                   '--epochs', '1') == 0
    assert 'sees: milder' in (tmp_path / 'milder' / 'config.yaml').read_text()


def test_votes_count_beside_the_teacher(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """`--vote-weight` takes those of --ferplus."""
    votes = write_votes(tmp_path / 'fer2013new.csv')
    assert distill(trained_run, tiny_csv, tmp_path / 'student', '--epochs', '1', '--vote-weight',
                   '0.1', '--ferplus', str(votes)) == 0
    assert 'votes: 0.1' in (tmp_path / 'student' / 'config.yaml').read_text()


@pytest.mark.parametrize('flags, message', [
    (['--classes', 'Angry,Happy'], 'the student is to learn Angry, Happy'),
    (['--vote-weight', '0.1'], '--vote-weight needs --ferplus'),
    (['--answered-epochs', '2'], '--answered-epochs needs --teacher-sees shown'),
])
def test_what_does_not_fit_is_refused(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, flags: list[str], message: str,
        capsys: pytest.CaptureFixture[str]) -> None:
    """One line says why, and there is no run."""
    assert distill(trained_run, tiny_csv, tmp_path / 'student', *flags) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / 'student').exists()
