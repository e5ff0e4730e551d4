# SPDX-License-Identifier: Apache-2.0
"""Draw what /emotions says: an annotated image, 3-D markers, a window, a video file."""

from dataclasses import dataclass
import sys
from time import monotonic

from emorec.msg import FaceArray
from emorec.msg import IdentityArray
from emorec.msg import PersonEmotionArray
from emorec_ros.camera.image_subscription import DEPTH_TRANSPORT
from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.camera.image_subscription import RELIABILITIES
from emorec_ros.camera.image_subscription import TRANSPORT
from emorec_ros.flow.recent import Recent
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import to_jpeg
from emorec_ros.messages.images import to_message
from emorec_ros.messages.images import to_rgb
from emorec_ros.messages.labels import check_people
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.process.exit_codes import FINISHED
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_ros.viewer.depth_view import DepthView
from emorec_ros.viewer.labels import people_labels
from emorec_ros.viewer.labels import rejections
from emorec_ros.viewer.markers import PeopleMarkers
from emorec_ros.viewer.video_file import VideoFile
from emorec_ros.viewer.window import Window
from emorec_vision.drawing.people import annotate
from emorec_vision.drawing.people import mark_rejected
from emorec_vision.files.user_path import expand
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import UnreadEncoding
from emorec_vision.image_message.transport import AS_IMAGES
from emorec_vision.image_message.transport import depth_transport
from emorec_vision.image_message.transport import DEPTH_TRANSPORTS
from emorec_vision.image_message.transport import transport_topic
from emorec_vision.image_message.transport import TRANSPORTS
import numpy as np
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

KEPT = 15
EARLY = 0.8
"""Part of the time between two images that must have passed: cameras are not punctual."""


@dataclass(frozen=True)
class Settings:
    """Parameters of the visualizer."""

    view: bool = parameter(False, 'open a window')
    view_depth: bool = parameter(True, 'show depth beside colour in it, where depth comes')
    show_recognition: bool = parameter(
        False, 'write at each face how far it is from the known person that it is most like, as '
        'the recogniser measures it; below its threshold it is that person')
    record: str = parameter('', 'write the annotated images to this .mp4 file; empty = none')
    recording: str = parameter(
        '', 'name of the run that records; a visualizer that is started again within it goes on '
        'with the same file; empty = this start is the whole run')
    jpeg_quality: int = parameter(80, 'JPEG quality of annotated_image/compressed', 1, 100)
    compressed_rate: float = parameter(
        0.0, 'draw for annotated_image/compressed at most so many images a second, Hz; 0 = each',
        0.0)
    image_transport: str = parameter('raw', TRANSPORT, choices=TRANSPORTS)
    depth_transport: str = parameter(AS_IMAGES, DEPTH_TRANSPORT, choices=DEPTH_TRANSPORTS)
    image_reliability: str = parameter(
        'auto', 'how to subscribe to images', choices=RELIABILITIES)


