#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure what a least probability of the answer is worth, below which it is "not sure".

Prints JSON, for each threshold:
  below           share of PublicTest's answers that are less probable
  right_below     share of those that are right
  right_above     share of the others that are right
  false_boxes     by detector: share of boxes without a face whose answer is less probable

The boxes come from images without a face, found by Haar with its own five neighbours and with two,
and by YuNet from its own score, 0.7, and from 0.3 on. An image that is larger than 640x480 is
shrunk to that.
"""

import argparse
import json
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from emorec_training.data.dataset import load_csv  # noqa: E402
from emorec_vision.emotion.model import EmotionModel  # noqa: E402
from emorec_vision.emotion.model import model_path  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.detector import Evidence  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
import numpy as np  # noqa: E402
from scenes import load_images  # noqa: E402

THRESHOLDS = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)


def main() -> int:
    """Measure one model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('csv', type=Path, help='the official fer2013.csv')
    parser.add_argument('scenes', type=Path, help='folder with annotations.csv, whose images '
                                                  'without a face are taken')
    parser.add_argument('--model', default='', help='.onnx file or the name of a shipped model')
    arguments = parser.parse_args()
    model = EmotionModel(model_path(arguments.model))
    public = load_csv(arguments.csv).split('public')
    answers = model.predict(public.images)
    hits, tops = answers.argmax(1) == public.labels, answers.max(1)
    boxes = false_boxes(model, arguments.scenes)
    print(json.dumps({
        'pictures': len(tops), 'boxes': {name: len(found) for name, found in boxes.items()},
        'thresholds': {str(threshold): {
            'below': share(tops < threshold),
            'right_below': share(hits[tops < threshold]),
            'right_above': share(hits[tops >= threshold]),
            'false_boxes': {name: share(found < threshold) for name, found in boxes.items()}}
            for threshold in THRESHOLDS}}, indent=1))
    return 0


def false_boxes(model: EmotionModel, folder: Path) -> dict[str, np.ndarray]:
    """Return the probabilities of the answers to boxes without a face, by detector."""
    yunet, haar = open_detector('yunet'), HaarDetector()
    searches = {'haar': (haar, Evidence.SURE), 'haar, 2 neighbours': (haar, Evidence.EXPECTED),
                'yunet': (yunet, Evidence.SURE), 'yunet, score 0.3': (yunet, Evidence.ANY)}
    crops: dict[str, list[np.ndarray]] = {name: [] for name in searches}
    for image in load_images(folder):
        if image.faces or image.width:
            continue
        gray = image.gray
        whole = Box(0, 0, gray.shape[1], gray.shape[0])
        for name, (detector, evidence) in searches.items():
            crops[name] += [face_input(gray, whole, found.box, model.input_size)
                            for found in detector.detect(gray, evidence=evidence)]
    return {name: model.predict(np.array(found, np.uint8).reshape(
        -1, model.input_size, model.input_size)).max(1) for name, found in crops.items()}


def share(flags: np.ndarray) -> float | None:
    """Return the share of flags that are set, None without any."""
    return round(float(flags.mean()), 3) if len(flags) else None


if __name__ == '__main__':
    sys.exit(main())
