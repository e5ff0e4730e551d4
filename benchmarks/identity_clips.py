#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether a man who is enrolled with one photo of one clip is named in the others, alone.

    .venv/bin/python benchmarks/identity_clips.py [--sides 80 60 40] [--frames 90]

The clips show four men, in 640x480, faces of 70 to 85 px; they are shrunk so that faces have the
sides asked for. From each clip in turn one photo is enrolled, the first face that is found, and
all clips are watched: YuNet, tracks, and a name from three looks that agree, as live. A line per
side of face tells in which share of the frames he is named (mean and the worst clip), how many
frames or clips of other men ever carry his name, and how far the looks at him and at the others
are: the threshold is for a single person, who has no second-best.
"""

from __future__ import annotations

import argparse
from itertools import islice
import os
from pathlib import Path
from statistics import NormalDist
import sys

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.faces.detectors.yunet import YuNetDetector  # noqa: E402
from emorec_vision.faces.finder import FaceFinder  # noqa: E402
from emorec_vision.faces.tracked_face import TrackedFace  # noqa: E402
from emorec_vision.identity.factory import why_no_sface  # noqa: E402
from emorec_vision.identity.recognizer import FACE_SIZE  # noqa: E402
from emorec_vision.identity.sface import EmbeddingRecognizer  # noqa: E402
from emorec_vision.identity.sface import train_sface  # noqa: E402
from emorec_vision.identity.tracks import TrackIdentities  # noqa: E402
from emorec_vision.model_files.weights import yunet_weights  # noqa: E402
from emorec_vision.sources.video import VideoSource  # noqa: E402
import numpy as np  # noqa: E402

MEN = {'please': 'A', 'milk': 'A', 'thanks': 'A', 'bird': 'A', 'yes': 'B', 'again': 'B',
       'eat': 'C', 'hungry': 'D'}
"""Who is in which clip."""
SHOWN = 80
"""Side of the faces in the clips, px."""
EVERY = 5
"""Frames from one look that is measured to the next."""

Clip = list[list[TrackedFace]]


def main() -> int:
    """Print a line per side of face."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--clips', type=Path, default=ROOT.parent / 'shared' / 'data' / 'video')
    parser.add_argument('--sides', type=int, nargs='+', default=(80, 60, 40))
    parser.add_argument('--frames', type=int, default=90, help='of each clip (default: 90)')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if why_no_sface():
        print(f'identity_clips: {why_no_sface()}', file=sys.stderr)
        return 2
    for side in arguments.sides:
        clips = {name: faces_of(arguments.clips / f'{name}.mkv', arguments.frames, side / SHOWN)
                 for name in MEN}
        print(f'faces of {side} px: {text_of(clips)}', flush=True)
    return 0


def faces_of(path: Path, frames: int, scale: float) -> Clip:
    """Return the faces of the first frames of a clip that is shrunk."""
    finder = FaceFinder(YuNetDetector(yunet_weights() or ''), DepthGate())
    with VideoSource(path) as video:
        return [finder.process(cv2.resize(
            cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale,
            interpolation=cv2.INTER_AREA), frame.stamp or 0).faces
            for frame in islice(iter(video.read, None), frames)]


def text_of(clips: dict[str, Clip]) -> str:
    """Return the figures of all clips by all photos."""
    named, wrong, strangers = [], 0, 0
    his: list[float] = []
    others: list[float] = []
    for enrolled, man in MEN.items():
        photo = next(face.pixels(FACE_SIZE) for faces in clips[enrolled] for face in faces
                     if face.detected)
        recognizer = train_sface({man: [photo]})
        for name in MEN:
            if name == enrolled:
                continue
            said = names_in(clips[name], recognizer)
            looks = [recognizer.look(face).score for faces in clips[name][::EVERY]
                     for face in faces if face.detected]
            if MEN[name] == man:
                named.append(said.count(man) / len(said))
                his += looks
            else:
                wrong += said.count(man)
                strangers += man in said
                others += looks
    near = float(np.quantile(others, 0.01))
    return (f'named in {100 * np.mean(named):.1f} % of the frames of his other clips, '
            f'{100 * min(named):.1f} % in the worst of {len(named)}; others carry the name in '
            f'{wrong} frames, {strangers} clips; looks at him: median {np.median(his):.3f}, 95 % '
            f'below {np.quantile(his, 0.95):.3f}; at others: {len(others)}, mean '
            f'{np.mean(others):.3f}, lower deviation '
            f'{(np.mean(others) - near) / -NormalDist().inv_cdf(0.01):.3f}, 1 % below {near:.3f}, '
            f'nearest {min(others):.3f}; threshold {recognizer.threshold:.3f}')


def names_in(clip: Clip, recognizer: EmbeddingRecognizer) -> list[str]:
    """Return the name of each face of each frame, '' for nobody."""
    tracks = TrackIdentities(recognizer, look_budget=1.0)
    return [identity.person for faces in clip for identity in tracks.update('s', faces)]


if __name__ == '__main__':
    sys.exit(main())
