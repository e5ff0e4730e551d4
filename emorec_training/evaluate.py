# SPDX-License-Identifier: Apache-2.0
"""Measures a trained network on labelled pictures."""

import csv
import datetime
import json
import os
from pathlib import Path
from typing import Any

from emorec_training import metrics
from emorec_training.models import Predict
from emorec_training.plots import plot_confusion
from emorec_training.provenance import file_sha256
from emorec_training.provenance import revision
from emorec_vision.emotions import EMOTIONS
import numpy as np

PRIVATE_LOG = Path(__file__).resolve().parents[1] / 'docs' / 'private_test.csv'


def evaluate(predict: Predict, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return the figures of a network on pictures uint8 (N, 48, 48) with labels int64 (N,).

    'accuracy', its 95 % 'interval', 'macro_f1' and 'log_loss' (nats); 'per_class' maps each
    emotion to recall, precision and count; 'confusion' counts true (rows) by predicted class.
    Shares are 0..1; recall and precision are null where they are 0 / 0.
    """
    probabilities = predict(images)
    matrix = metrics.confusion(probabilities.argmax(axis=1), labels, len(EMOTIONS))
    hits, total = int(matrix.trace()), int(matrix.sum())
    columns = zip(EMOTIONS, metrics.recall(matrix), metrics.precision(matrix),
                  matrix.sum(axis=1))
    return {
        'pictures': total,
        'accuracy': hits / total,
        'interval': metrics.wilson_interval(hits, total),
        'macro_f1': metrics.macro_f1(matrix),
        'log_loss': metrics.log_loss(probabilities, labels),
        'per_class': {name: {'recall': _number(recall), 'precision': _number(precision),
                             'pictures': int(count)}
                      for name, recall, precision, count in columns},
        'confusion': matrix.tolist(),
    }


def format_report(figures: dict[str, Any]) -> str:
    """Return the figures as text for people, ending with the line 'Accuracy on test set'."""
    low, high = figures['interval']
    lines = [f"{figures['pictures']} pictures",
             f"macro-F1 {figures['macro_f1']:.3f}, log-loss {figures['log_loss']:.3f}",
             '', 'emotion    recall  precision  pictures']
    for name, part in figures['per_class'].items():
        lines.append(f"{name:<9}{_percent(part['recall'])}{_percent(part['precision']):>11}"
                     f"{part['pictures']:>10}")
    lines += ['', 'true \\ predicted' + ''.join(f'{name:>9}' for name in EMOTIONS)]
    for name, row in zip(EMOTIONS, figures['confusion']):
        lines.append(f'{name:<16}' + ''.join(f'{count:>9}' for count in row))
    lines += ['', f'95 % interval of the accuracy: {low:.1%} to {high:.1%}',
              f"Accuracy on test set: {figures['accuracy']:.1%}"]
    return '\n'.join(lines)


def write_figures(figures: dict[str, Any], folder: Path) -> None:
    """Write evaluation.json and confusion.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / 'evaluation.tmp.json'
    temporary.write_text(json.dumps(figures, indent=2) + '\n')
    os.replace(temporary, folder / 'evaluation.json')
    plot_confusion(np.array(figures['confusion']), folder / 'confusion.png')


def log_private_read(model: Path, figures: dict[str, Any]) -> None:
    """Append one line to PRIVATE_LOG, so that every reading of PrivateTest is listed."""
    file = model / 'model.keras' if model.is_dir() else model
    is_new = not PRIVATE_LOG.exists()
    PRIVATE_LOG.parent.mkdir(parents=True, exist_ok=True)
    with open(PRIVATE_LOG, 'a', newline='') as out:
        writer = csv.writer(out, lineterminator='\n')
        if is_new:
            writer.writerow(['date', 'revision', 'model', 'model_sha256', 'accuracy'])
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        writer.writerow([today, revision(), file.name, file_sha256(file),
                         f"{figures['accuracy']:.4f}"])


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _percent(value: float | None) -> str:
    return '      -' if value is None else f'{value:>7.1%}'
