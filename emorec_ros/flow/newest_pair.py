# SPDX-License-Identifier: Apache-2.0
"""Pair colour with depth by stamp and keep only the newest: the one place that drops."""

from collections import OrderedDict
from threading import Condition
from typing import Any

from emorec_vision.stamps import MAX_STEP_BACK_NS

PLACES = 5
"""As many as a subscription queues: what arrives at once after a stall is all taken up."""
KEPT_DEPTHS = 10
DEPTH_ALIVE = 1.0


class NewestPair:
    """The newest colour images, until a worker takes them, with the depth of their moment.

    The places take up the bursts of a busy machine, but never a queue that stands: an image that
    waited longer than `max_age` seconds gives way to a newer one. A file source has two images
    on their way and sets `max_age` to 0, which gives up none. Images are taken in stamp order.

    Depth belongs to an image when their stamps differ by at most `slop` seconds; while the depth
    stream is alive (something came within the last second) an image that was taken waits up to
    `wait` seconds for it. Stamps are integers (nanoseconds); `now` is a steady clock in seconds.
    Thread-safe.

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
        self._changed = Condition()
        self._closed = False

    def put_colour(self, stamp: int, image: Any, now: float) -> bool:
        """Offer a colour image; tell whether it pushed out one that nobody took."""
        with self._changed:
            if any(stamp == waiting for waiting, _, _ in self._colours):
                return False
            full = len(self._colours) == self._places
            old = bool(self._colours) and 0 < self._max_age < now - self._colours[0][2]
            if full or old:
                self._colours.pop(0)
            self._colours.append((stamp, image, now))
            self._changed.notify()
            return full or old

    def put_depth(self, stamp: int, depth: Any, now: float) -> None:
        """Offer a depth image."""
        with self._changed:
            if self._depths and stamp < next(reversed(self._depths)) - MAX_STEP_BACK_NS:
                self._depths.clear()
            self._depths[stamp] = depth
            self._depth_at = now
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
                left = came + self._wait - now
                if depth is not None or left <= 0 or now - self._depth_at >= DEPTH_ALIVE:
                    return stamp, image, depth
                self._changed.wait(left)
            return None

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
        nearest = min(self._depths, key=lambda other: abs(other - stamp), default=None)
        if nearest is None or abs(nearest - stamp) > self._slop_ns:
            return None
        return self._depths[nearest]
