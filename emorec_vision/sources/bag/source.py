# SPDX-License-Identifier: Apache-2.0
"""The colour and depth images of a ROS 2 bag, sqlite3 or mcap, without ROS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emorec_vision.camera.geometry import CameraGeometry
from emorec_vision.depth.gate import check_depth
from emorec_vision.errors import InputError
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import to_array
from emorec_vision.image_message import to_depth
from emorec_vision.image_message import to_millimetres
from emorec_vision.image_message import to_rgb
from emorec_vision.image_message.compressed import decompressed
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.bag.names import BagNames
from emorec_vision.sources.bag.pairing import paired
from emorec_vision.sources.bag.reader import BagFile
from emorec_vision.sources.bag.reader import Image
from emorec_vision.sources.bag.topics import choose_topics
from emorec_vision.sources.left_out import LeftOut
from emorec_vision.sources.recording.depth_unit import in_millimetres
from emorec_vision.sources.recording.depth_unit import ROOM
from emorec_vision.sources.recording.depth_unit import typical
from emorec_vision.sources.recording.source import rate_of
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import TimeLine
import numpy as np

RATE_FROM = 31
"""Images that the frame rate is measured on."""
STANDS_STILL = 3
"""From so many images with one stamp on, the stamps of a bag tell nothing."""


class BagSource(Source):
    """Deliver the colour images of a bag with the depth of their moment.

    The stamps are those of the messages' headers, or of the recorder where those stand still.
    They increase strictly, except where time goes back by more than a second: there another
    time line begins. An image that is not later than the one before is left out, as is one that
    cannot be converted, which counts in `skipped`. Either is told at the first of its kind, and
    how often at the end; depth of another size than colour, or of another unit than it says, once.

    Args:
        path: the bag's folder, or its .mcap or .db3 file, plain or .zstd.
        chosen: topics to play; those that are '' are found by their names.

    Raises:
        InputError: if the rosbags package is missing, or the bag is missing, damaged or
            without a readable colour image or a chosen topic.
    """

    kind = 'bag'

    def __init__(self, path: str | Path, chosen: BagNames = BagNames()) -> None:
        """Open the bag, choose its topics and decode the first frame."""
        super().__init__()
        self.path = Path(path)
        self._newest = -1
        self._restarts = 0
        self._time_line = TimeLine()
        self._left_out = LeftOut(lambda line: self._warnings.append(line), str(self.path))
        self._next: Frame | None = None
        self._refused = 'there is none'
        self._unit, self._unit_is_checked = chosen.millimetres, False
        self._bag = BagFile(self.path)
        try:
            self._start(chosen)
        except BaseException:
            self._bag.close()
            raise

    def read(self) -> Frame | None:
        """Return the next frame."""
        frame, self._next = self._next or self._decode(), None
        return frame

    def close(self) -> None:
        """Close the bag."""
        self._bag.close()

    def take_warnings(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        return self._bag.take_warnings() + super().take_warnings()

    def _start(self, chosen: BagNames) -> None:
        """Choose the topics, measure the rate and decode the first frame."""
        bag = self._bag
        topics = choose_topics(bag.types, bag.encoding_of, str(self.path), chosen)
        self._warnings.append(f'{self.path}: {topics.line}')
        if topics.depth and not topics.aligned:
            self._warnings.append(f'{self.path}: the name of {topics.depth} does not say whether '
                                  'this depth is aligned to colour; used as if it were')
        self.has_depth = bool(topics.depth)
        self._geometry = CameraGeometry(topics.colour, topics.info)
        self._geometry.info = bag.first(topics.info) if topics.info else None
        if topics.depth and self._geometry.info is None:
            self._warnings.append(f'{self.path}: no camera_info belongs to {topics.colour}: faces '
                                  'have a distance but no position')
        stamps = bag.stamps(topics.colour, RATE_FROM)
        if len(stamps) >= STANDS_STILL and len(set(stamps)) == 1:
            self._warnings.append(f'{self.path}: the stamps of {topics.colour} stand still: the '
                                  'times of recording count instead')
            bag.use_recorded_times()
            stamps = bag.stamps(topics.colour, RATE_FROM)
        self.frame_rate = rate_of(sorted(set(stamps)))
        self._pairs: Iterator[tuple[Image, Any]] = paired(
            bag.images(topics.colour, topics.depth), bool(topics.depth))
        self._next = self._decode()
        if self._next is None:
            raise InputError(f'no image of {topics.colour} in {self.path} can be read: '
                             f'{self._refused}')

    def _decode(self) -> Frame | None:
        """Return the next frame that can be converted, or None at the end."""
        for image, depth in self._pairs:
            if not self._is_new(image):
                continue
            try:
                rgb = to_rgb(image.message)
            except ImageMessageError as error:
                self._refused = str(error)
                self.skipped += 1
                self._leave_out(image, self._refused)
                continue
            self._take_time(image)
            height, width = rgb.shape[:2]
            frame = Frame(rgb, image.stamp, self._millimetres(depth, image, (height, width)),
                          self._geometry.intrinsics(width, height))
            self._warnings += [f'{self.path}: {news}' for news in self._geometry.take_news()]
            return frame
        self._tell_the_end()
        return None

    def _doubt_unit(self, depth: np.ndarray) -> None:
        """Tell once when the first depth lies farther than rooms are large."""
        middle = 0.0 if self._unit_is_checked else typical([depth])
        self._unit_is_checked = self._unit_is_checked or middle > 0
        if middle > ROOM:
            self._geometry.tell(f'half of the depth lies beyond {middle / 1000:.1f} m: if it is '
                                f'in another unit, give bag:{self.path}?depth_unit=0.25mm')

    def _is_new(self, image: Image) -> bool:
        """Tell whether an image is later than the one before, or begins another time line."""
        if image.stamp > self._newest or self._time_line.begins_anew(image.stamp):
            return True
        self._leave_out(image, 'it is not later than the one before')
        return False

    def _take_time(self, image: Image) -> None:
        """Take note of the stamp of an image that is delivered, and tell when time went back."""
        if self._time_line.add(image.stamp):
            self._restarts += 1
            if self._restarts == 1:
                self._warnings.append(
                    f'{self.path}: time goes back from {self._newest / NANOSECONDS:.3f} s to '
                    f'{image.seconds:.3f} s: starting afresh')
        self._newest = image.stamp

    def _leave_out(self, image: Image, reason: str) -> None:
        self._left_out.add(f'{self.path}: the image of {image.seconds:.3f} s is left out: '
                           f'{reason}', reason)

    def _tell_the_end(self) -> None:
        """Tell the counts of what was told once."""
        self._left_out.sum_up()
        if self._restarts > 1:
            self._warnings.append(f'{self.path}: time went back {self._restarts} times in all')
        self._restarts = 0
        self._bag.tell_broken()

    def _millimetres(
        self, message: Any, image: Image, shape: tuple[int, ...]
    ) -> np.ndarray | None:
        """Return the depth of an image, uint16 (H, W) mm, or None where none fits."""
        if message is None:
            return None
        self._geometry.check_frames(image.message.header.frame_id, message.header.frame_id)
        try:
            if self._unit is None:
                depth = to_millimetres(to_depth(message))
                self._doubt_unit(depth)
            else:
                depth = in_millimetres(to_array(decompressed(message)), self._unit)
            check_depth(depth, shape)
            return depth
        except (ImageMessageError, InputError) as error:
            self._geometry.tell(f'depth is left out: {error}')
            return None
