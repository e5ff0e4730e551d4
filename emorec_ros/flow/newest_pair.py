# SPDX-License-Identifier: Apache-2.0
"""Pair colour with depth by stamp and keep only the newest: the one place that drops."""

from collections import deque
from collections import OrderedDict
from collections.abc import Iterable
from statistics import median
from threading import Condition
from typing import Any

from emorec_vision.stamps import MAX_STEP_BACK_NS

PLACES = 5
"""As many as a subscription queues: what arrives at once after a stall is all taken up."""
KEPT_DEPTHS = 10
DEPTH_ALIVE = 1.0
LONGEST_WAIT = 0.5
"""For depth that always comes late, s: a delay of everything that a robot may bear."""
MARGIN = 1.25
"""Part of the usual delay of depth that is waited for."""
DELAYS = 30
"""Depth images whose median delay is the usual one: a stall of the machine is none."""
PLACES_PER_SECOND = 60
"""More places while images wait for late depth, for a camera of this rate."""


class NewestPair:
    """The newest colour images, until a worker takes them, with the depth of their moment.

    The places take up the bursts of a busy machine, but never a queue that stands: an image that
    waited longer than `max_age` seconds gives way to a newer one. A file source has two images
    on their way and sets `max_age` to 0, which gives up none. Images are taken in stamp order.

    Depth belongs to an image when their stamps differ by at most `slop` seconds; while the depth
    stream is alive (something came within the last second) an image that was taken waits up to
    `wait` seconds for it. Where depth turns out to come later than that, every image waits as
    long as its depth usually needs, up to LONGEST_WAIT; a `wait` of 0 never does. Stamps are
    integers (nanoseconds); `now` is a steady clock in seconds. Thread-safe.

    Args:
        slop: largest difference of the stamps of one moment, s.
        wait: longest wait for depth, s.
        max_age: of an image that waits while a newer one is there, s; 0 = any.
        places: for colour images.
    """

    def __init__(
        self, slop: float, wait: float, max_age: float = 0.04, places: int = PLACES
    ) -> None:
        self._places = places
        self._slop_ns = round(slop * 1e9)
        self._wait = wait
        self._max_age = max_age
        self._colours: list[tuple[int, Any, float]] = []
        self._depths: OrderedDict[int, Any] = OrderedDict()
        self._depth_at = -DEPTH_ALIVE
        self._came: OrderedDict[int, float] = OrderedDict()
        self._delays: deque[float] = deque(maxlen=DELAYS)
        self._more = 0.0
        self._pulse = False
        self._changed = Condition()
        self._closed = False

    def put_colour(self, stamp: int, image: Any, now: float) -> bool:
        """Offer a colour image; tell whether it pushed out one that nobody took."""
        with self._changed:
            if any(stamp == waiting for waiting, _, _ in self._colours):
                return False
            full = len(self._colours) >= self._places + PLACES_PER_SECOND * self._more
            old = bool(self._colours) and (
                0 < self._max_age < now - self._more - self._colours[0][2])
            if full or old:
                self._colours.pop(0)
            self._colours.append((stamp, image, now))
            self._note_colour(stamp, now)
            self._changed.notify()
            return full or old

    def put_depth(self, stamp: int, depth: Any, now: float) -> None:
        """Offer a depth image."""
        with self._changed:
            if self._depths and stamp < next(reversed(self._depths)) - MAX_STEP_BACK_NS:
                self._depths.clear()
            self._depths[stamp] = depth
            self._depth_at = now
            self._note_depth(stamp, now)
            while len(self._depths) > max(KEPT_DEPTHS, 2 * self._places):
                self._depths.popitem(last=False)
            self._changed.notify()

    def take(self, clock: Any) -> tuple[int, Any, Any] | None:
        """Wait for an image and take it.

        Args:
            clock: function that returns the steady clock's seconds.

        Returns:
            (stamp, colour, depth or None), or None once closed.
        """
        with self._changed:
            while not self._colours and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            self._colours.sort(key=lambda colour: (colour[0], colour[2]))
            stamp, image, came = self._colours.pop(0)
            while not self._closed:
                depth, now = self._matching(stamp), clock()
                left = came + self._wait + self._more - now
                if depth is not None or left <= 0 or now - self._depth_at >= DEPTH_ALIVE:
                    return stamp, image, depth
                self._changed.wait(left)
            return None

    def take_pulse(self) -> bool:
        """Tell whether depth of any image came since the last call, in time or not."""
        with self._changed:
            pulse, self._pulse = self._pulse, False
            return pulse

    def clear(self) -> None:
        """Forget the images that wait."""
        with self._changed:
            self._colours.clear()
            self._depths.clear()

    def close(self) -> None:
        """Let the worker go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _matching(self, stamp: int) -> Any:
        nearest = self._nearest(self._depths, stamp)
        return None if nearest is None else self._depths[nearest]

    def _nearest(self, stamps: Iterable[int], stamp: int) -> int | None:
        """Return the stamp of the same moment, None where there is none."""
        nearest = min(stamps, key=lambda other: abs(other - stamp), default=None)
        return None if nearest is None or abs(nearest - stamp) > self._slop_ns else nearest

    def _note_colour(self, stamp: int, now: float) -> None:
        if self._nearest(self._depths, stamp) is not None:
            self._note_delay(0.0)
            return
        self._came[stamp] = now
        while len(self._came) > DELAYS:
            self._came.popitem(last=False)

    def _note_depth(self, stamp: int, now: float) -> None:
        colour = self._nearest(self._came, stamp)
        if colour is not None:
            self._note_delay(now - self._came.pop(colour))

    def _note_delay(self, delay: float) -> None:
        """Take note of how long after its image depth came, s."""
        self._pulse = True
        self._delays.append(delay)
        usual = min(MARGIN * median(self._delays), max(self._wait, LONGEST_WAIT))
        self._more = max(usual - self._wait, 0.0) if self._wait else 0.0
