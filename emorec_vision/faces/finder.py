# SPDX-License-Identifier: Apache-2.0
"""Find and follow the faces of an image or of a stream: detection, depth and tracks in one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from dataclasses import replace
import math

from emorec_vision.depth.gate import check_depth
from emorec_vision.depth.gate import DepthAnswer
from emorec_vision.depth.gate import DepthGate
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.depth.gate import NOWHERE
from emorec_vision.depth.segmentation import near_regions
from emorec_vision.depth.segmentation import only_inside
from emorec_vision.depth.shape_trust import ShapeTrust
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.haar import check_gray
from emorec_vision.faces.haar import Detection
from emorec_vision.faces.haar import FaceDetector
from emorec_vision.faces.stream_search import StreamSearch
from emorec_vision.faces.tracker import new_session
from emorec_vision.faces.tracker import Track
from emorec_vision.faces.tracker import Tracker
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
import numpy as np

DEPTH_MODES = ('gate', 'segment', 'off')


@dataclass(frozen=True)
class RejectedFace:
    """Hold a detection that depth calls false: box in px, distance in m (NaN unknown), why."""

    box: Box
    score: float
    distance: float
    reason: str


@dataclass(frozen=True)
class TrackedFace:
    """Hold a face as it is published.

    Attributes:
        track_id: never used for another face.
        box: clipped to the image, px.
        score: of the last detection, higher is surer.
        detected: whether this image showed it; else the box is where it was last seen.
        depth_checked: whether depth says that the face is real.
        distance: z in the optical frame, m; NaN when unknown.
        position: (x, y, z) in the optical frame, m; NaN when unknown.
        crop: uint8 (h, w), the box with 25 % of context, at most 160 px a side.
        crop_box: the part of the image that the crop shows, px.
    """

    track_id: str
    box: Box
    score: float
    detected: bool
    depth_checked: bool
    distance: float
    position: tuple[float, float, float]
    crop: np.ndarray
    crop_box: Box


class FaceFinder:
    """Turn the images of one camera into tracked faces.

    Args:
        detector: finds faces in images.
        gate: asks depth about them; a false face never reaches the tracks.
        track_timeout: time for which an unseen track is kept, s.
        min_hits: detections until a track is published.
        stills: treat every image by itself: full search, every face at once, under a new id.
        depth_mode: 'gate' asks the gate about each detection; 'segment' searches only what is
            between the gate's near and far, and judges by that alone; 'off' ignores depth.

    Attributes:
        session: start of the track ids; another one after a reset.
        dropped: how many detections were dropped, by reason.
        rejected: the detections of the last image that were dropped.

    Raises:
        InputError: when depth_mode is none of DEPTH_MODES.
    """

    def __init__(self, detector: FaceDetector, gate: DepthGate, track_timeout: float = 0.5,
                 min_hits: int = 3, stills: bool = False, depth_mode: str = 'gate') -> None:
        if depth_mode not in DEPTH_MODES:
            raise InputError(f'depth_mode is {depth_mode!r}: give one of {", ".join(DEPTH_MODES)}')
        self.dropped: Counter[str] = Counter()
        self.rejected: list[RejectedFace] = []
        self._mode = depth_mode
        self._detector = detector
        self._gate = replace(gate, check_shape=depth_mode == 'gate')
        self._timeout = track_timeout
        self._min_hits = min_hits
        self._stills = stills
        self.reset()

    def reset(self) -> None:
        """Forget all tracks and start a new session."""
        self.session = new_session()
        self._search = StreamSearch(self._detector)
        self._tracker = Tracker(self.session, self._min_hits, self._timeout)
        self._trust = ShapeTrust(self._min_hits)
        self._still_count = 0
        self._shape: tuple[int, ...] | None = None

    def process(self, gray: np.ndarray, stamp: float, depth: np.ndarray | None = None,
                intrinsics: Intrinsics | None = None) -> list[TrackedFace]:
        """Return the faces of an image.

        Args:
            gray: uint8 (H, W).
            stamp: when it was taken, s.
            depth: aligned to gray, uint16 mm or float32 m, as DepthGate.check takes it.
            intrinsics: of the camera.

        Raises:
            InputError: when gray or depth has another type, or depth another size than gray.
        """
        check_gray(gray)
        if depth is not None:
            check_depth(depth, gray.shape)
        if not self._stills and self._shape not in (None, gray.shape):
            self.reset()
        self._shape = gray.shape
        self.rejected = []
        depth = None if self._mode == 'off' else depth
        find = self._stand_alone if self._stills else self._follow
        faces = []
        for track in find(self._searched(gray, depth), stamp, depth, intrinsics):
            answer = self._gate.check(depth, track.box, intrinsics, shape=False)
            face = _face(gray, track, answer)
            if face is not None:
                faces.append(face)
        return faces

    def _searched(self, gray: np.ndarray, depth: np.ndarray | None) -> np.ndarray:
        """Return the part of an image that is searched, the rest black."""
        if self._mode != 'segment' or depth is None:
            return gray
        return only_inside(gray, near_regions(depth, self._gate.near, self._gate.far))

    def _follow(self, gray: np.ndarray, stamp: float, depth: np.ndarray | None,
                intrinsics: Intrinsics | None) -> list[Track]:
        """Return the tracks of a stream after this image."""
        expected = self._tracker.expected(stamp)
        self._trust.next_image(expected)
        result = self._search.search(gray, expected)
        believed = self._believed(result.detections, depth, intrinsics)
        return self._tracker.update(believed, stamp, result.looked_at)

    def _stand_alone(self, gray: np.ndarray, stamp: float, depth: np.ndarray | None,
                     intrinsics: Intrinsics | None) -> list[Track]:
        """Return each face of a still image as a track of its own."""
        tracks = []
        for found in self._believed(self._detector.detect(gray), depth, intrinsics):
            self._still_count += 1
            tracks.append(Track(f'{self.session}-{self._still_count}', found.box, found.score,
                                detected=True))
        return tracks

    def _believed(self, detections: list[Detection], depth: np.ndarray | None,
                  intrinsics: Intrinsics | None) -> list[Detection]:
        """Return the detections that depth does not call false, and count the others."""
        kept = []
        for detection in detections:
            look = self._trust.must_look(detection.box)
            answer = self._gate.check(depth, detection.box, intrinsics, shape=look)
            if look:
                self._trust.learn(detection.box, answer.verdict is DepthVerdict.REAL)
            if answer.verdict is DepthVerdict.FALSE:
                self.dropped[answer.reason] += 1
                self.rejected.append(RejectedFace(
                    detection.box, detection.score, answer.distance, answer.reason))
            else:
                kept.append(detection)
        return kept


def _face(gray: np.ndarray, track: Track, answer: DepthAnswer) -> TrackedFace | None:
    """Return a track as it is published; None when it lies outside the image."""
    box = track.box.clip(gray.shape[1], gray.shape[0])
    if not box.area:
        return None
    real = answer.verdict is DepthVerdict.REAL
    crop, crop_box = context_crop(gray, box)
    return TrackedFace(track.track_id, box, track.score, track.detected, real,
                       answer.distance if real else math.nan,
                       answer.position if real else NOWHERE, crop, crop_box)
