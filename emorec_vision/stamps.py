# SPDX-License-Identifier: Apache-2.0
"""Stamps are whole nanoseconds everywhere: a float of seconds rounds them."""

NANOSECONDS = 1_000_000_000
"""In a second."""
END_OF_TIME = 2**31 * NANOSECONDS
"""No stamp of ROS (builtin_interfaces/Time: int32 seconds) is as late, ns."""
MAX_STEP_BACK_NS = NANOSECONDS
"""A stamp further back than this begins anew: a bag that loops, a new video."""
ROUNDING_NS = 1000
"""Of the stamps of files: frames a third of a second apart are not exactly so."""


def seconds_to_ns(seconds: float) -> int:
    """Return seconds as whole nanoseconds."""
    return round(seconds * NANOSECONDS)


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
