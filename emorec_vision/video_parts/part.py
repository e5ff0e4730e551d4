# SPDX-License-Identifier: Apache-2.0
"""How a video file is divided, which depends on the file alone."""

from __future__ import annotations

from dataclasses import dataclass
import hashlib
import json
from pathlib import Path

from emorec_vision.sources.video import VideoSource
from emorec_vision.stamps import NANOSECONDS

LENGTH = 240 * NANOSECONDS
"""Of a part, ns; what is left over is part of the last one."""
WARM_UP = 20 * NANOSECONDS
"""Before a part, ns, in which its faces are followed, and read against themselves, already."""


@dataclass(frozen=True)
class Part:
    """A span of a video file.

    Attributes:
        path: of the file.
        number: of the part, from 0.
        begin: time of the file at which it begins, ns.
        end: time at which the next part begins, ns; None: it goes to the end.
        enter: time from which its faces are followed, ns.
    """

    path: str
    number: int = 0
    begin: int = 0
    end: int | None = None
    enter: int = 0


@dataclass(frozen=True)
class Recipe:
    """How faces are read, which all parts have in common.

    Attributes:
        model: ONNX file of the emotions.
        detector: what finds faces, see open_detector.
        adapt: whether each face is read against the same face at rest.
    """

    model: str
    detector: str = 'auto'
    adapt: bool = True


def parts_of(path: Path, length: int = LENGTH, warm_up: int = WARM_UP) -> list[Part]:
    """Return the parts of a video file; a short one, or one of unknown length, is one part.

    Raises:
        InputError: if it is no video.
    """
    source = VideoSource(path)
    count = max(1, source.duration // length)
    source.close()
    return [Part(str(path), number, number * length,
                 (number + 1) * length if number < count - 1 else None,
                 max(0, number * length - warm_up))
            for number in range(count)]


def key_of(part: Part, recipe: Recipe) -> str:
    """Return a name for the result of a part, which changes with all that it depends on."""
    about = [_state(part.path), part.number, part.begin, part.end, part.enter,
             _state(recipe.model), recipe.detector, recipe.adapt]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]


def _state(path: str) -> list[object]:
    about = Path(path).stat()
    return [str(Path(path).absolute()), about.st_size, about.st_mtime_ns]
