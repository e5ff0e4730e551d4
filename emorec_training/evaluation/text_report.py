# SPDX-License-Identifier: Apache-2.0
"""The text that `emorec emotions evaluate` prints."""

from collections.abc import Mapping
from typing import Any

from emorec_training.evaluation.metrics import BINS
from emorec_training.evaluation.tta import VIEWS

Figures = Mapping[str, Any]


def format_report(figures: Figures) -> str:
    """Return the figures of evaluate.evaluate as text.

    Its last line is 'Accuracy on test set: ...'.
    """
    lines = [f'{figures["pictures"]} images of {figures["data"]}, labels: '
             f'{figures["label_scheme"]}']
    lines += [f'note: {note}' for note in figures['notes']]
    lines += ['', *_classes(figures), '', *_confusion(figures), '']
    lines += [f'macro-F1 {figures["macro_f1"]:.3f}, log-loss {figures["log_loss"]:.3f} nats, '
              f'calibration error {figures["calibration_error"]:.3f} ({BINS} bins)']
    lines += [*_members(figures), *_comparisons(figures)]
    low, high = figures['interval']
    return '\n'.join([*lines, f'95 % interval of the accuracy: {low:.1%} to {high:.1%}',
                      f'Accuracy on test set: {figures["accuracy"]:.1%}'])


def _classes(figures: Figures) -> list[str]:
    width = max(map(len, figures['labels'])) + 2
    lines = [f'{"emotion":<{width}} recall  precision  images']
    for name, part in figures['per_class'].items():
        lines.append(f'{name:<{width}}{_percent(part["recall"])}{_percent(part["precision"]):>11}'
                     f'{part["pictures"]:>10}')
    return lines


def _confusion(figures: Figures) -> list[str]:
    names = figures['labels']
    width = max(9, *(len(name) + 2 for name in names))
    lines = [f'{"true, predicted:":<16}' + ''.join(f'{name:>{width}}' for name in names)]
    for name, row in zip(names, figures['confusion_shares']):
        cells = (f'{share:>{width}.1%}' if figures['per_class'][name]['pictures']
                 else f'{"-":>{width}}' for share in row)
        lines.append(f'{name:<16}' + ''.join(cells))
    return lines


def _members(figures: Figures) -> list[str]:
    """Return one line per network of an ensemble."""
    return [f'{_short(member)} for {member["model"]} by itself, log-loss '
            f'{member["log_loss"]:.3f}' for member in figures.get('members', ())]


def _comparisons(figures: Figures) -> list[str]:
    """Return a line for each other way to count that applies."""
    lines = []
    if figures['without_face']:
        total = figures['pictures'] + figures['without_face']
        lines.append(f'no face found in {figures["without_face"]} of {total} images')
    if 'whole_picture' in figures:
        lines.append(f'{_short(figures["whole_picture"])} for the same images uncropped')
    if 'without_augmentation' in figures:
        lines.append(f'{_short(figures["without_augmentation"])} without test-time '
                     f'augmentation; all else is with it: {VIEWS[figures["views"]]}')
    if figures['without_leaked'] is not None:
        part = figures['without_leaked']
        lines.append(f'{_short(part)} without the {part["left_out"]} images that have a copy '
                     'in Training')
    return lines


def _short(part: Figures) -> str:
    low, high = part['interval']
    return f'{part["accuracy"]:.1%} ({low:.1%} to {high:.1%})'


def _percent(value: float | None) -> str:
    return f'{"-":>7}' if value is None else f'{value:>7.1%}'
