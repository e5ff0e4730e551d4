# SPDX-License-Identifier: Apache-2.0
"""The text that `emorec emotions evaluate --per-person` prints."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from emorec_training.data.faces.photos import LARGEST_CROP
from emorec_training.evaluation.metrics import BINS

Figures = Mapping[str, Any]

NAMED = 6
"""How many people, files or words are named."""


def format_per_person(figures: Figures) -> str:
    """Return the figures of per_person.evaluate_per_person as text."""
    shown = [name for name in figures['labels']
             if any(person[name] for person in figures['people'].values())]
    lines = [f'{figures["model"]} on {figures["data"]}', *_found(figures, shown), '']
    width = max(len(part['reading']) for part in figures['readings']) + 2
    lines.append(' ' * width + ' images' + ''.join(f'{name:>10}' for name in shown)
                 + f'{"all":>9}  95 % interval   calibration error, by chance (95 % below)')
    lines += [_row(part, shown, width) for part in figures['readings']]
    lines += [f'{part["reading"]}: raw reading is right on {part["raw_accuracy"]:.1%} of the same '
              f'images (calibration error {part["raw_calibration_error"]:.3f})'
              for part in figures['readings']
              if part['pictures'] != figures['readings'][0]['pictures']]
    lines += [f'{part["reading"]}: {note}' for part in figures['readings']
              for note in part['notes']]
    missing = {'rest known': 'nobody has a Neutral image and another one',
               'expressions learnt': 'nobody has two images each of two emotions'}
    lines += [f'{name}: not measured, {why}' for name, why in missing.items()
              if name not in [part['reading'] for part in figures['readings']]]
    return '\n'.join([*lines, f'recall per emotion; intervals over people; {BINS} bins'])


def _found(figures: Figures, shown: Sequence[str]) -> list[str]:
    """Return who and what was found, so that a wrong guess is seen."""
    people = figures['people']
    counts = [sum(person.values()) for person in people.values()]
    lines = [f'{len(people)} people ({_some(list(people))}) with {_range(counts)} images each']
    for name in shown:
        of_it = [person[name] for person in people.values() if person[name]]
        lines.append(f'  {name}: {sum(of_it)} images of {len(of_it)} people, '
                     f'{_range(of_it)} each')
    if figures['photos']:
        lines.append(f'{figures["photos"]} images are larger than {LARGEST_CROP} px: their faces '
                     'were found by the live detector and cut by the live crop')
    if figures['without_face']:
        lines.append(f'no face was found in {len(figures["without_face"])}: '
                     f'{_some(figures["without_face"])}')
    if figures['left_out']:
        words = [f'{word} ({count})' for word, count in figures['left_out'].items()]
        lines.append(f'left out, no emotion of the model: {_some(words)}')
    return lines


def _row(part: Figures, shown: Sequence[str], width: int) -> str:
    low, high = part['interval']
    chance, most = part['chance_calibration_error']
    recalls = (part['per_class'][name]['recall'] for name in shown)
    cells = ''.join(f'{"-":>10}' if recall is None else f'{recall:>10.1%}' for recall in recalls)
    return (f'{part["reading"]:<{width}}{part["pictures"]:>7}{cells}{part["accuracy"]:>9.1%}  '
            f'{low:.1%} to {high:.1%}  {part["calibration_error"]:.3f}, {chance:.3f} ({most:.3f})')


def _some(words: Sequence[str]) -> str:
    rest = len(words) - NAMED
    return ', '.join(words[:NAMED]) + (f' and {rest} more' if rest > 0 else '')


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f'{low} to {high}'
