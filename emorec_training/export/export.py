# SPDX-License-Identifier: Apache-2.0
"""Turns trained networks into the ONNX file that the emotion node runs."""

from collections.abc import Sequence
import dataclasses
import functools
import json
from pathlib import Path

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SIDE
from emorec_training.data.labels import LabelChoice
from emorec_training.data.overlap.leaks import has_training_copy
from emorec_training.data.overlap.leaks import OFFICIAL_DIGEST
from emorec_training.evaluation import metrics
from emorec_training.evaluation import predictor
from emorec_training.evaluation import temperature
from emorec_training.export import keras_to_onnx
from emorec_training.export import onnx_graph
from emorec_training.export import quantize
from emorec_training.export.expressions import describe_expressions
from emorec_training.export.onnx_metadata import describe_networks
from emorec_training.export.onnx_weights import load_networks
from emorec_training.export.onnx_weights import stored_labels
from emorec_training.provenance import file_sha256
from emorec_training.provenance import revision
from emorec_vision.errors import InputError
import keras
import numpy as np
import onnx

TOLERANCE: float = 1e-4
"""Largest difference of any probability that still counts as the same network."""

LARGEST_LOSS: float = 0.003
"""Share of PublicTest, 0..1, that int8 may get wrong in addition."""

LICENCE: str = ('Trained on FER2013, which has no open licence: research and evaluation use. '
                'The code that made it is Apache-2.0.')
OTHER_LICENCE: str = ('The images it learnt from have terms of their own; where it began with '
                      'weights that were trained on FER2013, that has no open licence: research '
                      'and evaluation use. The code that made it is Apache-2.0.')


@dataclasses.dataclass(frozen=True)
class Exported:
    """A written file and its figures, all on PublicTest.

    Attributes:
        path: the file.
        precision: of its weights.
        accuracy: 0..1.
        images: how many it was measured on.
        float_accuracy: the accuracy before quantisation, 0..1.
        difference: largest of any probability between the graph in float32 and Keras.
        agreement: share of images, 0..1, with one prediction before and after quantisation.
        calibration: temperature and label smoothing.
        clean_images: how many images without a copy in Training it was fitted on.
        log_loss: on these before and after calibration, nats.
        calibration_error: on these before and after calibration, 0..1.
    """

    path: Path
    precision: str
    accuracy: float
    images: int
    float_accuracy: float
    difference: float
    agreement: float
    calibration: temperature.TemperatureScaling
    clean_images: int
    log_loss: tuple[float, float]
    calibration_error: tuple[float, float]


def export(sources: Sequence[Path], data: Dataset, choice: LabelChoice, target: Path,
           int8: bool = False, flip: bool = False) -> Exported:
    """Write the mean of trained networks as one graph.

    The graph takes uint8 gray (N, 48, 48) and gives calibrated probabilities, float32 (N, C);
    pixel scaling, averaging, temperature and softmax are inside. All of PublicTest is put
    through Keras and through the graph first.

    Args:
        sources: .keras files, folders of runs, and files exported earlier, of which all
            networks are taken.
        data: for comparison, calibration and the ranges of int8.
        choice: the labels.
        target: the .onnx file.
        int8: whether to quantise.
        flip: whether each network also sees the mirror image.

    Raises:
        InputError: if a probability differs by more than TOLERANCE, int8 loses more than
            LARGEST_LOSS, or a source is missing or of other labels; nothing is written then.
    """
    if keras.backend.backend() != 'tensorflow':
        raise InputError('export needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow')
    networks = [network for source in sources for network in load_sources(source, choice.names)]
    images = data.split('public').images
    public = _PublicTest(data, choice)
    parts = [keras_to_onnx.convert(network) for network in networks]
    combine = functools.partial(onnx_graph.combine, classes=len(choice.names), flip=flip)
    averaged = keras_to_onnx.average(networks, flip)
    expected = predictor.in_batches(averaged.predict_on_batch)(images)
    plain = onnx_graph.run_onnx(combine(parts), images)
    difference = _check_same(plain, expected, sources)
    precision, uncalibrated = 'float32', plain
    if int8:
        precision, parts = _quantize(parts, data)
        uncalibrated = onnx_graph.run_onnx(combine(parts), images)
    fitted = temperature.fit(uncalibrated[public.clean], public.clean_labels)
    model = combine(parts, calibration=fitted)
    calibrated = onnx_graph.run_onnx(model, images)
    if not int8:
        difference = _check_same(calibrated, temperature.calibrate(expected, fitted), sources)
    done = public.measure(target, precision, fitted, difference, plain, uncalibrated, calibrated)
    _check_loss(done, sources)
    onnx_graph.save(model, _metadata(networks, sources, data, choice, done, flip), target)
    describe_expressions(target, choice.split(data, 'public'))
    return done


