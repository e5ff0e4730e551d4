# SPDX-License-Identifier: Apache-2.0
"""The settings of a training run: one dataclass per concern, read from YAML and flags."""

from collections.abc import Mapping
import dataclasses
from pathlib import Path
from typing import Any

from emorec_vision.errors import InputError
import yaml


@dataclasses.dataclass
class NetworkConfig:
    """Which network is trained, and its sizes."""

    name: str = 'compact_resnet'
    dropout: float = 0.2
    kernel_size: int = 3
    l2: float = 0.0


@dataclasses.dataclass
class AugmentConfig:
    """How each training picture is distorted, anew in every epoch."""

    flip: float = 0.5
    shift: float = 0.08
    scale_min: float = 0.85
    scale_max: float = 1.2
    rotation: float = 12.0
    shear: float = 0.0
    contrast: float = 0.2
    brightness: float = 20.0
    erase: float = 0.25


@dataclasses.dataclass
class OptimizerConfig:
    """The optimiser, its learning rate and how that changes over the run."""

    name: str = 'sgd'
    lr: float = 0.1
    decay: float = 0.0
    schedule: str = 'cosine'
    warmup_epochs: float = 2.0
    weight_decay: float = 0.005
    label_smoothing: float = 0.1


@dataclasses.dataclass
class TrainingConfig:
    """How long and in what portions is trained, and what is kept."""

    batch_size: int = 128
    epochs: int = 90
    minutes: float = 0.0
    patience: int = 0
    ema_decay: float = 0.999
    precision: str = 'float32'
    seed: int = 1


@dataclasses.dataclass
class Config:
    """All settings of one run, as they are written to config.yaml."""

    network: NetworkConfig = dataclasses.field(default_factory=NetworkConfig)
    augment: AugmentConfig = dataclasses.field(default_factory=AugmentConfig)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)
    training: TrainingConfig = dataclasses.field(default_factory=TrainingConfig)


CHOICES: dict[str, tuple[str, ...]] = {
    'optimizer.name': ('sgd', 'adam', 'adamw'),
    'optimizer.schedule': ('cosine', 'inverse_time', 'constant'),
    'training.precision': ('float32', 'bfloat16'),
}
RANGES: dict[str, tuple[float, float]] = {
    'network.dropout': (0.0, 0.9),
    'network.kernel_size': (2, 5),
    'network.l2': (0.0, 1.0),
    'augment.flip': (0.0, 1.0),
    'augment.shift': (0.0, 0.5),
    'augment.scale_min': (0.3, 1.0),
    'augment.scale_max': (1.0, 3.0),
    'augment.rotation': (0.0, 180.0),
    'augment.shear': (0.0, 1.0),
    'augment.contrast': (0.0, 0.9),
    'augment.brightness': (0.0, 127.0),
    'augment.erase': (0.0, 1.0),
    'optimizer.lr': (1e-8, 10.0),
    'optimizer.decay': (0.0, 1.0),
    'optimizer.warmup_epochs': (0.0, 100.0),
    'optimizer.weight_decay': (0.0, 1.0),
    'optimizer.label_smoothing': (0.0, 0.9),
    'training.batch_size': (1, 65536),
    'training.epochs': (1, 100000),
    'training.minutes': (0.0, 1e6),
    'training.patience': (0, 100000),
    'training.ema_decay': (0.0, 0.99999),
    'training.seed': (0, 2**31 - 1),
}


def load_config(path: Path | None, overrides: Mapping[str, Any] | None = None) -> Config:
    """Build the settings from defaults, then a YAML file, then dotted overrides.

    `overrides` maps names such as 'optimizer.lr' to values; None values are passed over.
    Raise InputError naming the option and its value when it is unknown or out of range.
    """
    config = Config()
    if path is not None:
        for name, value in _flat(_read_yaml(path), path).items():
            _set(config, name, value)
    for name, value in (overrides or {}).items():
        if value is not None:
            _set(config, name, value)
    return config


def save_config(config: Config, path: Path) -> None:
    """Write every setting as YAML, so that `train --config` repeats the run."""
    path.write_text(yaml.safe_dump(dataclasses.asdict(config), sort_keys=False))


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text()) or {}
    except OSError as error:
        raise InputError(f'--config {path}: cannot be read ({error.strerror})') from error
    except yaml.YAMLError as error:
        line = ' '.join(str(error).split())
        raise InputError(f'--config {path}: not YAML ({line})') from error


def _flat(tree: Any, path: Path) -> dict[str, Any]:
    if not isinstance(tree, dict) or not all(isinstance(part, dict) for part in tree.values()):
        raise InputError(f'--config {path}: expected sections such as "optimizer:" with settings')
    return {f'{section}.{key}': value
            for section, part in tree.items() for key, value in part.items()}


def _set(config: Config, name: str, value: Any) -> None:
    section, _, key = name.partition('.')
    part = getattr(config, section, None)
    if part is None or not hasattr(part, key):
        raise InputError(f'{name}: no such setting')
    kind = type(getattr(part, key))
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise InputError(f'{name}: {value!r} is not of type {kind.__name__}')
    if name in CHOICES and value not in CHOICES[name]:
        raise InputError(f'{name}: {value!r} is none of {", ".join(CHOICES[name])}')
    if name in RANGES and not RANGES[name][0] <= value <= RANGES[name][1]:
        low, high = RANGES[name]
        raise InputError(f'{name}: {value} is outside {low:g}..{high:g}')
    setattr(part, key, value)
