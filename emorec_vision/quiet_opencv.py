# SPDX-License-Identifier: Apache-2.0
"""Keep the messages of OpenCV, and of the libraries below it, off standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
import re
from threading import Lock

import cv2

# FFmpeg's level 'quiet'; OpenCV reads it once, when it first opens or writes a video.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')

SILENT = 0
"""cv::utils::logging::LOG_LEVEL_SILENT; in Python, OpenCV 4.6 (Ubuntu 24.04) has no name for it
and calls the function that sets it cv2.setLogLevel."""
STANDARD_ERROR = 2
OF_DECODERS = re.compile(
    rb'libpng |lib?spng|Corrupt JPEG data|Premature end of (?:JPEG|input) file'
    rb'|Inconsistent progression|Invalid SOS |Invalid (?:crop|scan|component|progressive)'
    rb'|Unknown Adobe color|Warning: unknown JFIF|Application transferred|Unsupported JPEG'
    rb'|Unsupported marker|Bogus |Error parsing OBU|TIFF\w*: |\[ ?(?:WARN|ERROR|INFO)[:@ ]'
    rb'|OpenCV: FFMPEG: |\[(?:h264|lib)\w* @ ')
"""How lines of libpng, libjpeg (jerror.h), dav1d, libtiff, OpenCV and FFmpeg's encoders begin."""
_lock = Lock()
_users = _silencers = _level = 0
_real = _caught = -1


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keep OpenCV's warnings off standard error while a with block of any thread is open."""
    global _silencers, _level
    set_level = cv2.setLogLevel if hasattr(cv2, 'setLogLevel') else cv2.utils.logging.setLogLevel
    with _lock:
        if _silencers == 0:
            _level = set_level(SILENT)
        _silencers += 1
    try:
        yield
    finally:
        with _lock:
            _silencers -= 1
            if _silencers == 0:
                set_level(_level)


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Keep what OpenCV and the decoders below it print off standard error in a with block.

    libpng and libjpeg write to the file descriptor itself. What other threads write there
    meanwhile comes out when the last of the blocks that are open ends. For decoding, which is
    short, and not for waiting.
    """
    _begin()
    try:
        with quiet_opencv():
            yield
    finally:
        _end()


def _begin() -> None:
    """Catch what is written to standard error, unless another thread does so already."""
    global _users, _real, _caught
    with _lock:
        if _users == 0 and hasattr(os, 'memfd_create'):
            try:
                _real = os.dup(STANDARD_ERROR)
                _caught = os.memfd_create('standard error')
                os.dup2(_caught, STANDARD_ERROR)
            except OSError:  # it is closed, or no descriptor is left
                _give_back()
        _users += 1


def _end() -> None:
    """After the last block, put standard error back and pass on what is no decoder's."""
    global _users
    with _lock:
        _users -= 1
        if _users or _real < 0:
            return
        os.dup2(_real, STANDARD_ERROR)
        size = os.lseek(_caught, 0, os.SEEK_END)
        lines = os.pread(_caught, size, 0).splitlines(keepends=True) if size else []
        _give_back()
    others = b''.join(line for line in lines if not OF_DECODERS.match(line))
    if others:
        os.write(STANDARD_ERROR, others)


def _give_back() -> None:
    """Close both descriptors."""
    global _real, _caught
    for descriptor in (_real, _caught):
        if descriptor >= 0:
            os.close(descriptor)
    _real = _caught = -1
