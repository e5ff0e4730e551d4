# SPDX-License-Identifier: Apache-2.0
"""The report on a data set: report.md with its figures, report.json and lists of rows."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
import csv
import io
from pathlib import Path
from typing import Any

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SPLITS
from emorec_training.data.overlap.leaks import Leak
from emorec_training.data.overlap.similarity import KINDS
from emorec_training.data.overlap.similarity import Pairs
from emorec_training.provenance import revision
from emorec_training.report import figures
from emorec_training.report.facts import agreement
from emorec_training.report.facts import duplicate_levels
from emorec_training.report.facts import Facts
from emorec_training.report.facts import leaking_tests
from emorec_training.report.facts import pairs_by_place
from emorec_training.report.facts import PUBLISHED_COUNTS
from emorec_training.report.facts import VOTED
from emorec_training.report.markdown import format_markdown
from emorec_vision.emotions import EMOTIONS
from emorec_vision.files.access import write_json
from emorec_vision.files.access import write_text
import numpy as np
import tqdm

SAMPLES = 48
ODD_IMAGES = 180
SHEET_PAIRS = 60


def write_report(data: Dataset, facts: Facts, source: Path, folder: Path,
                 paths: Sequence[Path] = ()) -> dict[str, Any]:
    """Write report.md and report.json, left_out.csv, duplicates.csv and PNG figures.

    Args:
        data: the data.
        facts: what was found in it.
        source: what was read.
        folder: where to write; it must exist.
        paths: the files that the rows were read from, if any, which pictures.csv then lists.

    Returns:
        What report.json holds.
    """
    summary = summarise(data, facts, source)
    drawn = _draw(data, facts, source.name, folder)
    _write_csv(folder / 'left_out.csv', Leak._fields, facts.leaks)
    pairs = facts.pairs
    _write_csv(folder / 'duplicates.csv', ('row', 'other_row', 'kind', 'correlation'), (
        (first, second, KINDS[kind], f'{correlation:.4f}') for first, second, kind, correlation
        in zip(pairs.first, pairs.second, pairs.kind, pairs.correlation)))
    if paths:
        _write_csv(folder / 'pictures.csv', ('row', 'path'), enumerate(paths))
    write_json(folder / 'report.json', summary)
    write_text(folder / 'report.md', format_markdown(summary, drawn))
    return summary


def summarise(data: Dataset, facts: Facts, source: Path) -> dict[str, Any]:
    """Return the facts in what JSON can hold; rows are counted from 0.

    Args:
        data: the data.
        facts: what was found in it.
        source: what was read.
    """
    splits = list(SPLITS.values())
    summary = {
        'source': str(source), 'digest': data.digest, 'revision': revision(),
        'official': not facts.difference, 'difference': facts.difference,
        'pictures': len(data.labels),
        'counts': {split: dict(zip(EMOTIONS, facts.counts[index].tolist()))
                   for index, split in enumerate(splits)},
        'published_counts': {split: dict(zip(EMOTIONS, PUBLISHED_COUNTS[index].tolist()))
                             for index, split in enumerate(splits)},
        'constant': facts.constant.tolist(),
        'duplicate_levels': duplicate_levels(data, facts),
        'pairs': pairs_by_place(data, facts.pairs),
        'tests_in_training': leaking_tests(data, facts.pairs),
        'left_out': dict(Counter(leak.reason for leak in facts.leaks))}
    if facts.voted is not None:
        table = agreement(data, facts.voted)
        summary['ferplus'] = {
            'not_a_face': facts.not_a_face.tolist(),
            'without_votes': np.flatnonzero(facts.voted < 0).tolist(),
            'agreement': round(float(np.trace(table) / max(table.sum(), 1)), 4),
            'majority': {emotion: dict(zip(VOTED, table[index].tolist()))
                         for index, emotion in enumerate(EMOTIONS)}}
    return summary


def _draw(data: Dataset, facts: Facts, about: str, folder: Path) -> dict[str, str]:
    """Draw all figures there is something to show on; return the sheets' titles by file name."""
    figures.plot_class_counts(facts.counts, about, folder / 'class_counts.png')
    figures.plot_brightness(data, about, folder / 'brightness.png')
    if facts.voted is not None:
        figures.plot_agreement(agreement(data, facts.voted), about, folder / 'ferplus.png')
    sheets: list[tuple[str, str, np.ndarray | Pairs]] = [
        *_image_sheets(data, facts), *_pair_sheets(data, facts)]
    drawn: dict[str, str] = {}
    for name, title, found in tqdm.tqdm(sheets, desc='drawing', unit='sheet', leave=False,
                                        disable=None):
        if isinstance(found, Pairs) and len(found.first):
            shown = figures.evenly_spaced(
                np.argsort(-found.correlation, kind='stable'), SHEET_PAIRS)
            drawn[name] = f'{title}: {len(shown)} of {len(found.first)} pairs'
            figures.plot_pairs(data, found.where(shown), drawn[name], folder / name)
        elif isinstance(found, np.ndarray) and len(found):
            shown = figures.evenly_spaced(
                found, SAMPLES if name.startswith('samples_') else ODD_IMAGES)
            drawn[name] = f'{title}: {len(shown)} of {len(found)}'
            figures.plot_images(data, shown, drawn[name], folder / name)
    return drawn


def _image_sheets(data: Dataset, facts: Facts) -> list[tuple[str, str, np.ndarray]]:
    samples = [(f'samples_{emotion.lower()}.png', f'{emotion} in Training',
                np.flatnonzero((data.labels == index) & (data.usage == 0)))
               for index, emotion in enumerate(EMOTIONS)]
    return samples + [('constant.png', 'Constant images', facts.constant),
                      ('not_a_face.png', 'Not a face, says FER+', facts.not_a_face)]


def _pair_sheets(data: Dataset, facts: Facts) -> list[tuple[str, str, Pairs]]:
    pairs = facts.pairs
    across = data.usage[pairs.first] != data.usage[pairs.second]
    sheets = [(f'pairs_{kind}{end}.png', f'{kind.capitalize()} copies {place}',
               pairs.where((pairs.kind == index) & mask))
              for index, kind in enumerate(KINDS)
              for end, place, mask in (('', 'within a split', ~across),
                                       ('_across', 'across splits', across))]
    differ = pairs.where((pairs.kind == KINDS.index('exact'))
                         & (data.labels[pairs.first] != data.labels[pairs.second]))
    one_each = np.unique(facts.copies[differ.first], return_index=True)[1]
    return sheets + [('conflicts.png', 'Exact copies with different labels, once each',
                      differ.where(one_each))]


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(header)
    writer.writerows(rows)
    write_text(path, text.getvalue())
