# SPDX-License-Identifier: Apache-2.0
"""The colour and depth images of a ROS 2 bag, sqlite3 or mcap, without ROS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emorec_vision.camera_geometry import CameraGeometry
from emorec_vision.depth.gate import check_depth
from emorec_vision.errors import InputError
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import to_depth
from emorec_vision.image_message import to_millimetres
from emorec_vision.image_message import to_rgb
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.bag.pairing import paired
from emorec_vision.sources.bag.reader import BagFile
from emorec_vision.sources.bag.reader import Image
from emorec_vision.sources.bag.topics import choose_topics
from emorec_vision.sources.recording.source import rate_of
import numpy as np

RATE_FROM = 31
"""Images that the frame rate is measured on."""


class BagSource(Source):
    """Deliver the colour images of a bag with the depth of their moment.

    The stamps are those of the messages' headers, strictly increasing: an image that is not
    later than the one before is left out. One that cannot be converted is left out, named and
    counted in `skipped`; depth of another size than colour, or of another unit than it says, is
    left out, and named once.

    Args:
        path: the bag's folder, or its .mcap or .db3 file.

    Raises:
        InputError: if the rosbags package is missing, or the bag is missing, damaged or
            without a readable colour image.
    """

    kind = 'bag'

    def __init__(self, path: str | Path) -> None:
        """Open the bag, choose its topics and decode the first frame."""
        super().__init__()
        self.path = Path(path)
        self._newest = -1
        self._next: Frame | None = None
        self._refused = 'there is none'
        self._bag = BagFile(self.path)
        try:
            self._start()
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

    def _start(self) -> None:
        """Choose the topics, measure the rate and decode the first frame."""
        bag = self._bag
        topics = choose_topics(bag.types, bag.encoding_of, str(self.path))
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
            if image.stamp <= self._newest:
                continue
            try:
                rgb = to_rgb(image.message)
            except ImageMessageError as error:
                self.skipped += 1
                self._refused = str(error)
                self._warnings.append(f'{self.path}: the image of {image.seconds:.3f} s is '
                                      f'left out: {error}')
                continue
            self._newest = image.stamp
            height, width = rgb.shape[:2]
            frame = Frame(rgb, image.stamp, self._millimetres(depth, image, (height, width)),
                          self._geometry.intrinsics(width, height))
            self._warnings += [f'{self.path}: {news}' for news in self._geometry.take_news()]
            return frame
        return None

    def _millimetres(
        self, message: Any, image: Image, shape: tuple[int, ...]
    ) -> np.ndarray | None:
        """Return the depth of an image, uint16 (H, W) mm, or None where none fits."""
        if message is None:
            return None
        self._geometry.check_frames(image.message.header.frame_id, message.header.frame_id)
        try:
            depth = to_millimetres(to_depth(message))
            check_depth(depth, shape)
            return depth
        except (ImageMessageError, InputError) as error:
            self._geometry.tell(f'depth is left out: {error}')
            return None
