# SPDX-License-Identifier: Apache-2.0
"""The camera or film that a person stands in front of, and what finds the face there."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from time import sleep
from typing import TYPE_CHECKING

from emorec_cli.output.standard_error import tell
from emorec_vision.errors import InputError
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
from emorec_vision.sources import Source
from emorec_vision.sources import SPECIFICATIONS
from emorec_vision.stamps import seconds_to_ns

if TYPE_CHECKING:
    from emorec_vision.faces.finder import FaceFinder

TOPIC = 'topic:'
SOURCES = (f'{SPECIFICATIONS}, topic:NAME (a ROS image topic), or auto: the first camera that is '
           'found')
"""In words, for the help."""


def open_camera(specification: str) -> Source:
    """Open the source, or the first camera for `auto`: never an image of somebody else."""
    if specification.startswith(TOPIC):
        from emorec_cli.live import check_ros
        check_ros()
        from emorec_ros.camera.topic_source import TopicSource
        return TopicSource(specification.removeprefix(TOPIC))
    if specification == 'auto':
        from emorec_cli.live import find_source
        specification, why = find_source()
        if specification == 'demo':
            raise InputError(f'there is no camera: {why}; give one, or a film, with '
                             '--source')
        tell(f'source: {specification} ({why})')
    return open_source(specification)


def frames_of(source: Source) -> Iterator[tuple[Frame, int]]:
    """Yield images and their stamps in ns; a live source not faster than it says."""
    pause = 1.0 / source.frame_rate if source.live and source.frame_rate else 0.0
    due = monotonic()
    for frame in iter(source.read, None):
        for warning in source.take_warnings():
            tell(warning)
        sleep(max(due - monotonic(), 0.0))
        now = monotonic()
        due = max(due + pause, now)
        yield frame, seconds_to_ns(now) if frame.stamp is None else frame.stamp


def finder_for(source: Source, detector: str) -> FaceFinder:
    """Return what finds faces as `emorec live` does."""
    from emorec_vision.depth.gate import DepthGate
    from emorec_vision.faces.detectors.factory import open_detector
    from emorec_vision.faces.finder import FaceFinder
    return FaceFinder(open_detector(detector, tell=tell), DepthGate(), stills=source.stills)
