# SPDX-License-Identifier: Apache-2.0
"""Find, depth-check and track faces, and publish them with their crops on /faces."""

from collections import Counter
from math import isfinite
import sys
from threading import RLock
from time import monotonic

from emorec.msg import Face
from emorec.msg import FaceArray
from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.detection.settings import detector_of
from emorec_ros.detection.settings import gate_of
from emorec_ros.detection.settings import selection_of
from emorec_ros.detection.settings import Settings
from emorec_ros.flow.depth_watch import DepthWatch
from emorec_ros.flow.newest_pair import NewestPair
from emorec_ros.flow.recent import Recent
from emorec_ros.flow.rejection_watch import RejectionWatch
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.faces import face_message
from emorec_ros.messages.faces import Faces
from emorec_ros.messages.faces import rejected_message
from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import depth_on
from emorec_ros.messages.images import to_gray
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.input_switch import InputSwitch
from emorec_ros.runtime.input_switch import offer_set_enabled
from emorec_ros.runtime.input_switch import subscribing
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos.profiles import BEST_EFFORT_IMAGE
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_ros.transport.channels import FACES
from emorec_ros.transport.ways import TOPICS
from emorec_ros.transport.ways import Transport
from emorec_vision.camera.geometry import CameraGeometry
from emorec_vision.errors import InputError
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.selection import Selection
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import UnreadEncoding
from emorec_vision.image_message.transport import depth_transport
from emorec_vision.image_message.transport import transport_topic
import numpy as np
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

REMEMBERED = 4
BLIND_AFTER = 4.0
MANY_REPEATS = 5


