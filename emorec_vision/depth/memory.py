# SPDX-License-Identifier: Apache-2.0
"""Carry what depth said over images that come without their depth image."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass

from emorec_vision.depth.gate import DepthAnswer
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.depth.shape_trust import SAME_PLACE
from emorec_vision.geometry import Box
from emorec_vision.geometry import same_face
from emorec_vision.pace import Pace
from emorec_vision.stamps import seconds_to_ns

AWAY_AFTER = 2.0
"""Depth that all images lacked for so long, s, or for so many usual intervals of the images where
that is longer, has stayed away: until then it is alive and may still answer."""
AWAY_INTERVALS = 5
HELD_FOR = 0.5
"""A distance is held for so long, s, or for so many usual intervals where that is longer; somebody
who walks up to the camera comes half a metre nearer meanwhile."""
HELD_INTERVALS = 2.5


@dataclass
class _Rejected:
    """A place that depth called false: its box, why, and the stamp (ns) of that answer."""

    box: Box
    answer: DepthAnswer
    stamp: int


@dataclass
class _Published:
    """A published track.

    Attributes:
        asked: whether depth was ever there when it was detected.
        real: the last answer, where that was that it is real.
        stamp: of that answer, ns.
    """

    asked: bool = False
    real: DepthAnswer | None = None
    stamp: int = 0


class DepthMemory:
    """What depth said last of each track and of each rejected place, by the images' stamps.

    Depth often comes with some images only: at half the colour rate, late, after a pause. While
    it is alive, an image without its pair is no reason to believe or to doubt anything new:

    - A rejected place stays rejected, also while what is there moves from image to image.
    - A track keeps its verdict. Its distance is held for a moment (HELD_FOR) after depth called
      it real; then it goes on unchecked, without a distance.
    - No detection counts as a hit of a new track: only those of images with depth do.

    An image's own depth has the last word. Where it is there but has too few readings at a face
    (nearer than the sensor's minimum, sunlight), the face is unchecked at once, also one that
    was real a moment ago, and stays so in the images without a pair that follow; its track goes
    on. That is a hit, as without any depth.

    Once depth has stayed away (AWAY_AFTER), also from the start, or where nobody offers any, faces
    count unchecked. A track that was published like that ends as soon as depth calls its place
    false. A pause of all images says nothing about depth, nor do images that go without it while
    that of others is coming: too late, or of those that a busy machine left out.
    """

    def __init__(self) -> None:
        self._pace = Pace()
        self._now = 0
        self._lacking_since: int | None = None
        self._has_depth = False
        self._is_offered = False
        self._expected: Mapping[str, Box] = {}
        self._rejected: list[_Rejected] = []
        self._published: dict[str, _Published] = {}
        self._doubted: set[str] = set()

    def next_image(self, stamp: int, has_depth: bool, expected: Mapping[str, Box],
                   is_offered: bool = False, is_coming: bool = False) -> None:
        """Take in the next image.

        Args:
            stamp: when it was taken, ns.
            has_depth: whether its depth is there.
            expected: where each track should be in it; what is known of others is forgotten.
            is_offered: whether somebody publishes depth, of which nothing may have come yet.
            is_coming: whether depth of some other image came since the last one.
        """
        before = self._now
        is_after_pause = stamp - before > self._longer(AWAY_AFTER, AWAY_INTERVALS)
        self._pace.add(stamp)
        self._now = max(before, stamp)
        if has_depth:
            self._lacking_since = None
        elif self._lacking_since is None or is_after_pause:
            self._lacking_since = stamp if is_after_pause else before
        elif is_coming:
            self._lacking_since = self._now
        self._has_depth = has_depth
        self._is_offered |= has_depth or is_offered
        self._expected = expected
        self._rejected = [place for place in self._rejected if not self._is_over(place.stamp)]
        self._published = {name: each for name, each in self._published.items()
                           if name in expected}
        self._doubted.intersection_update(expected)

    @property
    def counts(self) -> bool:
        """Tell whether a detection of this image is a hit: depth was asked, or has stayed away."""
        return (self._has_depth or not self._is_offered or self._lacking_since is None
                or self._is_over(self._lacking_since))

    def learn(self, box: Box, answer: DepthAnswer) -> None:
        """Remember what the depth of this image said of a detection."""
        self._rejected = [place for place in self._rejected if not same_face(place.box, box)]
        if answer.verdict is DepthVerdict.FALSE:
            self._rejected.append(_Rejected(box, answer, self._now))
        track_id, likeness = self._track_at(box)
        if likeness >= SAME_PLACE:
            if answer.verdict is DepthVerdict.FALSE:
                self._doubted.add(track_id)
            else:
                self._doubted.discard(track_id)

    def recall(self, box: Box) -> DepthAnswer | None:
        """Return the last answer at the place of a detection in an image without its depth.

        None where there is none, or where it is too old to be held.
        """
        if self.counts:
            return None
        track_id, likeness = self._track_at(box, self._doubted)
        place = max(self._rejected, key=lambda each: box.iou(each.box), default=None)
        if place is not None and box.iou(place.box) >= max(likeness, SAME_PLACE):
            place.box = box
            return place.answer
        return self.held(track_id) if likeness >= SAME_PLACE else None

    def keep(self, track_id: str, answer: DepthAnswer | None, detected: bool) -> None:
        """Remember what the depth of this image, if it is there, said of a published track."""
        track = self._published.setdefault(track_id, _Published())
        if answer is not None:
            track.asked |= detected
            track.real = answer if answer.verdict is DepthVerdict.REAL else None
            track.stamp = self._now

    def held(self, track_id: str) -> DepthAnswer | None:
        """Return the last answer about a published track if it was real and is held still."""
        track = self._published.get(track_id, _Published())
        is_late = self._now - track.stamp > self._longer(HELD_FOR, HELD_INTERVALS)
        return None if is_late else track.real

    def exposed(self) -> set[str]:
        """Return the tracks that were published without depth and that it now calls false."""
        return {name for name in self._doubted
                if name in self._published and not self._published[name].asked}

    def _track_at(self, box: Box, but: Collection[str] = ()) -> tuple[str, float]:
        """Return the track expected nearest to a box, and the IoU of both; ('', 0) for none."""
        return max(((name, box.iou(place)) for name, place in self._expected.items()
                    if name not in but), key=lambda each: each[1], default=('', 0.0))

    def _is_over(self, stamp: int) -> bool:
        """Tell whether depth that answered last at a stamp (ns) has stayed away since."""
        return self._now - stamp > self._longer(AWAY_AFTER, AWAY_INTERVALS)

    def _longer(self, seconds: float, intervals: float) -> int:
        """Return the longer one of a time and some usual intervals of the images, ns."""
        return max(seconds_to_ns(seconds), round(intervals * self._pace.interval))
