# SPDX-License-Identifier: Apache-2.0
"""What `emorec emotions train` leaves in its folder when it ends at an awkward moment."""
import json
import math
from pathlib import Path
import shutil

from emorec_cli.main import main
from fer_csv import COUNTS
from fer_csv import TRAIN_FLAGS
import numpy as np
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
PERMUTED = ['Sad', 'Happy', 'Angry', 'Fear', 'Neutral', 'Disgust', 'Surprise']


def resume(csv: Path, run: Path, *flags: str) -> int:
    """Go on with a run."""
    return main(['emotions', 'train', str(csv), '--out', str(run), '--resume', *flags])


def test_weights_are_never_without_the_names_of_their_labels(
        tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between its weights and its checkpoint, a run would be read with other labels."""
    from emorec_training.evaluation.predictor import open_predictor
    from emorec_training.train import checkpoint

    def killed(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(checkpoint, 'save', killed)
    with pytest.raises(SystemExit):
        main(['emotions', 'train', str(tiny_csv), '--out', str(tmp_path), *TRAIN_FLAGS,
              '--classes', ','.join(PERMUTED)])
    assert not (tmp_path / 'checkpoint.npz').exists()
    assert list(open_predictor(tmp_path).labels) == PERMUTED


def test_a_larger_batch_size_goes_on_from_the_weights_there_are(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """Epochs then have fewer steps, of which the weight average counts those that were taken."""
    run = shutil.copytree(trained_run, tmp_path / 'run')
    assert resume(tiny_csv, run, '--epochs', '6', '--batch-size', '70', '--lr', '1e-6') == 0
    losses = [record['check_loss'] for record in
              json.loads((run / 'result.json').read_text())['history']]
    assert len(losses) == 6 and losses[5] < losses[3] + 0.1


def test_two_runs_do_not_write_to_one_folder(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second one is refused while the first one lives, also where that has no epoch yet."""
    from emorec_training.train.run_lock import alone
    with alone(tmp_path, wait=False):
        assert main(['emotions', 'train', str(tiny_csv), '--out', str(tmp_path)]) == 2
        assert 'another training writes there' in capsys.readouterr().err
        assert not list(tmp_path.iterdir())


def test_weights_that_are_no_numbers_are_not_kept(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Where the last step of an epoch breaks them both losses can still be numbers."""
    from emorec_training.engines.keras_engine import KerasEngine
    run = shutil.copytree(trained_run, tmp_path / 'run')
    before = {name: (run / name).read_bytes()
              for name in ('checkpoint.npz', 'model.keras', 'result.json')}
    step, left = KerasEngine.step, [math.ceil(COUNTS['Training'] / 16)]

    def breaking(engine: KerasEngine, *given: object) -> tuple[float, int]:
        done = step(engine, *given)
        left[0] -= 1
        for layer in engine._model.layers:
            if left[0] == 0 and isinstance(layer, keras.layers.BatchNormalization):
                layer.moving_variance.assign(np.full(layer.moving_variance.shape, np.inf))
        return done

    with monkeypatch.context() as patch:
        patch.setattr(KerasEngine, 'step', breaking)
        assert resume(tiny_csv, run, '--epochs', '6', '--ema-decay', '0') == 2
    assert 'no number any more in epoch 5' in capsys.readouterr().err
    assert {name: (run / name).read_bytes() for name in before} == before
    assert resume(tiny_csv, run, '--epochs', '5', '--lr', '1e-6') == 0


@pytest.mark.parametrize('name, message', [
    ('checkpoint.npz', 'is no checkpoint'), ('config.yaml', 'is empty')])
def test_an_emptied_file_is_named(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, name: str, message: str,
        capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk or a power cut can leave one; defaults would take the place of settings."""
    run = shutil.copytree(trained_run, tmp_path / 'run')
    (run / name).write_bytes(b'')
    assert resume(tiny_csv, run, '--epochs', '5') == 2
    error = capsys.readouterr().err
    assert f'{name}' in error and message in error and error.count('\n') == 1


def test_adamw_goes_without_decay() -> None:
    """Every preset of others has none, and Keras' AdamW refuses that."""
    from emorec_training.config import OptimizerConfig
    from emorec_training.engines.keras_engine import make_optimizer
    plain = make_optimizer(OptimizerConfig(name='adamw', weight_decay=0.0))
    assert isinstance(plain, keras.optimizers.Adam) and not plain.weight_decay
    assert make_optimizer(OptimizerConfig(name='adamw', weight_decay=0.01)).weight_decay == 0.01
