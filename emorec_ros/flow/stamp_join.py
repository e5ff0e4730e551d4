# SPDX-License-Identifier: Apache-2.0
"""Join the results of one image by its key, answering in stamp order and in bounded time."""

from dataclasses import dataclass
from typing import Any

KEPT_EARLY = 64

Key = tuple[int, str]
"""Of an image: its stamp (ns) and the detector's session."""


@dataclass
class Joined:
    """The faces of one image, and its emotions and identities where they came in time.

    Attributes:
        deadline: on the steady clock, s, after which nothing more is waited for.
    """

    key: Key
    faces: Any
    deadline: float
    emotions: Any | None = None
    identities: Any | None = None


class StampJoin:
    """The images whose faces wait for their emotions and, if asked for, their identities.

    An image is answered when its results are in or `timeout` seconds after its faces came, and
    never before an older one. `now` is a steady clock in seconds.

    Args:
        timeout: longest wait, s.
        wait_for_identities: as for the emotions; otherwise they count where they are in.

    Attributes:
        timeout: of the images whose faces come from now on, s.
    """

    def __init__(self, timeout: float, wait_for_identities: bool = False) -> None:
        self.timeout = timeout
        self._wait_for_identities = wait_for_identities
        self._waiting: dict[Key, Joined] = {}
        self._early: dict[str, dict[Key, Any]] = {'emotions': {}, 'identities': {}}

    @property
    def waiting(self) -> bool:
        """Tell whether any image waits for its results."""
        return bool(self._waiting)

    def add_faces(self, key: Key, faces: Any, now: float) -> None:
        """Start waiting for the results of this image; one that waits already goes on."""
        if key in self._waiting:
            return
        joined = Joined(key, faces, now + self.timeout)
        for kind, early in self._early.items():
            setattr(joined, kind, early.pop(key, None))
        self._waiting[key] = joined

    def add_emotions(self, key: Key, emotions: Any) -> None:
        """Take the emotions of one image, before or after its faces."""
        self._add('emotions', key, emotions)

    def add_identities(self, key: Key, identities: Any) -> None:
        """Take the identities of one image, before or after its faces."""
        self._add('identities', key, identities)

    def ready(self, now: float) -> list[Joined]:
        """Return the images that can be answered by now, in stamp order, and forget them."""
        answered = []
        for key in sorted(self._waiting):
            joined = self._waiting[key]
            if not self._complete(joined) and now < joined.deadline:
                break
            answered.append(self._waiting.pop(key))
        return answered

    def stop_waiting(self) -> None:
        """Forget the images that wait (the detector restarted, or time went back)."""
        self._waiting.clear()

    def _complete(self, joined: Joined) -> bool:
        return joined.emotions is not None and (
            joined.identities is not None or not self._wait_for_identities)

    def _add(self, kind: str, key: Key, result: Any) -> None:
        if key in self._waiting:
            setattr(self._waiting[key], kind, result)
            return
        early = self._early[kind]
        early[key] = result
        while len(early) > KEPT_EARLY:
            del early[next(iter(early))]
