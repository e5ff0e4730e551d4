# SPDX-License-Identifier: Apache-2.0
"""The report on a FER2013 csv: report.md with its figures, report.json and two lists."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
import csv
import io
from pathlib import Path
from typing import Any

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SPLITS
from emorec_training.data.leaks import Leak
from emorec_training.data.similarity import ALIKE
from emorec_training.data.similarity import KINDS
from emorec_training.data.similarity import NEAR
from emorec_training.data.similarity import Pairs
from emorec_training.provenance import revision
from emorec_training.report import figures as figures
from emorec_training.report.facts import agreement
from emorec_training.report.facts import duplicate_levels
from emorec_training.report.facts import Facts
from emorec_training.report.facts import leaking_tests
from emorec_training.report.facts import pairs_by_place
from emorec_training.report.facts import PUBLISHED
from emorec_training.report.facts import VOTED
from emorec_vision.emotions import EMOTIONS
from emorec_vision.files import write_json
from emorec_vision.files import write_text
import numpy as np
import tqdm

SAMPLES = 48
ODD_IMAGES = 180
SHEET_PAIRS = 60


def write_report(data: Dataset, facts: Facts, source: Path, folder: Path,
                 paths: Sequence[Path] = ()) -> dict[str, Any]:
    """Write report.md and report.json, left_out.csv, duplicates.csv and PNG figures.

    `source` is what was read, `folder` must exist; where rows are the files `paths`,
    pictures.csv says which. Return what report.json holds.
    """
    summary = summarise(data, facts, source)
    drawn = _draw(data, facts, folder)
    _write_csv(folder / 'left_out.csv', Leak._fields, facts.leaks)
    pairs = facts.pairs
    _write_csv(folder / 'duplicates.csv', ('row', 'other_row', 'kind', 'correlation'), (
        (first, second, KINDS[kind], f'{correlation:.4f}') for first, second, kind, correlation
        in zip(pairs.first, pairs.second, pairs.kind, pairs.correlation)))
    if paths:
        _write_csv(folder / 'pictures.csv', ('row', 'path'), enumerate(paths))
    write_json(folder / 'report.json', summary)
    write_text(folder / 'report.md', _markdown(summary, drawn))
    return summary


def summarise(data: Dataset, facts: Facts, source: Path) -> dict[str, Any]:
    """Return the facts as what JSON can hold; rows are counted from 0."""
    splits = list(SPLITS.values())
    summary = {
        'source': str(source), 'digest': data.digest, 'revision': revision(),
        'official': not facts.difference, 'difference': facts.difference,
        'pictures': len(data.labels),
        'counts': {split: dict(zip(EMOTIONS, facts.counts[index].tolist()))
                   for index, split in enumerate(splits)},
        'published_counts': {split: dict(zip(EMOTIONS, PUBLISHED[index].tolist()))
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


def _draw(data: Dataset, facts: Facts, folder: Path) -> dict[str, str]:
    """Draw all figures there is something to show on; return the sheets' titles by file name."""
    figures.plot_class_counts(facts.counts, folder / 'class_counts.png')
    figures.plot_brightness(data, folder / 'brightness.png')
    if facts.voted is not None:
        figures.plot_agreement(agreement(data, facts.voted), folder / 'ferplus.png')
    sheets: list[tuple[str, str, np.ndarray | Pairs]] = [
        *_image_sheets(data, facts), *_pair_sheets(data, facts)]
    drawn: dict[str, str] = {}
    for name, title, found in tqdm.tqdm(sheets, desc='drawing', unit='sheet', leave=False,
                                        disable=None):
        if isinstance(found, Pairs) and len(found.first):
            shown = figures.spread(np.argsort(-found.correlation, kind='stable'), SHEET_PAIRS)
            drawn[name] = f'{title}: {len(shown)} of {len(found.first)} pairs'
            figures.plot_pairs(data, found.where(shown), drawn[name], folder / name)
        elif isinstance(found, np.ndarray) and len(found):
            shown = figures.spread(
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


def _markdown(summary: dict[str, Any], drawn: dict[str, str]) -> str:
    parts = [
        '# What is in the data', '',
        f'`{summary["source"]}`, {summary["pictures"]} images, SHA-256 of the content '
        f'`{summary["digest"]}`; emorec {summary["revision"]}. Rows are counted from 0; '
        'pictures.csv names them where they were read from folders. All figures stand in '
        'report.json too.', '',
        'This is the official fer2013.csv.' if summary['official'] else
        f'This is **not** the official fer2013.csv: {summary["difference"]}.', '',
        '## Classes', '', *_counts_table(summary), '', '![](class_counts.png)', '',
        '![](brightness.png)', '']
    parts += _sheets(drawn, 'samples_')
    parts += ['## Images that show nothing', '',
              f'{len(summary["constant"])} images are of a single gray value: '
              f'{_some(summary["constant"])}.', '', *_sheets(drawn, 'constant'),
              *_ferplus(summary.get('ferplus'), drawn)]
    parts += _duplicates(summary, drawn)
    return '\n'.join(parts).rstrip() + '\n'


def _counts_table(summary: dict[str, Any]) -> list[str]:
    """Return the counts per split, where they differ with what is published in brackets."""
    rows = []
    for split, counts in summary['counts'].items():
        published = summary['published_counts'][split]
        pairs = [(counts[name], published[name]) for name in EMOTIONS]
        pairs.append((sum(counts.values()), sum(published.values())))
        rows.append([split] + [str(count) if count == official else f'{count} ({official})'
                               for count, official in pairs])
    table = _table(['split', *EMOTIONS, 'all'], rows)
    if summary['counts'] == summary['published_counts']:
        return table + ['', 'These are the published counts.']
    return table + ['', 'In brackets: the published counts of the official data, where they '
                    'differ.']


def _ferplus(ferplus: dict[str, Any] | None, drawn: dict[str, str]) -> list[str]:
    if ferplus is None:
        return []
    rows = []
    for emotion, votes in ferplus['majority'].items():
        total = max(sum(votes.values()), 1)
        rows.append([emotion, f'{votes[emotion] / total:.1%}', *map(str, votes.values())])
    return [f'{len(ferplus["not_a_face"])} images are not a face, as most voters of FER+ say: '
            f'{_some(ferplus["not_a_face"])}.', '', *_sheets(drawn, 'not_a_face'),
            '## Agreement with FER+', '',
            f'For {ferplus["agreement"]:.1%} of the images one label has most votes in FER+ '
            'and is that of the csv. Columns: what has most votes. Without votes: '
            f'{_some(ferplus["without_votes"])}.', '',
            *_table(['label', 'agrees', *VOTED], rows), '', '![](ferplus.png)', '']


def _duplicates(summary: dict[str, Any], drawn: dict[str, str]) -> list[str]:
    levels = [[level, *(str(found[name]) for name in ('different', 'groups', 'pictures',
                                                      'largest')), str(len(found['conflicting']))]
              for level, found in summary['duplicate_levels'].items()]
    tests = []
    for split, kinds in summary['tests_in_training'].items():
        size = max(sum(summary['counts'][split].values()), 1)
        tests.append([split, *map(str, kinds.values()),
                      f'{sum(kinds.values())} ({sum(kinds.values()) / size:.1%})'])
    return [
        '## Copies', '',
        f'Near copies correlate above {NEAR}, alike ones from {ALIKE} on: another cut of the '
        'same photo, or its neighbour in a film. duplicates.csv lists every pair. Each level of '
        'this table includes those above it; conflicting groups have more than one label.', '',
        *_table(['copies up to', 'different images', 'groups', 'images in groups',
                 'largest group', 'conflicting groups'], levels), '',
        'Pairs by kind and place, without constant images:', '',
        *_table(['place', *KINDS],
                [[place, *map(str, kinds.values())] for place, kinds in summary['pairs'].items()]),
        '', 'Test images, without constant ones, that stand in Training, by their closest copy '
        'there:', '',
        *_table(['split', *KINDS, 'all'], tests), '',
        *_sheets(drawn, 'pairs_'), '## Conflicting labels', '',
        'report.json lists the rows of every conflicting group.', '',
        *_sheets(drawn, 'conflicts'), '## Left out of training', '',
        f'{sum(summary["left_out"].values())} rows of Training show nothing or stand in a test '
        'split; left_out.csv lists them with the closest test row.', '',
        *_table(['reason', 'rows'], sorted(
            ([reason, str(count)] for reason, count in summary['left_out'].items()),
            key=lambda line: -int(line[1])))]


def _sheets(drawn: dict[str, str], start: str) -> list[str]:
    return [line for name, title in drawn.items() if name.startswith(start)
            for line in (f'![{title}]({name})', '')]


def _some(rows: Sequence[int], most: int = 30) -> str:
    if not rows:
        return 'none'
    return ', '.join(map(str, rows[:most])) + (', ...' if len(rows) > most else '')


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    lines = [header, ['---'] + ['---:'] * (len(header) - 1), *rows]
    return [f'| {" | ".join(line)} |' for line in lines]
