# SPDX-License-Identifier: Apache-2.0
"""Landmarks of faces by a predictor of dlib that the user has."""

from pathlib import Path

from emorec_vision.errors import InputError
import numpy as np
import tqdm

WHOLE = (1, 1, 47, 47)
"""Left, top, right and bottom of the face in an image of 48 x 48, as amineHorseman has it."""


def landmarks_of(images: np.ndarray, predictor: Path) -> np.ndarray:
    """Return x and y of every landmark, px, with the whole image as the face.

    Args:
        images: uint8 (N, 48, 48).
        predictor: file of dlib.shape_predictor, such as the one of 68 points that was trained on
            iBUG 300-W (research use only).

    Returns:
        float32 (N, 2 * points).

    Raises:
        InputError: if dlib is not installed or the file is none of its predictors.
    """
    try:
        import dlib
    except ImportError:
        raise InputError('landmarks need the package dlib, such as that of pip install dlib-bin'
                         ) from None
    try:
        predict = dlib.shape_predictor(str(predictor))
    except RuntimeError as error:
        raise InputError(f'{predictor} is no shape predictor of dlib ({error})') from None
    face = dlib.rectangle(*WHOLE)
    found = []
    for image in tqdm.tqdm(images, desc='landmarks', unit='image', leave=False, disable=None):
        shape = predict(np.ascontiguousarray(image), face)
        found.append([value for point in shape.parts() for value in (point.x, point.y)])
    return np.array(found, np.float32)
