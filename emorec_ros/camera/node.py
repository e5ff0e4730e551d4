# SPDX-License-Identifier: Apache-2.0
"""What camera_driver and kinect_driver share: the camera's topics, and a live camera kept open."""

from threading import Event
from time import monotonic
from typing import Any
from typing import Protocol
from typing import TypeVar

from emorec_ros.camera.optical_transform import OpticalTransform
from emorec_ros.messages.conversions import camera_info
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos import IMAGE
from emorec_vision.errors import InputError
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_msgs.msg import Header

RETRY_EVERY = 2.0
FROZEN_AFTER = 3.0
"""Without an image for so long, a live camera counts as gone, s."""


class CameraSettings(Protocol):
    """What the settings of every camera's node have."""

    @property
    def camera_name(self) -> str:
        """Return the prefix of the frame ids."""

    @property
    def publish_tf(self) -> bool:
        """Return whether to publish the transform between them."""


CameraSettingsT = TypeVar('CameraSettingsT', bound=CameraSettings)


class CameraNode(EmorecNode[CameraSettingsT]):
    """A node that publishes frames under the topic names of a camera, from a thread of its own.

    A live camera that is missing or vanishes is said once, and tried again every `RETRY_EVERY`
    seconds until it is there; /diagnostics say so as long as it lasts. The arguments are those of
    EmorecNode.
    """

    def __init__(
        self, name: str, settings: type[CameraSettingsT], **node_arguments: Any
    ) -> None:
        super().__init__(name, settings, **node_arguments)
        self._colour = self.create_publisher(Image, 'rgb/image_raw', IMAGE)
        self._colour_info = self.create_publisher(CameraInfo, 'rgb/camera_info', IMAGE)
        self._depth = self.create_publisher(Image, 'depth_registered/image_raw', IMAGE)
        self._depth_info = self.create_publisher(
            CameraInfo, 'depth_registered/camera_info', IMAGE)
        self._frame_id = f'{self.settings.camera_name}_rgb_optical_frame'
        if self.settings.publish_tf:
            self._transform = OpticalTransform(
                self, f'{self.settings.camera_name}_link', self._frame_id)
        self._expected_by: float | None = None
        self.hardware_id = self.source_name
        self.stopping = Event()

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
        height, width = frame.rgb.shape[:2]
        return camera_info(frame.intrinsics, width, height)

    def keep_opening(self) -> Source | None:
        """Return the source once it is there, or None when the node ends before."""
        said = False
        while not self.stopping.is_set():
            try:
                source = self.open_camera()
                if said:
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
        """Publish frames, at most one per `period` s, until the camera vanishes or we end."""
        due = monotonic()
        self.hardware_id = source.hardware or self.hardware_id
        try:
            while not self.stopping.is_set():
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
            self._depth.publish(to_message(frame.depth, '16UC1', header))
            self._depth_info.publish(info)
        self._colour_info.publish(info)
        self._colour.publish(to_message(frame.rgb, 'rgb8', header))
        now = monotonic()
        self.health.count('frames', now, now - started)
