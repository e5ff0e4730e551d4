# SPDX-License-Identifier: Apache-2.0
"""Read one part of a video file."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from threading import local
from typing import Any

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.reader.readings import PersonReading
from emorec_vision.reader.stream import PeopleStream
from emorec_vision.sources.video import VideoSource
from emorec_vision.video_parts.part import Part
from emorec_vision.video_parts.part import Recipe

Row = dict[str, Any]
_thread = local()


@dataclass
class PartRows:
    """What a part shows.

    Attributes:
        before: rows of the last image before it, by which its tracks are those of the part before.
        rows: one per face and image, as PersonReading.to_dict returns them.
        images: how many it has.
        warnings: about the file.
    """

    before: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    images: int = 0
    warnings: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        return asdict(self)


def read_part(part: Part, recipe: Recipe) -> PartRows:
    """Follow and read the faces of a part.

    Raises:
        InputError: if the file, or what reads it, cannot be used.
    """
    cv2.setNumThreads(1)
    model, detector = _opened(recipe.model, recipe.detector)
    stream = PeopleStream(FaceFinder(detector, DepthGate()), model, adapt=recipe.adapt)
    result = PartRows()
    source = VideoSource(Path(part.path))
    with source:
        if part.begin:
            source.seek(part.enter)
        while (frame := source.read()) is not None:
            stamp = frame.stamp or 0
            if part.end is not None and stamp >= part.end:
                break
            people = stream.add(frame, stamp)
            if stamp < part.begin:
                result.before = _rows(people)
            else:
                result.rows += _rows(people)
                result.images += 1
        result.warnings += source.take_warnings()
    return result


def _rows(people: list[PersonReading]) -> list[Row]:
    return [person.to_dict() for person in people]


def _opened(model: str, detector: str) -> tuple[EmotionModel, FaceDetector]:
    """Return what reads faces, opened once in each thread: detectors keep state."""
    if getattr(_thread, 'key', None) != (model, detector):
        _thread.opened = EmotionModel(Path(model)), open_detector(detector)
        _thread.key = (model, detector)
    return _thread.opened
