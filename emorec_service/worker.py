# SPDX-License-Identifier: Apache-2.0
"""A worker process as the service sees it: replaced when a picture takes it beyond its limits."""

from contextlib import suppress
from dataclasses import asdict
from dataclasses import dataclass
import json
import os
import signal
import subprocess
import sys
from typing import Any

from emorec_service.pictures.seen import seen_picture
from emorec_service.pictures.seen import SeenPicture
from emorec_service.refused import Refused
from emorec_service.work_limits import GIVEN_BACK_FROM
from emorec_service.work_limits import LENGTH_BYTES
from emorec_service.work_limits import WorkLimits
from emorec_vision.errors import InputError

START = """
import json, sys
model, people, limits, *sys.path = json.loads(sys.argv[1])
from emorec_service.worker_process import main
from emorec_service.work_limits import WorkLimits
main(model, people, WorkLimits(**limits))
"""
"""It finds packages where the service does, and never in the folder that it was started in."""
TOO_LONG = frozenset([signal.SIGXCPU, signal.SIGALRM])
SECONDS_TO_END = 5.0


@dataclass(frozen=True)
class ModelInfo:
    """The name of the emotion model and the emotions that it tells."""

    name: str
    labels: tuple[str, ...]


class Worker:
    """Hand pictures to a process of its own; for one thread at a time.

    Args:
        model: ONNX file, or a name of emotion.model.SHIPPED.
        limits: what a picture may take.
        people: folder of the people whose faces are told by name, '' for nobody.

    Attributes:
        replaced: how often a new process was started for one that had ended.
    """

    def __init__(self, model: str, limits: WorkLimits, people: str = '') -> None:
        self._name = model
        self._people = people
        self._limits = limits
        self._model: ModelInfo | None = None
        self._process = self._start()
        self.replaced = 0

    def model(self) -> ModelInfo:
        """Return what the process told of its model, once it is loaded.

        Raises:
            InputError: if it cannot be used.
        """
        if self._model is None:
            told = self._answer() or {'error': 'a worker process ended at its start'}
            if 'error' in told:
                raise InputError(told['error'])
            self._model = ModelInfo(told['name'], tuple(told['labels']))
        return self._model

    def look(self, data: bytes) -> SeenPicture:
        """Return what is in a picture.

        Raises:
            Refused: as open_picture says; 413 also if it takes too much memory or time, 422 if
                the decoder breaks on it, and 503 if there is no process to work on it.
        """
        if self._process.poll() is not None:
            self._replace()
        try:
            self.model()
        except InputError as error:
            raise Refused(503, f'there is no worker: {error}', {'Retry-After': '5'}) from None
        told = self._ask(data)
        if told is None:
            raise self._ended()
        if told.get('refused') == 'memory':
            self._replace()
            raise Refused(413, 'image takes more memory to read than the '
                               f'{self._limits.memory // 2**20} MiB that one may have: '
                               'shrink it')
        if 'refused' in told:
            raise Refused(*told['refused'])
        return seen_picture(data, told)

    def close(self) -> None:
        """End the process after what it is at."""
        with suppress(OSError):
            self._pipe('stdin').close()
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pipe('stdout').close()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, 'MALLOC_MMAP_THRESHOLD_': str(GIVEN_BACK_FROM),
                       'OPENCV_IO_MAX_IMAGE_PIXELS': str(self._limits.max_pixels)}
        told = json.dumps([self._name, self._people, asdict(self._limits), *sys.path])
        return subprocess.Popen([sys.executable, '-c', START, told], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, env=environment, start_new_session=True)

    def _replace(self) -> None:
        self.close()
        self._model = None
        self._process = self._start()
        self.replaced += 1

    def _ask(self, data: bytes) -> dict[str, Any] | None:
        """Return the answer to a picture, None when the process ended over it."""
        pipe = self._pipe('stdin')
        try:
            pipe.write(len(data).to_bytes(LENGTH_BYTES, 'big'))
            pipe.write(data)
            pipe.flush()
        except OSError:
            return None
        return self._answer()

    def _answer(self) -> dict[str, Any] | None:
        line = self._pipe('stdout').readline()
        return json.loads(line) if line.endswith(b'\n') else None

    def _pipe(self, name: str) -> Any:
        return getattr(self._process, name)

    def _ended(self) -> Refused:
        """Return why a picture gets no answer, and start another process."""
        with suppress(OSError):
            self._pipe('stdin').close()
        cause = -self._process.wait()
        self._replace()
        if cause in TOO_LONG:
            return Refused(413, 'image takes longer to work on than the '
                                f'{self._limits.cpu_seconds} s of a processor that one may '
                                'have: shrink it or save it as a plain JPEG or PNG file')
        if cause == signal.SIGKILL:
            return Refused(503, 'the worker was ended: send it again', {'Retry-After': '5'})
        return Refused(422, 'image breaks its decoder: it is damaged')
