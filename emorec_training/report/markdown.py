# SPDX-License-Identifier: Apache-2.0
"""The text of the report on a data set, in Markdown."""

from collections.abc import Sequence
from typing import Any

from emorec_training.data.overlap.similarity import ALIKE
from emorec_training.data.overlap.similarity import KINDS
from emorec_training.data.overlap.similarity import NEAR
from emorec_training.report.facts import VOTED
from emorec_vision.emotions import EMOTIONS


def format_markdown(summary: dict[str, Any], drawn: dict[str, str]) -> str:
    """Return report.md.

    Args:
        summary: what report.json holds.
        drawn: titles of the sheets of images by file name.
    """
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
              f'{_first_rows(summary["constant"])}.', '', *_sheets(drawn, 'constant'),
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
            f'{_first_rows(ferplus["not_a_face"])}.', '', *_sheets(drawn, 'not_a_face'),
            '## Agreement with FER+', '',
            f'For {ferplus["agreement"]:.1%} of the images one label has most votes in FER+ '
            'and is that of the csv. Columns: what has most votes. Without votes: '
            f'{_first_rows(ferplus["without_votes"])}.', '',
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


def _first_rows(rows: Sequence[int], most: int = 30) -> str:
    if not rows:
        return 'none'
    return ', '.join(map(str, rows[:most])) + (', ...' if len(rows) > most else '')


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    lines = [header, ['---'] + ['---:'] * (len(header) - 1), *rows]
    return [f'| {" | ".join(line)} |' for line in lines]
