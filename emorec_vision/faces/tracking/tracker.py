# SPDX-License-Identifier: Apache-2.0
"""Follow faces from image to image and give each one an id."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import secrets

from emorec_vision.errors import InputError
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.tracking.appearance import MARGIN
from emorec_vision.faces.tracking.assignment import assign
from emorec_vision.faces.tracking.face_looks import FaceLooks
from emorec_vision.faces.tracking.smooth_box import SmoothBox
from emorec_vision.geometry import Box
from emorec_vision.pace import Pace
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns
import numpy as np

MAX_AHEAD = 150 * NANOSECONDS // 1000
"""Time for which an unseen face is expected to go on moving, ns."""
MAX_HIDDEN = 3 * NANOSECONDS // 2
"""Time for which a face behind another one is kept and expected to go on moving, ns."""
COVERED = 0.3
"""Share of its box that another face must cover to hide it."""
KEPT_INTERVALS = 3
"""Usual intervals of the images for which an unseen track is kept at least: a slow stream may miss
a face twice and be late."""
MAX_KEPT = 3.0
"""Where the interval decides, it is for no longer than this, s: images further apart show another
scene."""
OTHER_LOOK = 0.1
"""A face that is by so much less like a track than like another one is not that track's."""
SAME_LOOK = 0.75
"""Correlation from which on a face is the same one after a cut. docs/detection.md has what was
measured."""
LETTERS = 'abcdefghijkmnpqrstuvwxyz'


def new_session() -> str:
    """Return a short random id that starts with a letter."""
    return secrets.choice(LETTERS) + secrets.token_hex(3)


@dataclass(frozen=True)
class Track:
    """A followed face.

    Attributes:
        track_id: never used for another face.
        box: smoothed along the track, px.
        score: of the last detection.
        detection: what this image showed of it, None if it did not.
    """

    track_id: str
    box: Box
    score: float
    detection: Detection | None

    @property
    def detected(self) -> bool:
        """Tell whether this image showed the face."""
        return self.detection is not None


