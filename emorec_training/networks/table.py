# SPDX-License-Identifier: Apache-2.0
"""The table of networks: their cost, what others claim of them, what was measured here."""

from collections.abc import Sequence
import csv
import dataclasses
from pathlib import Path
import statistics
import tempfile
import time
from typing import Any
import warnings

from emorec_training.config import load_config
from emorec_training.networks import build_network
from emorec_training.networks.architecture import multiply_adds
from emorec_training.networks.architecture import trainable_parameters
from emorec_vision.errors import InputError
import keras
import numpy as np

MEASURED: Path = Path(__file__).with_name('measured.csv')

WARM_UP_RUNS: int = 10

NOT_TRAINED: str = 'not trained here'

VARIANTS: dict[str, dict[str, Any]] = {
    'compact_resnet': {},
    'wide_resnet': {},
    'efficientnet_lite0': {},
    'original': {},
    'original --kernel-size 3': {'network.kernel_size': 3},
    'original --kernel-size 5': {'network.kernel_size': 5},
    'custom_net': {},
    'vgg13': {},
    'mini_xception': {},
    'horseman_a': {},
    'horseman_a --features hog': {'network.features': 'hog'},
    'horseman_a --features hog_windows': {'network.features': 'hog_windows'},
    'horseman_b': {},
    'horseman_b --features hog': {'network.features': 'hog'},
    'horseman_b --features hog_windows': {'network.features': 'hog_windows'},
}
"""What `train --network` takes, and the settings that it changes in the network's preset."""


@dataclasses.dataclass(frozen=True)
class Claim:
    """An accuracy that others publish.

    Attributes:
        accuracy: 0..1.
        images: what it was measured on.
        source: where it is published.
        remark: what to know of it.
    """

    accuracy: float
    images: str
    source: str
    remark: str


