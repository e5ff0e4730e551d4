# SPDX-License-Identifier: Apache-2.0
"""One face per second of a video."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass

from emorec_vision.emotion.stills import StillFace
from emorec_vision.emotion.stills import StillFaces
from emorec_vision.sources import Frame
from emorec_vision.sources import Source

TRIES = 6
"""Frames that are searched in a span of time before it counts as one without a face."""
WITHOUT_TIMES = 1.0
"""Seconds from one frame to the next where a source has no times."""


@dataclass(frozen=True)
class FaceSample:
    """Hold the face of one span of time: its number from 0, when it was seen (s), and the face.

    face is None where no face was found; then stamp is that of the span's first frame.
    """

    number: int
    stamp: float
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
    next_try = 0.0
    for stamp, frame in _timed(source):
        on_frame(frame)
        number = int(stamp / every + 1e-6)
        if span is None or number != span.number:
            if span is not None:
                yield span
            span, next_try = FaceSample(number, stamp, None), stamp
        if span.face is None and stamp >= next_try - 1e-6:
            faces = finder.predict(frame.rgb)
            largest = max(faces, key=lambda face: face.box.area, default=None)
            span = FaceSample(number, stamp if faces else span.stamp, largest)
            next_try += every / TRIES
    if span is not None:
        yield span


def _timed(source: Source) -> Iterator[tuple[float, Frame]]:
    """Yield the frames of a source with their time in s."""
    count = 0
    while (frame := source.read()) is not None:
        yield count * WITHOUT_TIMES if frame.stamp is None else frame.stamp, frame
        count += 1
