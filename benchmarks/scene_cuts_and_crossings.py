#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure what scene cuts and faces that cross do to track ids, on clips that show one man each.

Prints JSON. Joins are twelve images of one clip and then twelve of another one, of
  different_men  cuts found, and ids that went over to the other man
  same_man       ids kept; he sits at one place
False cuts are counted in
  plain          the clips as they are
  lit            the clips, every other three images in another light
  black          the clips, every seventh image black
  pans           cameras that move by 5 to 40 px an image
Then two heads move through each other in front of one background, so many px an image each, and
each run ends with the same ids (kept), with ids exchanged (swapped), with a new id (new), or with
a face that has no track (lost); not_found are runs whose faces had no tracks before they met.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import itertools
import json
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from detection import FRAME_RATE  # noqa: E402
from detection import read_clip  # noqa: E402
from detection import tell  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detectors.factory import DETECTORS  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.faces.finder import FaceFinder  # noqa: E402
from emorec_vision.faces.tracked_face import TrackedFace  # noqa: E402
from emorec_vision.faces.tracking.scene_cuts import SceneCuts  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
from emorec_vision.stamps import seconds_to_ns  # noqa: E402
import numpy as np  # noqa: E402

MEN = {'again': 0, 'bird': 1, 'eat': 2, 'hungry': 3, 'milk': 1, 'please': 1, 'thanks': 1, 'yes': 0}
"""Which man each clip shows."""
PART, STARTS = 12, (0, 20)
"""Images of each clip in a join, and the first of them."""
SPEEDS_OF_PANS = (5, 10, 20, 40)
"""In px an image."""
COUPLES = (('again', 'bird'), ('bird', 'eat'), ('hungry', 'again'), ('eat', 'hungry'),
           ('milk', 'yes'), ('thanks', 'eat'))
"""Clips whose heads cross."""
HEAD = 80
"""Width of the boxes of heads that cross, px."""
LEFT, RIGHT, HEIGHT = 170, 470, 240
"""Where the heads begin and end, px."""

Clips = Mapping[str, Sequence[np.ndarray]]


@dataclass(frozen=True)
class Head:
    """A man's clip and where his face is in it."""

    frames: Sequence[np.ndarray]
    box: Box


def main() -> int:
    """Run the measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--clips', type=Path, default=ROOT.parent / 'shared' / 'data' / 'video',
                        help='folder of the video files (default: %(default)s)')
    parser.add_argument('--detector', choices=DETECTORS, default='auto',
                        help='(default: %(default)s)')
    arguments = parser.parse_args()
    detector = open_detector(arguments.detector, tell=tell)
    cv2.setNumThreads(1)
    clips = {name: read_clip(arguments.clips / f'{name}.mkv') for name in MEN}
    missing = [f'{name}.mkv' for name, frames in clips.items() if not frames]
    if missing:
        tell(f'no {", ".join(missing)} in {arguments.clips}: name a folder with --clips')
        return 2
    print(json.dumps({'joins': joins(clips, detector), 'false_cuts': false_cuts(clips),
                      'crossings': crossings(clips, detector)}, indent=1))
    return 0


def joins(clips: Clips, detector: FaceDetector) -> dict[str, dict[str, int]]:
    """Return what becomes of cuts and ids where one clip follows another."""
    different, same = Counter[str](), Counter[str]()
    for (one, other), start in itertools.product(itertools.permutations(clips, 2), STARTS):
        frames = [*clips[one][start:start + PART], *clips[other][start:start + PART]]
        faces = follow(frames, detector)
        goes_on = bool(ids(faces[PART - 1]) & ids(faces[-1]))
        if MEN[one] == MEN[other]:
            same.update(joins=1, ids_kept=goes_on)
        else:
            different.update(joins=1, cuts_found=cuts(frames)[PART], ids_carried_over=goes_on)
    return {'different_men': dict(different), 'same_man': dict(same)}


def follow(frames: Iterable[np.ndarray], detector: FaceDetector) -> list[list[TrackedFace]]:
    """Return the faces that are published of each image of a stream."""
    finder = FaceFinder(detector, DepthGate())
    return [list(finder.process(frame, seconds_to_ns(number / FRAME_RATE)).faces)
            for number, frame in enumerate(frames)]


def ids(faces: Iterable[TrackedFace]) -> set[str]:
    """Return the track ids of faces."""
    return {face.track_id for face in faces}


def cuts(frames: Iterable[np.ndarray]) -> list[bool]:
    """Tell of each image of a stream whether it counts as a cut."""
    scene_cuts = SceneCuts()
    return [scene_cuts.is_cut(frame) for frame in frames]


def false_cuts(clips: Clips) -> dict[str, int | dict[str, int]]:
    """Return how many cuts are found where there are none."""
    return {'images': sum(len(frames) for frames in clips.values()),
            'plain': sum(sum(cuts(frames)) for frames in clips.values()),
            'lit': {name: sum(sum(cuts(switched(frames, light))) for frames in clips.values())
                    for name, light in lights().items()},
            'black': sum(sum(cuts(np.zeros_like(frame) if number % 7 == 6 else frame
                                  for number, frame in enumerate(frames)))
                         for frames in clips.values()),
            'pans': len(clips) * len(SPEEDS_OF_PANS),
            'in_pans': sum(sum(cuts(pan(frames[0], speed)))
                           for frames in clips.values() for speed in SPEEDS_OF_PANS)}


def lights() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Return what other light does to a float32 image of 640 px."""
    rng, lamp = np.random.default_rng(1), np.linspace(0.4, 1.6, 640)[None]
    return {'times_0.4': lambda image: image * 0.4,
            'times_2.2': lambda image: image * 2.2,
            'plus_40': lambda image: image + 40,
            'lamp_from_the_side': lambda image: image * lamp,
            'gamma_0.5': lambda image: 255 * (image / 255) ** 0.5,
            'times_0.15_with_noise': lambda image: image * 0.15 + rng.normal(2, 2, image.shape)}


