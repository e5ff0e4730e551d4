# SPDX-License-Identifier: Apache-2.0
"""Find and follow the faces of an image or of a stream: detection, depth and tracks in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace

from emorec_vision.camera.face_position import bearing_of
from emorec_vision.depth.gate import check_depth
from emorec_vision.depth.gate import DepthAnswer
from emorec_vision.depth.gate import DepthGate
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.depth.memory import DepthMemory
from emorec_vision.depth.segmentation import near_regions
from emorec_vision.depth.segmentation import only_inside
from emorec_vision.depth.shape_trust import ShapeTrust
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import check_gray
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detector import inside_larger
from emorec_vision.faces.search.still_search import search_still
from emorec_vision.faces.search.stream_search import SearchResult
from emorec_vision.faces.search.stream_search import StreamSearch
from emorec_vision.faces.tracked_face import tracked_face
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.faces.tracking.scene_cuts import SceneCuts
from emorec_vision.faces.tracking.tracker import new_session
from emorec_vision.faces.tracking.tracker import Track
from emorec_vision.faces.tracking.tracker import Tracker
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from emorec_vision.geometry import Vector
import numpy as np

DEPTH_MODES = ('gate', 'segment', 'off')


@dataclass(frozen=True)
class RejectedFace:
    """A detection that depth calls false: box in px, distance in m (NaN unknown), and why.

    `bearing` is that of a TrackedFace.
    """

    box: Box
    score: float
    distance: float
    reason: str
    bearing: Vector


@dataclass(frozen=True)
class Findings:
    """What an image showed: the tracked faces, and the detections that depth rejected."""

    faces: list[TrackedFace]
    rejected: list[RejectedFace]


@dataclass(frozen=True)
class _View:
    """An image of a camera, with its depth and intrinsics where there are any."""

    gray: np.ndarray
    depth: np.ndarray | None
    intrinsics: Intrinsics | None


class FaceFinder:
    """Turn the images of one camera into tracked faces.

    What an image without its depth takes over from earlier ones, DepthMemory says.

    Args:
        detector: finds faces in images.
        gate: asks depth about them; a false face never reaches the tracks.
        track_timeout: least time for which an unseen track is kept, s.
        min_hits: detections until a track is published.
        stills: treat every image by itself: full search, every face at once, under a new id.
        depth_mode: 'gate' asks the gate about each detection; 'segment' searches only what is
            between the gate's near and far, and judges by that alone; 'off' ignores depth.

    Attributes:
        session: start of the track ids; another one after a reset.

    Raises:
        InputError: when depth_mode is none of DEPTH_MODES.
    """

    def __init__(self, detector: FaceDetector, gate: DepthGate, track_timeout: float = 0.5,
                 min_hits: int = 3, stills: bool = False, depth_mode: str = 'gate') -> None:
        if depth_mode not in DEPTH_MODES:
            raise InputError(f'depth_mode is {depth_mode!r}: give one of {", ".join(DEPTH_MODES)}')
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
        self._cuts = SceneCuts()
        self._trust = ShapeTrust(self._min_hits)
        self._memory = DepthMemory()
        self._still_count = 0
        self._seen: list[Detection] = []
        self._shape: tuple[int, ...] | None = None

    @property
    def carries_depth(self) -> bool:
        """Tell whether the last image took over what depth said before, for want of its own."""
        return not self._memory.counts

    def tune(self, detector: FaceDetector, gate: DepthGate, track_timeout: float,
             min_hits: int) -> None:
        """Go on with other limits, or another detector; the tracks stay.

        Raises:
            InputError: if one is out of range; nothing changes then.
        """
        self._tracker.tune(min_hits, track_timeout)
        self._timeout, self._min_hits = track_timeout, min_hits
        self._gate = replace(gate, check_shape=self._mode == 'gate')
        self._trust = ShapeTrust(min_hits)
        if detector is not self._detector:
            self._detector, self._search = detector, StreamSearch(detector)

    def process(self, gray: np.ndarray, stamp: int, depth: np.ndarray | None = None,
                intrinsics: Intrinsics | None = None, depth_is_offered: bool = False,
                depth_is_coming: bool = False) -> Findings:
        """Return the faces of an image, and what was rejected.

        Args:
            gray: uint8 (H, W).
            stamp: when it was taken, ns.
            depth: aligned to gray, uint16 mm or float32 m, as DepthGate.check takes it.
            intrinsics: of the camera.
            depth_is_offered: whether depth is published, though none may have come yet.
            depth_is_coming: whether that of some other image came since the last one.

        Raises:
            InputError: when gray or depth has another type, or depth another size than gray.
        """
        check_gray(gray)
        if depth is not None:
            check_depth(depth, gray.shape)
        if not self._stills and self._shape not in (None, gray.shape):
            self.reset()
        self._shape = gray.shape
        view = _View(gray, None if self._mode == 'off' else depth, intrinsics)
        expected = {} if self._stills else self._tracker.expected(stamp)
        is_cut = not self._stills and self._cuts.is_cut(gray)
        if is_cut:
            self._search, self._seen = StreamSearch(self._detector), []
        if self._stills:
            self._memory = DepthMemory()
        self._trust.next_image(expected)
        self._memory.next_image(stamp, view.depth is not None, expected,
                                depth_is_offered and self._mode != 'off', depth_is_coming)
        found = self._detect(view, expected)
        answers, rejected = self._judge(found.detections, view)
        answers = self._without_parts(answers)
        if self._stills:
            tracks = self._as_tracks(answers)
        else:
            self._tracker.end(self._memory.exposed())
            tracks = self._tracker.update(list(answers), stamp, found.looked_at,
                                          self._memory.counts, gray, is_cut)
        self._seen = [Detection(track.box, track.score) for track in tracks]
        width, height = gray.shape[1], gray.shape[0]
        return Findings([tracked_face(track, self._about(view, track, answers), gray, intrinsics)
                         for track in tracks if track.box.clip(width, height).area], rejected)

    def _searched(self, gray: np.ndarray, depth: np.ndarray | None) -> np.ndarray:
        """Return the part of an image that is searched, the rest black."""
        if self._mode != 'segment' or depth is None:
            return gray
        return only_inside(gray, near_regions(depth, self._gate.near, self._gate.far))

    def _detect(self, view: _View, expected: dict[str, Box]) -> SearchResult:
        """Return the faces of the image, in a stream those that this image is searched for."""
        gray = self._searched(view.gray, view.depth)
        if self._stills:
            return SearchResult(search_still(self._detector, gray), frozenset())
        return self._search.search(gray, expected)

    def _judge(self, detections: list[Detection],
               view: _View) -> tuple[dict[Detection, DepthAnswer], list[RejectedFace]]:
        """Ask depth about each detection; return what it says of the kept ones, and the rest."""
        answers, rejected = {}, []
        for detection in detections:
            answer = self._ask(detection.box, view)
            if answer.verdict is DepthVerdict.FALSE:
                rejected.append(RejectedFace(
                    detection.box, detection.score, answer.distance, answer.reason,
                    bearing_of(detection.box, view.intrinsics)))
            else:
                answers[detection] = answer
        return answers, rejected

    def _without_parts(
            self, answers: dict[Detection, DepthAnswer]) -> dict[Detection, DepthAnswer]:
        """Return the answers without those about a part of a face that was taken for one."""
        faces = [*answers, *([] if self._stills else self._seen)]
        return {face: answer for face, answer in answers.items()
                if not inside_larger(face, faces)}

    def _ask(self, box: Box, view: _View) -> DepthAnswer:
        """Return what depth says of a detection, or where it is missing what it said before."""
        if view.depth is None:
            return self._memory.recall(box) or self._gate.check(None, box)
        look = self._trust.must_look(box)
        answer = self._gate.check(view.depth, box, view.intrinsics, shape=look)
        if look:
            self._trust.learn(box, answer.verdict is DepthVerdict.REAL)
        self._memory.learn(box, answer)
        return answer

    def _as_tracks(self, detections: Iterable[Detection]) -> list[Track]:
        """Return each face of a still image as a track of its own."""
        tracks = []
        for detection in detections:
            self._still_count += 1
            tracks.append(Track(f'{self.session}-{self._still_count}', detection.box,
                                detection.score, detection))
        return tracks

    def _about(self, view: _View, track: Track,
               answers: dict[Detection, DepthAnswer]) -> DepthAnswer:
        """Return what depth says of a published track, or where it is missing what is held."""
        if view.depth is None:
            self._memory.keep(track.track_id, None, track.detected)
            return self._memory.held(track.track_id) or DepthAnswer(DepthVerdict.UNKNOWN)
        answer = (self._gate.check(view.depth, track.box, view.intrinsics, shape=False)
                  if track.detection is None else answers[track.detection])
        self._memory.keep(track.track_id, answer, track.detected)
        return answer
