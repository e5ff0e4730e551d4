# SPDX-License-Identifier: Apache-2.0
"""The unit of stored depth: as camera.json states it, or else a guess that is told.

A unit is millimetres per count, the number of a pixel.
"""

from collections.abc import Mapping
import math
import re
from typing import Any

import numpy as np

UNITS = {'um': 0.001, 'mm': 1.0, 'cm': 10.0, 'm': 1000.0}
NAMED = re.compile(r'\b(?:(\d{1,9}(?:\.\d{1,9})?)\s*)?(um|mm|cm|m)\b')
LONG = re.compile(r'\b(milli|centi|micro|)met(?:er|re)s?\b')
SHORT = {'milli': 'mm', 'centi': 'cm', 'micro': 'um', '': 'm'}
LENGTHS = ('depth_unit', 'depth_units', 'unit', 'units')
"""Keys of a length: a text such as "0.25 mm", or a number of metres."""
SCALES = ('depth_scale', 'depth_factor', 'depth_map_factor', 'DepthMapFactor', 'png_depth_scale',
          'scale', 'factor')
"""Keys of a number: counts per metre where it is 1 or more, otherwise metres per count."""
TUM = 0.2
"""TUM RGB-D and those who follow it: 5000 counts per metre."""
ROOM = 8000
"""No room has half of its surface farther than this, in mm."""
METRES_UP_TO = 100
"""Floats of which half are farther than this are no metres."""


def stated_unit(content: Mapping[str, Any]) -> float | None:
    """Return the unit that a camera.json states, None where it states none.

    Raises:
        ValueError: if it states something that is no unit.
    """
    depth = content.get('depth')
    if isinstance(depth, dict):
        depth_keys: Mapping[str, Any] = depth
    else:
        depth_keys = {name: value for name, value in content.items() if name.startswith(
            ('depth_', 'png_depth_', 'Depth'))}
    for name in LENGTHS:
        if name in depth_keys:
            return _length(name, depth_keys[name])
    for name in SCALES:
        if name in depth_keys:
            return _scale(name, depth_keys[name])
    return _in_words(depth) if isinstance(depth, str) else None


def guessed_unit(samples: list[np.ndarray]) -> tuple[float, str]:
    """Return the likely unit of depth images as they are stored, and why, in words.

    Args:
        samples: uint16 or float32 (H, W) each.
    """
    middle = typical(samples)
    if samples and samples[0].dtype != np.uint16:
        if middle < METRES_UP_TO:
            return UNITS['m'], 'metres, as floats mostly are'
        return UNITS['mm'], f'millimetres, since half of the floats are above {middle:.0f}'
    if middle < ROOM:
        return UNITS['mm'], 'millimetres'
    return TUM, (f'1/5000 m as in TUM RGB-D, since as millimetres half would lie beyond '
                 f'{middle / 1000:.1f} m')


def typical(samples: list[np.ndarray]) -> float:
    """Return the median of the readings in depth images as they are stored, 0 without any."""
    readings = [sample[np.isfinite(sample) & (sample > 0)].ravel() for sample in samples]
    found = np.concatenate(readings) if readings else np.empty(0)
    return float(np.median(found)) if found.size else 0.0


def in_millimetres(stored: np.ndarray, unit: float) -> np.ndarray:
    """Return depth, uint16 or float32 (H, W), as uint16 mm, 0 where there is no reading."""
    if unit == 1 and stored.dtype == np.uint16:
        return stored
    millimetres = np.rint(stored * np.float32(unit))
    known = np.isfinite(millimetres) & (millimetres > 0) & (millimetres <= 65535)
    return np.where(known, millimetres, 0).astype(np.uint16)


def _length(name: str, value: Any) -> float:
    """Return a length in mm."""
    if isinstance(value, str):
        found = _in_words(value)
        if found is None:
            raise ValueError(f'{name} {value[:40]!r} is no length; give mm, m, "0.25 mm" or a '
                             'number of metres')
        return found
    return _number(name, value) * UNITS['m']


def _scale(name: str, value: Any) -> float:
    """Return the unit of a scale in mm."""
    number = _number(name, value)
    return UNITS['m'] / number if number >= 1 else UNITS['m'] * number


def _number(name: str, value: Any) -> float:
    number = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9:
        number = float(value)
    if not 1e-9 < number:
        raise ValueError(f'{name} is no positive number')
    return number


def _in_words(text: str) -> float | None:
    """Return the length that a text names, None where it names none."""
    named = NAMED.search(LONG.sub(lambda match: SHORT[match[1]], text.lower()))
    if named is None or (named[1] and float(named[1]) == 0):
        return None
    return float(named[1] or 1) * UNITS[named[2]]
