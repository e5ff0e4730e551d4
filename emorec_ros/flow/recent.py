# SPDX-License-Identifier: Apache-2.0
"""Remember what belongs to the newest stamps, for images and answers that come again or late."""

from typing import Generic
from typing import TypeVar

from emorec_vision.stamps import TimeLine

Value = TypeVar('Value')


class Recent(Generic[Value]):
    """One value each for the last few stamps; the one put first gives way.

    A stamp that begins a new time line (a looping bag) makes it forget the others.

    Args:
        places: how many values are kept.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._values: dict[int, Value] = {}
        self._time = TimeLine()

    def begins_anew(self, stamp: int) -> bool:
        """Tell whether a stamp (ns) begins another time line than those put so far."""
        return self._time.begins_anew(stamp)

    def put(self, stamp: int, value: Value) -> None:
        """Keep the value of a stamp (ns), instead of an earlier one of the same stamp."""
        if self._time.add(stamp):
            self.clear()
        self._values[stamp] = value
        while len(self._values) > self._places:
            del self._values[next(iter(self._values))]

    def get(self, stamp: int) -> Value | None:
        """Return the value of a stamp (ns), None where there is none any more."""
        return self._values.get(stamp)

    def take(self, stamp: int) -> Value | None:
        """Return the value of a stamp (ns) and forget it; None where there is none."""
        return self._values.pop(stamp, None)

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()
