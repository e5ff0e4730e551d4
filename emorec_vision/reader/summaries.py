# SPDX-License-Identifier: Apache-2.0
"""Sum up a stream span by span, each of the same length."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from emorec_vision.reader.watcher import Sighting
from emorec_vision.reader.watcher import Watcher
from emorec_vision.sources import Frame
from emorec_vision.stamps import ROUNDING_NS
from emorec_vision.stamps import seconds_to_ns


@dataclass(frozen=True)
class Summary:
    """What one span of time showed.

    Attributes:
        number: of the span, from 0.
        stamp: its start, ns.
        sightings: one per face, the largest first.
    """

    number: int
    stamp: int
    sightings: Sequence[Sighting]


def summaries(frames: Iterable[tuple[int, Frame]], watcher: Watcher,
              every: float = 1.0) -> Iterator[Summary]:
    """Yield what each span of `every` seconds showed, without those that have no frame.

    Args:
        frames: with their times, ns; the first one starts the first span.
        watcher: looks at them.
        every: length of a span, s.
    """
    start: int | None = None
    number, length = 0, seconds_to_ns(every)
    for stamp, frame in frames:
        start = stamp if start is None else start
        here = (stamp - start + ROUNDING_NS) // length
        if here != number:
            yield Summary(number, start + number * length, watcher.sum_up())
            number = here
        watcher.add(frame, stamp)
    if start is not None:
        yield Summary(number, start + number * length, watcher.sum_up())