class _PublicTest:
    """The labelled images of PublicTest, by their places among all of its images."""

    def __init__(self, data: Dataset, choice: LabelChoice) -> None:
        labelled = choice.split(data, 'public')
        self.labels = labelled.labels
        self._places = np.searchsorted(data.split('public').rows, labelled.rows)
        is_clean = ~has_training_copy(data.images, data.usage, labelled.rows)
        if not is_clean.any():
            raise InputError('every image of PublicTest has a copy in Training; there is none '
                             'to calibrate on')
        self.clean, self.clean_labels = self._places[is_clean], self.labels[is_clean]

    def measure(self, target: Path, precision: str, fitted: temperature.TemperatureScaling,
                difference: float, plain: np.ndarray, uncalibrated: np.ndarray,
                calibrated: np.ndarray) -> Exported:
        """Return the figures of probabilities (N, C), `plain` in float32."""
        accuracies = [metrics.accuracy(each[self._places], self.labels)
                      for each in (calibrated, plain)]
        agreement = float((plain.argmax(axis=1) == calibrated.argmax(axis=1)).mean())
        return Exported(
            target, precision, accuracies[0], len(self.labels), accuracies[1], difference,
            agreement, fitted, len(self.clean),
            (self._log_loss(uncalibrated), self._log_loss(calibrated)),
            (self._calibration_error(uncalibrated), self._calibration_error(calibrated)))

    def _log_loss(self, probabilities: np.ndarray) -> float:
        return metrics.log_loss(probabilities[self.clean], self.clean_labels)

    def _calibration_error(self, probabilities: np.ndarray) -> float:
        return metrics.expected_calibration_error(probabilities[self.clean], self.clean_labels)


def load_sources(source: Path, names: Sequence[str]) -> list[keras.Model]:
    """Return the networks, to logits, of a .keras file, a run, or a file exported earlier.

    Raises:
        InputError: if it is missing or tells other labels than `names` apart.
    """
    if source.suffix == '.onnx':
        networks, labels = load_networks(source), stored_labels(source)
    else:
        networks = [predictor.load_keras(source)]
        labels = predictor.read_labels(predictor.keras_file(source), networks[0].output_shape[1])
    predictor.check_labels(source, labels, names)
    return networks


def _quantize(parts: Sequence[onnx.ModelProto],
              data: Dataset) -> tuple[str, list[onnx.ModelProto]]:
    """Return the name of the precision and the networks in int8."""
    images = data.split('training').images
    chosen = np.random.default_rng(0).permutation(len(images))[:quantize.IMAGES]
    found = [quantize.quantize(part, images[chosen]) for part in parts]
    bits = ', '.join(str(bits) for bits in sorted({bits for _, bits in found}))
    return f'int8 (weights of {bits} bits)', [network for network, _ in found]


def _check_same(found: np.ndarray, expected: np.ndarray, sources: Sequence[Path]) -> float:
    """Return the largest difference; raise InputError if it is above TOLERANCE."""
    difference = float(np.abs(found - expected).max())
    if not difference <= TOLERANCE:
        raise InputError(f'{_names(sources)}: ONNX and Keras differ by {difference:.2g} on '
                         f'PublicTest, more than {TOLERANCE:g}; nothing was written')
    return difference


def _check_loss(done: Exported, sources: Sequence[Path]) -> None:
    """Raise InputError if quantisation costs more than LARGEST_LOSS."""
    if done.float_accuracy - done.accuracy > LARGEST_LOSS:
        raise InputError(
            f'{_names(sources)}: int8 answers {done.accuracy:.2%} of PublicTest rightly instead '
            f'of {done.float_accuracy:.2%}, a loss above {LARGEST_LOSS:.1%}; nothing was written')


def _names(sources: Sequence[Path]) -> str:
    return ', '.join(str(source) for source in sources)


def _metadata(networks: Sequence[keras.Model], sources: Sequence[Path], data: Dataset,
              choice: LabelChoice, done: Exported, flip: bool) -> dict[str, str]:
    """Return what EmotionModel, `emorec emotions benchmark` and people read."""
    hashes = [file_sha256(source if source.suffix == '.onnx' else predictor.keras_file(source))
              for source in sources]
    return {
        'name': ' + '.join(network.name for network in networks),
        **describe_networks(networks, choice.names, flip),
        'sources_sha256': json.dumps(hashes),
        'label_scheme': choice.scheme,
        'saw_imagenet': json.dumps(any(map(predictor.saw_imagenet, sources))),
        'input_size': str(SIDE),
        'data_sha256': data.digest,
        'public_test_accuracy': f'{done.accuracy:.4f}',
        'public_test_pictures': str(done.images),
        'temperature': f'{done.calibration.temperature:.4f}',
        'undone_smoothing': f'{done.calibration.smoothing:.4f}',
        'precision': done.precision,
        'revision': revision(),
        'licence': LICENCE if data.digest == OFFICIAL_DIGEST else OTHER_LICENCE,
    }