class Visualizer(EmorecNode[Settings]):
    """The node that draws each answered image, and only while somebody looks.

    Images wait for the answer of their stamp; without a window, a recording or a subscriber
    to `annotated_image` or its compressed form, images are not even subscribed to.
    """

    def __init__(self) -> None:
        super().__init__('visualizer', Settings)
        self._images: ImageSubscription | None = None
        self._waiting: Recent[AnyImage] = Recent(KEPT)
        self._answers: Recent[PersonEmotionArray] = Recent(KEPT)
        self._rejected: Recent[FaceArray] = Recent(KEPT)
        self._rejected_faces: Subscription | None = None
        self._looks: dict[str, float] = {}
        if self.settings.show_recognition:
            self.create_subscription(IdentityArray, 'identities', self._on_identities, RESULT)
        self._video = self._open_video()
        self._window = Window() if self.settings.view else None
        self._depth = DepthView()
        if self.settings.view and self.settings.view_depth:
            self._receive_depth()
        self._annotated = self.create_publisher(Image, 'annotated_image', IMAGE)
        self._compressed = self.create_publisher(
            CompressedImage, 'annotated_image/compressed', IMAGE)
        self._markers = self.create_publisher(MarkerArray, 'markers', RESULT)
        self._people_markers = PeopleMarkers()
        self._compressed_at = 0.0
        self._drawn = self.create_publisher(Header, 'drawn', RESULT)
        self.create_subscription(PersonEmotionArray, 'emotions', self._on_people, RESULT)
        self._follow_viewers()
        steady_timer(self, 0.5, self._follow_viewers)

    def close(self) -> None:
        """Put the recording in its place and close the window."""
        if self._video is not None and self._video.close():
            missing = self._video.missing
            print(f'visualizer: wrote {self.settings.record}: {self._video.images} images, '
                  f'{self._video.seconds:.1f} s'
                  + f'; about {missing} are missing, by their stamps' * bool(missing),
                  file=sys.stderr, flush=True)
        if self._window is not None:
            self._window.close()

    def _receive_depth(self) -> None:
        def on_depth(message: AnyImage) -> None:
            try:
                self._depth.add(message)
            except ImageMessageError as error:
                self.drop(f'depth: {error}', once=isinstance(error, UnreadEncoding))
        transport = depth_transport(self.settings.depth_transport, self.settings.image_transport)
        self._depth_images = ImageSubscription(
            self, transport_topic(self.resolve_topic_name('depth_registered/image_raw'),
                                  transport), on_depth, self.settings.image_reliability)

    def _open_video(self) -> VideoFile | None:
        if not self.settings.record:
            return None
        video = VideoFile(expand(self.settings.record), self.settings.recording)
        if video.images:
            self.get_logger().warning(
                f'{self.settings.record} goes on after {video.images} images')
        return video

    def _follow_viewers(self) -> None:
        wanted = self.settings.view or self._video is not None or any(
            publisher.get_subscription_count() > 0
            for publisher in (self._annotated, self._compressed))
        if wanted and self._images is None:
            self._images = ImageSubscription(
                self, transport_topic(self.resolve_topic_name('rgb/image_raw'),
                                      self.settings.image_transport),
                self._on_image, self.settings.image_reliability)
            self._rejected_faces = self.create_subscription(
                FaceArray, 'faces_rejected',
                lambda faces: self._rejected.put(stamp_ns(faces.header.stamp), faces), RESULT)
        elif not wanted and self._images is not None:
            self._images.close()
            self._images = None
            if self._rejected_faces is not None:
                self.destroy_subscription(self._rejected_faces)
            self._waiting.clear()
            self._rejected.clear()

    def _on_image(self, message: AnyImage) -> None:
        stamp = stamp_ns(message.header.stamp)
        self._waiting.put(stamp, message)
        self._draw_if_complete(stamp)

    def _on_people(self, message: PersonEmotionArray) -> None:
        try:
            check_people(message)
        except ValueError as error:
            self.drop(f'people: {error}')
            return
        if self._markers.get_subscription_count() > 0:
            self._publish_markers(message)
        if self._images is not None:
            stamp = stamp_ns(message.header.stamp)
            self._answers.put(stamp, message)
            self._draw_if_complete(stamp)

    def _on_identities(self, message: IdentityArray) -> None:
        self._looks = {each.track_id: each.distance for each in message.identities}

    def _publish_markers(self, people: PersonEmotionArray) -> None:
        changes = self._people_markers.update(people)
        if changes.markers:
            self._markers.publish(changes)

    def _draw_if_complete(self, stamp: int) -> None:
        image, people = self._waiting.get(stamp), self._answers.get(stamp)
        if image is None or people is None:
            return
        self._waiting.take(stamp)
        self._answers.take(stamp)
        try:
            if self._is_wanted() or self._compressed_is_due():
                drawn = annotate(to_rgb(image), people_labels(people, self._looks))
                if (rejected := self._rejected.take(stamp)) is not None:
                    mark_rejected(drawn, rejections(rejected))
                self._show(stamp, image, drawn)
        except ImageMessageError as error:
            self.drop(f'image: {error}', once=isinstance(error, UnreadEncoding))
        self._drawn.publish(image.header)

    def _is_wanted(self) -> bool:
        return (self._video is not None or self._window is not None
                or self._annotated.get_subscription_count() > 0)

    def _compressed_is_due(self) -> bool:
        rate = self.settings.compressed_rate
        return self._compressed.get_subscription_count() > 0 and (
            not rate or monotonic() - self._compressed_at > EARLY / rate)

    def _show(self, stamp: int, image: AnyImage, drawn: np.ndarray) -> None:
        started = monotonic()
        if self._annotated.get_subscription_count() > 0:
            self._annotated.publish(to_message(drawn, 'rgb8', image.header))
        if self._compressed_is_due():
            self._compressed_at = started
            self._compressed.publish(to_jpeg(drawn, self.settings.jpeg_quality, image.header))
        if self._video is not None:
            self._video.add(stamp / 1e9, drawn)
        if self._window is not None and self._window.show(
                self._depth.beside(drawn)):
            self.finish(FINISHED)
        now = monotonic()
        self.health.count('images drawn', now, now - started)


def main() -> int:
    """Run the node."""
    return run(Visualizer, 'visualizer')


if __name__ == '__main__':
    sys.exit(main())
