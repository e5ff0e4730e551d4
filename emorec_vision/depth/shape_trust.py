# SPDX-License-Identifier: Apache-2.0
"""Remember of which tracks depth has seen the shape of a head, to ask again only now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emorec_vision.geometry import Box

AGAIN_EVERY = 6
"""Images from one look at the shape of a proven face to the next; a look costs about 1 ms."""
SAME_PLACE = 0.5
"""Intersection over union with where a track is expected, from which on a box is its face."""


@dataclass
class _Record:
    """How often in a row a track's shape was a head's, and when it was last looked at."""

    proofs: int = 0
    looked_at: int = 0


class ShapeTrust:
    """Say whether the shape under a box has to be judged in this image.

    A face whose shape was a head's in so many images in a row is asked again every sixth
    image; a single doubt takes the trust away.

    Args:
        proofs: how many images make a face proven.
    """

    def __init__(self, proofs: int) -> None:
        """Trust nobody."""
        self._proofs = proofs
        self._records: dict[str, _Record] = {}
        self._expected: Mapping[str, Box] = {}
        self._images = 0

    def next_image(self, expected: Mapping[str, Box]) -> None:
        """Take in where each track should be now; what is said of others is forgotten."""
        self._images += 1
        self._expected = expected
        self._records = {track_id: self._records.get(track_id) or _Record()
                         for track_id in expected}

    def must_look(self, box: Box) -> bool:
        """Tell whether the shape under a detected box has to be judged."""
        record = self._record(box)
        return (record is None or record.proofs < self._proofs
                or self._images - record.looked_at >= AGAIN_EVERY)

    def learn(self, box: Box, is_head: bool) -> None:
        """Remember what the look at a detected box said."""
        record = self._record(box)
        if record is not None:
            record.proofs = record.proofs + 1 if is_head else 0
            record.looked_at = self._images

    def _record(self, box: Box) -> _Record | None:
        """Return what is known of the track whose face the box shows, None for a new one."""
        nearest = max(self._expected, key=lambda each: box.iou(self._expected[each]),
                      default=None)
        if nearest is None or box.iou(self._expected[nearest]) < SAME_PLACE:
            return None
        return self._records[nearest]
