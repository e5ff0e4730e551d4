#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare squares around YuNet's boxes by how well the emotion model reads them.

Prints JSON: the accuracy (%) and log loss (nats) of the shipped model, on images of PublicTest in
which YuNet finds the face and, with --yale, on its happy, sad, surprised and neutral images:
  whole  of the whole image (PublicTest only)
  haar   of the square in which Haar would find the face, which emorec takes
  F h    of a square on the middle of the box, F times as wide as the box is high
"""

import argparse
from functools import partial
import json
from pathlib import Path
import sys
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_training.data.dataset import load_csv  # noqa: E402
from emorec_training.data.faces.live_crops import with_margin  # noqa: E402
from emorec_vision.emotion.model import EmotionModel  # noqa: E402
from emorec_vision.emotion.model import model_path  # noqa: E402
from emorec_vision.emotions import EMOTIONS  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.detectors import yunet  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
import numpy as np  # noqa: E402

DETECTOR = open_detector('yunet')
SHARES = (0.8, 0.9, 1.0, 1.1)
YALE = {'happy': 'Happy', 'sad': 'Sad', 'surprised': 'Surprise', 'normal': 'Neutral',
        'centerlight': 'Neutral', 'noglasses': 'Neutral'}


def main() -> int:
    """Compare the squares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('csv', type=Path, help='the official fer2013.csv')
    parser.add_argument('--images', type=int, default=1500, metavar='N',
                        help='of PublicTest (default: %(default)s)')
    parser.add_argument('--yale', type=Path, metavar='DIR', help='the Yale face database')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    public = load_csv(arguments.csv).split('public')
    whole = public.images[:arguments.images]
    print(json.dumps({'public_test': compare([with_margin(image) for image in whole],
                                             public.labels, whole)}))
    if arguments.yale:
        paths = [path for path in sorted(arguments.yale.glob('*.png'))
                 if path.suffixes[-2][1:] in YALE]
        labels = [EMOTIONS.index(YALE[path.suffixes[-2][1:]]) for path in paths]
        print(json.dumps({'yale': compare(
            [np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)) for path in paths],
            np.array(labels))}))
    return 0


def compare(grays: list[np.ndarray], labels: np.ndarray,
            whole: np.ndarray | None = None) -> dict[str, Any]:
    """Return the figures of each square on images with their labels."""
    model, figures = EmotionModel(model_path('')), {}
    squares = {'haar': yunet.haar_square,
               **{f'{share} h': partial(plain_square, share) for share in SHARES}}
    for name, square in squares.items():
        with patch.object(yunet, 'haar_square', square):
            faces = [surest_face(gray) for gray in grays]
        kept = [number for number, box in enumerate(faces) if box is not None]
        figures[name] = figures_of(model, np.stack([
            face_input(gray, Box(0, 0, *gray.shape[::-1]), box, model.input_size)
            for gray, box in zip(grays, faces) if box is not None]), labels[kept])
    if whole is not None:
        figures['whole'] = figures_of(model, whole[kept], labels[kept])
    return {'images': len(grays), 'found': len(kept), **figures}


def surest_face(gray: np.ndarray) -> Box | None:
    """Return the surest face."""
    faces = DETECTOR.detect(gray)
    return faces[0].box if faces else None


def plain_square(share: float, box: np.ndarray, scale: float = 1.0) -> Box:
    """Return a square on the middle of YuNet's box, as yunet.haar_square takes it."""
    x, y, width, height = (scale * value for value in box.tolist())
    side = max(round(share * height), 1)
    return Box(round(x + width / 2 - side / 2), round(y + height / 2 - side / 2), side, side)


def figures_of(model: EmotionModel, inputs: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return accuracy and log loss."""
    shares = model.predict(inputs)
    return {'accuracy': round(100 * float((shares.argmax(1) == truth).mean()), 1),
            'log_loss': round(float(-np.log(shares[range(len(truth)), truth]).mean()), 3)}


if __name__ == '__main__':
    sys.exit(main())
