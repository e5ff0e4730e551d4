# SPDX-License-Identifier: Apache-2.0
"""What camera_driver and kinect_driver share: the camera's topics, and a live camera kept open."""

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any
from typing import Protocol
from typing import TypeVar

from emorec_ros.camera.optical_transform import OpticalTransform
from emorec_ros.messages.conversions import calibrated_camera_info
from emorec_ros.messages.conversions import camera_info
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.input_switch import InputSwitch
from emorec_ros.runtime.input_switch import offer_set_enabled
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.errors import InputError
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.camera_info import CameraCalibration
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_msgs.msg import Header

RETRY_EVERY = 2.0
FROZEN_AFTER = 3.0
"""Without an image for so long, a live camera counts as gone, s."""
REST = 0.2
CLOSING_TIME = 5.0
"""Seconds that ~/set_enabled gives the device to close."""


class CameraSettings(Protocol):
    """What the settings of every camera's node have."""

    @property
    def camera_name(self) -> str:
        """Return the prefix of the frame ids."""

    @property
    def publish_tf(self) -> bool:
        """Return whether to publish the transform between them."""

    @property
    def enabled(self) -> bool:
        """Tell whether the camera may be open."""

    @property
    def lazy(self) -> bool:
        """Tell whether it is open only while somebody subscribes."""


CameraSettingsT = TypeVar('CameraSettingsT', bound=CameraSettings)


class CameraNode(EmorecNode[CameraSettingsT]):
    """A node that publishes frames under the topic names of a camera, from a thread of its own.

    A live camera that is missing or vanishes is said once, and tried again every `RETRY_EVERY`
    seconds until it is there; /diagnostics say so as long as it lasts. While the node is off the
    device is closed, and a file rests. The arguments are those of EmorecNode.

    Attributes:
        stopping: set when the node ends.
        wanted: set while images are to be published.
        calibration: of the colour camera, where one was given; else what the source knows counts.
    """

    def __init__(
        self, name: str, settings: type[CameraSettingsT], **node_arguments: Any
    ) -> None:
        super().__init__(name, settings, **node_arguments)
        self._colour = self.create_publisher(Image, 'rgb/image_raw', IMAGE)
        self._colour_info = self.create_publisher(CameraInfo, 'rgb/camera_info', IMAGE)
        self._outputs = [self._colour, self._colour_info]
        self._depth: list[Publisher] = []
        self._frame_id = f'{self.settings.camera_name}_rgb_optical_frame'
        if self.settings.publish_tf:
            self._transform = OpticalTransform(
                self, f'{self.settings.camera_name}_link', self._frame_id)
        self._expected_by: float | None = None
        self.hardware_id = self.source_name
        self.stopping = Event()
        self.wanted = Event()
        self._closed = Event()
        self.calibration: CameraCalibration | None = None
        self._switch = InputSwitch(self, [self._begin], [lambda: sum(
            output.get_subscription_count() for output in self._outputs)])
        offer_set_enabled(self, lambda enabled: enabled or self._closed.wait(CLOSING_TIME))

    def offer_depth(self) -> None:
        """Publish depth too; whoever finds its topic counts on depth to come."""
        if not self._depth:
            self._depth = [
                self.create_publisher(Image, 'depth_registered/image_raw', IMAGE),
                self.create_publisher(CameraInfo, 'depth_registered/camera_info', IMAGE)]
            self._outputs += self._depth

    def use_settings(self, settings: CameraSettingsT) -> None:
        """Open or close the camera."""
        self._switch.update(settings)

    def _begin(self) -> Callable[[], None]:
        self.wanted.set()
        return self.wanted.clear

    def rest(self) -> None:
        """Wait a moment while the node is off and nothing is open."""
        self._closed.set()
        if self.wanted.wait(REST):
            self._closed.clear()

    def open_camera(self) -> Source:
        """Open the source.

        Raises:
            InputError: if it is missing.
            SourceLost: if it vanishes at once.
        """
        raise NotImplementedError

    @property
    def source_name(self) -> str:
        """Return what messages call the source."""
        raise NotImplementedError

    def stamp(self, source: Source) -> int:
        """Return the stamp of the live frame just read, ns of the node's clock."""
        return int(self.get_clock().now().nanoseconds)

    def info(self, frame: Frame) -> CameraInfo:
        """Return the camera_info of the colour camera, which depth is aligned to."""
        if self.calibration is not None:
            return calibrated_camera_info(self.calibration)
        height, width = frame.rgb.shape[:2]
        return camera_info(frame.intrinsics, width, height)

    def keep_opening(self) -> Source | None:
        """Return the source once it is there, or None when the node ends before."""
        said = False
        closed = False
        while not self.stopping.is_set():
            if not self.wanted.is_set():
                if not closed:
                    self.health.back()
                    self.get_logger().info(f'{self.source_name} is closed: {self.health.state}')
                    closed = True
                self.rest()
                continue
            try:
                source = self.open_camera()
                if said or closed:
                    self.get_logger().info(f'{self.source_name} is there')
                return source
            except (InputError, SourceLost) as error:
                self.health.gone(str(error), monotonic())
                if not said:
                    self.get_logger().error(f'{error}; trying again every {RETRY_EVERY:g} s')
                    said = True
                self.stopping.wait(RETRY_EVERY)
        return None

    def publish_live(self, source: Source, period: float = 0.0) -> None:
        """Publish frames, one per `period` s at most, while the camera is there and wanted."""
        due = monotonic()
        self.hardware_id = source.hardware or self.hardware_id
        try:
            while self.wanted.is_set() and not self.stopping.is_set():
                self._expected_by = monotonic() + FROZEN_AFTER
                frame = self.read(source)
                if frame is None:
                    raise SourceLost(f'{self.source_name} ended')
                self.health.back()
                self._expected_by = None
                self.publish(frame, self.stamp(source))
                due += period
                if due < monotonic():  # like a camera: what a busy machine missed is not made up
                    due = monotonic() + period
                self.stopping.wait(due - monotonic() if period else 0.0)
        except SourceLost as error:
            self.get_logger().error(f'{error}; waiting for it to come back')
            self.health.gone(str(error), monotonic())
        finally:
            self._expected_by = None

    def note_health(self) -> None:
        """Note a camera that delivers nothing; the thread that reads it waits for it."""
        expected_by = self._expected_by
        if expected_by is not None and monotonic() > expected_by:
            self.health.gone(f'no images from {self.source_name}', monotonic())

    def read(self, source: Source) -> Frame | None:
        """Read the next frame and pass on what the source has to say."""
        frame = source.read()
        for warning in source.take_warnings():
            self.get_logger().warning(warning)
        return frame

    def publish(self, frame: Frame, stamp: int) -> None:
        """Publish colour, depth where there is any, and both infos with one stamp (ns)."""
        started = monotonic()
        header = Header(stamp=time_from_ns(stamp), frame_id=self._frame_id)
        info = self.info(frame)
        info.header = header
        if frame.depth is not None:
            self.offer_depth()
            for publisher, message in zip(
                    self._depth, (to_message(frame.depth, '16UC1', header), info)):
                publisher.publish(message)
        self._colour_info.publish(info)
        self._colour.publish(to_message(frame.rgb, 'rgb8', header))
        now = monotonic()
        self.health.count('frames', now, now - started)
