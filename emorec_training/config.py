# SPDX-License-Identifier: Apache-2.0
"""The settings of a training run: one dataclass per concern, read from YAML and flags."""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
from pathlib import Path
from typing import Any

from emorec_training.presets import PRESETS
from emorec_vision.errors import InputError
from emorec_vision.files.access import write_text


def _option(default: Any, text: str, *, limits: tuple[float, float] | None = None,
            choices: tuple[str, ...] = ()) -> Any:
    """Return a field with what --help says about it and the values it may take."""
    return dataclasses.field(
        default=default, metadata={'help': text, 'limits': limits, 'choices': choices})


@dataclasses.dataclass
class NetworkConfig:
    """The network and its sizes."""

    name: str = _option('compact_resnet', 'network to train', choices=tuple(PRESETS))
    dropout: float = _option(0.3, 'share of activations dropped', limits=(0, 0.9))
    kernel_size: int = _option(3, 'side of the convolutions', limits=(2, 5))
    l2: float = _option(0.0, 'weight of the L2 penalty on kernels', limits=(0, 1))
    classes: int = _option(7, 'number of labels; the data decides', limits=(2, 1000))
    pretrained: str = _option(
        'none', 'weights to start from; imagenet for efficientnet_lite0, whose own recipe that '
        'is', choices=('none', 'imagenet'))
    features: str = _option(
        'none', 'histograms of oriented gradients beside the image in horseman_a and horseman_b: '
        'of the whole image (72 values) or of sliding windows (2592)',
        choices=('none', 'hog', 'hog_windows'))
    norm: str = _option(
        'batch', 'batch normalisation after each convolution of horseman_a and horseman_b',
        choices=('batch', 'none'))


@dataclasses.dataclass
class AugmentConfig:
    """The distortion of the training images, drawn again for every epoch."""

    flip: float = _option(0.5, 'share of images mirrored', limits=(0, 1))
    shift: float = _option(0.09, 'largest shift, as a share of the side', limits=(0, 0.5))
    scale_min: float = _option(0.85, 'smallest magnification', limits=(0.3, 1))
    scale_max: float = _option(1.2, 'largest magnification', limits=(1, 3))
    rotation: float = _option(15.0, 'largest rotation in degrees', limits=(0, 180))
    shear: float = _option(0.1, 'largest shear, as a tangent', limits=(0, 1))
    contrast: float = _option(0.3, 'largest relative change of contrast', limits=(0, 0.9))
    brightness: float = _option(20.0, 'largest change of gray level', limits=(0, 127))
    erase: float = _option(0.4, 'share of images with an erased box', limits=(0, 1))
    mixup: float = _option(
        0.2, 'alpha of the Beta distribution by which pairs are blended; 0: none',
        limits=(0, 10))
    live_crops: float = _option(
        0.0, 'share of images shown as the live detector cuts them, where it finds their face',
        limits=(0, 1))
    live_detector: str = _option(
        'auto', 'whose crops these are; auto is what live runs take, YuNet where its weights are '
        'installed', choices=('auto', 'yunet', 'haar'))


@dataclasses.dataclass
class OptimizerConfig:
    """The optimiser, its learning rate and how that changes over the run."""

    name: str = _option('sgd', 'optimiser (sgd has Nesterov momentum)',
                        choices=('sgd', 'adam', 'adamw'))
    momentum: float = _option(0.9, 'momentum of sgd', limits=(0, 0.999))
    lr: float = _option(0.1, 'highest learning rate', limits=(1e-8, 10))
    decay: float = _option(0.0, 'decay per step of the schedules inverse_time and exponential',
                           limits=(0, 1))
    schedule: str = _option('cosine', 'course of the learning rate',
                            choices=('cosine', 'inverse_time', 'exponential', 'constant'))
    warmup_epochs: float = _option(1.0, 'epochs of linear rise', limits=(0, 100))
    weight_decay: float = _option(0.005, 'decoupled weight decay, times lr', limits=(0, 1))
    class_weighting: float = _option(
        0.0, 'power of the inverse class frequency that weighs the loss; 1: all classes alike',
        limits=(0, 1))
    label_smoothing: float = _option(0.1, 'probability spread over all labels', limits=(0, 0.9))


@dataclasses.dataclass
class TrainingConfig:
    """The length of the training, its batches, and how it is computed."""

    batch_size: int = _option(128, 'images per step', limits=(1, 65536))
    epochs: int = _option(90, 'passes over the training images', limits=(1, 100000))
    minutes: float = _option(
        0.0, 'end the whole schedule after this time at the latest; 0: no limit',
        limits=(0, 1e6))
    patience: int = _option(
        30, 'stop after so many epochs without a better PublicTest accuracy; 0: never',
        limits=(0, 100000))
    ema_decay: float = _option(
        0.999, 'decay per step of the weight average; 0: none', limits=(0, 0.99999))
    engine: str = _option(
        'keras', 'keras trains every network; torch trains compact_resnet, wide_resnet and '
        'efficientnet_lite0, several times as fast on a CPU', choices=('keras', 'torch'))
    precision: str = _option(
        'float32', 'bfloat16 computes mixed, faster where the processor has it',
        choices=('float32', 'bfloat16'))
    seed: int = _option(1, 'seed of weights, order and distortion', limits=(0, 2**31 - 1))


