# SPDX-License-Identifier: Apache-2.0
"""The boxes of an MP4 file (ISO/IEC 14496-12, -14 and -15) that holds one video track."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
import struct

from emorec_vision.stamps import NANOSECONDS
from emorec_vision.video_writing.packets import Config

TIMESCALE = 90_000
"""Ticks per second."""
TRACK = 1
KEY, NO_KEY = 0x02000000, 0x01010000
"""Flags of a sample that depends on no other, and of one that does (8.8.3.1)."""
MATRIX = struct.pack('>9I', 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
LANGUAGE_UND = 0x55C4
NTP_EPOCH = 2_208_988_800 * NANOSECONDS
"""From 1900 to 1970, ns."""
SIZE_IN_ENTRY = 32
FRAGMENT_HEAD = struct.Struct('>I4sI I Q Q')
MOOF = struct.Struct('>I4s I4sII I4s I4sII I4sIQ I4sIIi IIIi')


@dataclass(frozen=True)
class Sample:
    """An encoded image in a file.

    Attributes:
        offset, size: where its bytes lie.
        time: at which it is decoded, ticks; times increase.
        shown_after: ticks from then until it is shown, negative where images are reordered.
    """

    offset: int
    size: int
    time: int
    shown_after: int
    key: bool


def box(kind: str, *parts: bytes) -> bytes:
    """Return a box of a kind."""
    size = 8 + sum(map(len, parts))
    return struct.pack('>I4s', size, kind.encode()) + b''.join(parts)


def full_box(kind: str, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a box that has a version and flags."""
    return box(kind, struct.pack('>I', version << 24 | flags), *parts)


