# SPDX-License-Identifier: Apache-2.0
"""Test-time augmentation: predictions are averaged over several views of each image."""

from collections.abc import Iterator

from emorec_training.evaluation.predictor import Predict
from emorec_vision.faces.crop import face_input
from emorec_vision.geometry import Box
import numpy as np

VIEWS: dict[str, str] = {
    'none': 'one view', 'flip': 'image and mirror image',
    'ten': 'five crops of 90 %, each also mirrored'}
CROP: float = 0.9
"""Side of a crop as a share of the image's (ten crops: Krizhevsky et al. 2012)."""


def with_views(predict: Predict, views: str) -> Predict:
    """Return `predict` averaged over the views, one of VIEWS."""
    def run(images: np.ndarray) -> np.ndarray:
        by_view = [predict(view) for view in make_views(images, views)]
        return np.asarray(sum(by_view) / len(by_view))

    return predict if views == 'none' else run


def make_views(images: np.ndarray, views: str) -> Iterator[np.ndarray]:
    """Yield the views of images uint8 (N, S, S), each uint8 (N, S, S)."""
    crops = _five_crops(images) if views == 'ten' else iter([images])
    for crop in crops:
        yield crop
        if views != 'none':
            yield np.ascontiguousarray(crop[:, :, ::-1])


def _five_crops(images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the centre and the four corners, enlarged as the live face crop does."""
    side = images.shape[1]
    whole, cut = Box(0, 0, side, side), round(CROP * side)
    rest, middle = side - cut, (side - cut) // 2
    for x, y in ((middle, middle), (0, 0), (rest, 0), (0, rest), (rest, rest)):
        box = Box(x, y, cut, cut)
        yield np.stack([face_input(image, whole, box, side) for image in images])
