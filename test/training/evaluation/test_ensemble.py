# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions ensemble`: networks that answer together."""
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.evaluation.ensemble import Ensemble
from emorec_training.evaluation.ensemble import open_ensemble
from emorec_training.evaluation.predictor import open_predictor
from emorec_training.evaluation.predictor import Predictor
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from gray_images import RIGHT
from gray_images import write_gray_csv
from gray_images import WRONG
import numpy as np
from onnx_models import write_model
import pytest

EIGHT = (*EMOTIONS, 'Contempt')


@pytest.fixture(scope='module')
def gray_csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a csv of images that are told by their gray level."""
    return str(write_gray_csv(tmp_path_factory.mktemp('data') / 'gray.csv'))


@pytest.fixture(scope='module')
def members(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return a model that is right, and one that takes the labels in reverse."""
    folder = tmp_path_factory.mktemp('models')
    return [str(write_model(folder / 'right.onnx')),
            str(write_model(folder / 'reversed.onnx', EMOTIONS[::-1]))]


def test_probabilities_are_averaged(members: list[str]) -> None:
    """Each image gets the mean of what the members say."""
    images = np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8)
    paths = [Path(member) for member in members]
    expected = sum(open_predictor(path)(images) for path in paths) / 2
    assert open_ensemble(paths)(images) == pytest.approx(expected)


def test_columns_are_matched_by_name(tmp_path: Path) -> None:
    """The same network with its labels written in another order adds its answers rightly."""
    orders = (EIGHT, EIGHT[::-1])
    paths = [write_model(tmp_path / f'{index}.onnx', order, outputs=8)
             for index, order in enumerate(orders)]
    ensemble = open_ensemble(paths)
    answers = ensemble.member_probabilities(np.zeros((1, 48, 48), np.uint8))
    assert ensemble.labels == EIGHT
    assert answers.argmax(axis=2).tolist() == [[0], [7]], 'black is the first label of a file'


def test_answers_that_are_no_numbers_are_not_measured() -> None:
    """The accuracy of a broken network would look like a poor one's."""
    broken = Predictor(lambda images: np.full((len(images), 7), np.nan), EMOTIONS, Path('a.keras'))
    with pytest.raises(InputError, match='a.keras answers what is no number'):
        Ensemble((broken,))(np.zeros((2, 48, 48), np.uint8))


def test_other_labels_are_refused(members: list[str], tmp_path: Path) -> None:
    """Seven emotions and the eight of FER+ cannot be averaged."""
    eight = write_model(tmp_path / 'eight.onnx', EIGHT, outputs=8)
    with pytest.raises(InputError, match='an ensemble needs the same labels'):
        open_ensemble([Path(members[0]), eight])


def test_each_member_is_measured_beside_the_ensemble(
        members: list[str], gray_csv: str, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Two members that are right outvote one that is not."""
    models = [members[0], members[0], members[1]]
    assert main(['emotions', 'ensemble', *models, gray_csv, '--out', str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    accuracy = f'{RIGHT / (RIGHT + WRONG):.1%}'
    assert lines[-1] == f'Accuracy on test set: {accuracy}'
    own = [line for line in lines if 'by itself' in line]
    assert [line.split()[0] for line in own] == [accuracy, accuracy, '12.5%']
    figures = json.loads((tmp_path / 'evaluation.json').read_text())
    assert [member['model'] for member in figures['members']] == models
    assert figures['members'][0]['log_loss'] < figures['log_loss']


def test_one_model_is_no_ensemble(
        members: list[str], gray_csv: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The line says which command measures it."""
    assert main(['emotions', 'ensemble', members[0], gray_csv]) == 2
    assert 'name at least two models' in capsys.readouterr().err