def fragment(number: int, sample: Sample, period: int, stamp: int, data: bytes) -> bytes:
    """Return one image as a fragment, after a note of its stamp (ns) as `prft`, 8.16.5."""
    ntp = (((stamp + NTP_EPOCH) << 32) // NANOSECONDS) & (1 << 64) - 1
    moof = MOOF.pack(
        MOOF.size, b'moof', 16, b'mfhd', 0, number, MOOF.size - 24, b'traf',
        16, b'tfhd', 0x020000, TRACK, 20, b'tfdt', 1 << 24, sample.time,
        36, b'trun', 1 << 24 | 0xF01, 1, MOOF.size + 8,
        period, sample.size, KEY if sample.key else NO_KEY, sample.shown_after)
    return FRAGMENT_HEAD.pack(FRAGMENT_HEAD.size, b'prft', 1 << 24, TRACK, ntp, sample.time
                              ) + moof + box('mdat', data)


FRAGMENT = FRAGMENT_HEAD.size + MOOF.size + 8
"""Bytes of a fragment before those of its image."""


def read_fragment(head: bytes, offset: int) -> tuple[Sample, int] | None:
    """Return image and stamp (ns) of a fragment, None if these FRAGMENT bytes begin none."""
    if len(head) < FRAGMENT or head[4:8] != b'prft' or head[-4:] != b'mdat':
        return None
    *_, ntp, time = FRAGMENT_HEAD.unpack_from(head)
    *_, size, flags, after = MOOF.unpack_from(head, FRAGMENT_HEAD.size)
    return (Sample(offset + FRAGMENT, size, time, after, flags == KEY),
            (ntp * NANOSECONDS + (1 << 31) >> 32) - NTP_EPOCH)


def movie(entry: bytes, samples: Sequence[Sample], period: int, fragmented: bool) -> bytes:
    """Return the box that describes the track.

    Args:
        entry: as `sample_entry` makes it.
        period: ticks that the last image is shown.
        fragmented: whether images follow in fragments.
    """
    width, height = struct.unpack_from('>HH', entry, SIZE_IN_ENTRY)
    times = [sample.time for sample in samples]
    durations = [after - before for before, after in zip(times, times[1:])]
    durations += [period] * bool(times)
    total = sum(durations)
    header = full_box('mvhd', 1, 0, struct.pack(
        '>QQIQIHHII', 0, 0, TIMESCALE, total, 0x10000, 0x100, 0, 0, 0),
        MATRIX, bytes(24), struct.pack('>I', TRACK + 1))
    track_header = full_box('tkhd', 1, 3, struct.pack(
        '>QQIIQQHHHH', 0, 0, TRACK, 0, total, 0, 0, 0, 0, 0), MATRIX,
        struct.pack('>II', width << 16, height << 16))
    media = box(
        'mdia', full_box('mdhd', 1, 0, struct.pack(
            '>QQIQHH', 0, 0, TIMESCALE, total, LANGUAGE_UND, 0)),
        full_box('hdlr', 0, 0, bytes(4), b'vide', bytes(12), b'emorec\0'),
        box('minf', full_box('vmhd', 0, 1, bytes(8)),
            box('dinf', full_box('dref', 0, 0, struct.pack('>I', 1), full_box('url ', 0, 1))),
            box('stbl', full_box('stsd', 0, 0, struct.pack('>I', 1), entry),
                *_tables(samples, durations))))
    extends = box('mvex', full_box('trex', 0, 0, struct.pack('>5I', TRACK, 1, 0, 0, 0)))
    return box('moov', header, box('trak', track_header, media), extends if fragmented else b'')


def entry_of(described: bytes) -> bytes:
    """Return the sample entry in what `movie` made.

    Raises:
        ValueError: if there is none.
    """
    start = described.index(b'stsd') + 12
    return described[start:start + int.from_bytes(described[start:start + 4], 'big')]


def _tables(samples: Sequence[Sample], durations: Sequence[int]) -> Iterable[bytes]:
    """Return the tables of times, places and sizes."""
    yield _table('stts', [(len(list(same)), value) for value, same in groupby(durations)], 'II')
    yield _table('ctts', [(len(list(same)), value) for value, same in groupby(
        sample.shown_after for sample in samples)], 'Ii', version=1)
    if samples:
        yield _table('stss', [(number,) for number, sample in enumerate(samples, 1)
                              if sample.key], 'I')
    yield _table('stsc', [(1, 1, 1)] * bool(samples), 'III')
    yield full_box('stsz', 0, 0, struct.pack(
        f'>II{len(samples)}I', 0, len(samples), *(sample.size for sample in samples)))
    yield _table('co64', [(sample.offset,) for sample in samples], 'Q')


def _table(kind: str, rows: Sequence[tuple[int, ...]], form: str, version: int = 0) -> bytes:
    """Return a box that holds the number of its rows and the rows."""
    return full_box(kind, version, 0, struct.pack('>I', len(rows)),
                    *(struct.pack(f'>{form}', *row) for row in rows))


def sample_entry(config: Config, size: tuple[int, int]) -> bytes:
    """Return the box that describes encoded images of a width and height, px."""
    visual = struct.pack('>6xH16xHHIIIH32sHh', 1, *size, 0x480000, 0x480000, 0, 1, b'', 24, -1)
    if config.codec == 'avc1':
        return box('avc1', visual, box('avcC', config.header))
    special = _descriptor(5, config.header)
    decoder = _descriptor(4, struct.pack('>BBxHII', 0x20, 0x11, 0, 0, 0), special)
    return box('mp4v', visual, full_box(
        'esds', 0, 0, _descriptor(3, struct.pack('>HB', TRACK, 0), decoder,
                                  _descriptor(6, b'\x02'))))


def _descriptor(tag: int, *parts: bytes) -> bytes:
    """Return a descriptor of ISO/IEC 14496-1, 7.2.6."""
    size = sum(map(len, parts))
    return bytes([tag, size >> 21 & 127 | 128, size >> 14 & 127 | 128, size >> 7 & 127 | 128,
                  size & 127]) + b''.join(parts)