CLAIMS: dict[str, Claim] = {
    'original': Claim(
        0.66035, 'PrivateTest', 'github.com/stefaniavallone/emotion-recognition-kinect',
        'the best of 50 trials by this very figure'),
    'custom_net': Claim(
        0.7803, 'PrivateTest, FER+ labels', 'github.com/shangeth/Facial-Emotion-Recognition-'
        'PyTorch-ONNX', 'its loader splits the whole csv at random, test rows among them'),
    'vgg13': Claim(
        0.8499, 'PrivateTest, FER+ labels, 8 classes', 'arXiv 1608.01041',
        'rows that most voters call unknown or no face are left out'),
    'mini_xception': Claim(
        0.66, 'both test splits', 'github.com/oarriaga/face_classification',
        'the epoch is chosen on these images'),
    **{network: Claim(accuracy, 'PrivateTest, 5 classes', 'github.com/amineHorseman/'
                      'facial-expression-recognition-using-cnn', remark)
       for network, accuracy, remark in (
           ('horseman_a', 0.724, 'pixels alone'),
           ('horseman_a --features hog', 0.687, 'with landmarks too'),
           ('horseman_a --features hog_windows', 0.714, 'with landmarks too'),
           ('horseman_b', 0.735, 'pixels alone'),
           ('horseman_b --features hog', 0.732, 'with landmarks too'),
           ('horseman_b --features hog_windows', 0.751,
            'with landmarks too; 61.4 % of 7 classes'))},
}


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One training that ran here.

    Attributes:
        network: one of VARIANTS.
        labels: their scheme.
        seed: of the training.
        epochs: that it took.
        machine: in words.
        minutes: of wall time.
        public_accuracy: on PublicTest, 0..1.
        command: that repeats it.
    """

    network: str
    labels: str
    seed: int
    epochs: int
    machine: str
    minutes: float
    public_accuracy: float
    command: str


@dataclasses.dataclass(frozen=True)
class Row:
    """One network with its default settings for seven labels.

    Attributes:
        network: one of VARIANTS.
        parameters: that training changes.
        multiply_adds: for one face.
        milliseconds: for one face, None if not measured.
        claim: of its authors.
        measured: the trainings that ran here.
        saw_imagenet: whether its recipe starts from weights of ImageNet.
    """

    network: str
    parameters: int
    multiply_adds: int
    milliseconds: float | None
    claim: Claim | None
    measured: list[Measurement]
    saw_imagenet: bool


def network_table(runs: int, measured: Path = MEASURED) -> list[Row]:
    """Return a row for each of VARIANTS.

    Args:
        runs: how often each is timed; with 0 none is, which works without TensorFlow.
        measured: the csv of trainings that ran here.

    Raises:
        InputError: if Keras is not on TensorFlow, or the csv is malformed.
    """
    measurements = read_measured(measured)
    rows = []
    for name, settings in VARIANTS.items():
        config = load_config(None, {'network.name': name.split()[0], **settings}).network
        model = build_network(config)
        rows.append(Row(
            name, trainable_parameters(model), multiply_adds(model),
            milliseconds_per_face(model, runs) if runs else None, CLAIMS.get(name),
            [one for one in measurements if one.network == name],
            config.pretrained == 'imagenet'))
    return rows


def read_measured(path: Path) -> list[Measurement]:
    """Return the trainings that a csv with the fields of Measurement lists.

    Raises:
        InputError: if a line is malformed.
    """
    names = [field.name for field in dataclasses.fields(Measurement)]
    with path.open(newline='', encoding='utf-8') as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != names:
            raise InputError(f'{path}: the first line must be {",".join(names)}')
        return [_read_measurement(values, path, reader.line_num) for values in reader]


def _read_measurement(values: dict[str, str], path: Path, line: int) -> Measurement:
    try:
        found = Measurement(
            values['network'], values['labels'], int(values['seed']), int(values['epochs']),
            values['machine'], float(values['minutes']), float(values['public_accuracy']),
            values['command'])
    except (TypeError, ValueError) as error:
        raise InputError(f'{path}, line {line}: {error}') from error
    if found.network not in VARIANTS or not 0 <= found.public_accuracy <= 1:
        raise InputError(f'{path}, line {line}: expected one of {", ".join(VARIANTS)} and an '
                         f'accuracy of 0 to 1, not {found.network!r} and '
                         f'{found.public_accuracy:g}')
    return found


def milliseconds_per_face(model: keras.Model, runs: int) -> float:
    """Return the median time of ONNX Runtime for one image on one thread.

    The weights need no training for that.

    Args:
        model: gray (N, 48, 48, 1) in.
        runs: how often it is timed.

    Raises:
        InputError: if Keras is not on TensorFlow, which alone converts to ONNX here.
    """
    import onnxruntime
    if keras.backend.backend() != 'tensorflow':
        raise InputError('timing needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow, or '
                         'leave the time out with --no-timing')
    face = np.random.default_rng(0).uniform(0, 255, (1, 48, 48, 1)).astype(np.float32)
    model(face)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory(prefix='emorec-') as folder, warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)
        file = Path(folder) / 'network.onnx'
        model.export(file, format='onnx', verbose=False)
        session = onnxruntime.InferenceSession(file, options, ['CPUExecutionProvider'])
    inputs = {session.get_inputs()[0].name: face}
    for _ in range(WARM_UP_RUNS):
        session.run(None, inputs)
    return 1000 * statistics.median(_seconds(session, inputs) for _ in range(runs))


def _seconds(session: Any, inputs: dict[str, np.ndarray]) -> float:
    started = time.perf_counter()
    session.run(None, inputs)
    return time.perf_counter() - started


def format_table(rows: Sequence[Row]) -> str:
    """Return the rows as text, and below them what they saw before and the sources of claims."""
    head = f'{"network":25}{"parameters":>11}{"mult-adds":>11}{"ONNX ms":>9}  {"claimed":9}'
    below = '\n' + ' ' * len(head)
    lines = [f'{head}measured on PublicTest']
    for row in rows:
        cost = '-' if row.milliseconds is None else f'{row.milliseconds:.2f}'
        claimed = '-' if row.claim is None else f'{row.claim.accuracy:.1%}'
        lines.append(f'{row.network:25}{row.parameters:>11,}{row.multiply_adds / 1e6:>9.1f} M'
                     f'{cost:>9}  {claimed:9}{below.join(_format_measured(row.measured))}')
    lines.append('')
    for row in rows:
        if row.saw_imagenet:
            lines.append(f'{row.network}: begins with weights that saw ImageNet '
                         '(1.28 million photographs)')
        if row.claim is not None:
            lines.append(f'{row.network}: {row.claim.accuracy:.1%} on {row.claim.images} '
                         f'({row.claim.source}); {row.claim.remark}')
    return '\n'.join(lines)


def _format_measured(measured: Sequence[Measurement]) -> list[str]:
    """Return a line for each way in which the network was trained: the mean over its seeds."""
    groups: dict[tuple[str, int, str], list[float]] = {}
    for one in measured:
        key = (one.labels, one.epochs, one.machine)
        groups.setdefault(key, []).append(one.public_accuracy)
    return [f'{statistics.mean(found):.1%} ({labels}, {epochs} epochs, {len(found)} '
            f'seed{"s" if len(found) > 1 else ""}, {machine})'
            for (labels, epochs, machine), found in groups.items()] or [NOT_TRAINED]
