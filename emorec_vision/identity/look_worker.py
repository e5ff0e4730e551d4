# SPDX-License-Identifier: Apache-2.0
"""Look at faces in a thread of its own, so that nobody waits for a slow recogniser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Condition
from threading import Thread
import time

from emorec_vision.faces.crop import FaceCrop
from emorec_vision.identity.recognizer import Match
from emorec_vision.identity.recognizer import Recognizer

SAVED = 30
"""Images whose budget may be saved up: a new face gets its first looks at once."""


@dataclass(frozen=True)
class Look:
    """A finished look at a face."""

    recognizer: Recognizer
    face: FaceCrop
    match: Match


class LookWorker:
    """Looks at the faces of the newest image, as many as the budget of processor time allows.

    Faces of older images that still wait are dropped: what is looked at is never stale, and the
    queue never longer than the faces of one image. An error in a look is raised by `take`.
    """

    def __init__(self) -> None:
        """Start the thread."""
        self._changed = Condition()
        self._recognizer: Recognizer | None = None
        self._waiting: list[FaceCrop] = []
        self._at_work: FaceCrop | None = None
        self._done: list[Look] = []
        self._error: Exception | None = None
        self._saved = 0.0
        self._fresh = True
        self._closed = False
        self._thread = Thread(target=self._run, name='looks', daemon=True)
        self._thread.start()

    def offer(self, recognizer: Recognizer, faces: Sequence[FaceCrop], budget: float) -> None:
        """Let the faces of the next image be looked at, instead of those that still wait.

        Args:
            faces: the most urgent first.
            budget: processor time that the image adds for looks, s.
        """
        with self._changed:
            most = SAVED * budget
            self._saved = most if self._fresh else min(self._saved + budget, most)
            self._fresh = False
            self._recognizer = recognizer
            self._waiting = [face for face in faces if self._at_work is None
                             or face.track_id != self._at_work.track_id]
            self._changed.notify()

    def take(self) -> list[Look]:
        """Return the looks that were finished since the last call, in their order."""
        with self._changed:
            if self._error is not None:
                raise self._error
            done, self._done = self._done, []
            return done

    def close(self) -> None:
        """Finish the look in hand and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closed or self._waiting and self._saved > 0.0)
                if self._closed or self._recognizer is None:
                    return
                recognizer, face = self._recognizer, self._waiting.pop(0)
                self._at_work = face
            started = time.thread_time()
            try:
                look = Look(recognizer, face, recognizer.look(face))
            except Exception as error:  # noqa: B902 - the node's own thread has to hear of it
                with self._changed:
                    self._error = error
                return
            with self._changed:
                self._at_work = None
                self._saved -= time.thread_time() - started
                self._done.append(look)
