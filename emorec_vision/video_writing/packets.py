# SPDX-License-Identifier: Apache-2.0
"""Read the packets of an encoder out of the stream of a muxer that OpenCV has."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
import struct

VOP_START = b'\x00\x00\x01\xb6'
"""Begins an image in MPEG-4 part 2 (ISO/IEC 14496-2, 6.3); the coding type follows, 0 is I."""
FLV_VIDEO = 9
FLV_AVC = 7
FLV_KEY = 1
FLV_HEADER = 13


@dataclass(frozen=True)
class Packet:
    """An encoded image.

    Attributes:
        shown: which of the images that were given to the encoder it is, from 0.
        key: whether a player may begin with it.
    """

    data: bytes
    shown: int
    key: bool


@dataclass(frozen=True)
class Config:
    """What a decoder must know first, as the bytes of MPEG-4 part 2's or H.264's header."""

    codec: str
    header: bytes


Parts = tuple[list[Config], list[Packet]]


class AviPackets:
    """MPEG-4 part 2 in the chunks of an AVI, which holds images in the order that they came."""

    SUFFIX, FOURCC = '.avi', 'mp4v'

    def __init__(self, rate: float) -> None:
        self._stream = bytearray()
        self._began = False
        self._count = 0

    def feed(self, data: bytes) -> Parts:
        """Take more of the stream; return what is complete now."""
        self._stream += data
        if not self._began:
            start = self._stream.find(b'movi')
            if start < 0:
                return [], []
            del self._stream[:start + 4]
            self._began = True
        configs: list[Config] = []
        packets = []
        for kind, content in _chunks(self._stream):
            if kind[2:] != b'dc' or not content:
                continue
            start = content.index(VOP_START)
            if self._count == 0:
                configs.append(Config('mp4v', content[:start]))
            packets.append(Packet(content, self._count, not content[start + 4] >> 6))
            self._count += 1
        return configs, packets


class FlvPackets:
    """H.264 in the tags of an FLV (Adobe's Video File Format 10.1, annex E).

    Args:
        rate: of the images as the encoder was told, Hz: its times are whole milliseconds.
    """

    SUFFIX, FOURCC = '.flv', 'H264'

    def __init__(self, rate: float) -> None:
        self._stream = bytearray()
        self._header = FLV_HEADER
        self._rate = rate
        self._first: int | None = None

    def feed(self, data: bytes) -> Parts:
        """Take more of the stream; return what is complete now."""
        self._stream += data
        if len(self._stream) >= self._header:
            del self._stream[:self._header]
            self._header = 0
        configs: list[Config] = []
        packets: list[Packet] = []
        for time, content in _tags(self._stream) if not self._header else ():
            if content[0] & 15 != FLV_AVC or content[1] > 1:
                continue
            if content[1] == 0:
                configs.append(Config('avc1', content[5:]))
                continue
            shown = time + int.from_bytes(content[2:5], 'big', signed=True)
            self._first = shown if self._first is None else self._first
            packets.append(Packet(content[5:], round((shown - self._first) * self._rate / 1000),
                                  content[0] >> 4 == FLV_KEY))
        return configs, packets


READERS: tuple[Callable[[float], AviPackets | FlvPackets], ...] = (FlvPackets, AviPackets)
"""H.264, which browsers play, where this OpenCV can encode it; otherwise MPEG-4 part 2."""


def _chunks(stream: bytearray) -> Iterator[tuple[bytes, bytes]]:
    """Take the whole chunks of a RIFF list from the beginning of a stream."""
    while len(stream) >= 8:
        kind, size = struct.unpack_from('<4sI', stream)
        end = 8 + size + size % 2
        if len(stream) < end:
            return
        content = bytes(stream[8:8 + size])
        del stream[:end]
        yield kind, content


def _tags(stream: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take time (ms) and content of the whole video tags from the beginning of a stream."""
    while len(stream) >= 11:
        end = 11 + int.from_bytes(stream[1:4], 'big') + 4
        if len(stream) < end:
            return
        kind, time = stream[0], int.from_bytes(stream[7:8] + stream[4:7], 'big')
        content = bytes(stream[11:end - 4])
        del stream[:end]
        if kind == FLV_VIDEO and content:
            yield time, content
