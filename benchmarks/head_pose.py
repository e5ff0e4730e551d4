#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure the head pose on people who look into the camera and on a man who turns around.

Prints JSON: for each folder of images and each clip the 10th, 50th and 90th percentile of yaw,
pitch and roll (degrees) and the share of faces whose yaw and pitch are at most 10, 15, 20 and 25;
of the man the degrees of yaw per image, by straight lines through his first and last images (he
turns by 3.6 an image).
"""

import argparse
from collections.abc import Iterable
import json
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from detection import read_clip  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.faces.head_pose import head_pose  # noqa: E402
from emorec_vision.geometry import Intrinsics  # noqa: E402
import numpy as np  # noqa: E402

LIMITS = (10, 15, 20, 25)
KINECT = Intrinsics(525.0, 525.0, 320.0, 240.0)
EVERY = 6
"""Frames of a clip from one that is looked at to the next."""


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, default=ROOT.parent / 'shared' / 'data',
                        help='folder with yale, video and rgbd (default: %(default)s)')
    data = parser.parse_args().data
    cv2.setNumThreads(1)
    turning = poses(map(read_gray, sorted((data / 'rgbd' / 'uva_a1_person').glob('*_rgb.*'))),
                    KINECT)
    yaw = turning[:, 0]
    print(json.dumps({
        'yale': summary(poses(map(read_gray, sorted((data / 'yale').glob('*.png'))))),
        **{path.stem: summary(poses(read_clip(path)[::EVERY]))
           for path in sorted((data / 'video').glob('*.mkv'))},
        'degrees_per_image': [round(float(np.polyfit(range(len(part)), part, 1)[0]), 2)
                              for part in (yaw[:24], yaw[-16:])]}, indent=1))
    return 0


def read_gray(path: Path) -> np.ndarray:
    """Return an image, uint8 (H, W)."""
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))


def poses(images: Iterable[np.ndarray], intrinsics: Intrinsics | None = None) -> np.ndarray:
    """Return yaw, pitch and roll of the surest face of each image, (N, 3); NaN without one."""
    detector, rows = open_detector('yunet'), []
    for gray in images:
        faces = detector.detect(gray)
        pose = faces and faces[0].landmarks and head_pose(
            faces[0].landmarks, gray.shape, intrinsics)
        rows.append([pose.yaw, pose.pitch, pose.roll] if pose else [np.nan] * 3)
    return np.array(rows)


def summary(angles: np.ndarray) -> dict[str, object]:
    """Return percentiles, and shares within the limits."""
    found = angles[np.isfinite(angles[:, 0])]
    return {'faces': len(found), 'of': len(angles),
            'yaw, pitch, roll': np.percentile(found, (10, 50, 90), axis=0).T.round(1).tolist(),
            'within': {limit: round(float((np.abs(found[:, :2]) <= limit).all(axis=1).mean()), 3)
                       for limit in LIMITS}}


if __name__ == '__main__':
    sys.exit(main())
