# SPDX-License-Identifier: Apache-2.0
"""Join the results of one picture by its stamp, answering in stamp order and in bounded time."""

from dataclasses import dataclass
from typing import Any

KEPT_EARLY = 64


@dataclass
class Joined:
    """Hold one picture's faces, and its emotions and identities where they came in time."""

    stamp: int
    faces: Any
    deadline: float
    emotions: Any | None = None
    identities: Any | None = None


class StampJoin:
    """
    Wait for the emotions (and, if asked, the identities) of each picture's faces.

    Stamps are integers (nanoseconds of the header); `now` is a steady clock in seconds.
    A picture is answered when its results are in or `timeout` seconds after its faces came, and
    never before an older one.
    """

    def __init__(self, timeout: float, wait_for_identities: bool = False) -> None:
        self._timeout = timeout
        self._wait_for_identities = wait_for_identities
        self._waiting: dict[int, Joined] = {}
        self._early: dict[str, dict[int, Any]] = {'emotions': {}, 'identities': {}}

    @property
    def waiting(self) -> bool:
        """Tell whether any picture waits for its results."""
        return bool(self._waiting)

    def add_faces(self, stamp: int, faces: Any, now: float) -> None:
        """Start waiting for the results of the picture with this stamp."""
        joined = Joined(stamp, faces, now + self._timeout)
        for kind, early in self._early.items():
            setattr(joined, kind, early.pop(stamp, None))
        self._waiting[stamp] = joined

    def add_emotions(self, stamp: int, emotions: Any) -> None:
        """Take the emotions of one picture, before or after its faces."""
        self._add('emotions', stamp, emotions)

    def add_identities(self, stamp: int, identities: Any) -> None:
        """Take the identities of one picture, before or after its faces."""
        self._add('identities', stamp, identities)

    def ready(self, now: float) -> list[Joined]:
        """Hand out what can be answered by now, in stamp order."""
        answered = []
        for stamp in sorted(self._waiting):
            joined = self._waiting[stamp]
            if not self._complete(joined) and now < joined.deadline:
                break
            answered.append(self._waiting.pop(stamp))
        return answered

    def clear(self) -> None:
        """Forget all that is waiting."""
        self._waiting.clear()
        for early in self._early.values():
            early.clear()

    def _complete(self, joined: Joined) -> bool:
        return joined.emotions is not None and (
            joined.identities is not None or not self._wait_for_identities)

    def _add(self, kind: str, stamp: int, result: Any) -> None:
        if stamp in self._waiting:
            setattr(self._waiting[stamp], kind, result)
            return
        early = self._early[kind]
        early[stamp] = result
        while len(early) > KEPT_EARLY:
            del early[next(iter(early))]
