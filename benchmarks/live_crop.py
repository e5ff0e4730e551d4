#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure whether a model judges faces in life as it judged the images of the csv.

Prints JSON. On PublicTest of the official fer2013.csv:
  accuracy        on all images
  found           images in which the live detector finds a face again
  whole_accuracy  on those, of the whole image, as in every figure of the model card
  live_accuracy   on those, of what the live detector cuts out
  log_loss        on all images, and on the live crops, in nats
  difference      live - whole, in points, with its 95 % interval (paired bootstrap)
  agreement       share of images that keep their label when the box moves and grows at random
                  by up to --jitter of its side
"""

import argparse
import json
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from emorec_training.data import examples  # noqa: E402
from emorec_training.data.dataset import load_csv  # noqa: E402
from emorec_training.data.labels import LabelChoice  # noqa: E402
from emorec_training.evaluation import metrics  # noqa: E402
from emorec_training.evaluation.predictor import open_predictor  # noqa: E402
from emorec_vision.emotion.model import model_path  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.detectors.factory import DETECTORS  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
import numpy as np  # noqa: E402

ENLARGED = 480
"""Side to which images are enlarged, so that a box can move by parts of a pixel."""


def main() -> int:
    """Measure one model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('csv', type=Path, help='the official fer2013.csv')
    parser.add_argument('--model', default='', help='.onnx file, or "accurate" '
                                                    '(default: the shipped model)')
    parser.add_argument('--jitter', type=float, default=0.08,
                        help='largest shift and change of size (default: %(default)s)')
    parser.add_argument('--detector', default='auto', choices=DETECTORS,
                        help='that cuts them out (default: %(default)s)')
    arguments = parser.parse_args()
    predict = open_predictor(model_path(arguments.model))
    public = examples.from_csv(load_csv(arguments.csv), LabelChoice(), 'public')
    found = examples.detect_faces(
        public, public.images, open_detector(arguments.detector))
    assert found.whole is not None
    whole_hits = predict(found.whole).argmax(1) == found.labels
    live, every = predict(found.images), predict(public.images)
    live_hits, answers = live.argmax(1) == found.labels, every.argmax(1)
    moved = predict(jitter(public.images, arguments.jitter)).argmax(1)
    print(json.dumps({
        'pictures': len(public.labels),
        'accuracy': round(float((answers == public.labels).mean()), 4),
        'found': len(found.labels),
        'whole_accuracy': round(float(whole_hits.mean()), 4),
        'live_accuracy': round(float(live_hits.mean()), 4),
        'difference': difference(live_hits, whole_hits),
        'log_loss': {'all': round(metrics.log_loss(every, public.labels), 4),
                     'live': round(metrics.log_loss(live, found.labels), 4)},
        'agreement': round(float((answers == moved).mean()), 4)}, indent=1))
    return 0


def difference(live: np.ndarray, whole: np.ndarray) -> dict[str, float]:
    """Return live - whole in points, and its 95 % interval, of hits bool (N,)."""
    gain = live.astype(float) - whole
    rng = np.random.default_rng(1)
    means = [gain[rng.integers(0, len(gain), len(gain))].mean() for _ in range(2000)]
    low, high = np.percentile(means, [2.5, 97.5])
    return {name: round(100 * float(value), 2)
            for name, value in (('points', gain.mean()), ('low', low), ('high', high))}


def jitter(images: np.ndarray, share: float) -> np.ndarray:
    """Return images uint8 (N, 48, 48) cut by boxes that moved and grew by up to `share`."""
    rng = np.random.default_rng(2)
    side = images.shape[1]
    whole = Box(0, 0, ENLARGED, ENLARGED)
    moved = []
    for image in images:
        size = round(ENLARGED * rng.uniform(1 - share, 1 + share))
        x, y = (round((ENLARGED - size) / 2 + ENLARGED * rng.uniform(-share, share))
                for _ in range(2))
        moved.append(face_input(image, whole, Box(x, y, size, size), side))
    return np.stack(moved)


if __name__ == '__main__':
    sys.exit(main())
