# SPDX-License-Identifier: Apache-2.0
"""One face per second of a video."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass

from emorec_vision.emotion.stills import StillFace
from emorec_vision.emotion.stills import StillFaces
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import ROUNDING_NS
from emorec_vision.stamps import seconds_to_ns

TRIES = 6
"""Frames that are searched in a span of time before it counts as one without a face."""
WITHOUT_TIMES = NANOSECONDS
"""From one frame to the next where a source has no times, ns."""


@dataclass(frozen=True)
class FaceSample:
    """The face of one span of time.

    Attributes:
        number: of the span, from 0.
        stamp: when the face was seen, or of the span's first frame, ns.
        face: None where no face was found.
    """

    number: int
    stamp: int
    face: StillFace | None


def sample_faces(source: Source, finder: StillFaces, every: float = 1.0,
                 on_frame: Callable[[Frame], None] = lambda frame: None) -> Iterator[FaceSample]:
    """Yield, for each `every` seconds of a file source, the first face that is found in them.

    Where a frame shows several faces the largest is taken. A span is searched in its first
    frame and, while nothing is found, in TRIES frames spread over it.

    Args:
        on_frame: is called with every frame that is read.
    """
    span: FaceSample | None = None
    next_try, length = 0, seconds_to_ns(every)
    for stamp, frame in _timed(source):
        on_frame(frame)
        number = (stamp + ROUNDING_NS) // length
        if span is None or number != span.number:
            if span is not None:
                yield span
            span, next_try = FaceSample(number, stamp, None), stamp
        if span.face is None and stamp >= next_try - ROUNDING_NS:
            faces = finder.predict(frame.rgb)
            largest = max(faces, key=lambda face: face.box.area, default=None)
            span = FaceSample(number, stamp if faces else span.stamp, largest)
            next_try += length // TRIES
    if span is not None:
        yield span


def _timed(source: Source) -> Iterator[tuple[int, Frame]]:
    """Yield the frames of a source with their time in ns."""
    count = 0
    while (frame := source.read()) is not None:
        yield count * WITHOUT_TIMES if frame.stamp is None else frame.stamp, frame
        count += 1
