# SPDX-License-Identifier: Apache-2.0
"""The process that decodes and looks at pictures from outside, within limits.

Standard input brings the length of a picture in 8 bytes, the highest first, then the picture, and
so on; when it ends, so does the process. Standard output gets one line of JSON about the model and
one for each picture. What a picture may take is in WorkLimits: the kernel ends the process that
takes more time, and memory that it does not get ends it after an answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
import json
import math
import os
from pathlib import Path
import resource
import signal
import sys
from time import process_time
from typing import Any
from typing import BinaryIO

import cv2
from emorec_service.pictures.decode import open_picture
from emorec_service.refused import Refused
from emorec_service.work_limits import LENGTH_BYTES
from emorec_service.work_limits import WorkLimits
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.errors import InputError
from emorec_vision.identity.recognizer import Recognizer
from emorec_vision.people.model import open_model
from emorec_vision.reader.stills import StillFaces


NO_MEMORY = ('bad_alloc', 'Failed to allocate memory')
"""What ONNX Runtime says then."""


def main(model: str, people: str, limits: WorkLimits) -> None:
    """Answer pictures until standard input ends; `people` is the folder of known ones, or ''."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the service ends it, after the last answer
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.dup(1)
    os.dup2(2, 1)
    cv2.setNumThreads(1)
    try:
        network = EmotionModel(model_path(model))
        faces = StillFaces(network, recognizer=_recognizer(people))
    except InputError as error:
        _tell(answers, {'error': str(error)})
        return
    _tell(answers, {'name': network.name, 'labels': network.labels})
    _limit(resource.RLIMIT_AS, _address_space() + limits.memory)
    while (data := _next_picture(sys.stdin.buffer)) is not None:
        with _limited_time(limits):
            try:
                answer = look(faces, data, limits.max_pixels)
            except Exception as error:  # noqa: B902 - each library has one of its own
                if not _is_of_memory(error):
                    raise
                _tell(answers, {'refused': 'memory'})
                return
        del data
        _tell(answers, answer)


def look(faces: StillFaces, data: bytes, max_pixels: int) -> dict[str, Any]:
    """Return what seen.seen_picture takes, or the status and the reason of a refusal.

    Raises:
        Exception: of any library, if there is not enough memory.
    """
    try:
        picture = open_picture(data, max_pixels)
    except Refused as refusal:
        return {'refused': [refusal.status_code, refusal.detail]}
    height, width = picture.pixels.shape[:2]
    return {'media_type': picture.header.media_type, 'width': width, 'height': height,
            'faces': [[[face.box.x, face.box.y, face.box.width, face.box.height],
                       face.probabilities, face.person]
                      for face in faces.predict(picture.pixels)]}


def _recognizer(people: str) -> Recognizer | None:
    """Return what knows the people of a folder.

    Raises:
        InputError: if nobody in it is known.
    """
    if not people:
        return None
    known = open_model(Path(people))
    if known.recognizer is None:
        raise InputError(' '.join(known.warnings) or f'nobody is known in {people}')
    return known.recognizer


def _is_of_memory(error: Exception) -> bool:
    """Tell whether an error of Python, OpenCV or ONNX Runtime is about memory."""
    return (isinstance(error, MemoryError) or any(text in str(error) for text in NO_MEMORY)
            or isinstance(error, cv2.error) and error.code == cv2.Error.StsNoMem)


def _next_picture(source: BinaryIO) -> bytes | None:
    length = source.read(LENGTH_BYTES)
    return source.read(int.from_bytes(length, 'big')) if len(length) == LENGTH_BYTES else None


def _tell(answers: int, value: dict[str, Any]) -> None:
    with open(answers, 'wb', closefd=False) as file:
        file.write(json.dumps(value).encode() + b'\n')


def _limit(kind: int, most: int) -> None:
    """Set what this process may take, as far as it may be set."""
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@contextmanager
def _limited_time(limits: WorkLimits) -> Iterator[None]:
    """Let the kernel end the process (SIGXCPU, SIGALRM) that takes longer."""
    _limit(resource.RLIMIT_CPU, math.ceil(process_time()) + limits.cpu_seconds)
    signal.alarm(limits.seconds)
    yield
    signal.alarm(0)


def _address_space() -> int:
    """Return the bytes that are mapped."""
    with open('/proc/self/statm') as file:
        return int(file.read().split()[0]) * resource.getpagesize()
