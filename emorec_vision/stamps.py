# SPDX-License-Identifier: Apache-2.0
"""Stamps of images: whole nanoseconds that begin anew with a looping bag or another video."""

NANOSECONDS = 1_000_000_000
"""In a second."""
MAX_STEP_BACK_NS = NANOSECONDS
"""A stamp that is farther back than this, ns, begins a new time line."""


class TimeLine:
    """The stamps of one stream, which may come a little out of order."""

    def __init__(self) -> None:
        self._newest: int | None = None

    def begins_anew(self, stamp: int) -> bool:
        """Tell whether a stamp (ns) lies so far back that another time line begins with it."""
        return self._newest is not None and stamp < self._newest - MAX_STEP_BACK_NS

    def add(self, stamp: int) -> bool:
        """Take note of a stamp (ns) and tell whether another time line began with it."""
        anew = self.begins_anew(stamp)
        self._newest = stamp if anew or self._newest is None else max(self._newest, stamp)
        return anew
