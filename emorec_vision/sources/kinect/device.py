# SPDX-License-Identifier: Apache-2.0
"""One session with a Kinect v1 through libfreenect, in a thread of its own."""

from collections import Counter as CounterType
from dataclasses import dataclass
from threading import Condition
from threading import Event
from threading import Thread
from time import monotonic
from typing import Any

from emorec_vision.sources import SourceLost
from emorec_vision.sources.kinect.pairs import DeviceFrame
from emorec_vision.sources.kinect.pairs import FramePair
from emorec_vision.sources.kinect.pairs import FramePairer
import numpy as np

DEPTH_MODES = {'registered': 'DEPTH_REGISTERED', 'mm': 'DEPTH_MM', '11bit': 'DEPTH_11BIT'}
"""The name of each depth mode in libfreenect's wrapper."""
LEDS = ('off', 'green', 'red', 'yellow', 'blink_green', 'blink_red_yellow')
COUNTED = COLOUR, DEPTH, UNPAIRED, UNREAD = (
    'colour frames', 'depth frames', 'frames without partner', 'pairs not read in time')
PATIENCE_WITH_LIBRARY = 2.0
"""Seconds for the device thread to come back from libfreenect; when it is well it takes 0.03."""


@dataclass(frozen=True)
class KinectSettings:
    """How to run a Kinect."""

    index: int = 0
    """which of several, counted from 0"""
    depth_mode: str = 'registered'
    """one of DEPTH_MODES"""
    frame_timeout: float = 3.0
    """age of the last image at which the device counts as frozen, s"""
    tilt: float | None = None
    """degrees to turn the camera up by, -31..31; None leaves the motor alone"""
    led: str | None = None
    """one of LEDS; None leaves the lamp alone"""


class LibraryHangs(RuntimeError):
    """libfreenect does not return; only the end of the process helps."""


