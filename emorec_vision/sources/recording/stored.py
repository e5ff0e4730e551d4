# SPDX-License-Identifier: Apache-2.0
"""What folders of image files have in common: a camera.json, and depth in some unit."""

import abc
from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.images import read_image
from emorec_vision.sources.recording.camera_file import CameraFile
from emorec_vision.sources.recording.camera_file import read_camera_file
from emorec_vision.sources.recording.depth_unit import guessed_unit
from emorec_vision.sources.recording.depth_unit import in_millimetres
from emorec_vision.sources.recording.depth_unit import typical
from emorec_vision.sources.recording.frame import read_depth_image
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.frame import RecordingFolder
import numpy as np

CAMERA = 'camera.json'
DEPTH_SUFFIXES = frozenset('.png .pgm .tif .tiff .pfm .exr'.split())
SAMPLES = 3
"""Depth images that a guess of the unit looks at."""


class StoredFolder(RecordingFolder):
    """Read colour as images, and depth in the unit of camera.json or a likely one, which is told.

    usual_unit: of the format, mm per count; None where depth itself must tell.
    usual_unit_is_of: who made the format.
    """

    usual_unit: float | None = None
    usual_unit_is_of = ''

    def __init__(self, folder: Path, files: list[Path]) -> None:
        """List the frames, and find out about camera and depth."""
        self.folder = folder
        self.warnings: list[str] = []
        path = folder / CAMERA
        self.camera = read_camera_file(path) if path in files else CameraFile()
        self.frames = sorted(self.list_frames(files), key=lambda frame: frame.stamp)
        self._intrinsics = self.camera.intrinsics or self.usual_intrinsics()
        depths = [frame.depth for frame in self.frames if frame.depth]
        if depths and self._intrinsics is None and not self.camera.of_frame:
            why = 'names no fx, fy, cx and cy' if path in files else 'is missing'
            self.warnings.append(f'{path} {why}: faces have a distance, but no position')
        self._unit = self.camera.depth_unit or (self._likely_unit(depths) if depths else 1.0)

    @abc.abstractmethod
    def list_frames(self, files: list[Path]) -> list[RecordedFrame]:
        """Return the frames of a folder with these files, in any order.

        Raises:
            InputError: if there are none.
        """

    def usual_intrinsics(self) -> Intrinsics | None:
        """Return the intrinsics where camera.json gives none."""
        return None

    def read_colour(self, frame: RecordedFrame) -> np.ndarray:
        """Return the colour image."""
        return read_image(frame.colour)

    def read_depth(self, frame: RecordedFrame) -> np.ndarray:
        """Return its depth in mm."""
        assert frame.depth is not None
        return in_millimetres(read_depth_image(frame.depth), self._unit)

    def intrinsics_of(self, frame: RecordedFrame) -> Intrinsics | None:
        """Return the intrinsics in camera.json, of the folder."""
        return self._intrinsics

    def _likely_unit(self, depths: list[Path]) -> float:
        """Return the unit of depth that nobody states, and tell it."""
        samples = []
        for path in depths[::max(len(depths) // SAMPLES, 1)][:SAMPLES]:
            try:
                samples.append(read_depth_image(path))
            except InputError:  # told when it is played
                continue
        unit, why = guessed_unit(samples)
        if self.usual_unit is not None and samples and samples[0].dtype == np.uint16:
            unit, why = self.usual_unit, f'1/5000 m, as {self.usual_unit_is_of} has it'
        self.warnings.append(
            f'{self.folder / CAMERA} does not state the unit of depth: it counts as {why} (half '
            f'of it is nearer than {typical(samples) * unit / 1000:.2f} m); state "depth_unit"')
        return unit
