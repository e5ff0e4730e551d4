# SPDX-License-Identifier: Apache-2.0
"""Publish a webcam, a network camera, a file, a recording or the demo scene as a camera."""

from dataclasses import dataclass
from functools import partial
import sys
from time import monotonic

from emorec.msg import PersonEmotionArray
from emorec_ros.camera.node import CameraNode
from emorec_ros.flow.credit import FrameCredit
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.input_switch import ENABLED
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.process.exit_codes import FINISHED
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_vision.pace import Playback
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
from emorec_vision.sources import Source
from emorec_vision.sources.camera_info import load_camera_calibration
from emorec_vision.sources.camera_names import is_camera
from emorec_vision.sources.camera_names import kind_of
from emorec_vision.sources.camera_names import masked
from emorec_vision.sources.detect import with_kind
from emorec_vision.stamps import NANOSECONDS
from std_msgs.msg import Header

CONNECT_PATIENCE = 10.0
CAMERAS = ('webcam', 'stream', 'demo')


@dataclass(frozen=True)
class Settings:
    """Parameters of the camera_driver."""

    source: str = parameter(
        'webcam:0', 'webcam[:N or :/dev/NAME][?width=W&height=H&fps=F&format=C], stream:URL, '
        'video:FILE, images:DIR, recording:DIR, bag:PATH[?colour=/TOPIC&depth=/TOPIC&info=/TOPIC] '
        'or demo')
    rate: float = parameter(
        -1.0, "frames per second of a file or of the demo: -1 = the source's own, 0 = a file as "
        'fast as answers come', -1.0, 1000.0)
    camera_name: str = parameter(
        'camera', 'prefix of the frame ids: <camera_name>_rgb_optical_frame')
    publish_tf: bool = parameter(
        False, 'publish on /tf_static where that frame is in <camera_name>_link, unless somebody '
        'else does already')
    rgb_camera_info: str = parameter(
        '', 'calibration of the camera, a camera_info YAML file; empty = what a recording, a bag '
        'or the demo knows, and none of a webcam or a video')
    wait_for_camera: bool = parameter(
        True, 'keep trying when there is no camera at start; false ends with exit code 2')
    acknowledged_by: str = parameter(
        '', 'topics (std_msgs/Header, separated by commas) that a frame of a file must come back '
        'on, beside emotions, before it is done')
    enabled: bool = parameter(True, f'{ENABLED}; the device is closed while it does not',
                              dynamic=True)
    lazy: bool = parameter(False, f'{LAZY}; the device is closed meanwhile', dynamic=True)


class CameraDriver(CameraNode[Settings]):
    """The node that reads one source and publishes it under the topic names of a camera.

    Live images are stamped by the node's clock and never wait for anybody. The frames of a
    file carry file time, are sent no faster than /emotions answers them, and end the node with
    exit code 0 when the last one is answered.
    """

    def __init__(self) -> None:
        super().__init__('camera_driver', Settings)
        self._acknowledgers = [
            topic for topic in self.settings.acknowledged_by.split(',') if topic]
        if self.settings.rgb_camera_info:
            self.calibration = load_camera_calibration(self.settings.rgb_camera_info)
        self._credit = FrameCredit(['emotions', *self._acknowledgers])
        waits = self.settings.wait_for_camera and is_camera(with_kind(self.settings.source))
        stays_closed = not self.settings.enabled and (
            kind_of(with_kind(self.settings.source)) in CAMERAS)
        first = None if waits or stays_closed else open_source(self.settings.source)
        if first.has_depth if first else self.settings.source == 'demo':
            self.offer_depth()
        if first is not None and not first.live:
            self._subscribe_to_answers()
        self._worker = self.start_worker(lambda: self._publish_all(first))

    def close(self) -> None:
        """Stop reading and release the camera."""
        self.stopping.set()
        self._worker.join(timeout=2.0)

    def _subscribe_to_answers(self) -> None:
        self.create_subscription(
            PersonEmotionArray, 'emotions',
            lambda people: self._credit.answered(stamp_ns(people.header.stamp), 'emotions'),
            RESULT)
        for topic in self._acknowledgers:
            self.create_subscription(Header, topic, partial(self._acknowledged, topic), RESULT)

    def _acknowledged(self, topic: str, header: Header) -> None:
        self._credit.answered(stamp_ns(header.stamp), topic)

    def _publish_all(self, source: Source | None) -> None:
        while not self.stopping.is_set():
            source = source or self.keep_opening()
            if source is None:
                return
            with source:
                if not source.live:
                    self._publish_file(source)
                    return
                self.publish_live(source, self._period(source))
            source = None

    def open_camera(self) -> Source:
        """Open the source of the parameter."""
        return open_source(self.settings.source)

    @property
    def source_name(self) -> str:
        """Return the source of the parameter, without credentials."""
        return masked(self.settings.source)

    def _period(self, source: Source) -> float:
        if source.kind in ('webcam', 'stream'):
            return 0.0
        rate = self.settings.rate
        if rate < 0 or (rate == 0 and source.live):
            rate = source.frame_rate or 0.0
        return 1.0 / rate if rate > 0 else 0.0

    def _publish_file(self, source: Source) -> None:
        playback = None if self.settings.rate >= 0 or source.stills else Playback()
        fixed = self._period(source)
        due = monotonic()
        while not self.stopping.is_set():
            frame = self.read(source)
            if frame is None:
                break
            step = fixed if playback is None else playback.step(file_stamp(frame)) / NANOSECONDS
            for line in playback.take_news() if playback else ():
                self.get_logger().info(line)
            self._wait_for_answers(until_empty=False)
            due = max(due + step, monotonic() - step)
            self.stopping.wait(max(0.0, due - monotonic()))
            self._credit.sent(file_stamp(frame), frame, monotonic())
            self.publish(frame, file_stamp(frame))
        self._wait_for_answers(until_empty=True)
        if not self.stopping.is_set():
            self._say_the_end()
            self.finish(FINISHED)

    def _wait_for_answers(self, until_empty: bool) -> None:
        patience = monotonic() + CONNECT_PATIENCE
        while not self.stopping.is_set():
            if not self.wanted.is_set():
                self.rest()
                continue
            if self._credit.wait(0.05, until_empty):
                return
            for frame in self._credit.due(monotonic()):
                self.publish(frame, file_stamp(frame))
            if not self._credit.connected and monotonic() > patience:
                patience = float('inf')
                self.get_logger().warning('no answer on /emotions yet: is the aggregator running?')

    def _say_the_end(self) -> None:
        credit = self._credit
        repeated = f', {credit.repeated_count} sent again' if credit.repeated_count else ''
        self.get_logger().info(f'the end: {credit.done_count} frames answered{repeated}, '
                               f'{credit.lost_count} lost')

    def publish(self, frame: Frame, stamp: int) -> None:
        """Publish a frame and note the frames lost so far."""
        super().publish(frame, stamp)
        self.health.note(
            {'source': self.source_name, 'frames lost': str(self._credit.lost_count)})


def file_stamp(frame: Frame) -> int:
    """Return the file time of a frame, ns."""
    return frame.stamp or 0


def main() -> int:
    """Run the node."""
    return run(CameraDriver, 'camera_driver')


if __name__ == '__main__':
    sys.exit(main())
