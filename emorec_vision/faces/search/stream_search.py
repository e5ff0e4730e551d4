# SPDX-License-Identifier: Apache-2.0
"""Search a stream of images for faces at a bounded cost per image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import math

from emorec_vision.faces.detector import check_gray
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detector import merged
from emorec_vision.faces.detector import shows
from emorec_vision.faces.search.scan_plan import Scan
from emorec_vision.geometry import Box
from emorec_vision.geometry import same_face
import numpy as np

MAX_OFFSET = 0.15
"""A face found further off, in box sides, may be cut by its region: it gets another look."""
MANY_TRACKS = 5
"""With more known faces than this, only every second image gets a slice."""
MAX_PENDING = 24
"""A slice only proposes: what it finds counts once a thorough look has confirmed it."""


@dataclass(frozen=True)
class SearchResult:
    """The faces found in an image, and the ids of the tracks that were looked for."""

    detections: list[Detection]
    looked_at: frozenset[str]


@dataclass
class _Look:
    """The last look at a track: the image's number and the misses since a hit."""

    image: int = -1
    misses: int = 0


class StreamSearch:
    """Look around the known faces and at one slice of the whole image, frame by frame.

    The first image gets the full search. After that an image costs a quick look at each
    known track (newest first, then those not looked at for longest, max_looks at most), a few
    thorough looks at tracks that were missed and at places that a slice proposed, and a slice:
    two while no face is known, one every second image with many known faces. All slices
    (8 at 640x480, about 16 for large images) together cover every place and face size.

    Args:
        detector: finds faces in images and parts of them.
        max_looks: most known tracks looked at in an image.
        max_thorough: most thorough looks in an image.
    """

    def __init__(self, detector: FaceDetector, max_looks: int = 10,
                 max_thorough: int = 2) -> None:
        self.detector = detector
        self._max_looks = max_looks
        self._max_thorough = max_thorough
        self._part = detector.looks()
        self._shape: tuple[int, ...] = ()
        self._plan: list[tuple[Scan, ...]] = []
        self._image = 0
        self._next_slice = 0
        self._looks: dict[str, _Look] = {}
        self._pending: list[Detection] = []

    def search(self, gray: np.ndarray, tracked: Mapping[str, Box]) -> SearchResult:
        """Return the faces found this time.

        Args:
            gray: uint8 (H, W).
            tracked: where each known face is expected, by track id.

        Raises:
            InputError: when gray is no uint8 image.
        """
        check_gray(gray)
        self._image += 1
        if gray.shape != self._shape:
            self._start(gray.shape)
            self._looks = {track_id: _Look(self._image) for track_id in tracked}
            return SearchResult(merged(self.detector.detect(gray)), frozenset(tracked))
        self._looks = {track_id: self._looks.get(track_id, _Look()) for track_id in tracked}
        turn = sorted(tracked, key=lambda track_id: self._looks[track_id].image)
        turn = turn[:self._max_looks]
        found = self._look_at(gray, {track_id: tracked[track_id] for track_id in turn})
        self._scan(gray, [*tracked.values(), *(face.box for face in found)],
                   self._slices(len(tracked)))
        found += self._confirm(gray, found)
        return SearchResult(merged(found), frozenset(turn))

    def _start(self, shape: tuple[int, ...]) -> None:
        """Plan for images of another size and forget what was seen before."""
        self._shape = shape
        self._plan = self._part.plan(shape[1], shape[0])
        self._next_slice = 0
        self._pending.clear()

    def _slices(self, tracks: int) -> int:
        """Return how many slices this image gets: fewer the more faces are known."""
        if tracks <= MANY_TRACKS:
            return 1 if tracks else 2
        return self._image % 2

    def _look_at(self, gray: np.ndarray, tracked: Mapping[str, Box]) -> list[Detection]:
        """Return the faces around known tracks; those missed get a thorough look, in turns."""
        found: list[Detection] = []
        missed: list[str] = []
        for track_id, box in tracked.items():
            look = self._looks[track_id]
            look.image = self._image
            faces = self._quick_look(gray, box, look.misses)
            away = math.dist(box.center, faces[0].box.center) if len(faces) == 1 else 0.0
            if away > MAX_OFFSET * box.width:
                faces = self._quick_look(gray, faces[0].box, 0) or faces
            found += faces
            if not shows(box, faces):
                missed.append(track_id)
        missed.sort(key=lambda track_id: self._looks[track_id].misses)
        for rank, track_id in enumerate(missed):
            box = tracked[track_id]
            if rank < max(1, self._max_thorough - 1) and not shows(box, found):
                found += self._thorough_look(gray, box, self._looks[track_id].misses)
        for track_id, box in tracked.items():
            look = self._looks[track_id]
            look.misses = 0 if shows(box, found) else look.misses + 1
        return found

    def _quick_look(self, gray: np.ndarray, box: Box, misses: int) -> list[Detection]:
        """Return the faces around a box, at low cost."""
        region = _region(gray, box, misses)
        return self._part.quick(gray, region, box.width, misses > 0) if region.area else []

    def _thorough_look(self, gray: np.ndarray, box: Box, misses: int = 0) -> list[Detection]:
        """Return the faces around a box as the full search would find them."""
        region = _region(gray, box, misses + 1)
        return self._part.thorough(gray, region, box.width) if region.area else []

    def _scan(self, gray: np.ndarray, known: list[Box], slices: int) -> None:
        """Search the next slices; what they propose away from known faces waits for a look."""
        for _ in range(min(slices, len(self._plan))):
            for scan in self._plan[self._next_slice]:
                waiting = [*known, *(face.box for face in self._pending)]
                self._pending += [face for face in self._proposals(gray, scan)
                                  if not any(same_face(face.box, other) for other in waiting)]
            self._next_slice = (self._next_slice + 1) % len(self._plan)
        self._pending.sort(key=lambda face: -face.score)
        del self._pending[MAX_PENDING:]

    def _proposals(self, gray: np.ndarray, scan: Scan) -> list[Detection]:
        """Return where a scan suspects faces; scores of what shows one place are summed."""
        scores: dict[Box, float] = {}
        for suspect in self._part.suspects(gray, scan):
            place = next((other for other in scores if same_face(suspect.box, other)),
                         suspect.box)
            scores[place] = scores.get(place, 0.0) + suspect.score
        return [Detection(box, score) for box, score in scores.items()]

    def _confirm(self, gray: np.ndarray, known: list[Detection]) -> list[Detection]:
        """Return the faces at the likeliest proposals."""
        found: list[Detection] = []
        looks = self._max_thorough
        while self._pending and looks:
            box = self._pending.pop(0).box
            if not shows(box, [*known, *found]):
                found += self._thorough_look(gray, box)
                looks -= 1
        return found


def _region(gray: np.ndarray, box: Box, misses: int) -> Box:
    """Return the surroundings of a box inside the image, wider after misses."""
    return box.expand(0.3 + 0.1 * min(misses, 4)).clip(gray.shape[1], gray.shape[0])
