# SPDX-License-Identifier: Apache-2.0
"""Stand in for the Python wrapper of libfreenect where no Kinect is: the hardware, no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from time import sleep
from typing import Any

import numpy as np

TICKS_PER_FRAME = 2_000_000


@dataclass(frozen=True)
class Session:
    """Say what the device does from being opened on."""

    pairs: int
    """pairs of images, 100 a second; the colour of pair n is n + 1, its depth 1000 + n"""
    end: str = 'lost'
    """lost: unplugged. frozen: events without images. colour only. hang: does not return."""


class FakeFreenect:
    """Have the functions that emorec uses, with the wrapper's habits.

    Both callbacks get the same memory each time, exceptions in them are lost, and a device that
    could not be opened crashes whoever uses it.
    """

    RESOLUTION_MEDIUM, VIDEO_RGB, LED_GREEN = 1, 0, 1
    DEPTH_11BIT, DEPTH_REGISTERED, DEPTH_MM = 0, 4, 5

    class Kill(Exception):
        """End the loop."""

    def __init__(self, *sessions: Session, present: Sequence[int] = (1,), opens: bool = True,
                 starts: bool = True, obeys: bool = True) -> None:
        self.sessions = list(sessions)
        self.present = list(present)
        self.opens, self.starts, self.obeys = opens, starts, obeys
        self.calls: list[tuple[Any, ...]] = []
        self.let_go = Event()
        self._callbacks: dict[str, Any] = {}
        self._colour = np.zeros((480, 640, 3), np.uint8)
        self._depth = np.zeros((480, 640), np.uint16)

    def init(self) -> str | None:
        return 'context' if self.starts else None

    def num_devices(self, _context: str) -> int:
        return self.present.pop(0) if len(self.present) > 1 else self.present[0]

    def open_device(self, _context: str, index: int) -> str | None:
        return f'device {index}' if self.opens else None

    def set_video_mode(self, device: str, resolution: int, mode: int) -> int:
        return self._used(device, 'set_video_mode', resolution, mode)

    def set_depth_mode(self, device: str, resolution: int, mode: int) -> int:
        return self._used(device, 'set_depth_mode', resolution, mode)

    def set_video_callback(self, device: str, callback: Any) -> None:
        self._callbacks['colour'] = callback

    def set_depth_callback(self, device: str, callback: Any) -> None:
        self._callbacks['depth'] = callback

    def start_depth(self, device: str) -> int:
        return self._used(device, 'start_depth')

    def start_video(self, device: str) -> int:
        return self._used(device, 'start_video')

    def stop_depth(self, device: str) -> int:
        return self._used(device, 'stop_depth')

    def stop_video(self, device: str) -> int:
        return self._used(device, 'stop_video')

    def close_device(self, device: str) -> int:
        return self._used(device, 'close_device')

    def shutdown(self, _context: str) -> int:
        self.calls.append(('shutdown',))
        return 0

    def set_led(self, device: str, lamp: int) -> int:
        self._used(device, 'set_led', lamp)
        return 0 if self.obeys else -1

    def set_tilt_degs(self, device: str, degrees: float) -> None:
        self._used(device, 'set_tilt_degs', degrees)
        if not self.obeys:
            raise OSError('the motor is stuck')

    def base_runloop(self, context: str, body: Any) -> None:
        session = self.sessions.pop(0)
        try:
            for number in range(session.pairs):
                self._deliver('colour', self._colour, number + 1, number)
                self._deliver('depth', self._depth, 1000 + number, number)
                sleep(0.01)
                body(context)
            while session.end != 'lost':
                if session.end == 'hang':
                    self.let_go.wait()
                    return
                if session.end == 'colour only':
                    self._deliver('colour', self._colour, 0, session.pairs)
                sleep(0.01)
                body(context)
        except self.Kill:
            pass

    def _deliver(self, kind: str, memory: np.ndarray, value: int, number: int) -> None:
        memory[:] = value
        self._callbacks[kind]('device', memory, (number * TICKS_PER_FRAME - 1) % 2 ** 32)

    def _used(self, device: str | None, *call: Any) -> int:
        if device is None:
            raise SystemExit('the wrapper would crash here')
        self.calls.append(call)
        return 0
