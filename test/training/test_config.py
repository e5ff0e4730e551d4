# SPDX-License-Identifier: Apache-2.0
"""The settings of a run."""
from pathlib import Path

from emorec_training.config import load_config
from emorec_training.config import options
from emorec_training.config import save_config
from emorec_training.presets import PRESETS
from emorec_vision.errors import InputError
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


def test_live_crops_of_an_earlier_version_are_those_of_haar(tmp_path: Path) -> None:
    """A run that is repeated or resumed sees what it saw; a flag, and new files, go before."""
    path = tmp_path / 'config.yaml'
    path.write_text('augment:\n  live_crops: 0.5\n')
    assert load_config(path).augment.live_detector == 'haar'
    assert load_config(path, {'augment.live_detector': 'yunet'}).augment.live_detector == 'yunet'
    save_config(load_config(None, {'augment.live_crops': 0.5}), path)
    assert load_config(path).augment.live_detector == 'auto'
    path.write_text('augment:\n  live_crops: 0.0\n')
    assert load_config(path).augment.live_detector == 'auto'
