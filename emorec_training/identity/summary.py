# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation of recognition, as text and for JSON."""

from __future__ import annotations

from typing import Any

from emorec_training.identity.evaluation import Evaluation
from emorec_training.identity.image_set import ImageSet
from emorec_vision.identity.threshold import FALSE_ACCEPT
import numpy as np

ROWS = {
    'closed_set_accuracy': 'closed set: the nearest person is right',
    'true_accept': f'open set: friends accepted at {100 * FALSE_ACCEPT:g} % false accepts',
    'calibrated_true_accept': 'calibrated threshold: friends accepted, per look',
    'calibrated_false_accept': 'calibrated threshold: strangers accepted, per look',
    'track_true_accept': 'calibrated threshold: tracks of friends named rightly',
    'track_false_accept': 'calibrated threshold: tracks of strangers ever named'}
"""What is told of each split, by the attribute of `Evaluation`."""
ROC_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def summary_of(evaluation: Evaluation, images: ImageSet, train_images: int, seed: int,
               detected: bool) -> dict[str, Any]:
    """Return all figures as JSON takes them; shares are 0..1."""
    values = {name: getattr(evaluation, name) for name in ROWS}
    friends, strangers = np.array(evaluation.friends), np.array(evaluation.strangers)
    return {
        'people': len(images.names), 'pictures': len(images.images),
        'train_pictures': train_images, 'splits': len(evaluation.closed_set_accuracy),
        'seed': seed, 'detected': detected, 'false_accept': FALSE_ACCEPT,
        **{name: {'mean': float(np.mean(each)), 'deviation': float(np.std(each)),
                  'per_split': each} for name, each in values.items()},
        'roc': [{'false_accept': rate,
                 'true_accept': float(np.mean(friends <= np.quantile(strangers, rate)))}
                for rate in ROC_RATES],
        'names': images.names, 'confusion': evaluation.confusion.tolist(),
        'warnings': images.warnings}


def text_of(summary: dict[str, Any]) -> str:
    """Return a line per figure."""
    lines = [f'{summary["people"]} people, {summary["pictures"]} images, '
             f'{summary["train_pictures"]} enrolled of each, {summary["splits"]} splits, '
             f'seed {summary["seed"]}']
    for name, title in ROWS.items():
        found = summary[name]
        lines.append(f'{title:53} {100 * found["mean"]:5.1f} % '
                     f'(+- {100 * found["deviation"]:.1f})')
    return '\n'.join(lines)
