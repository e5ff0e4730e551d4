# SPDX-License-Identifier: Apache-2.0
"""Settings of a run, the learning rate, and figures of merit."""
from pathlib import Path

from emorec_training.config import load_config
from emorec_training.config import OptimizerConfig
from emorec_training.config import options
from emorec_training.config import save_config
from emorec_training.evaluation import metrics
from emorec_training.presets import PRESETS
from emorec_training.train.schedule import learning_rate
from emorec_vision.errors import InputError
import numpy as np
import pytest


def test_flags_win_over_the_file_and_the_file_over_the_preset(tmp_path: Path) -> None:
    """From weak to strong: default, preset of the network, YAML file, flag."""
    path = tmp_path / 'config.yaml'
    path.write_text('network:\n  name: original\n  dropout: 0.5\noptimizer:\n  lr: 1\n')
    config = load_config(path, {'optimizer.lr': 0.25, 'training.seed': None})
    assert config.network.dropout == 0.5
    assert config.optimizer.lr == 0.25
    assert config.training.batch_size == 32
    assert config.training.seed == 1


def test_the_written_settings_read_back_the_same(tmp_path: Path) -> None:
    """The config.yaml of a run repeats it."""
    config = load_config(None, {'network.name': 'original', 'augment.flip': 0.1})
    save_config(config, tmp_path / 'config.yaml')
    assert load_config(tmp_path / 'config.yaml') == config


def test_settings_of_earlier_versions_are_passed_over(tmp_path: Path) -> None:
    """The config.yaml of every earlier run names them, most of them with no effect."""
    path = tmp_path / 'config.yaml'
    path.write_text('training:\n  first_side: 48\n  seed: 7\ndistill:\n  frequencies: teacher\n')
    config = load_config(path)
    assert config == load_config(None, {'training.seed': 7})
    save_config(config, path)
    assert 'first_side' not in path.read_text() and 'frequencies' not in path.read_text()


@pytest.mark.parametrize('text, message', [
    ('training:\n  first_side: 32\n', 'training.first_side: 32 is no longer possible'),
    ('distill:\n  frequencies: data\n', "distill.frequencies: 'data' is no longer possible"),
    ('optimizer:\n  speed: 1\n', 'optimizer.speed: no such setting'),
    ('optimizer:\n  lr: fast\n', "optimizer.lr: 'fast' is not of type float"),
    ('optimizer:\n  lr: -1\n', 'optimizer.lr: -1.0 is outside 1e-08..10'),
    ('optimizer:\n  lr: .nan\n', 'optimizer.lr: nan is outside'),
    ('optimizer:\n  name: lion\n', "optimizer.name: 'lion' is none of sgd, adam, adamw"),
    ('network:\n  name: vgg\n', "network.name: 'vgg' is none of"),
    ('training:\n  epochs: 2.5\n', 'training.epochs: 2.5 is not of type int'),
    ('lr: 1\n', 'expected sections'),
    ('a: [', 'not YAML'),
    ('optimizer:\n  lr: 2001-99-99\n', 'not YAML'),
    ('a: ' + '[' * 2000, 'not YAML'),
    ('optimizer:\n  lr: 1' + '0' * 400 + '\n', 'is not of type float'),
    ('', 'is empty'),
])
def test_a_wrong_setting_is_named_with_its_value(
        tmp_path: Path, text: str, message: str) -> None:
    """The error says which option, and what it was set to."""
    path = tmp_path / 'config.yaml'
    path.write_text(text)
    with pytest.raises(InputError) as error:
        load_config(path)
    assert message in str(error.value)


def test_presets_name_settings_that_exist() -> None:
    """Every preset loads."""
    names = {name for name, _ in options()}
    for network, preset in PRESETS.items():
        assert set(preset) <= names
        assert load_config(None, {'network.name': network}).network.name == network


@pytest.mark.parametrize('schedule, step, progress, expected', [
    ('constant', 500, 0.5, 0.1),
    ('cosine', 500, 0.0, 0.1), ('cosine', 500, 0.5, 0.05), ('cosine', 999, 1.0, 0.0),
    ('inverse_time', 500, 0.5, 0.1 / 1.5),
    ('constant', 0, 0.0, 0.001), ('cosine', 49, 0.0, 0.05),
])
def test_learning_rate_follows_its_schedule(
        schedule: str, step: int, progress: float, expected: float) -> None:
    """Linear warm-up over the first 100 steps, then the named course."""
    config = OptimizerConfig(lr=0.1, schedule=schedule, decay=0.001, warmup_epochs=2.0)
    assert learning_rate(config, step, 50, progress) == pytest.approx(expected)


def test_figures_of_merit_on_a_case_worked_by_hand() -> None:
    """Three classes, one of them without images."""
    matrix = metrics.confusion(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), 3)
    assert matrix.tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert metrics.recall(matrix) == pytest.approx([2 / 3, 1, np.nan], nan_ok=True)
    assert metrics.precision(matrix) == pytest.approx([1, 0.5, np.nan], nan_ok=True)
    assert metrics.macro_f1(matrix) == pytest.approx((0.8 + 2 / 3) / 2)


def test_softmax_and_log_loss() -> None:
    """Large logits do not overflow."""
    probabilities = metrics.softmax(np.array([[1000.0, 1000.0], [0.0, np.log(3)]]))
    assert probabilities == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))
    assert metrics.log_loss(probabilities, np.array([0, 1])) \
        == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 2)


def test_the_interval_is_wilsons() -> None:
    """66 % of PublicTest's 3,589 images is known to about 1.6 points."""
    low, high = metrics.wilson_interval(2369, 3589)
    assert (round(low, 3), round(high, 3)) == (0.644, 0.675)
