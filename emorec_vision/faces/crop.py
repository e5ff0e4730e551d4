# SPDX-License-Identifier: Apache-2.0
"""The one way from a face box to the pixels a network or a recogniser sees."""

from dataclasses import dataclass

import cv2
from emorec_vision.geometry import Box
import numpy as np


@dataclass(frozen=True)
class FaceCrop:
    """A face of one image, cut out with some of its surroundings.

    Attributes:
        track_id: never used for another face.
        crop: uint8 (h, w), as `context_crop` cuts it.
        crop_box: the part of the image that the crop shows, px.
        box: the face in the image, px.
        detected: whether this image showed it; else the box is where it was last seen.
    """

    track_id: str
    crop: np.ndarray
    crop_box: Box
    box: Box
    detected: bool

    def pixels(self, size: int, margin: float = 0.0) -> np.ndarray:
        """Return what a network or a recogniser sees of the face, as `face_input` cuts it.

        Args:
            size: side of the square, px.
            margin: what to add to the box on each side, as a share of its width and height.

        Returns:
            uint8 (size, size).

        Raises:
            ValueError: if the box or the crop is empty.
        """
        box = self.box.expand(margin) if margin else self.box
        return face_input(self.crop, self.crop_box, box, size)


def whole_face(image: np.ndarray) -> FaceCrop:
    """Return an image, uint8 (H, W), that is cut to a face, such as an enrolled photo."""
    box = Box(0, 0, image.shape[1], image.shape[0])
    return FaceCrop('', image, box, box, True)


def context_crop(gray: np.ndarray, box: Box, context: float = 0.25,
                 max_side: int = 160) -> tuple[np.ndarray, Box]:
    """Cut a face with some of its surroundings out of an image, small enough to send on.

    Args:
        gray: uint8 (H, W).
        box: the face in pixels of `gray`; may lie partly outside.
        context: what to add on each side, as a share of the box's width and height.
        max_side: longest side of the crop in px; a larger one is shrunk (INTER_AREA).

    Returns:
        the crop, uint8 (h, w), and the part of `gray` that it shows, clipped to it.

    Raises:
        ValueError: if the box lies wholly outside the image.
    """
    height, width = gray.shape
    crop_box = box.expand(context).clip(width, height)
    if crop_box.width <= 0 or crop_box.height <= 0:
        raise ValueError(f'{box} lies outside an image of {width}x{height}')
    crop = gray[crop_box.y:crop_box.bottom, crop_box.x:crop_box.right]
    scale = max_side / max(crop.shape)
    if scale >= 1.0:
        return crop.copy(), crop_box
    side = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    return cv2.resize(crop, side, interpolation=cv2.INTER_AREA), crop_box


def padded_square(image: np.ndarray, box: Box, size: int) -> np.ndarray:
    """Cut a face out of an image and scale it into a square, in its proportions, on black.

    Args:
        image: uint8 (H, W, 3).
        box: the face in px of the image; may lie partly outside.
        size: side of the square, px.

    Returns:
        uint8 (size, size, 3).

    Raises:
        ValueError: if the box lies wholly outside the image.
    """
    inside = box.clip(image.shape[1], image.shape[0])
    if not inside.area:
        raise ValueError(f'{box} lies outside an image of {image.shape[1]}x{image.shape[0]}')
    scale = size / max(inside.width, inside.height)
    width, height = (max(1, round(side * scale)) for side in (inside.width, inside.height))
    left, top = (size - width) // 2, (size - height) // 2
    square = np.zeros((size, size, 3), np.uint8)
    square[top:top + height, left:left + width] = cv2.resize(
        image[inside.y:inside.bottom, inside.x:inside.right], (width, height),
        interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    return square


def face_input(crop: np.ndarray, crop_box: Box, box: Box, size: int) -> np.ndarray:
    """Cut the face box itself out of a crop and bring it to a square input.

    Live inference, `predict`, evaluation and training all call this, so that a network sees
    in life what it saw in training. No equalisation and no margin: images of FER2013 are
    what a Haar box is. Shrinking averages areas as cv2.INTER_AREA does, enlarging is
    bilinear as cv2.INTER_LINEAR; both are exact to the sub-pixel where the crop was shrunk.
    What lies outside the crop repeats its edge.

    Args:
        crop: uint8 (h, w), for instance from :func:`context_crop`, or a whole image.
        crop_box: the part of the image that `crop` shows, in px of the image.
        box: the face in px of the image.
        size: side of the input in px.

    Returns:
        uint8 (size, size).

    Raises:
        ValueError: if a box or the crop is empty.
    """
    if min(*crop.shape, crop_box.width, crop_box.height, box.width, box.height) <= 0:
        raise ValueError(f'empty crop or box: {crop.shape}, {crop_box}, {box}')
    height, width = crop.shape
    x_scale, y_scale = width / crop_box.width, height / crop_box.height
    rows = _resample(crop, (box.y - crop_box.y) * y_scale, box.height * y_scale, size)
    columns = _resample(rows.T, (box.x - crop_box.x) * x_scale, box.width * x_scale, size)
    return np.clip(np.rint(columns.T), 0, 255).astype(np.uint8)


def _resample(rows: np.ndarray, start: float, extent: float, size: int) -> np.ndarray:
    """Return `size` rows, float64, made from the rows between start and start + extent.

    Differences of running sums are area averages; a matrix product would do the same, but
    wakes the threads of BLAS, which then spin for milliseconds.
    """
    step = extent / size
    if step >= 1.0:
        sums = np.zeros((len(rows) + 1, rows.shape[1]))
        np.cumsum(rows, axis=0, out=sums[1:])
        return np.diff(_between(sums, start + step * np.arange(size + 1)), axis=0) / step
    centres = start + step * (np.arange(size) + 0.5) - 0.5
    return _between(rows.astype(np.float64), np.clip(centres, 0, len(rows) - 1))


def _between(rows: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return rows at fractional positions, extended straight on beyond both ends."""
    above = np.clip(np.floor(positions).astype(int), 0, max(len(rows) - 2, 0))
    below = np.minimum(above + 1, len(rows) - 1)
    return rows[above] + (positions - above)[:, None] * (rows[below] - rows[above])
