# SPDX-License-Identifier: Apache-2.0
"""What TensorBoard reads of a training run."""
from pathlib import Path
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip('tensorboard', reason='the training extra (tensorboard) is not installed')


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that reads a folder as TensorBoard does where there is no TensorFlow."""
    monkeypatch.setitem(sys.modules, 'tensorboard.compat.notf', ModuleType('notf'))
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def read_scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
        events = EventAccumulator(str(folder))
        events.Reload()
        return {tag: [(event.step, event.value) for event in events.Scalars(tag)]
                for tag in events.Tags()['scalars']}
    return read_scalars


def make_record(epoch: int) -> dict[str, float]:
    """Return what the training loop tells of an epoch."""
    return {'epoch': epoch, 'loss': 2.0 / epoch, 'accuracy': 0.125 * epoch, 'check_loss': 3.0,
            'check_accuracy': 0.25, 'lr': 0.5, 'seconds': 10.0 * epoch}


def test_every_epoch_is_read_back(tmp_path: Path, read: Any) -> None:
    """Five curves over the epochs, counted from 1."""
    from emorec_training.train.tensorboard_log import TensorboardLog
    log = TensorboardLog(tmp_path)
    for epoch in (1, 2, 4):
        log.add(make_record(epoch))
    scalars = read(tmp_path / 'tensorboard')
    assert sorted(scalars) == ['accuracy', 'check_accuracy', 'check_loss', 'loss', 'lr']
    assert scalars['loss'] == [(1, 2.0), (2, 1.0), (4, 0.5)]
    assert scalars['accuracy'][-1] == (4, 0.5)


@pytest.mark.parametrize('kept', [1, 2, 3])
def test_a_resumed_run_has_each_epoch_once(tmp_path: Path, read: Any, kept: int) -> None:
    """Whether the kill came before or after the checkpoint, nothing is doubled or missing."""
    from emorec_training.train.tensorboard_log import TensorboardLog
    killed = TensorboardLog(tmp_path)
    for epoch in (1, 2):
        killed.add(make_record(epoch))
    history = [make_record(epoch) for epoch in range(1, kept + 1)]
    resumed = TensorboardLog(tmp_path, history)
    resumed.add(make_record(kept + 1))
    scalars = read(tmp_path / 'tensorboard')
    assert [step for step, _ in scalars['loss']] == list(range(1, kept + 2))
    assert len(list((tmp_path / 'tensorboard').iterdir())) == 1


def test_a_new_file_purges_what_a_watching_tensorboard_knew(
        tmp_path: Path, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The older file may still be read: its epochs must not stand beside the new ones."""
    from emorec_training.train.tensorboard_log import TensorboardLog
    with monkeypatch.context() as patch:
        patch.setattr(Path, 'unlink', lambda self, missing_ok=False: None)
        TensorboardLog(tmp_path).add(make_record(7))
        TensorboardLog(tmp_path, [make_record(1)])
    assert len(list((tmp_path / 'tensorboard').iterdir())) == 2
    assert read(tmp_path / 'tensorboard')['loss'] == [(1, 2.0)]


def test_tensorflow_is_not_imported(tmp_path: Path) -> None:
    """The log works on JAX and PyTorch too, and costs no start of TensorFlow."""
    code = ('import sys; from pathlib import Path\n'
            'from emorec_training.train.tensorboard_log import TensorboardLog\n'
            f'TensorboardLog(Path(sys.argv[1])).add({make_record(1)})\n'
            'assert "tensorflow" not in sys.modules')
    subprocess.run([sys.executable, '-c', code, str(tmp_path)], check=True,
                   cwd=Path(__file__).parents[3])
