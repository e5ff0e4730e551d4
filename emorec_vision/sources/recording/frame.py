# SPDX-License-Identifier: Apache-2.0
"""What every kind of recording tells of itself."""

import abc
from dataclasses import dataclass
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.access import read_file
from emorec_vision.geometry import Intrinsics
from emorec_vision.quiet_opencv import quiet_decoders
import numpy as np


@dataclass(frozen=True)
class RecordedFrame:
    """The files of one frame; `stamp` is file time or the camera's own, ns."""

    stamp: int
    colour: Path
    depth: Path | None


class RecordingFolder(abc.ABC):
    """List the frames of a folder and read them one by one.

    frames: in the order they are played. warnings: what was left out while listing, one line each.
    """

    frames: list[RecordedFrame]
    warnings: list[str]

    @abc.abstractmethod
    def __init__(self, folder: Path, files: list[Path]) -> None:
        """List the frames of a folder with these files."""

    @classmethod
    @abc.abstractmethod
    def recognises(cls, files: list[Path]) -> bool:
        """Tell whether a folder with these files is of this kind."""

    @abc.abstractmethod
    def read_colour(self, frame: RecordedFrame) -> np.ndarray:
        """Return the colour image, uint8 RGB (H, W, 3).

        Raises:
            InputError: if it cannot be read.
        """

    @abc.abstractmethod
    def read_depth(self, frame: RecordedFrame) -> np.ndarray:
        """Return the depth that belongs to it, uint16 (H, W) mm aligned to colour, 0 = none.

        Raises:
            InputError: if it cannot be read.
        """

    @abc.abstractmethod
    def intrinsics_of(self, frame: RecordedFrame) -> Intrinsics | None:
        """Return the intrinsics of the colour image where they are known."""


def read_depth_image(path: Path) -> np.ndarray:
    """Return a depth image as it is stored, uint16 or float32 (H, W), in any unit.

    Raises:
        InputError: if it is none, or damaged.
    """
    data = np.frombuffer(read_file(path), np.uint8)
    depth = None
    with quiet_decoders():
        try:
            depth = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
        except cv2.error:
            pass
    if depth is None:
        raise InputError(f'{path} is no image, or a damaged one')
    if depth.ndim != 2 or depth.dtype not in (np.uint16, np.float32, np.float64):
        raise InputError(f'{path} is no depth image: it has '
                         f'{1 if depth.ndim == 2 else depth.shape[2]} channel(s) of '
                         f'{8 * depth.itemsize} bit instead of one of 16 bit or of floats')
    return depth if depth.dtype == np.uint16 else depth.astype(np.float32)
