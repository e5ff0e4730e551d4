# SPDX-License-Identifier: Apache-2.0
"""Write frames as a folder of images that `recording:DIR` plays again, safe against crashes."""

from collections.abc import Callable
from contextlib import suppress
import os
from pathlib import Path
import shutil

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.access import list_folder
from emorec_vision.files.whole_file import new_file
from emorec_vision.files.whole_file import write_all
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import Frame
from emorec_vision.sources.recording.camera_file import camera_text
from emorec_vision.sources.recording.images import COLOUR
from emorec_vision.sources.recording.images import DEPTH
from emorec_vision.sources.recording.images import STAMPS
from emorec_vision.sources.recording.stored import CAMERA
from emorec_vision.stamps import NANOSECONDS

MEGABYTE = 1_000_000


class RecordingWriter:
    """Write NNNNNN_rgb.ppm, NNNNNN_depth.png, camera.json and stamps.txt into a new folder.

    Colour is not compressed: it takes two fifths of the processor time for half as much disk
    space again (measured, docs/recordings.md). A frame counts once its line is in stamps.txt,
    written after its files: whenever the process is killed, the frames before it are whole.

    Args:
        folder: made when missing (for this user only), never written to unless it is empty.
        keep_free: bytes that stay free on the disk.
        largest: bytes after which the recording is full, None for no limit.
        free_space: tells the bytes that are free where a folder is.

    Raises:
        InputError: if the folder is not empty or cannot be written to, or the disk is full.
    """

    def __init__(
        self, folder: Path, keep_free: int, largest: int | None = None,
        free_space: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    ) -> None:
        self.folder = folder
        self.frames = self.with_depth = self.bytes = 0
        self.first_ns = self.newest_ns = -1
        self._keep_free, self._largest, self._free_space = keep_free, largest, free_space
        self._camera: tuple[Intrinsics | None, int, int] | None = None
        self._made = _make_empty(folder)
        try:
            if self.lack_of_room:
                raise InputError(f'{self.lack_of_room}; free some space or lower --keep-free')
            self._stamps = open(folder / STAMPS, 'xb', buffering=0)
        except BaseException as error:
            self._remove_if_made()
            if isinstance(error, OSError):
                raise InputError(f'cannot write to {folder}: {error.strerror}') from None
            raise

    @property
    def free(self) -> int:
        """Return the free bytes of the disk."""
        return self._free_space(self.folder)

    @property
    def seconds(self) -> float:
        """Return the time from the first to the newest frame."""
        return (self.newest_ns - self.first_ns) / NANOSECONDS

    def add(self, frame: Frame, stamp: int) -> bool:
        """Write a frame; tell whether it was new, that is later than the one before.

        Raises:
            OSError: if the disk fails.
        """
        if stamp <= self.newest_ns:
            return False
        name = f'{self.frames:06d}'
        try:
            self._describe(frame)
            if frame.depth is not None:
                _, data = cv2.imencode('.png', frame.depth)
                self._write(name + DEPTH, data.data)
            height, width = frame.rgb.shape[:2]
            self._write(f'{name}{COLOUR}.ppm', b'P6 %d %d 255\n' % (width, height),
                        frame.rgb.tobytes())
            self._add_stamp(f'{name} {stamp}\n'.encode())
        except OSError:
            self._remove(name + DEPTH, f'{name}{COLOUR}.ppm')
            raise
        self.with_depth += frame.depth is not None
        if not self.frames:
            self.first_ns = stamp
        self.newest_ns = stamp
        self.frames += 1
        return True

    @property
    def is_large_enough(self) -> bool:
        """Tell whether the largest size is reached."""
        return self._largest is not None and self.bytes >= self._largest

    @property
    def lack_of_room(self) -> str:
        """Return how little room is left on the disk, '' while there is enough."""
        free = self.free
        if free >= self._keep_free:
            return ''
        return (f'the disk of {self.folder} has {free / MEGABYTE:.0f} MB free, of which '
                f'{self._keep_free / MEGABYTE:.0f} MB are kept')

    def close(self) -> None:
        """Finish; a folder that got no frame is removed again if it was made for this.

        Frames outlive a power failure then.
        """
        self._stamps.close()
        if self.frames:
            os.sync()
        else:
            self._remove(STAMPS, CAMERA)
            self._remove_if_made()

    def _describe(self, frame: Frame) -> None:
        """Write camera.json when there is news of the camera."""
        height, width = frame.rgb.shape[:2]
        known = frame.intrinsics or (self._camera[0] if self._camera else None)
        if (camera := (known, width, height)) != self._camera:
            self._camera = camera
            self._write(CAMERA, camera_text(*camera).encode())

    def _write(self, name: str, *parts: bytes | memoryview) -> None:
        """Write a file whole or not at all."""
        unfinished = self.folder / f'.{name}.part'
        with new_file(unfinished, 0o666) as descriptor:
            for part in parts:
                write_all(descriptor, part)
                self.bytes += len(part)
            unfinished.replace(self.folder / name)

    def _add_stamp(self, line: bytes) -> None:
        """Add a line to stamps.txt, whole or not at all."""
        size = os.fstat(self._stamps.fileno()).st_size
        try:
            write_all(self._stamps.fileno(), line)
        except OSError:
            os.truncate(self._stamps.fileno(), size)
            os.lseek(self._stamps.fileno(), size, os.SEEK_SET)
            raise

    def _remove(self, *names: str) -> None:
        for name in names:
            with suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)

    def _remove_if_made(self) -> None:
        """Remove the empty folder that this writer made."""
        if self._made:
            with suppress(OSError):
                self.folder.rmdir()


def _make_empty(folder: Path) -> bool:
    """Make the folder if it is missing; tell whether that was so.

    Raises:
        InputError: if it holds something or cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True)
        return True
    except FileExistsError:
        pass
    except OSError as error:
        raise InputError(f'cannot make the folder {folder}: {error.strerror}') from None
    if list_folder(folder, f'{folder} is no folder; give the name of a new one'):
        raise InputError(f'{folder} is not empty; a recording needs a new folder')
    return False
