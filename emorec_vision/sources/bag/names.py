# SPDX-License-Identifier: Apache-2.0
"""The topics of a bag that a user chose, and how they stand in the name of a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
import os
from urllib.parse import parse_qsl

from emorec_vision.errors import InputError
from emorec_vision.sources.recording.depth_unit import stated_unit

KIND = 'bag'
NOTHING = 'none'
"""In place of the topic of depth or of camera_info: play without."""


@dataclass(frozen=True)
class BagNames:
    """Topics that a user chose, '' for those that are found by name; depth and info: or none.

    The compressed images of a topic are found by the name of the raw ones too. depth_unit: of
    depth, as camera.json states it ("0.25 mm"), where it is not that of its encoding.
    """

    colour: str = ''
    depth: str = ''
    info: str = ''
    depth_unit: str = ''

    @property
    def millimetres(self) -> float | None:
        """Return the unit of depth, mm per count, None for that of its encoding.

        Raises:
            InputError: if it is no length.
        """
        if not self.depth_unit:
            return None
        try:
            return stated_unit({'depth_unit': self.depth_unit})
        except ValueError as error:
            raise InputError(str(error)) from None

    def topic(self, place: str) -> str:
        """Return the full name of the topic in a place, '' where none is chosen."""
        name = str(getattr(self, place))
        return '' if name in ('', NOTHING) else '/' + name.strip('/')


def split_names(argument: str) -> tuple[str, BagNames]:
    """Return the path and the topics in `PATH?colour=/a&depth=/b&info=/c&depth_unit=0.25mm`.

    Raises:
        InputError: if the query has another name, or a name without a topic.
    """
    path, mark, query = argument.rpartition('?')
    if not mark or os.path.exists(argument):
        return argument, BagNames()
    try:
        pairs = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True))
        pairs = {{'color': 'colour'}.get(name, name): topic for name, topic in pairs.items()}
        return path, BagNames(**pairs)
    except (TypeError, ValueError):
        raise InputError(f'{argument}: after the question mark of a bag stand its topics: '
                         'colour=/a&depth=/b&info=/c, and depth_unit=0.25mm') from None


def with_names(source: str, names: Mapping[str, str], option: str = '--{}') -> str:
    """Return the name of a source with the topics that options named.

    Args:
        source: any of `open_source`.
        names: topics by the fields of BagNames, '' for those that were not named.
        option: how messages call the option of a field.

    Raises:
        InputError: if topics are named and the source is no bag.
    """
    from emorec_vision.sources.detect import with_kind
    given = {name: topic for name, topic in names.items() if topic}
    if not given:
        return source
    source = with_kind(source)
    if not source.startswith(f'{KIND}:'):
        first = next(iter(given))
        raise InputError(f'{option.format(first)} {given[first]}: source {source} is no bag, and '
                         'has no topics to choose from')
    path, chosen = split_names(source.removeprefix(f'{KIND}:'))
    wanted = {**asdict(chosen), **given}
    query = '&'.join(f'{name}={topic}' for name, topic in wanted.items() if topic)
    return f'{KIND}:{path}?{query}'
