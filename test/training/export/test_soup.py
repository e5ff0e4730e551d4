# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions soup`: one network from the weights of several."""
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


def kernels(folder: Path) -> list[np.ndarray]:
    """Return the weights that are no batch-norm statistics."""
    from emorec_training.evaluation.predictor import load_keras
    return [np.array(part.value) for part in load_keras(folder).trainable_variables]


def test_weights_are_averaged_by_their_shares_and_statistics_measured_again(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """A quarter of noise in the kernels is in the soup; its statistics fit the images."""
    from emorec_training.evaluation.predictor import load_keras
    from emorec_training.evaluation.predictor import open_predictor
    other = load_keras(trained_run)
    rng = np.random.default_rng(0)
    for part in other.trainable_variables:
        part.assign(np.array(part.value) + 0.02 * rng.normal(size=part.shape))
    other.save(tmp_path / 'other.keras')
    soup = tmp_path / 'soup'
    assert main(['emotions', 'soup', str(trained_run), str(tmp_path / 'other.keras'),
                 str(tiny_csv), '--shares', '3,1', '--out', str(soup)]) == 0
    expected = [0.75 * np.array(one) + 0.25 * np.array(two.value)
                for one, two in zip(kernels(trained_run), other.trainable_variables)]
    for found, wanted in zip(kernels(soup), expected):
        np.testing.assert_allclose(found, wanted, atol=1e-5)
    public = load_csv(tiny_csv).split('public')
    accuracy = (open_predictor(soup)(public.images).argmax(1) == public.labels).mean()
    assert accuracy > 0.4
    assert json.loads((soup / 'result.json').read_text())['accuracy'] == pytest.approx(accuracy)


@pytest.mark.parametrize('arguments, message', [
    (['RUN', 'OTHER'], 'is another network than'),
    (['RUN', 'RUN', '--classes', 'Neutral,Angry,Disgust,Fear,Happy,Sad,Surprise'],
     'but the labels asked for are Neutral, Angry'),
    (['RUN', 'RUN', '--shares', '1'], '--shares: 1 numbers for 2 models'),
    (['RUN', 'RUN', '--out', 'RUN'], 'holds an earlier run'),
    (['RUN', 'EXPORTED'], 'here a .keras file is needed'),
])
def test_what_cannot_be_averaged_is_refused(
        trained_run: Path, exported_run: Path, tiny_csv: Path, tmp_path: Path,
        arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says why, and nothing is written."""
    from emorec_training.config import NetworkConfig
    from emorec_training.networks import build_network
    other = tmp_path / 'other.keras'
    build_network(NetworkConfig('original')).save(other)
    names = {'RUN': str(trained_run), 'OTHER': str(other), 'EXPORTED': str(exported_run)}
    words = [names.get(word, word) for word in arguments]
    words += [] if '--out' in words else ['--out', str(tmp_path / 'out')]
    models = sum(word in names for word in arguments[:2])
    assert main(['emotions', 'soup', *words[:models], str(tiny_csv), *words[models:]]) == 2
    assert message in capsys.readouterr().err
    assert not list((tmp_path / 'out').glob('*'))


@pytest.mark.parametrize('shares', ['inf,1', '1e308,1e308', '0,0', 'a,b', 'nan,1'])
def test_shares_have_a_finite_sum(shares: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The mean would be no number."""
    with pytest.raises(SystemExit) as end:
        main(['emotions', 'soup', 'a', 'b', 'x.csv', '--shares', shares])
    assert end.value.code == 2
    assert f'{shares} are no numbers with a finite sum' in capsys.readouterr().err
