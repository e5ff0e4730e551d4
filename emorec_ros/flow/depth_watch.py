# SPDX-License-Identifier: Apache-2.0
"""Notice that images go without depth, so that it is said once and not for each."""

PATIENCE = 15
"""Images in a row; at the start depth may come a little later than colour."""


class DepthWatch:
    """What there is to say about depth: one line when it stays away, one when it is back.

    Args:
        topic: where depth is expected.
        slop: largest difference of the stamps of one moment, s.
    """

    def __init__(self, topic: str, slop: float) -> None:
        self._topic = topic
        self._slop = slop
        self._without = 0

    def seen(self, has_depth: bool, depth_images: int) -> str:
        """Take note of one answered image.

        Args:
            has_depth: whether depth of its moment was there.
            depth_images: that came so far, whether they fitted an image or not.

        Returns:
            the line to log, '' where there is no news.
        """
        was_said = self._without >= PATIENCE
        self._without = 0 if has_depth else self._without + 1
        if has_depth:
            return 'depth is coming: faces are depth-checked' if was_said else ''
        if was_said or self._without < PATIENCE:
            return ''
        if depth_images:
            return (f'no depth on {self._topic} within {self._slop:g} s of the images '
                    '(parameter depth_slop): faces are not depth-checked')
        return f'no depth on {self._topic}: faces are not depth-checked'
