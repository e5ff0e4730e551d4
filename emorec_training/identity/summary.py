# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation of recognition, as text and for JSON."""

from __future__ import annotations

from typing import Any

from emorec_training.identity.evaluation import Evaluation
from emorec_training.identity.evaluation import STRICT
from emorec_training.identity.image_set import ImageSet
from emorec_vision.identity.factory import LBPH
from emorec_vision.identity.threshold import FALSE_ACCEPT
import numpy as np

ROWS = {
    'closed_set_accuracy': 'closed set: the nearest person is right',
    'true_accept': f'open set: friends accepted at {100 * FALSE_ACCEPT:g} % false accepts',
    'strict_true_accept': f'open set: friends accepted at {100 * STRICT:g} % false accepts',
    'calibrated_true_accept': 'calibrated threshold: friends accepted, per look',
    'calibrated_false_accept': 'calibrated threshold: strangers accepted, per look',
    'track_true_accept': 'calibrated threshold: tracks of friends named rightly',
    'track_false_accept': 'calibrated threshold: tracks of strangers ever named'}
"""What is told of each split, by the attribute of `Evaluation`."""
ROC_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def summary_of(evaluation: Evaluation, images: ImageSet, train_images: int, seed: int,
               detected: bool, recognizer: str = LBPH) -> dict[str, Any]:
    """Return all figures of a recogniser as JSON takes them; shares are 0..1."""
    values = {name: getattr(evaluation, name) for name in ROWS}
    friends, strangers = np.array(evaluation.friends), np.array(evaluation.strangers)
    return {
        'people': len(images.names), 'pictures': len(images.images),
        'train_pictures': train_images, 'splits': len(evaluation.closed_set_accuracy),
        'seed': seed, 'detected': detected, 'recognizer': recognizer,
        'false_accept': FALSE_ACCEPT,
        **{name: {'mean': float(np.mean(each)), 'deviation': float(np.std(each)),
                  'per_split': each} for name, each in values.items()},
        'roc': [{'false_accept': rate,
                 'true_accept': float(np.mean(friends <= np.quantile(strangers, rate)))}
                for rate in ROC_RATES],
        'names': images.names, 'confusion': evaluation.confusion.tolist(),
        'warnings': images.warnings}


def text_of(*summaries: dict[str, Any]) -> str:
    """Return a line per figure, with a column for each of the recognisers compared."""
    first = summaries[0]
    lines = [f'{first["people"]} people, {first["pictures"]} images, '
             f'{first["train_pictures"]} enrolled of each, {first["splits"]} splits, '
             f'seed {first["seed"]}']
    if len(summaries) > 1:
        lines.append(' ' * 53 + ''.join(f'{each["recognizer"]:>18}' for each in summaries))
    for name, title in ROWS.items():
        lines.append(f'{title:53}' + '  '.join(
            f' {100 * each[name]["mean"]:5.1f} % (+- {100 * each[name]["deviation"]:.1f})'
            for each in summaries))
    return '\n'.join(lines)
