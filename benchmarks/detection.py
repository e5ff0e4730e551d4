#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare the stream search with the full search on video clips that show one man each.

Prints JSON. Recall is the share of a clip's frames in which the man was
  full_detected     found by the full search
  stream_searched   found by the stream search
  full_published    handed on as a track, from the full search
  stream_published  handed on as a track, from the stream search
  stream_detected   handed on as a track and found in that very frame
He is where the full search finds a face most of the time:
within one box side of the median box and alike in size. Times are CPU ms per frame on one
thread; the first frame of a stream, which gets the full search, is apart. Crowds of one, three
and ten are the clips' faces side by side in one image. Then a face is pasted into images that
show one man:
  arrivals  frames until a face of so many px that is suddenly there is found, median and worst,
            and the share found within two seconds; also beside three and ten known faces
  moving    share of frames in which a face of 60 px that moves by so many px a frame is found
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import json
import math
from pathlib import Path
import sys
import time
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detectors.factory import DETECTORS  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.faces.finder import FaceFinder  # noqa: E402
from emorec_vision.faces.search.stream_search import StreamSearch  # noqa: E402
from emorec_vision.faces.tracked_face import TrackedFace  # noqa: E402
from emorec_vision.faces.tracking.tracker import Tracker  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
from emorec_vision.stamps import seconds_to_ns  # noqa: E402
import numpy as np  # noqa: E402

FRAME_RATE = 30.0


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--clips', type=Path, default=ROOT.parent / 'shared' / 'data' / 'video',
                        help='folder of video files (default: %(default)s)')
    parser.add_argument('--detector', choices=DETECTORS, default='auto',
                        help='(default: %(default)s)')
    parser.add_argument('--min-size', type=int, default=17, metavar='PX',
                        help='smallest face searched for (default: %(default)s)')
    arguments = parser.parse_args()
    folder = arguments.clips
    detector = open_detector(arguments.detector, min_size=arguments.min_size, tell=tell)
    cv2.setNumThreads(1)
    clips = {path.stem: read_clip(path) for path in sorted(folder.glob('*.mkv'))}
    if not any(clips.values()):
        print(f'no clips (*.mkv) in {folder}: name a folder with --clips', file=sys.stderr)
        return 2
    rows = {name: compare(frames, detector) for name, frames in clips.items() if frames}
    report = {'clips': {name: row['shown'] for name, row in rows.items()},
              'all': summary([row['raw'] for row in rows.values()]),
              **more_faces([frames for frames in clips.values() if frames], detector)}
    print(json.dumps(report, indent=1))
    return 0


def tell(text: str) -> None:
    """Print a line beside the results."""
    print(text, file=sys.stderr)


def read_clip(path: Path) -> list[np.ndarray]:
    """Return the gray frames of a video file."""
    video = cv2.VideoCapture(str(path))
    frames: list[np.ndarray] = []
    while True:
        there, frame = video.read()
        if not there:
            return frames
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))


def compare(frames: Sequence[np.ndarray], detector: FaceDetector) -> dict[str, dict[str, Any]]:
    """Return the figures of a clip: those to show, and those to sum up."""
    full, full_ms, full_published = search_fully(frames, detector)
    man = median_box([box for boxes in full for box in boxes])
    stream, stream_ms = follow(frames, detector)
    full_hits = [any(is_man(box, man) for box in boxes) for boxes in full]
    published = [any(is_man(face.box, man) for face in faces) for faces in stream]
    searched = search_stream(frames, detector)
    detected = [any(is_man(face.box, man) and face.detected for face in faces)
                for faces in stream]
    ids = {face.track_id for faces in stream for face in faces}
    mine = {face.track_id for faces in stream for face in faces if is_man(face.box, man)}
    raw = {'frames': len(frames), 'full_detected': sum(full_hits),
           'full_published': sum(any(is_man(box, man) for box in boxes)
                                 for boxes in full_published),
           'stream_searched': sum(any(is_man(box, man) for box in boxes) for boxes in searched),
           'stream_published': sum(published), 'stream_detected': sum(detected),
           'track_ids': len(mine), 'false_tracks': len(ids - mine), 'full_ms': full_ms,
           'stream_ms': stream_ms[1:], 'first_ms': stream_ms[:1],
           'pairs': agreeing(full, stream, man)}
    return {'raw': raw, 'shown': summary([raw])}


