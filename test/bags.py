# SPDX-License-Identifier: Apache-2.0
"""Write bags of small images, by rosbags itself."""

from pathlib import Path

import cv2
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
from emorec_vision.sources.bag.topics import CAMERA_INFO
from emorec_vision.sources.bag.topics import COMPRESSED
from emorec_vision.sources.bag.topics import IMAGE
import numpy as np
import pytest

pytest.importorskip('rosbags', reason='rosbags is not installed')

from rosbags.rosbag2 import CompressionFormat  # noqa: E402, I100
from rosbags.rosbag2 import CompressionMode  # noqa: E402
from rosbags.rosbag2 import StoragePlugin  # noqa: E402
from rosbags.rosbag2 import Writer  # noqa: E402
from rosbags.typesys import get_typestore  # noqa: E402
from rosbags.typesys import Stores  # noqa: E402

STORE = get_typestore(Stores.ROS2_JAZZY)
START = 1_700_000_000_000_000_001
STEP = 40_000_000
COLOUR = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
DEPTH = np.arange(48, dtype=np.uint16).reshape(6, 8) * 100


class Bag:
    """Write a bag; times are ns after `START`."""

    def __init__(self, path: Path, plugin: StoragePlugin = StoragePlugin.MCAP,
                 compression: str = 'NONE') -> None:
        self.path = path
        self._writer = Writer(path, version=9, storage_plugin=plugin)
        if compression != 'NONE':
            self._writer.set_compression(
                CompressionMode[compression], CompressionFormat.ZSTD)
        self._writer.open()
        self._connections: dict = {}
        self._open = True

    def image(self, topic: str, pixels: np.ndarray, encoding: str, stamp: int,
              came: int | None = None, **changes: object) -> None:
        """Write an image message, with some of its fields changed."""
        fields = {'header': header(START + stamp), 'height': pixels.shape[0],
                  'width': pixels.shape[1], 'encoding': encoding, 'is_bigendian': 0,
                  'step': pixels.nbytes // pixels.shape[0],
                  'data': np.frombuffer(pixels.tobytes(), np.uint8), **changes}
        self._write(topic, IMAGE, stamp if came is None else came, **fields)

    def compressed(self, topic: str, data: bytes, text: str, stamp: int) -> None:
        """Write a CompressedImage."""
        self._write(topic, COMPRESSED, stamp, header=header(START + stamp), format=text,
                    data=np.frombuffer(data, np.uint8))

    def info(self, topic: str, **changes: object) -> None:
        """Write a camera_info, with some of its fields changed."""
        roi = STORE.types['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False)
        fields = {'header': header(START), 'height': 6, 'width': 8, 'distortion_model': '',
                  'd': np.zeros(0), 'r': np.eye(3).ravel(), 'p': np.zeros(12),
                  'k': np.array([5.0, 0, 3, 0, 6, 2, 0, 0, 1]), 'binning_x': 0, 'binning_y': 0,
                  'roi': roi, **changes}
        self._write(topic, CAMERA_INFO, 0, **fields)

    def broken(self, topic: str, came: int) -> None:
        """Write a message of a topic that cannot be decoded."""
        self._writer.write(self._connections[topic], START + came, bytes(7))

    def play(self, path: Path | None = None) -> tuple[list[Frame], list[str], int]:
        """Return frames, warnings beside what is played, and how many were skipped."""
        frames, told, skipped = self.play_and_tell(path)
        return frames, [line for line in told if ': playing /' not in line], skipped

    def play_and_tell(self, path: Path | None = None) -> tuple[list[Frame], list[str], int]:
        """Return frames, all warnings and how many were skipped."""
        self.close()
        with open_source(f'bag:{path or self.path}') as source:
            assert (source.kind, source.live, source.stills) == ('bag', False, False)
            frames = []
            while (frame := source.read()) is not None:
                frames.append(frame)
            return frames, source.take_warnings(), source.skipped

    def close(self) -> None:
        """Finish the bag."""
        if self._open:
            self._writer.close()
            self._open = False

    def _write(self, topic: str, kind: str, came: int, **fields: object) -> None:
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(topic, kind, typestore=STORE)
        self._writer.write(self._connections[topic], START + came,
                           STORE.serialize_cdr(STORE.types[kind](**fields), kind))


def header(stamp: int, frame: str = 'optical') -> object:
    """Return a header."""
    time = STORE.types['builtin_interfaces/msg/Time'](stamp // 10**9, stamp % 10**9)
    return STORE.types['std_msgs/msg/Header'](time, frame)


def png(pixels: np.ndarray) -> bytes:
    """Return the bytes of a PNG file of pixels in OpenCV's order."""
    return cv2.imencode('.png', pixels)[1].tobytes()
