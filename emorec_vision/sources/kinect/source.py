# SPDX-License-Identifier: Apache-2.0
"""Frames of a Kinect v1 (Xbox 360, Kinect for Windows), through libfreenect."""

from collections import Counter
from collections import Counter as CounterType
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.kinect.depth import COLOUR_INTRINSICS
from emorec_vision.sources.kinect.depth import raw_to_millimetres
from emorec_vision.sources.kinect.depth import register_depth
from emorec_vision.sources.kinect.device import KinectDevice
from emorec_vision.sources.kinect.device import KinectSettings
from emorec_vision.sources.kinect.pairs import FramePair
import numpy as np

WIDTH, HEIGHT = 640, 480
FIRST_IMAGE_WITHIN = 10.0
"""Seconds; opening a device takes about one, more where it is sent its firmware first."""
INSTALL = ('install it with "apt install libfreenect-dev" (Debian, Ubuntu) and '
           '"pip install freenect==0.1.0"')
FAKENECT_OF_RAW_DEPTH = '/fakenect/libfreenect.so'
"""Where Debian and Ubuntu keep the fakenect of libfreenect 0.5, which ends the process when it is
asked for another depth mode than 11bit."""


class KinectSource(Source):
    """Deliver 640x480 colour with the depth of the same moment, aligned to it, at 30 Hz.

    Args:
        settings: how to run the device.
        intrinsics: of the colour camera, px.
        counts: to add to, of what `kinect_device.COUNTED` names.
        freenect: the wrapper's module; None for the installed one.

    Raises:
        InputError: if freenect is not installed, or there is no Kinect, or it may not be
            opened, or it delivers nothing.
        LibraryHangs: if libfreenect does not come back; end the process then.
    """

    kind = 'kinect'
    has_depth = True
    live = True
    frame_rate = 30.0

    def __init__(self, settings: KinectSettings = KinectSettings(),
                 intrinsics: Intrinsics = COLOUR_INTRINSICS,
                 counts: CounterType[str] | None = None, freenect: Any = None) -> None:
        """Open the device and wait for its first image."""
        super().__init__()
        freenect = freenect or load_freenect()
        self.settings = settings
        if settings.depth_mode != '11bit' and plays_raw_depth_only():
            self.settings = replace(settings, depth_mode='11bit')
            self._warnings.append('fakenect 0.5 plays raw depth only: depth_mode is 11bit')
        self.arrived = 0.0
        """When the last frame's colour image arrived, steady clock, s."""
        self._intrinsics = intrinsics
        self._device = KinectDevice(
            freenect, self.settings, Counter() if counts is None else counts)
        try:
            self._first: FramePair | None = self._wait_for_pair(FIRST_IMAGE_WITHIN)
        except SourceLost as error:
            raise InputError(str(error)) from None

    def age(self) -> float:
        """Return the age in s of the last image of the stream that is further behind."""
        return self._device.age()

    def read(self) -> Frame:
        """Wait for the next pair and return it; depth is aligned to colour in every mode.

        Raises:
            SourceLost: if the device vanished or froze.
            LibraryHangs: if libfreenect does not come back.
        """
        pair = self._first or self._wait_for_pair(self.settings.frame_timeout)
        self._first = None
        while self._device.warnings:
            self._warnings.append(self._device.warnings.pop(0))
        self.arrived = pair.colour.arrived
        return Frame(pair.colour.pixels, None, self._aligned(pair.depth.pixels),
                     self._intrinsics)

    def close(self) -> None:
        """Let go of the device.

        Raises:
            LibraryHangs: if libfreenect does not come back.
        """
        self._device.stop()

    def _wait_for_pair(self, patience: float) -> FramePair:
        pair = self._device.wait(patience)
        if pair is not None:
            return pair
        if self._device.ended is None:
            missing = self._device.what_is_missing(0.9 * patience)
            self._device.stop()
            raise SourceLost(f'the Kinect is frozen: no {missing} for {patience:g} s')
        raise SourceLost(self._device.ended)

    def _aligned(self, depth: np.ndarray) -> np.ndarray:
        """Return depth in mm aligned to colour, uint16, 0 where there is no reading."""
        if self.settings.depth_mode == 'registered':
            return depth
        millimetres = raw_to_millimetres(depth) if self.settings.depth_mode == '11bit' else depth
        return register_depth(millimetres, colour=self._intrinsics)


def load_freenect() -> Any:
    """Return the wrapper of libfreenect.

    Raises:
        InputError: if it is missing or does not fit the library, with what to do.
    """
    try:
        return import_module('freenect')
    except ImportError as error:
        why = '' if isinstance(error, ModuleNotFoundError) else f' ({error})'
        raise InputError(f'a Kinect needs the Python package freenect{why}; {INSTALL}') from None


def kinect_is_plugged_in() -> bool:
    """Tell whether a Kinect answers; at once where freenect is not installed."""
    try:
        freenect = load_freenect()
    except InputError:
        return False
    context = freenect.init()
    if context is None:
        return False
    present = freenect.num_devices(context)
    freenect.shutdown(context)
    return present > 0


def plays_raw_depth_only(maps: Path = Path('/proc/self/maps')) -> bool:
    """Tell whether libfreenect is Debian's fakenect, which knows no depth mode but 11bit."""
    try:
        return FAKENECT_OF_RAW_DEPTH in maps.read_text()
    except OSError:
        return False