def search_fully(frames: Sequence[np.ndarray], detector: FaceDetector
                 ) -> tuple[list[list[Box]], list[float], list[list[Box]]]:
    """Return the full search's boxes, its times, and what a tracker makes of the boxes."""
    tracker = Tracker('full')
    boxes, times, tracked = [], [], []
    for number, frame in enumerate(frames):
        start = time.thread_time()
        faces = detector.detect(frame)
        times.append((time.thread_time() - start) * 1e3)
        boxes.append([face.box for face in faces])
        tracked.append([track.box for track in tracker.update(
            faces, seconds_to_ns(number / FRAME_RATE))])
    return boxes, times, tracked


def search_stream(frames: Sequence[np.ndarray], detector: FaceDetector) -> list[list[Box]]:
    """Return the boxes that the stream search finds, before the tracker publishes them."""
    search, tracker = StreamSearch(detector), Tracker('stream')
    boxes = []
    for number, frame in enumerate(frames):
        stamp = seconds_to_ns(number / FRAME_RATE)
        result = search.search(frame, tracker.expected(stamp))
        tracker.update(result.detections, stamp, result.looked_at)
        boxes.append([face.box for face in result.detections])
    return boxes


def follow(frames: Sequence[np.ndarray], detector: FaceDetector
           ) -> tuple[list[list[TrackedFace]], list[float]]:
    """Return the face finder's published faces and its times."""
    finder = FaceFinder(detector, DepthGate())
    published, times = [], []
    for number, frame in enumerate(frames):
        start = time.thread_time()
        published.append(finder.process(frame, seconds_to_ns(number / FRAME_RATE)).faces)
        times.append((time.thread_time() - start) * 1e3)
    return published, times


def median_box(boxes: Sequence[Box]) -> Box:
    """Return the box of median place and size."""
    values = [(box.x, box.y, box.width, box.height) for box in boxes]
    return Box(*(int(value) for value in np.median(values, axis=0)))


def is_man(box: Box, man: Box) -> bool:
    """Tell whether a box is where the man is, and of his size."""
    near = math.dist(box.center, man.center) < man.width
    return near and 0.6 < box.width / man.width < 1.6


def agreeing(full: Sequence[Sequence[Box]], stream: Sequence[Sequence[TrackedFace]],
             man: Box) -> list[tuple[float, float]]:
    """Return (IoU, size ratio) of published against full-search boxes of the man."""
    pairs = []
    for boxes, faces in zip(full, stream):
        theirs = [box for box in boxes if is_man(box, man)]
        ours = [face.box for face in faces if is_man(face.box, man) and face.detected]
        if theirs and ours:
            pairs.append((ours[0].iou(theirs[0]), ours[0].width / theirs[0].width))
    return pairs


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of one or more clips."""
    frames = sum(row['frames'] for row in rows)
    shares = {f'recall_{name}': round(sum(row[name] for row in rows) / frames, 4)
              for name in ('full_detected', 'stream_searched', 'full_published',
                           'stream_published', 'stream_detected')}
    pairs = np.array([pair for row in rows for pair in row['pairs']]).reshape(-1, 2)
    times = {f'cpu_{name}': percentiles([value for row in rows for value in row[name]])
             for name in ('full_ms', 'stream_ms', 'first_ms')}
    return {'frames': frames, **shares, 'clips': len(rows),
            'track_ids': sum(row['track_ids'] for row in rows),
            'false_tracks': sum(row['false_tracks'] for row in rows),
            'median_iou_with_full': round(float(np.median(pairs[:, 0])), 3),
            'mean_size_against_full': round(float(np.mean(pairs[:, 1])), 3), **times}


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile."""
    p50, p95 = np.percentile(times, (50, 95))
    return {'p50': round(float(p50), 2), 'p95': round(float(p95), 2)}


def more_faces(clips: Sequence[Sequence[np.ndarray]], detector: FaceDetector) -> dict[str, Any]:
    """Return the figures of images that are put together."""
    return {'crowds': {count: cost_of(clips, detector, count) for count in (1, 3, 10)},
            'arrivals': {f'beside {beside}': {side: arrivals(clips, detector, side, beside)
                                              for side in (20, 22, 24, 40, 80, 110)}
                         for beside in (1, 3, 10)},
            'moving': {speed: moving(clips, detector, speed) for speed in (4, 8, 12)}}