class FaceDetector(EmorecNode[Settings]):
    """The node that publishes one FaceArray per processed image, empty ones too.

    The image callbacks only put messages into a small mailbox; a worker thread empties it. A
    image whose stamp was answered a moment ago (a file source repeats what it got no answer
    for) is answered the same again.
    """

    def __init__(self, transport: Transport = TOPICS) -> None:
        super().__init__('face_detector', Settings)
        settings = self.settings
        gate, self._selection = gate_of(settings), Selection(selection_of(settings))
        self._choice: list[str] = []
        self._detector = detector_of(settings, self._choice.append)
        self._finder = FaceFinder(
            self._detector, gate, track_timeout=settings.track_timeout,
            min_hits=settings.min_hits, stills=settings.still_pictures,
            depth_mode=settings.depth_mode)
        self._finding = RLock()
        self._pairs = NewestPair(
            settings.depth_slop, settings.depth_wait, settings.max_wait)
        self._colour_topic = transport_topic(
            self.resolve_topic_name('rgb/image_raw'), settings.image_transport)
        self._depth_topic = transport_topic(
            self.resolve_topic_name('depth_registered/image_raw'),
            depth_transport(settings.depth_transport, settings.image_transport))
        self._geometry = CameraGeometry(self.resolve_topic_name('rgb/image_raw'),
                                        self.resolve_topic_name('rgb/camera_info'))
        self._repeats = 0
        self._rejections: Counter[str] = Counter()
        self._rejection_watch = RejectionWatch()
        self._answered: Recent[Faces] = Recent(REMEMBERED)
        self._send = transport.sender(self, FACES)
        self._rejected = self.create_publisher(FaceArray, 'faces_rejected', RESULT)
        self._input = InputSwitch(self, [
            lambda: self._forget_images,
            lambda: ImageSubscription(
                self, self._colour_topic, self._on_colour, settings.image_reliability).close,
            lambda: ImageSubscription(
                self, self._depth_topic, self._on_depth, settings.image_reliability).close,
            subscribing(self, CameraInfo, 'rgb/camera_info', self._on_info, BEST_EFFORT_IMAGE)],
            [self._send.count_listeners, self._rejected.get_subscription_count])
        offer_set_enabled(self, lambda enabled: True)
        self._depth_is_usable = True
        self._depth_watch = DepthWatch(self._depth_topic, settings.depth_slop)
        self._blind = 0
        self._watched = 0
        steady_timer(self, BLIND_AFTER, self._watch_images)
        self._worker = self.start_worker(self._work)

    def use_settings(self, settings: Settings) -> None:
        """Go on with other settings; the tracks stay.

        Raises:
            InputError: for limits that do not go together, or a detector that does not open.
        """
        gate, selection, before = gate_of(settings), selection_of(settings), self.settings
        detector = self._detector if all(
            getattr(settings, name) == getattr(before, name)
            for name in ('scale_factor', 'min_neighbors', 'min_size')) else detector_of(settings)
        with self._finding:
            self._finder.tune(detector, gate, settings.track_timeout, settings.min_hits)
            self._selection.settings = selection
            self._input.update(settings)
        self._detector = detector

    def close(self) -> None:
        """Stop the worker."""
        self._pairs.close()
        self._worker.join(timeout=2.0)

    def _on_colour(self, message: AnyImage) -> None:
        now = monotonic()
        self.health.count('images', now)
        if self._pairs.put_colour(stamp_ns(message.header.stamp), message, now):
            self.health.count('images skipped for a newer one', now)

    def _on_depth(self, message: AnyImage) -> None:
        now = monotonic()
        self.health.count('depth images', now)
        self._pairs.put_depth(stamp_ns(message.header.stamp), message, now)

    def _on_info(self, message: CameraInfo) -> None:
        self._geometry.info = message

    def _forget_images(self) -> None:
        with self._finding:
            self._pairs.clear()
            self._answered.clear()

    def _watch_images(self) -> None:
        images = self.health.total('images')
        blind = images == self._watched and self._input.is_open
        self._watched = images
        if blind:
            text = (f'no images on {self._colour_topic} for {BLIND_AFTER:g} s: is the camera '
                    'running, and is this its topic?')
            self.health.gone(text, monotonic())
            self._blind += 1
            if self._blind == 1:
                self.get_logger().warning(text)
            elif self._is_deaf():
                self.get_logger().info('somebody publishes them: subscribing anew')
                self._input.renew()
        elif self._blind:
            self.health.back()
            if self._input.is_open:
                self.get_logger().info('images are coming')
        if not blind:
            self._blind = 0

    def _is_deaf(self) -> bool:
        """Tell, ever more seldom, whether images that came before are still published.

        Where a camera's process was killed and is back, the middleware may keep this reader and
        the new writer apart for good; another reader is found anew.
        """
        return (self._watched > 0 and self._blind & (self._blind - 1) == 0
                and self.count_publishers(self._colour_topic) > 0)

    def _work(self) -> None:
        while True:
            pair = self._pairs.take(monotonic)
            if pair is None:
                return
            try:
                with self._finding:
                    if self._input.is_open:
                        self._answer(*pair)
            except (ImageMessageError, InputError) as error:
                self.drop(str(error), once=isinstance(error, UnreadEncoding))

    def _answer(self, stamp: int, colour: AnyImage, depth: AnyImage | None) -> None:
        if self._answered.begins_anew(stamp):
            self.get_logger().info('time went back by more than 1 s: starting afresh')
            self._finder.reset()
            self._answered.clear()
        answer = self._answered.get(stamp)
        if answer is None:
            answer = self._find(stamp, colour, depth)
            self._answered.put(stamp, answer)
            self._repeats = 0
        elif self.settings.max_wait > 0:
            self._warn_if_stamps_stand_still()
        self._send(answer)

    def _warn_if_stamps_stand_still(self) -> None:
        self._repeats += 1
        if self._repeats >= MANY_REPEATS:
            self.warn('images carry the same stamp again and again and get the same answer: '
                      'does the camera stamp them, is /clock running?')

    def _find(self, stamp: int, colour: AnyImage, depth: AnyImage | None) -> Faces:
        started = monotonic()
        while self._choice:  # not before: bad input of any node is to be the only line
            self.get_logger().info(self._choice.pop())
        gray = to_gray(colour)
        distances = self._depth_of(gray, depth, colour.header.frame_id)
        if news := self._depth_watch.seen(
                depth is not None, self.health.total('depth images')):
            self.get_logger().info(news)
        found = self._finder.process(
            gray, stamp, distances, self._geometry.intrinsics(gray.shape[1], gray.shape[0]),
            depth_is_offered=self.count_publishers(self._depth_topic) > 0,
            depth_is_coming=self._pairs.take_pulse() and self._depth_is_usable)
        if any(isfinite(face.distance) for face in found.faces):
            self._geometry.count_wanted()
        for doubt in self._geometry.take_news():
            self.get_logger().warning(doubt)
        now = monotonic()
        self.health.count('face arrays', now, now - started)
        faces = self._selection.update(found.faces, stamp, gray.shape)
        reasons = [face.reason for face in found.rejected]
        self._rejections.update(reasons)
        if news := self._rejection_watch.seen(
                stamp, sum(face.detected for face in found.faces), reasons):
            self.get_logger().warning(news)
        self.health.note({
            'depth': 'checked' if distances is not None else
            'no depth of this image: what it said before counts' if self._finder.carries_depth else
            'no depth: faces are not depth-checked',
            'faces not watched': str(len(found.faces) - len(faces)),
            **{f'dropped: {reason}': str(count)
               for reason, count in self._rejections.items()}})
        if self._rejected.get_subscription_count() > 0:
            self._rejected.publish(self._array(colour.header, gray, [
                rejected_message(face, gray) for face in found.rejected]))
        return Faces(self._array(colour.header, gray, [face_message(face) for face in faces]),
                     faces)

    def _array(self, header: Header, gray: np.ndarray, faces: list[Face]) -> FaceArray:
        return FaceArray(header=header, image_width=gray.shape[1], image_height=gray.shape[0],
                         session=self._finder.session, faces=faces)

    def _depth_of(
        self, gray: np.ndarray, depth: AnyImage | None, frame_id: str
    ) -> np.ndarray | None:
        if depth is None:
            return None
        self._geometry.check_frames(frame_id, depth.header.frame_id)
        self._depth_is_usable = True
        try:
            return depth_on(depth, gray.shape)
        except ImageMessageError as error:
            self._depth_is_usable = False
            now = monotonic()
            self.health.count('dropped', now)
            self.health.error(str(error), now)
            self._geometry.tell(f'depth is dropped: {error}')
            return None


def main() -> int:
    """Run the node."""
    return run(FaceDetector, 'face_detector')


if __name__ == '__main__':
    sys.exit(main())
