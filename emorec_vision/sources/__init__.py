# SPDX-License-Identifier: Apache-2.0
"""Where frames come from: cameras, files, recordings with depth, or the demo scene."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.geometry import Intrinsics
import numpy as np

SPECIFICATIONS = (
    'kinect, webcam[:DEVICE], stream:URL, video:FILE, images:DIR, recording:DIR, bag:PATH or '
    'demo')
"""What `open_source` understands, for help and error texts."""


@dataclass(frozen=True)
class Frame:
    """A colour image and, where the source has it, its depth.

    Attributes:
        rgb: uint8 (H, W, 3).
        stamp: file time, ns; None for a live frame.
        depth: uint16 (H, W) in mm aligned to rgb, 0 where there is no reading, or None.
        intrinsics: of the colour camera, where they are known.
        name: of the file, or ''.
    """

    rgb: np.ndarray
    stamp: int | None = None
    depth: np.ndarray | None = None
    intrinsics: Intrinsics | None = None
    name: str = ''


class SourceLost(OSError):
    """A live camera stopped delivering; open it again to go on."""


class Source(abc.ABC):
    """Deliver frames one after the other.

    kind: what `open_source` calls it. live: frames show what is now and get the time they
    are read at. stills: the frames are images that have nothing to do with each other.
    has_depth: frames come with depth, if not each of them. frame_rate: in Hz, None where unknown
    or meaningless. hardware: name and serial number of a camera, '' where unknown. skipped:
    frames that could not be read so far.
    """

    kind: str
    live: bool = False
    stills: bool = False
    has_depth: bool = False
    frame_rate: float | None = None
    hardware: str = ''

    def __init__(self) -> None:
        """Start with nothing skipped and nothing to tell."""
        self.skipped = 0
        self._warnings: list[str] = []

    @abc.abstractmethod
    def read(self) -> Frame | None:
        """Return the next frame, or None at the end of a file.

        Raises:
            SourceLost: if a live camera vanished.
        """

    def close(self) -> None:
        """Let go of the camera or the file; a second call does nothing."""

    def take_warnings(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        warnings, self._warnings = self._warnings, []
        return warnings

    def __enter__(self) -> Source:
        """Return the source itself."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Close the source."""
        self.close()


def open_source(spec: str) -> Source:
    """Open a source by its name on the command line.

    Args:
        spec: 'kinect', 'webcam' (the first that works), 'webcam:N' or 'webcam:/dev/NAME' (and a
            mode, as `emorec_vision.sources.camera_names` has it), 'stream:URL' of a network
            camera, 'video:FILE', 'images:DIR', 'recording:DIR', 'bag:PATH' (and topics, as
            `emorec_vision.sources.bag.names` has them) or 'demo'; or a path alone, whose kind is
            told by what is there. ~ and $VARIABLES in a path are put in.

    Raises:
        InputError: if the kind is unknown, the file or folder is missing, unreadable or empty,
            or there is no such camera.
    """
    from emorec_vision.sources.camera_names import masked
    from emorec_vision.sources.camera_names import stream_of
    from emorec_vision.sources.camera_names import webcam_of
    from emorec_vision.sources.detect import hint
    from emorec_vision.sources.detect import with_kind
    spec = with_kind(spec)
    kind, _, argument = spec.partition(':')
    if spec == 'kinect':
        from emorec_vision.sources.kinect.source import KinectSource
        return KinectSource()
    if (webcam := webcam_of(spec)) is not None:
        from emorec_vision.sources.webcam import WebcamSource
        return WebcamSource(webcam.device, mode=webcam.mode)
    if (url := stream_of(spec)) is not None:
        from emorec_vision.sources.stream import StreamSource
        return StreamSource(url)
    if kind == 'video' and argument:
        from emorec_vision.sources.video import VideoSource
        return VideoSource(expand(argument))
    if kind == 'images' and argument:
        from emorec_vision.sources.images import ImagesSource
        return ImagesSource(expand(argument))
    if kind == 'recording' and argument:
        from emorec_vision.sources.recording.source import RecordingSource
        return RecordingSource(expand(argument))
    if kind == 'bag' and argument:
        from emorec_vision.sources.bag.names import split_names
        from emorec_vision.sources.bag.source import BagSource
        path, chosen = split_names(argument)
        return BagSource(expand(path), chosen)
    if spec == 'demo':
        from emorec_vision.sources.demo.source import DemoSource
        return DemoSource()
    what = hint(expand(spec), '') if spec else ''
    raise InputError(f"'{masked(spec)}' is no source; give {SPECIFICATIONS}{what}")
