# SPDX-License-Identifier: Apache-2.0
"""Send the frames of a file no faster than they are answered, so that none is lost."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from threading import Condition
from typing import Any


@dataclass
class _Flight:
    frame: Any
    sent_at: float
    missing: set[str]
    attempts: int = 1


class FrameCredit:
    """The frames on their way: when to send the next one, and which to send again.

    A frame is done when every one of `answerers` answered it; at most `in_flight` are not. The
    first is alone and repeated every `connect_every` seconds until done, which proves that the
    chain is connected; a later one is repeated every `retry_after` seconds, up to `attempts`
    times in all, and then given up as lost. Stamps are integers (nanoseconds); `now` is a steady
    clock in seconds. Thread-safe.

    Args:
        answerers: who must answer a frame.
        in_flight: frames that may be unanswered.
        connect_every: between two sendings of the first frame, s.
        retry_after: between two sendings of a later one, s.
        attempts: sendings after which a frame is lost.

    Attributes:
        done_count: frames answered.
        repeated_count: frames sent again, each time counted.
        lost_count: frames given up.
    """

    def __init__(
        self,
        answerers: Collection[str],
        in_flight: int = 2,
        connect_every: float = 0.2,
        retry_after: float = 1.0,
        attempts: int = 30,
    ) -> None:
        self.done_count = 0
        self.repeated_count = 0
        self.lost_count = 0
        self._answerers = frozenset(answerers)
        self._in_flight = in_flight
        self._connect_every = connect_every
        self._retry_after = retry_after
        self._attempts = attempts
        self._flights: OrderedDict[int, _Flight] = OrderedDict()
        self._changed = Condition()

    @property
    def connected(self) -> bool:
        """Tell whether any frame was ever done."""
        return self.done_count > 0

    def sent(self, stamp: int, frame: Any, now: float) -> None:
        """Note that a frame was published for the first time."""
        with self._changed:
            self._flights[stamp] = _Flight(frame, now, set(self._answerers))

    def answered(self, stamp: int, answerer: str) -> None:
        """Note an answer to the frame with this stamp; other stamps are nobody's."""
        with self._changed:
            flight = self._flights.get(stamp)
            if flight is None:
                return
            flight.missing.discard(answerer)
            if not flight.missing:
                del self._flights[stamp]
                self.done_count += 1
                self._changed.notify_all()

    def wait(self, timeout: float, until_empty: bool = False) -> bool:
        """Wait at most `timeout` seconds for room for a frame (or for all to be done)."""
        room = self._in_flight if self.connected and not until_empty else 1
        with self._changed:
            return self._changed.wait_for(lambda: len(self._flights) < room, timeout)

    def due(self, now: float) -> list[Any]:
        """Return the frames to publish again now, oldest first, and give up the hopeless.

        When the oldest is due, all are: a node that starts again then gets them in order.
        """
        with self._changed:
            every = self._retry_after if self.connected else self._connect_every
            if not any(now - flight.sent_at >= every for flight in self._flights.values()):
                return []
            for stamp, flight in list(self._flights.items()):
                if self.connected and flight.attempts >= self._attempts:
                    del self._flights[stamp]
                    self.lost_count += 1
            for flight in self._flights.values():
                flight.sent_at = now
                flight.attempts += 1
                self.repeated_count += 1
            self._changed.notify_all()
            return [flight.frame for flight in self._flights.values()]