@dataclasses.dataclass
class DistillConfig:
    """The share of teachers and votes in the targets, and what teachers see."""

    weight: float = _option(
        0.5, 'share of the teacher in the targets, where there is one', limits=(0, 1))
    temperature: float = _option(
        1.0, 'softens the answers of the teacher', limits=(0.1, 20))
    sees: str = _option(
        'clean', 'what the teacher answers for: clean, each image and its mirror image, once; '
        'shown, each as it is shown to the student, which takes longer and counts less what the '
        'teacher knows by heart; milder, each as it is shown but whole and distorted half as '
        'much, so that the student tells from a bad crop what the teacher tells from a good one',
        choices=('clean', 'shown', 'milder'))
    answered_epochs: int = _option(
        0, 'after so many epochs the same images are shown again, whose answers are kept, so '
        'that large teachers cost time only so long (with shown or milder); 0: never',
        limits=(0, 100000))
    votes: float = _option(
        0.0, 'how much each FER+ vote (--ferplus) counts beside the answers of the teacher; '
        'measured on PublicTest, 0.1 is best', limits=(0, 1))


RETIRED: dict[str, Any] = {'training.first_side': 48, 'distill.frequencies': 'teacher'}
"""Settings of earlier versions, and the value with which they did nothing."""


EARLIER: dict[str, Any] = {'augment.live_detector': 'haar'}
"""What files with live crops, but without these settings, stand for: there was no other way."""


@dataclasses.dataclass
class Config:
    """All settings of one run, as they are written to config.yaml."""

    network: NetworkConfig = dataclasses.field(default_factory=NetworkConfig)
    augment: AugmentConfig = dataclasses.field(default_factory=AugmentConfig)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)
    training: TrainingConfig = dataclasses.field(default_factory=TrainingConfig)
    distill: DistillConfig = dataclasses.field(default_factory=DistillConfig)


def options() -> Iterator[tuple[str, dataclasses.Field[Any]]]:
    """Yield the dotted name, such as 'optimizer.lr', and the field of every setting."""
    for section in dataclasses.fields(Config):
        for field in dataclasses.fields(section.default_factory):  # type: ignore[arg-type]
            yield f'{section.name}.{field.name}', field


def load_config(path: Path | None, flags: Mapping[str, Any] | None = None) -> Config:
    """Build the settings: defaults, the network's preset, the YAML file, then the flags.

    Args:
        path: the YAML file, if any; one of an earlier version stands for what it did then.
        flags: dotted names such as 'optimizer.lr' to values; None stands for "not given".

    Raises:
        InputError: if the file cannot be read, or a setting is unknown or out of range.
    """
    chosen = without_retired(_flat(_read_yaml(path), path)) if path is not None else {}
    if chosen.get('augment.live_crops'):
        chosen = EARLIER | chosen
    chosen |= {name: value for name, value in (flags or {}).items() if value is not None}
    config = Config()
    _set(config, 'network.name', chosen.get('network.name', NetworkConfig.name))
    for name, value in (PRESETS[config.network.name] | chosen).items():
        _set(config, name, value)
    return config


def without_retired(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings, dotted names to values, that still exist.

    Raises:
        InputError: if one in RETIRED has a value with which it did something.
    """
    for name, unused in RETIRED.items():
        if chosen.get(name, unused) != unused:
            raise InputError(f'{name}: {chosen[name]!r} is no longer possible, as it brought '
                             f'nothing (docs/experiments.md); leave the setting out')
    return {name: value for name, value in chosen.items() if name not in RETIRED}


def save_config(config: Config, path: Path) -> None:
    """Write every setting as YAML, so that `train --config` repeats the run."""
    import yaml
    write_text(path, yaml.safe_dump(dataclasses.asdict(config), sort_keys=False))


def _read_yaml(path: Path) -> Any:
    import yaml
    try:
        tree = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'--config {path}: cannot be read ({error})') from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = ' '.join(str(error).split())
        raise InputError(f'--config {path}: not YAML ({line})') from error
    if tree is None:
        raise InputError(f'--config {path}: is empty')
    return tree


def _flat(tree: Any, path: Path) -> dict[str, Any]:
    if not isinstance(tree, dict) or not all(isinstance(part, dict) for part in tree.values()):
        raise InputError(f'--config {path}: expected sections such as "optimizer:" with settings')
    return {f'{section}.{key}': value
            for section, part in tree.items() for key, value in part.items()}


def _set(config: Config, name: str, value: Any) -> None:
    field = dict(options()).get(name)
    if field is None:
        raise InputError(f'{name}: no such setting; "emorec emotions train --help" lists them')
    kind = type(field.default)
    if kind is float and type(value) is int and abs(value) < 2**63:
        value = float(value)
    if type(value) is not kind:
        raise InputError(f'{name}: {value!r} is not of type {kind.__name__}')
    choices, limits = field.metadata['choices'], field.metadata['limits']
    if choices and value not in choices:
        raise InputError(f'{name}: {value!r} is none of {", ".join(choices)}')
    if limits and not limits[0] <= value <= limits[1]:
        raise InputError(f'{name}: {value} is outside {limits[0]:g}..{limits[1]:g}')
    section, key = name.split('.')
    setattr(getattr(config, section), key, value)
