# SPDX-License-Identifier: Apache-2.0
"""Notice that nearly all detections fall for one reason, and say what is likely behind it."""

from collections import Counter
from collections import deque
from collections.abc import Iterable

from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns

SPAN = 5.0
"""Time over which detections are counted, s, by the images' stamps."""
LEAST = 10
"""Fewer detections tell nothing: until there are so many, the time grows to LONGEST."""
LONGEST = 30.0
NEARLY_ALL = 0.9
"""From this share on one reason is worth a line."""
HALF = 0.5
"""Below this share the reason may be worth a line again."""
UNITS = 'is depth in mm (16UC1) or m (32FC1)'
ACCEPTED = ''
"""The reason of a detection that was kept."""
ALIGNED = 'only a poster or a screen in view, or is depth not aligned to the colour image?'
CAUSES = {
    'too near': f'{UNITS}, or is the parameter near too large?',
    'too far': f'only a poster or a screen beyond far in view, or {UNITS}?',
    'too narrow': f'does camera_info belong to these images, and {UNITS}?',
    'too wide': f'does camera_info belong to these images, and {UNITS}?',
    'flat': ALIGNED,
    'goes on beside it': ALIGNED,
    'bent the other way': ALIGNED,
    'too few readings': 'sunlight, glass, or nearer than the sensor sees? They are dropped since '
                        'require_depth is set',
    'no depth': 'does depth come with the stamps of the images? They are dropped since '
                'require_depth is set',
}
"""What is likely wrong where nearly all detections fall for a reason of DepthAnswer."""
WORDS = {'goes on beside it': 'on a wide surface', 'no depth': 'without depth',
         'too few readings': 'with too few depth readings'}
"""How to say a reason where it is no adjective."""


class RejectionWatch:
    """What there is to say about rejected detections: one line when one reason takes nearly all.

    That is, nine in ten of at least ten detections within five seconds, or where a slow stream
    shows fewer, within the time for ten, at most half a minute. It is said again only after the
    reason had fewer than half of them. A stamp that steps back begins anew.
    """

    def __init__(self) -> None:
        self._images: deque[tuple[int, list[str]]] = deque()
        self._counts: Counter[str] = Counter()
        self._began = 0
        self._said = ACCEPTED

    def seen(self, stamp: int, accepted: int, reasons: Iterable[str]) -> str:
        """Take note of one image.

        Args:
            stamp: of the image, ns.
            accepted: detections that were kept.
            reasons: why each of the others was rejected.

        Returns:
            the line to log, '' where there is no news.
        """
        if not self._images or stamp < self._images[-1][0]:
            self._images.clear()
            self._counts.clear()
            self._began = stamp
        self._images.append((stamp, [*accepted * [ACCEPTED], *reasons]))
        self._counts.update(self._images[-1][1])
        while self._is_over(stamp - self._images[0][0], self._images[0][1]):
            self._counts.subtract(self._images.popleft()[1])
        total = sum(self._counts.values())
        if stamp - self._began < seconds_to_ns(SPAN) or total < LEAST:
            return ''
        if self._counts[self._said] < HALF * total:
            self._said = ACCEPTED
        reason, count = self._counts.most_common(1)[0]
        if count < NEARLY_ALL * total or reason == self._said or reason not in CAUSES:
            return ''
        self._said = reason
        return (f'{count} of {total} detections {WORDS.get(reason, reason)} in '
                f'{(stamp - self._images[0][0]) / NANOSECONDS:.0f} s: {CAUSES[reason]}')

    def _is_over(self, age: int, detections: list[str]) -> bool:
        """Tell whether an image's detections count no more, at an age in ns."""
        left = sum(self._counts.values()) - len(detections)
        return age > seconds_to_ns(SPAN if left >= LEAST else LONGEST)
