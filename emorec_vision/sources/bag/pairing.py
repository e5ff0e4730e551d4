# SPDX-License-Identifier: Apache-2.0
"""Pair the colour and depth images of a bag, which lie in it in the order they came."""

from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from emorec_vision.sources.bag.reader import Image
from emorec_vision.stamps import MAX_STEP_BACK_NS
from emorec_vision.stamps import NANOSECONDS

SLOP_NS = 20_000_000
"""Largest difference of the stamps of one moment, as the detector's depth_slop."""
PATIENCE_NS = NANOSECONDS
"""By how much depth may lie behind its colour in the bag."""
KEPT_DEPTHS = 60


def paired(
    images: Iterable[Image], has_depth: bool
) -> Iterator[tuple[Image, Any]]:
    """Yield each colour image with the depth nearest to it within `SLOP_NS`, or None."""
    waiting: deque[Image] = deque()
    depths: deque[Image] = deque(maxlen=KEPT_DEPTHS)
    for image in images:
        (depths if image.is_depth else waiting).append(image)
        while waiting and (not has_depth or _is_decided(waiting[0], depths, image.bag_ns)):
            colour = waiting.popleft()
            yield colour, _nearest(colour, depths)
    for colour in waiting:
        yield colour, _nearest(colour, depths)


def _is_decided(colour: Image, depths: Iterable[Image], bag_ns: int) -> bool:
    """Tell whether no better depth can follow; what is far later is of before time went back."""
    return bag_ns > colour.bag_ns + PATIENCE_NS or any(
        depth.stamp == colour.stamp
        or SLOP_NS <= depth.stamp - colour.stamp <= MAX_STEP_BACK_NS
        for depth in depths if abs(depth.bag_ns - colour.bag_ns) <= PATIENCE_NS)


def _nearest(colour: Image, depths: Iterable[Image]) -> Any:
    """Return the depth message of a colour image's moment, or None."""
    nearest = min(depths, key=lambda depth: (abs(depth.stamp - colour.stamp),
                                             abs(depth.bag_ns - colour.bag_ns)), default=None)
    if nearest is None or abs(nearest.stamp - colour.stamp) > SLOP_NS:
        return None
    return nearest.message
