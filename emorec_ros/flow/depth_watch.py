# SPDX-License-Identifier: Apache-2.0
"""Notice that images go without depth, so that it is said once and not for each."""

from enum import Enum

PATIENCE = 15
"""Images at the start until it is said that there is no depth; it may come a little later."""
WINDOW = 30
"""Images of which the share with depth is taken."""
FEW = 0.8
"""A smaller share is worth a line."""
NEARLY_ALL = 0.95
"""From this share on depth is back."""
SOME = 0.1
"""With a smaller share, depth that stayed away is still away."""
LASTING = 3
"""So many windows in a row make a lasting change, as a pause of a second touches two; without any
depth one less."""


class _Depth(Enum):
    """How many images have depth."""

    ALL = 'nearly all'
    SOME = 'some'
    NONE = 'none'


class DepthWatch:
    """What there is to say about depth: one line for each lasting change, with its numbers.

    It goes by the share of each 30 images that have depth: nearly all, some or none. That is
    said once three such windows agree, or two without any depth, so that a pause of a second is
    no news and the numbers are those of the new state. Between the limits, what was said last
    holds.

    Args:
        topic: where depth is expected.
        slop: largest difference of the stamps of one moment, s.
    """

    def __init__(self, topic: str, slop: float) -> None:
        self._topic = topic
        self._slop = slop
        self._images = 0
        self._with_depth = 0
        self._is_first = True
        self._said = self._before = _Depth.ALL
        self._alike = 0

    def seen(self, has_depth: bool, depth_images: int) -> str:
        """Take note of one answered image.

        Args:
            has_depth: whether depth of its moment was there.
            depth_images: that came so far, whether they fitted an image or not.

        Returns:
            the line to log, '' where there is no news.
        """
        self._images += 1
        self._with_depth += has_depth
        is_early = self._is_first and self._images == PATIENCE and not self._with_depth
        if self._images < WINDOW and not is_early:
            return ''
        now = self._judge()
        self._alike = self._alike + 1 if now is self._before else 1
        lasts = is_early or self._alike >= LASTING - (now is _Depth.NONE)
        line = self._line(now, depth_images) if lasts and now is not self._said else ''
        if line:
            self._said = now
        self._before, self._is_first = now, False
        self._images = self._with_depth = 0
        return line

    def _judge(self) -> _Depth:
        """Return how many of the window's images have depth."""
        share = self._with_depth / self._images
        if share == 0.0:
            return _Depth.NONE
        if share >= NEARLY_ALL:
            return _Depth.ALL
        least, most = (SOME, 1.0) if self._said is _Depth.NONE else (0.0, FEW)
        return _Depth.SOME if least <= share < most else self._said

    def _line(self, depth: _Depth, depth_images: int) -> str:
        """Return what is to be said of the window."""
        if depth is _Depth.ALL:
            return 'depth is coming: faces are depth-checked'
        if depth is _Depth.SOME:
            return (f'depth comes with {self._with_depth} of {self._images} images on '
                    f'{self._topic}: verdicts are carried over, new faces take longer')
        if depth_images:
            return (f'no depth on {self._topic} within {self._slop:g} s of the images '
                    '(parameter depth_slop), or it comes long after them (depth_wait): faces are '
                    'not depth-checked')
        return f'no depth on {self._topic}: faces are not depth-checked'