class Tracker:
    """Join the detections of successive images into tracks.

    A track is published from its min_hits-th detection that counts on, is kept through misses
    until it was not seen for longer than the timeout, and its id `session-n` is never used again.
    Before it is published it is given up at the first look that misses it twice in a row. Time
    comes from the images' stamps (ns) alone; one that repeats or steps back a little counts as no
    time. Where the images come slowly, the timeout is three of their usual intervals (Pace), at
    most MAX_KEPT: at 2 Hz 1.5 s, at 1 Hz 3 s, from the third image on. A face behind another one
    is kept for up to MAX_HIDDEN longer.

    Args:
        session: start of every track id.
        min_hits: detections until a track is published, >= 1.
        timeout: least time for which an unseen track is kept, s.
    """

    def __init__(self, session: str, min_hits: int = 3, timeout: float = 0.5) -> None:
        self.tune(min_hits, timeout)
        self.session = session
        self._tracks: list[_Face] = []
        self._looks = FaceLooks()
        self._pace = Pace()
        self._count = 0
        self._now = 0

    def tune(self, min_hits: int, timeout: float) -> None:
        """Go on with other limits; the tracks stay.

        Raises:
            InputError: if one is out of range; nothing changes then.
        """
        if min_hits < 1:
            raise InputError(f'min_hits is {min_hits}: give at least 1')
        if not timeout > 0:
            raise InputError(f'track_timeout is {timeout}: give a time above 0 s')
        self.min_hits = min_hits
        self._timeout = seconds_to_ns(timeout)

    def expected(self, stamp: int) -> dict[str, Box]:
        """Return where each known face should be at a stamp (ns), the newest first."""
        now = max(self._now, stamp)
        return {face.track_id: face.expected(now) for face in reversed(self._tracks)}

    def end(self, track_ids: Collection[str]) -> None:
        """Forget some tracks."""
        self._tracks = [face for face in self._tracks if face.track_id not in track_ids]

    def update(self, detections: Sequence[Detection], stamp: int,
               looked_at: Collection[str] | None = None, counts: bool = True,
               gray: np.ndarray | None = None, is_cut: bool = False) -> list[Track]:
        """Take in the faces of an image and return the published tracks, oldest first.

        Args:
            detections: the faces found.
            stamp: of the image, ns.
            looked_at: ids of the tracks that were looked for; None means all. Only these can
                be missed.
            counts: whether these detections bring new tracks nearer to being published; if not,
                they only keep tracks alive.
            gray: the image, uint8 (H, W), to tell faces apart that cross; None: only boxes do.
            is_cut: whether another scene begins: tracks end unless this image shows them, at
                the same place and with the same look.
        """
        self._pace.add(stamp)
        self._now = max(self._now, stamp)
        self._tracks = [face for face in self._tracks if not self._expired(face)]
        boxes = [detection.box for detection in detections]
        self._looks.next_image(gray, boxes)
        pairs = self._pairs(boxes, is_cut)
        for face in self._tracks:
            if face.track_id in pairs:
                face.hit(detections[pairs[face.track_id]], self._now, counts)
            else:
                face.miss(looked_at is None or face.track_id in looked_at)
        for face in self._tracks:
            if face.detection is None:
                self._hide(face, pairs)
        self._tracks = [face for face in self._tracks if not self._given_up(face, pairs)]
        for index in sorted(set(range(len(detections))) - set(pairs.values())):
            face = self._start(detections[index], counts)
            pairs[face.track_id] = index
        self._learn_looks(pairs)
        return [Track(face.track_id, face.smoothed.box(), face.score, face.detection)
                for face in self._tracks if face.hits >= self.min_hits]

    def _pairs(self, boxes: Sequence[Box], is_cut: bool) -> dict[str, int]:
        """Return which face belongs to which track; after a cut the other tracks end."""
        names = [face.track_id for face in self._tracks]
        chosen = assign([face.expected(self._now) for face in self._tracks], boxes, self._likeness)
        pairs = {names[track]: face for track, face in chosen.items()}
        if is_cut:
            pairs = {name: face for name, face in pairs.items()
                     if (self._looks.likeness(name, face) or 0.0) >= SAME_LOOK}
            self.end(set(names) - set(pairs))
        return pairs

    def _likeness(self, track: int, face: int) -> float:
        """Return how much a track looks like a face of the image, by index."""
        followed = self._tracks[track]
        likeness = self._looks.likeness(followed.track_id, face) or 0.0
        return likeness - OTHER_LOOK if followed.hidden > followed.seen else likeness

    def _start(self, detection: Detection, counts: bool) -> _Face:
        """Begin a new track."""
        self._count += 1
        face = _Face(f'{self.session}-{self._count}', detection, self._now, counts)
        self._tracks.append(face)
        return face

    def _learn_looks(self, pairs: Mapping[str, int]) -> None:
        """Remember what the tracks look like in this image."""
        self._looks.keep_only({face.track_id for face in self._tracks})
        places = {face.track_id: face.expected(self._now) for face in self._tracks}
        for name, index in pairs.items():
            if self._looks.is_due(name, self._now):
                around = places[name].expand(MARGIN)
                is_clear = not any(around.intersection(place) for other, place in places.items()
                                   if other != name)
                self._looks.learn(name, index, self._now, is_clear)

    def _expired(self, face: _Face) -> bool:
        slow = min(KEPT_INTERVALS * self._pace.interval, seconds_to_ns(MAX_KEPT))
        return self._now - max(face.seen, face.hidden) > max(self._timeout, slow)

    def _given_up(self, face: _Face, pairs: Mapping[str, int]) -> bool:
        """Tell whether an unpublished face was missed, or another track has taken it over."""
        if face.detection is not None:
            return False
        if face.hits < self.min_hits and face.misses > 1:
            return True
        return any(other.detection is not None and face.seen_at.iou(other.seen_at) > 0.5
                   and not self._are_two(other, face, pairs) for other in self._tracks)

    def _hide(self, face: _Face, pairs: Mapping[str, int]) -> None:
        """Let an unseen face live and move on while another one covers its place."""
        box = face.expected(self._now)
        if self._now - face.seen <= MAX_HIDDEN and any(
                other.detection is not None
                and box.intersection(other.seen_at) > COVERED * box.area
                and self._are_two(other, face, pairs) for other in self._tracks):
            face.hidden = self._now

    def _are_two(self, seen: _Face, unseen: _Face, pairs: Mapping[str, int]) -> bool:
        """Tell whether what was detected of one track is not the face of another one."""
        own, other = (self._looks.likeness(face.track_id, pairs[seen.track_id])
                      for face in (seen, unseen))
        return own is not None and other is not None and (
            other < SAME_LOOK or own - other > OTHER_LOOK)


class _Face:
    """Follow one face."""

    def __init__(self, track_id: str, detection: Detection, now: int, counts: bool) -> None:
        self.track_id = track_id
        self.smoothed = SmoothBox(detection.box)
        self.seen_at = detection.box
        self.score = detection.score
        self.seen = now
        self.hidden = now
        self.hits = int(counts)
        self.misses = 0
        self.detection: Detection | None = detection

    def expected(self, now: int) -> Box:
        """Return where the face should be, going on at its speed for a moment."""
        until = min(now, max(self.seen, self.hidden) + MAX_AHEAD)
        across, down = self.smoothed.movement(
            (until - self.seen) / NANOSECONDS, 1.5 if self.hidden > self.seen else 0.5)
        return Box(self.seen_at.x + round(across), self.seen_at.y + round(down),
                   self.seen_at.width, self.seen_at.height)

    def hit(self, detection: Detection, now: int, counts: bool) -> None:
        """Take in a detection of this face."""
        self.smoothed.update(detection.box, (now - self.seen) / NANOSECONDS)
        self.seen_at = detection.box
        self.score = detection.score
        self.seen = now
        self.hits += counts
        self.misses = 0
        self.detection = detection

    def miss(self, looked_at: bool) -> None:
        """Take in an image without a detection of this face."""
        self.misses += looked_at
        self.detection = None
