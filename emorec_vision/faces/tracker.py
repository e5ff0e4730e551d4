# SPDX-License-Identifier: Apache-2.0
"""Follow faces from image to image and give each one an id."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
import math
import secrets

from emorec_vision.errors import InputError
from emorec_vision.faces.detector import Detection
from emorec_vision.geometry import Box
from emorec_vision.pace import Pace
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns

MIN_CUTOFF = 1.5
"""Cut-off of a still box's low-pass filter, Hz."""
SPEED_GAIN = 6.0
"""Hz of cut-off added per box side a second of movement."""
SPEED_CUTOFF = 3.0
"""Cut-off of the speed's own low-pass filter, Hz."""
MAX_AHEAD = 0.15
"""Time for which an unseen face is expected to go on moving, s."""
KEPT_INTERVALS = 3
"""Usual intervals of the images for which an unseen track is kept at least: a slow stream may miss
a face twice and be late."""
MAX_KEPT = 3.0
"""Where the interval decides, it is for no longer than this, s: images further apart show another
scene."""
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
    most MAX_KEPT: at 2 Hz 1.5 s, at 1 Hz 3 s, from the third image on.

    Args:
        session: start of every track id.
        min_hits: detections until a track is published, >= 1.
        timeout: least time for which an unseen track is kept, s.
    """

    def __init__(self, session: str, min_hits: int = 3, timeout: float = 0.5) -> None:
        self.tune(min_hits, timeout)
        self.session = session
        self._tracks: list[_Face] = []
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
               looked_at: Collection[str] | None = None, counts: bool = True) -> list[Track]:
        """Take in the faces of an image and return the published tracks, oldest first.

        Args:
            detections: the faces found.
            stamp: of the image, ns.
            looked_at: ids of the tracks that were looked for; None means all. Only these can
                be missed.
            counts: whether these detections bring new tracks nearer to being published; if not,
                they only keep tracks alive.
        """
        self._pace.add(stamp)
        self._now = max(self._now, stamp)
        self._tracks = [face for face in self._tracks if not self._expired(face)]
        pairs = _assign([face.expected(self._now) for face in self._tracks],
                        [detection.box for detection in detections])
        for index, face in enumerate(self._tracks):
            if index in pairs:
                face.hit(detections[pairs[index]], self._now, counts)
            else:
                face.miss(looked_at is None or face.track_id in looked_at)
        self._tracks = [face for face in self._tracks if not self._given_up(face)]
        for index in sorted(set(range(len(detections))) - set(pairs.values())):
            self._tracks.append(self._start(detections[index], counts))
        return [Track(face.track_id, face.smoothed.box(), face.score, face.detection)
                for face in self._tracks if face.hits >= self.min_hits]

    def _start(self, detection: Detection, counts: bool) -> _Face:
        """Return a new track."""
        self._count += 1
        return _Face(f'{self.session}-{self._count}', detection, self._now, counts)

    def _expired(self, face: _Face) -> bool:
        slow = min(KEPT_INTERVALS * self._pace.interval, seconds_to_ns(MAX_KEPT))
        return self._now - face.seen > max(self._timeout, slow)

    def _given_up(self, face: _Face) -> bool:
        """Tell whether an unpublished face was missed, or another track has taken it over."""
        if face.detection is not None:
            return False
        if face.hits < self.min_hits and face.misses > 1:
            return True
        return any(other.detection is not None and face.seen_at.iou(other.seen_at) > 0.5
                   for other in self._tracks)


class _Face:
    """Follow one face."""

    def __init__(self, track_id: str, detection: Detection, now: int, counts: bool) -> None:
        self.track_id = track_id
        self.smoothed = _SmoothBox(detection.box)
        self.seen_at = detection.box
        self.score = detection.score
        self.seen = now
        self.hits = int(counts)
        self.misses = 0
        self.detection: Detection | None = detection

    def expected(self, now: int) -> Box:
        """Return where the face should be, going on at its speed for a moment."""
        ahead = min((now - self.seen) / NANOSECONDS, MAX_AHEAD)
        across, down = self.smoothed.movement(ahead)
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


class _SmoothBox:
    """Smooth a box: strongly while it stands still, hardly while it moves.

    The 1 euro filter (Casiez, Roussel and Vogel, CHI 2012) on the middle and on the logarithm
    of the sides, with the speed in box sides a second so that near and far faces behave alike.
    """

    def __init__(self, box: Box) -> None:
        self._state = _measure(box)
        self._speed = [0.0] * len(self._state)

    def update(self, box: Box, elapsed: float) -> None:
        """Take in a box measured `elapsed` seconds after the last one."""
        if elapsed <= 0:
            return
        width, height = math.exp(self._state[2]), math.exp(self._state[3])
        for axis, (value, unit) in enumerate(zip(_measure(box), (width, height, 1.0, 1.0))):
            change = (value - self._state[axis]) / unit
            blend = _blend(SPEED_CUTOFF, elapsed)
            self._speed[axis] += blend * (change / elapsed - self._speed[axis])
            cutoff = MIN_CUTOFF + SPEED_GAIN * abs(self._speed[axis])
            self._state[axis] += _blend(cutoff, elapsed) * change * unit

    def movement(self, elapsed: float) -> tuple[float, float]:
        """Return by how much the middle moves on in a time, at most half a side, px."""
        width, height = math.exp(self._state[2]), math.exp(self._state[3])
        across, down = (max(-0.5, min(0.5, speed * elapsed)) for speed in self._speed[:2])
        return across * width, down * height

    def box(self) -> Box:
        """Return the smoothed box in whole px."""
        width, height = math.exp(self._state[2]), math.exp(self._state[3])
        return Box(round(self._state[0] - width / 2), round(self._state[1] - height / 2),
                   max(round(width), 1), max(round(height), 1))


def _measure(box: Box) -> list[float]:
    """Return middle and logarithm of the sides."""
    return [*box.center, math.log(max(box.width, 1)), math.log(max(box.height, 1))]


def _blend(cutoff: float, elapsed: float) -> float:
    """Return the weight of a new value in a low-pass filter."""
    return 1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff * elapsed))


def _assign(tracks: Sequence[Box], faces: Sequence[Box]) -> dict[int, int]:
    """Return which face belongs to which track, by index: the best matching pairs first."""
    pairs = [(_likeness(track, face), t, f) for t, track in enumerate(tracks)
             for f, face in enumerate(faces)]
    chosen: dict[int, int] = {}
    for likeness, track, face in sorted(pairs, reverse=True):
        if likeness > 0 and track not in chosen and face not in chosen.values():
            chosen[track] = face
    return chosen


def _likeness(track: Box, face: Box) -> float:
    """Return 0..2 for two boxes of one face: IoU plus nearness; 0 when too far or unlike in size.

    Faces that moved by up to a box side between two looks still match.
    """
    side = max(track.width, face.width, 1)
    if min(track.width, face.width) < 0.5 * side:
        return 0.0
    away = math.dist(track.center, face.center) / side
    return track.iou(face) + 1.0 - away if away < 1.0 else 0.0