def cost_of(clips: Sequence[Sequence[np.ndarray]], detector: FaceDetector, count: int,
            frame_count: int = 120) -> dict[str, Any]:
    """Return the cost of so many faces in one image of 640x480, after the first second."""
    frames = [crowd(clips, number, count) for number in range(frame_count)]
    published, times = follow(frames, detector)
    late = published[int(FRAME_RATE):]
    return {'published_mean': round(float(np.mean([len(faces) for faces in late])), 2),
            'detected_mean': round(float(np.mean([sum(face.detected for face in faces)
                                                  for faces in late])), 2),
            'track_ids': len({face.track_id for faces in published for face in faces}),
            'cpu_mean_ms': round(float(np.mean(times[int(FRAME_RATE):])), 2),
            'cpu_ms': percentiles(times[int(FRAME_RATE):])}


def crowd(clips: Sequence[Sequence[np.ndarray]], number: int, count: int) -> np.ndarray:
    """Return up to ten faces side by side, each clip running to and fro from its own place."""
    image = np.zeros((480, 640), np.uint8)
    for place in range(count):
        clip = clips[place % len(clips)]
        last = len(clip) - 1
        step = (number + 7 * place) % (2 * last)
        row, column = divmod(place, 5)
        image[240 * row:240 * row + 240, 128 * column:128 * column + 128] = \
            clip[min(step, 2 * last - step)][0:240, 251:379]
    return image


def arrivals(clips: Sequence[Sequence[np.ndarray]], detector: FaceDetector, side: int,
             beside: int, trials: int = 12, most: int = 60) -> dict[str, float]:
    """Return the frames until a face that is suddenly there is found, beside known ones."""
    rng, needed = np.random.default_rng(side), []
    for trial in range(trials):
        known = company(clips, trial, beside)
        patch = face_patch(clips[(trial + 3) % len(clips)], side)
        place = (int(rng.integers(0, 236 - 2 * side)), int(rng.integers(0, 480 - 4 * side)))
        search, tracker = StreamSearch(detector), Tracker('arrival')
        for number in range(12 + trial + most):
            frame = known if number < 12 + trial else pasted(known, patch, *place)
            stamp = seconds_to_ns(number / FRAME_RATE)
            result = search.search(frame, tracker.expected(stamp))
            tracker.update(result.detections, stamp, result.looked_at)
            there = Box(*place, *patch.shape[::-1])
            if number >= 12 + trial and any(
                    face.box.intersection(there) > 0.5 * face.box.area
                    for face in result.detections):
                break
        needed.append(number - 11 - trial)
    return {'median': float(np.median(needed)), 'worst': max(needed),
            'found': sum(count < most for count in needed) / trials}


def company(clips: Sequence[Sequence[np.ndarray]], first: int, faces: int) -> np.ndarray:
    """Return the image of a clip with more faces of 40 px, up to ten in all, in its right part."""
    image = np.asarray(clips[first % len(clips)][0])
    for number in range(faces - 1):
        image = pasted(image, face_patch(clips[(first + number) % len(clips)], 40),
                       384 + 85 * (number % 3), 150 * (number // 3))
    return image


def moving(clips: Sequence[Sequence[np.ndarray]], detector: FaceDetector, speed: int) -> float:
    """Return the share of frames in which a moving face is found."""
    hits = frames = 0
    for number, clip in enumerate(clips):
        search, tracker = StreamSearch(detector), Tracker('moving')
        patch, back = face_patch(clip, 60), clips[(number + 3) % len(clips)][0]
        for step in range(60):
            span = back.shape[1] - patch.shape[1]
            way = step * speed % (2 * span)
            there = Box(min(way, 2 * span - way), 280, *patch.shape[::-1])
            stamp = seconds_to_ns(step / FRAME_RATE)
            result = search.search(pasted(back, patch, there.x, there.y), tracker.expected(stamp))
            tracker.update(result.detections, stamp, result.looked_at)
            hits += any(face.box.intersection(there) > 0.5 * face.box.area
                        for face in result.detections)
            frames += 1
    return round(hits / frames, 4)


def face_patch(clip: Sequence[np.ndarray], side: int) -> np.ndarray:
    """Return the man of a clip with his surroundings, his face so many px wide."""
    scale = side / 75
    return np.asarray(cv2.resize(clip[0][0:240, 251:379], None, fx=scale, fy=scale,
                                 interpolation=cv2.INTER_AREA))


def pasted(image: np.ndarray, patch: np.ndarray, x: int, y: int) -> np.ndarray:
    """Return an image with a patch in it."""
    image = image.copy()
    image[y:y + patch.shape[0], x:x + patch.shape[1]] = \
        patch[:image.shape[0] - y, :image.shape[1] - x]
    return image


if __name__ == '__main__':
    sys.exit(main())