def switched(frames: Sequence[np.ndarray], light: Callable[[np.ndarray], np.ndarray]
             ) -> list[np.ndarray]:
    """Return a clip, every other three images in another light."""
    return [gray(light(frame.astype(np.float32))) if number // 3 % 2 else frame
            for number, frame in enumerate(frames)]


def gray(image: np.ndarray) -> np.ndarray:
    """Return an image of floats as gray levels."""
    return np.clip(image, 0, 255).astype(np.uint8)


def pan(image: np.ndarray, speed: int) -> list[np.ndarray]:
    """Return a still camera's six images and 18 of one that moves over the mirrored image."""
    wide = cv2.copyMakeBorder(image, 0, 0, 640, 640, cv2.BORDER_REFLECT)
    return [wide[:, max(step, 0) * speed:][:, :640] for step in range(-5, 19)]


def crossings(clips: Clips, detector: FaceDetector) -> dict[int, dict[str, int]]:
    """Return how runs of two heads that cross end, by their speed in px an image."""
    # One detector cuts out the heads for all, so that all search the same images.
    finder = open_detector()
    heads = {name: Head(frames, first_face(frames, finder)) for name, frames in clips.items()}
    mirrored = clips['hungry'][0][:, ::-1].astype(np.float32)
    background = cv2.GaussianBlur(mirrored, (0, 0), 2) * 0.3 + 110
    ends: dict[int, dict[str, int]] = {}
    for speed in (4, 8, 12):
        counts = Counter(kept=0, new=0, swapped=0)
        for (one, other), drop, in_front in itertools.product(COUPLES, (0, 20), (False, True)):
            couple = (heads[one], heads[other])
            counts[cross(detector, background, couple, speed, drop, in_front)] += 1
        ends[speed] = dict(counts)
    return ends


def first_face(frames: Sequence[np.ndarray], detector: FaceDetector) -> Box:
    """Return the first box that is found in a clip."""
    return next(face.box for frame in frames for face in detector.detect(frame, 60, 150))


def cross(detector: FaceDetector, background: np.ndarray, heads: tuple[Head, Head], speed: int,
          drop: int, left_in_front: bool) -> str:
    """Return how the ids end when the head on the left and one lower by a drop cross."""
    before, after = 8, 12  # images for which the heads stand still
    steps = (RIGHT - LEFT) // speed + 1
    frames, places = [], []
    for number in range(before + steps + after):
        moved = speed * min(max(number - before, 0), steps)
        columns = (LEFT + moved, RIGHT - moved)
        layers = list(zip(heads, columns, (HEIGHT, HEIGHT + drop)))
        image = background.copy()
        for head, x, y in reversed(layers) if left_in_front else layers:
            paste(image, head, number, x, y)
        frames.append(gray(image))
        places.append(columns)
    faces = follow(frames, detector)
    return outcome([id_at(faces[before], x) for x in places[before]],
                   [id_at(faces[-1], x) for x in places[-1]])


def outcome(before: list[str | None], after: list[str | None]) -> str:
    """Return what two heads' ids were and are, in one word."""
    if None in before:
        return 'not_found'
    if after in (before, before[::-1]):
        return 'kept' if after == before else 'swapped'
    return 'lost' if None in after else 'new'


def id_at(faces: Sequence[TrackedFace], x: float) -> str | None:
    """Return the id of the only face near a column."""
    near = [face.track_id for face in faces if abs(face.box.center[0] - x) < 0.4 * HEAD]
    return near[0] if len(near) == 1 else None


def paste(image: np.ndarray, head: Head, number: int, x: int, y: int) -> None:
    """Blend a head into an image at its centre, the clip running to and fro."""
    last = len(head.frames) - 1
    step = number % (2 * last)
    around = head.box.expand(0.6)
    padded = np.pad(head.frames[min(step, 2 * last - step)], 200, mode='edge')
    scale = HEAD / head.box.width
    patch = cv2.resize(padded[around.y + 200:around.bottom + 200,
                              around.x + 200:around.right + 200], None, fx=scale, fy=scale,
                       interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    height, width = patch.shape
    rows, columns = np.mgrid[:height, :width]
    away = (((columns - width / 2) / (0.66 * HEAD)) ** 2
            + ((rows - height / 2 + 0.06 * HEAD) / (0.92 * HEAD)) ** 2)
    opaque = np.clip((1.15 - away) / 0.3, 0, 1)
    there = np.s_[round(y - height / 2):, round(x - width / 2):]
    view = image[there][:height, :width]
    view[:] = view * (1 - opaque) + patch.astype(np.float32) * opaque


if __name__ == '__main__':
    sys.exit(main())
