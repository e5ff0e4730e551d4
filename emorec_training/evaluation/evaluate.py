# SPDX-License-Identifier: Apache-2.0
"""Measures trained networks on labelled images."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emorec_training.data.examples import Examples
from emorec_training.evaluation import metrics
from emorec_training.evaluation.ensemble import Ensemble
from emorec_training.evaluation.figures import plot_confusion
from emorec_training.evaluation.figures import plot_mistakes
from emorec_training.evaluation.figures import plot_reliability
from emorec_vision.errors import InputError
from emorec_vision.files.access import write_json
import numpy as np

Figures = dict[str, Any]

WORST: int = 24
"""How many mistakes are listed and drawn."""


def evaluate(ensemble: Ensemble, examples: Examples, views: str = 'none') -> Figures:
    """Measure one network, or several whose probabilities are averaged.

    Args:
        ensemble: the networks.
        examples: the labelled images.
        views: test-time augmentation, one of tta.VIEWS.

    Returns:
        What `full_metrics` returns, and: 'data', 'labels', 'label_scheme', 'models', 'notes',
        'views', 'without_face'; 'without_leaked' (for the images without a copy in Training,
        with the number of the others, 'left_out'; None if that is not known); 'mistakes', the
        WORST most confident; if they apply 'without_augmentation', 'whole_picture' (the same
        images uncropped) and 'members' (each network by itself), all as `basic_metrics`.

    Raises:
        InputError: if the networks do not know a label of the images.
    """
    choose = _LabelColumns(ensemble.labels, examples.names)
    by_member = ensemble.member_probabilities(examples.images, views)
    probabilities = choose(by_member.mean(axis=0))
    figures = {
        'data': examples.name, 'models': [str(member.path) for member in ensemble.members],
        'labels': list(examples.names), 'label_scheme': examples.scheme, 'views': views,
        'notes': examples.notes + choose.notes, 'without_face': examples.without_face,
        **full_metrics(probabilities, examples.labels, examples.names),
        'without_leaked': _without_leaked(probabilities, examples),
        'mistakes': _mistakes(probabilities, examples)}
    if len(ensemble.members) > 1:
        figures['members'] = [
            {'model': str(member.path), **basic_metrics(choose(own), examples.labels)}
            for member, own in zip(ensemble.members, by_member)]
    if views != 'none':
        plain = ensemble(examples.images)
        figures['without_augmentation'] = basic_metrics(choose(plain), examples.labels)
    if examples.whole is not None:
        whole = ensemble.member_probabilities(examples.whole, views).mean(axis=0)
        figures['whole_picture'] = basic_metrics(choose(whole), examples.labels)
    return figures


def full_metrics(
        probabilities: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> Figures:
    """Return all metrics of predictions.

    Args:
        probabilities: (N, C).
        labels: int64 (N,), indices into `names`.
        names: the C labels.

    Returns:
        What `basic_metrics` returns, and: 'macro_f1'; 'per_class' maps each name to recall,
        precision and images; 'confusion' counts true (rows) by predicted class,
        'confusion_shares' are its shares of each true class; 'reliability' lists the bins of
        'calibration_error'. Shares are 0..1, None for 0 / 0.
    """
    matrix = metrics.confusion(probabilities.argmax(axis=1), labels, len(names))
    columns = zip(names, metrics.recall(matrix), metrics.precision(matrix), matrix.sum(axis=1))
    return {
        **basic_metrics(probabilities, labels),
        'macro_f1': metrics.macro_f1(matrix),
        'per_class': {name: {'recall': _number(recall), 'precision': _number(precision),
                             'pictures': int(count)}
                      for name, recall, precision, count in columns},
        'confusion': matrix.tolist(),
        'confusion_shares': metrics.row_shares(matrix).round(4).tolist(),
        'reliability': [{'low': part.low, 'high': part.high, 'pictures': part.images,
                         'confidence': _number(part.confidence),
                         'accuracy': _number(part.accuracy)}
                        for part in metrics.reliability_bins(probabilities, labels)],
    }


def basic_metrics(probabilities: np.ndarray, labels: np.ndarray) -> Figures:
    """Return the metrics of predictions that are one number each.

    Args:
        probabilities: (N, C).
        labels: int64 (N,), indices of columns.

    Returns:
        'pictures', 'accuracy', its 95 % 'interval', 'log_loss', 'calibration_error'.
    """
    hits, total = int((probabilities.argmax(axis=1) == labels).sum()), len(labels)
    return {'pictures': total, 'accuracy': hits / total,
            'interval': metrics.wilson_interval(hits, total),
            'log_loss': metrics.log_loss(probabilities, labels),
            'calibration_error': metrics.expected_calibration_error(probabilities, labels)}


def write_figures(figures: Figures, examples: Examples, folder: Path) -> None:
    """Write evaluation.json, confusion.png, reliability.png and mistakes.png into `folder`."""
    write_json(folder / 'evaluation.json', figures)
    about = f'{", ".join(Path(model).name for model in figures["models"])} on {figures["data"]}'
    plot_confusion(np.array(figures['confusion']), figures['labels'], about,
                   folder / 'confusion.png')
    plot_reliability(figures['reliability'], figures['calibration_error'], about,
                     folder / 'reliability.png')
    place = {source: index for index, source in enumerate(examples.sources)}
    images = examples.images[[place[mistake['source']] for mistake in figures['mistakes']]]
    plot_mistakes(images, figures['mistakes'], about, folder / 'mistakes.png')


class _LabelColumns:
    """Choice of the probabilities of the labels asked for, which then sum to 1 again."""

    def __init__(self, known: Sequence[str], asked: Sequence[str]) -> None:
        """Check that the network knows the labels asked for."""
        unknown = [name for name in asked if name not in known]
        if unknown:
            raise InputError(f'the model does not tell {", ".join(unknown)}; choose among its '
                             f'labels with --classes {",".join(known)}')
        self._columns = [list(known).index(name) for name in asked]
        self.notes = [] if len(asked) == len(known) else [
            f'the model tells {len(known)} labels apart ({", ".join(known)}); its probabilities '
            f'were renormalised over the {len(asked)} asked for']

    def __call__(self, probabilities: np.ndarray) -> np.ndarray:
        """Return float64 (N, asked) of float64 (N, known)."""
        chosen = np.maximum(probabilities[:, self._columns], 1e-300)
        return np.asarray(chosen / chosen.sum(axis=1, keepdims=True))


def _without_leaked(probabilities: np.ndarray, examples: Examples) -> Figures | None:
    if examples.has_copy is None or examples.has_copy.all():
        return None
    clean = ~examples.has_copy
    return {'left_out': int(examples.has_copy.sum()),
            **basic_metrics(probabilities[clean], examples.labels[clean])}


def _mistakes(probabilities: np.ndarray, examples: Examples) -> list[Figures]:
    """Return the wrong predictions with the highest probability, the highest first."""
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != examples.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind='stable')][:WORST]
    return [{'source': examples.sources[index],
             'true': examples.names[examples.labels[index]],
             'predicted': examples.names[predicted[index]],
             'probability': float(confidence[index]),
             'probability_of_true': float(probabilities[index, examples.labels[index]])}
            for index in worst]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
