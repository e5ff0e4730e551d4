# SPDX-License-Identifier: Apache-2.0
"""Publish a Kinect v1 as a camera with depth."""

from collections import Counter
from dataclasses import dataclass
import sys
from time import monotonic

from emorec_ros.camera.node import CameraNode
from emorec_ros.messages.conversions import seconds_to_ns
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.input_switch import ENABLED
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.process.exit_codes import CRASHED
from emorec_vision.sources import Source
from emorec_vision.sources.camera_info import load_camera_calibration
from emorec_vision.sources.kinect.depth import COLOUR_INTRINSICS
from emorec_vision.sources.kinect.device import COLOUR
from emorec_vision.sources.kinect.device import COUNTED
from emorec_vision.sources.kinect.device import DEPTH
from emorec_vision.sources.kinect.device import DEPTH_MODES
from emorec_vision.sources.kinect.device import KinectSettings
from emorec_vision.sources.kinect.device import LEDS
from emorec_vision.sources.kinect.device import LibraryHangs
from emorec_vision.sources.kinect.source import HEIGHT
from emorec_vision.sources.kinect.source import KinectSource
from emorec_vision.sources.kinect.source import load_freenect
from emorec_vision.sources.kinect.source import WIDTH

LEAVE = 'leave'


@dataclass(frozen=True)
class Settings:
    """Parameters of the kinect_driver."""

    device: int = parameter(0, 'which of several Kinects, counted from 0', 0, 15)
    depth_mode: str = parameter(
        'registered', "registered: aligned to colour by libfreenect with the device's own table; "
        'mm, 11bit: aligned here, for a library that cannot', choices=tuple(DEPTH_MODES))
    camera_name: str = parameter(
        'camera', 'prefix of the frame ids: <camera_name>_rgb_optical_frame')
    publish_tf: bool = parameter(
        False, 'publish on /tf_static where that frame is in <camera_name>_link, unless somebody '
        'else does already')
    rgb_camera_info: str = parameter(
        '', 'calibration of the colour camera, a camera_info YAML file; empty = undistorted with '
        'a focal length of 525 px')
    time_offset: float = parameter(
        0.0, 'added to the time at which a colour image arrived, to give its stamp, s', -1.0, 1.0)
    frame_timeout: float = parameter(
        3.0, 'without images for so long the Kinect counts as frozen, s', 0.5, 60.0)
    wait_for_camera: bool = parameter(
        True, 'keep trying when there is no Kinect at start; false ends with exit code 2')
    set_tilt: bool = parameter(False, 'turn the camera to `tilt` when it is opened')
    tilt: float = parameter(0.0, 'angle above the horizon, degrees', -31.0, 31.0)
    led: str = parameter(LEAVE, 'what the lamp shows', choices=(LEAVE, *LEDS))
    enabled: bool = parameter(True, f'{ENABLED}; the device is closed while it does not',
                              dynamic=True)
    lazy: bool = parameter(False, f'{LAZY}; the device is closed meanwhile', dynamic=True)


class KinectDriver(CameraNode[Settings]):
    """The node that publishes colour and depth of one moment with one stamp.

    A Kinect that is missing, unplugged or frozen is said once and tried again until it is back.
    Where libfreenect itself does not come back the process ends with an error, so that whoever
    started it starts it again.
    """

    def __init__(self) -> None:
        super().__init__('kinect_driver', Settings)
        settings = self.settings
        self.hardware_id = f'Kinect v1, device {settings.device}'
        self.offer_depth()
        load_freenect()
        self.calibration = load_camera_calibration(settings.rgb_camera_info, WIDTH, HEIGHT) \
            if settings.rgb_camera_info else None
        self._kinect_settings = KinectSettings(
            settings.device, settings.depth_mode, settings.frame_timeout,
            settings.tilt if settings.set_tilt else None,
            None if settings.led == LEAVE else settings.led)
        self._source: KinectSource | None = None
        self._opened = 0
        self._counts = Counter(dict.fromkeys(COUNTED, 0))
        self._counted, self._counted_at = self._counts.copy(), monotonic()
        self.health.note({'depth mode': settings.depth_mode})
        first = self.open_camera() if settings.enabled and not settings.wait_for_camera else None
        self._worker = self.start_worker(lambda: self._publish_all(first))

    def close(self) -> None:
        """Stop reading and release the device."""
        self.stopping.set()
        self._worker.join(timeout=3.0)

    @property
    def source_name(self) -> str:
        """Return what messages call the device."""
        return 'the Kinect'

    def open_camera(self) -> Source:
        """Open the device and wait for its first images.

        Raises:
            InputError: if there is none that delivers.
        """
        intrinsics = self.calibration.intrinsics if self.calibration else COLOUR_INTRINSICS
        self._source = KinectSource(self._kinect_settings, intrinsics, self._counts)
        self._opened += 1
        self.health.note({'depth mode': self._source.settings.depth_mode})
        return self._source

    def stamp(self, source: Source) -> int:
        """Return the time at which the colour image arrived, ns of the node's clock."""
        assert isinstance(source, KinectSource)
        ago = monotonic() - source.arrived - self.settings.time_offset
        return max(0, super().stamp(source) - seconds_to_ns(ago))

    def _publish_all(self, first: Source | None) -> None:
        try:
            source = first or self.keep_opening()
            while source is not None:
                with source:
                    self.publish_live(source)
                source = self.keep_opening()
        except LibraryHangs as error:
            if self.context.ok():
                self.get_logger().fatal(f'{error}; this process ends, to be started again')
                self.finish(CRASHED)

    def note_health(self) -> None:
        """Note the totals, the rates of the two streams since the last report, and the age."""
        super().note_health()
        now = monotonic()
        before, passed = self._counted, now - self._counted_at
        self._counted, self._counted_at = self._counts.copy(), now
        self.health.note({name: str(count) for name, count in self._counted.items()})
        self.health.note({
            f'{name} per second': f'{(self._counted[name] - before[name]) / passed:.1f}'
            for name in (COLOUR, DEPTH)})
        self.health.note({'reconnects': str(max(0, self._opened - 1))})
        if self._source is not None:
            self.health.note({'age of last frame': f'{self._source.age():.2f} s'})


def main() -> int:
    """Run the node."""
    return run(KinectDriver, 'kinect_driver')


if __name__ == '__main__':
    sys.exit(main())