class KinectDevice:
    """Run one Kinect from its opening until it is lost or stopped.

    Everything that calls libfreenect happens in the device thread, in base_runloop, because the
    wrapper's other ways block for ever when images stop (sync_get_*) or keep all of Python
    waiting (process_events). The newest pair is in a place for one; `wait` takes it.

    Args:
        freenect: the wrapper's module, or what stands in for it in a test.
        counts: of the things in COUNTED, to be added to.
    """

    def __init__(self, freenect: Any, settings: KinectSettings,
                 counts: CounterType[str]) -> None:
        """Start to open the device."""
        self.ended: str | None = None
        """Why the session is over, in one line."""
        self.warnings: list[str] = []
        self._freenect = freenect
        self._settings = settings
        self._counts = counts
        self._pairer = FramePairer()
        self._pair: FramePair | None = None
        self._changed = Condition()
        self._stopping = Event()
        self._delivered = False
        self._last = {True: monotonic(), False: monotonic()}
        self._thread = Thread(target=self._run, name='kinect', daemon=True)
        self._thread.start()

    def wait(self, timeout: float) -> FramePair | None:
        """Wait for the next pair at most `timeout` s; None also when the session is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._pair or self.ended is not None, timeout)
            pair, self._pair = self._pair, None
            return pair

    def age(self) -> float:
        """Return the age in s of the last image of the stream that is further behind."""
        return monotonic() - min(self._last.values())

    def what_is_missing(self, timeout: float) -> str:
        """Name the images that did not come in the last `timeout` s."""
        late = [name for name, is_colour in (('colour', True), ('depth', False))
                if monotonic() - self._last[is_colour] > timeout]
        if len(late) == 1:
            return f'{late[0]} image'
        return 'image' if late else 'colour and depth of one moment'

    def stop(self) -> None:
        """End the session and close the device; a second call does nothing.

        Raises:
            LibraryHangs: if libfreenect does not come back.
        """
        self._stopping.set()
        self._thread.join(PATIENCE_WITH_LIBRARY)
        if self._thread.is_alive():
            raise LibraryHangs('libfreenect does not return')

    def _run(self) -> None:
        try:
            self._open_and_stream()
            how = 'stopped delivering' if self._delivered else 'delivers no'
            reason = f'the Kinect {how} images (unplugged?)'
        except SourceLost as error:
            reason = str(error)
        except Exception as error:  # noqa: B902 - the reader tells, whatever it is
            reason = f'libfreenect failed: {type(error).__name__}: {error}'
        with self._changed:
            self.ended = reason
            self._changed.notify_all()

    def _open_and_stream(self) -> None:
        context = self._freenect.init()
        if context is None:
            raise SourceLost('libfreenect does not start; is USB accessible here?')
        try:
            device = self._open(context)
            try:
                self._stream(context, device)
            finally:
                self._close(device)
        finally:
            self._freenect.shutdown(context)

    def _open(self, context: Any) -> Any:
        index, present = self._settings.index, self._freenect.num_devices(context)
        if index >= present:
            which = 'Kinect' if present == 0 else f'Kinect number {index} (found: {present})'
            raise SourceLost(f'there is no {which}; plug it in, with its own power supply')
        device = self._freenect.open_device(context, index)
        if device is None:  # the wrapper's other functions crash on it
            raise SourceLost('the Kinect cannot be opened; is another program using it, or may '
                             'this user not (udev rules, group plugdev)?')
        return device

    def _stream(self, context: Any, device: Any) -> None:
        freenect = self._freenect
        size = freenect.RESOLUTION_MEDIUM
        mode = getattr(freenect, DEPTH_MODES[self._settings.depth_mode])
        freenect.set_video_callback(device, self._keep_colour)
        freenect.set_depth_callback(device, self._keep_depth)
        for result in (freenect.set_video_mode(device, size, freenect.VIDEO_RGB),
                       freenect.set_depth_mode(device, size, mode),
                       freenect.start_depth(device), freenect.start_video(device)):
            if result < 0:
                raise SourceLost(f'the Kinect refuses to deliver colour and depth '
                                 f'({self._settings.depth_mode})')
        self._adjust(device)
        freenect.base_runloop(context, self._end_if_asked)

    def _adjust(self, device: Any) -> None:
        """Set lamp and tilt where asked for; a Kinect that cannot is as good as any."""
        freenect, settings = self._freenect, self._settings
        try:
            if settings.led is not None:
                lamp = getattr(freenect, f'LED_{settings.led.upper()}')
                if freenect.set_led(device, lamp) < 0:
                    self.warnings.append('the lamp of the Kinect does not obey')
            if settings.tilt is not None:
                freenect.set_tilt_degs(device, settings.tilt)
        except Exception as error:  # noqa: B902 - never fatal
            self.warnings.append(f'lamp or tilt of the Kinect: {error}')

    def _end_if_asked(self, _context: Any) -> None:
        if self._stopping.is_set():
            raise self._freenect.Kill

    def _close(self, device: Any) -> None:
        freenect = self._freenect
        freenect.stop_depth(device)
        freenect.stop_video(device)
        freenect.set_depth_callback(device, None)
        freenect.set_video_callback(device, None)
        freenect.close_device(device)

    def _keep_colour(self, _device: Any, pixels: np.ndarray, ticks: int) -> None:
        self._keep(DeviceFrame(True, np.array(pixels, np.uint8), ticks, monotonic()))

    def _keep_depth(self, _device: Any, pixels: np.ndarray, ticks: int) -> None:
        self._keep(DeviceFrame(False, np.array(pixels, np.uint16), ticks, monotonic()))

    def _keep(self, frame: DeviceFrame) -> None:
        """Take a copied frame; the library's own memory is overwritten after the callback."""
        with self._changed:
            self._last[frame.is_colour] = frame.arrived
            self._counts[COLOUR if frame.is_colour else DEPTH] += 1
            dropped = self._pairer.dropped
            pair = self._pairer.add(frame)
            self._counts[UNPAIRED] += self._pairer.dropped - dropped
            if pair is None:
                return
            if self._pair is not None:
                self._counts[UNREAD] += 1
            self._pair, self._delivered = pair, True
            self._changed.notify_all()
