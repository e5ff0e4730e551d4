# SPDX-License-Identifier: Apache-2.0
"""An MP4 file that plays at any moment while it grows, and is an ordinary one in the end."""

from collections.abc import Iterator
import fcntl
import os
from pathlib import Path
import struct

from emorec_vision.files.whole_file import write_all
from emorec_vision.video_writing.boxes import box
from emorec_vision.video_writing.boxes import entry_of
from emorec_vision.video_writing.boxes import FRAGMENT
from emorec_vision.video_writing.boxes import fragment
from emorec_vision.video_writing.boxes import movie
from emorec_vision.video_writing.boxes import read_fragment
from emorec_vision.video_writing.boxes import Sample
from emorec_vision.video_writing.boxes import sample_entry
from emorec_vision.video_writing.boxes import TIMESCALE
from emorec_vision.video_writing.packets import Config

FTYP = box('ftyp', b'isom', struct.pack('>I', 512), b'isomiso6iso2avc1mp41')
COVER = box('free', bytes(8))
"""Becomes the head of an mdat in the end, which covers all fragments."""
RUN_KIND = bytes.fromhex('656d6f7265635f72756e5f6f665f6d34')
"""Marks the box that names the run (its uuid is arbitrary)."""
USUAL_PERIOD = TIMESCALE // 30
MOST_OF_HEAD = 1 << 12
"""Bytes in which the description of the images lies."""
CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class GrowingMp4:
    """Write images, each at once and as a fragment of its own; then make one movie of them.

    Every player knows fragmented MP4, but some cannot seek in it and do not know how long it is.
    `finish` therefore adds a description of all images at the end, and then changes 16 bytes at
    the beginning, which hide the fragments. Whenever the program is killed, all images that were
    added can be played.

    Args:
        path: of a new file, or of one that an earlier program of the same run wrote to.
        run: name of the run, ASCII, that nobody else has.

    Attributes:
        images: how many there are so far.
        newest: the largest of their stamps, ns; None before the first.
        last_shown: when the last of them is shown, ticks.
        period: how long an image is shown whose next one is not known, ticks.

    Raises:
        FileExistsError: if the file is of another run, finished, or still being written.
        OSError: when it cannot be written.
    """

    def __init__(self, path: Path, run: str) -> None:
        self.images = self.last_shown = 0
        self.period = USUAL_PERIOD
        self.newest: int | None = None
        self._last_time = 0
        self._head = FTYP + COVER + box('uuid', RUN_KIND, run.encode())
        self._entry = b''
        self._end = 0
        try:
            self._file = os.open(path, CREATE, 0o666)
            self._is_new = True
        except FileExistsError:
            self._file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            self._is_new = False
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._is_new:
                self._read()
        except BlockingIOError:
            self.close()
            raise FileExistsError('it is being written') from None
        except BaseException:
            self.close()
            raise

    def begin(self, config: Config, size: tuple[int, int]) -> None:
        """Say what the images will be, before the first one of this program.

        Args:
            config: of the encoder.
            size: width and height of the images, px.

        Raises:
            FileExistsError: if those that are there are others.
            OSError: when it cannot be written.
        """
        entry = sample_entry(config, size)
        if self._is_new:
            self._entry = entry
            self._append(self._head + movie(entry, (), 0, True))
        elif self._entry != entry:
            raise FileExistsError('it was written by another encoder')

    def add(self, data: bytes, time: int, shown_after: int, key: bool, stamp: int) -> None:
        """Add an image; when that fails, the file stays as it was.

        Args:
            data: encoded.
            time, shown_after, key: see `Sample`.
            stamp: when it was taken, ns.

        Raises:
            OSError: when it cannot be written.
        """
        sample = Sample(self._end + FRAGMENT, len(data), time, shown_after, key)
        self._append(fragment(self.images + 1, sample, self.period, stamp, data))
        self._count(sample, stamp)

    def finish(self) -> None:
        """Make one movie of the fragments, and let it survive a power failure.

        Raises:
            OSError: when there is no room for that; the fragments stay and play.
        """
        covered = self._end
        samples = [sample for sample, _ in self._fragments()]
        self._append(movie(self._entry, samples, self.period, False))
        os.fsync(self._file)
        os.pwrite(self._file, struct.pack('>I4sQ', 1, b'mdat', covered - len(FTYP)), len(FTYP))
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _read(self) -> None:
        """Find the whole fragments of an unfinished file, and cut off what follows them."""
        if os.pread(self._file, len(self._head), 0) != self._head:
            raise FileExistsError('it is no unfinished recording of this run')
        try:
            self._entry = entry_of(os.pread(self._file, MOST_OF_HEAD, len(self._head)))
        except ValueError:
            raise FileExistsError('its head is not whole') from None
        for sample, stamp in self._fragments():
            self._count(sample, stamp)
            self._end = sample.offset + sample.size
        if not self.images:
            raise FileExistsError('there is no image in it')
        os.ftruncate(self._file, self._end)

    def _fragments(self) -> Iterator[tuple[Sample, int]]:
        """Yield images and stamps (ns) of the fragments that are there as a whole."""
        size = os.fstat(self._file).st_size
        described = os.pread(self._file, 4, len(self._head))
        place = len(self._head) + int.from_bytes(described, 'big')
        while found := read_fragment(os.pread(self._file, FRAGMENT, place), place):
            place = found[0].offset + found[0].size
            if place > size:
                return
            yield found

    def _count(self, sample: Sample, stamp: int) -> None:
        if self.images:
            self.period = sample.time - self._last_time
        self._last_time = sample.time
        self.images += 1
        self.last_shown = max(self.last_shown, sample.time + sample.shown_after)
        self.newest = stamp if self.newest is None else max(stamp, self.newest)

    def _append(self, content: bytes) -> None:
        os.lseek(self._file, self._end, os.SEEK_SET)
        try:
            write_all(self._file, content)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(content)
