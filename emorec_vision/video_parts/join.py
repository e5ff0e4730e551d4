# SPDX-License-Identifier: Apache-2.0
"""Join the rows of the parts of a file to those of the file."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

from emorec_vision.geometry import Box
from emorec_vision.video_parts.reading import PartRows
from emorec_vision.video_parts.reading import Row

SAME = 0.5
"""Overlap (intersection over union) from which two boxes of an image are the same face's."""


def joined(parts: Iterable[PartRows]) -> Iterator[Row]:
    """Yield the rows of a file, with one track_id for each face: 1, 2, ... as they appear.

    A face that is in view where one part ends and the next begins goes on under its number.

    Args:
        parts: in their order, all of them.
    """
    count = 0
    last: list[Row] = []
    for part in parts:
        names = dict(_same(part.before, last))
        for row in part.rows:
            if row['track_id'] not in names:
                count += 1
                names[row['track_id']] = str(count)
            row = {**row, 'track_id': names[row['track_id']]}
            last = [*last, row] if last and last[-1]['time'] == row['time'] else [row]
            yield row


def _same(before: list[Row], last: list[Row]) -> Iterator[tuple[str, str]]:
    """Yield the ids that a part has for faces, with those that the part before has."""
    pairs = sorted(((box_of(one).iou(box_of(other)), one['track_id'], other['track_id'])
                    for one in before for other in last if one['time'] == other['time']),
                   reverse=True)
    taken: set[str] = set()
    for overlap, name, earlier in pairs:
        if overlap >= SAME and not {f'new {name}', f'old {earlier}'} & taken:
            taken |= {f'new {name}', f'old {earlier}'}
            yield name, earlier


def box_of(row: Row) -> Box:
    """Return where a row's face is, px."""
    return Box(row['x'], row['y'], row['width'], row['height'])
