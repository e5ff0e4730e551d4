# SPDX-License-Identifier: Apache-2.0
"""Many small pictures on one sheet, to look through them at a glance."""

from collections.abc import Sequence

import cv2
import numpy as np

TILE = 96
CAPTION = 16
COLUMNS = 10
GAP = 4


def contact_sheet(pictures: Sequence[np.ndarray], captions: Sequence[str]) -> np.ndarray:
    """Return the pictures in rows of ten, each over its caption, as gray uint8 (H, W).

    :param pictures: gray uint8 (S, S), of any sides.
    :param captions: ASCII, one per picture, about a dozen characters.
    :raises ValueError: if there are no pictures, or not as many captions.
    """
    if not pictures or len(pictures) != len(captions):
        raise ValueError(f'{len(pictures)} pictures and {len(captions)} captions')
    columns = min(COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (TILE + CAPTION + GAP) + GAP, columns * (TILE + GAP) + GAP), 255,
                    np.uint8)
    for index, (picture, caption) in enumerate(zip(pictures, captions)):
        top = GAP + index // columns * (TILE + CAPTION + GAP)
        left = GAP + index % columns * (TILE + GAP)
        larger = picture.shape[0] < TILE
        sheet[top:top + TILE, left:left + TILE] = cv2.resize(
            picture, (TILE, TILE), interpolation=cv2.INTER_CUBIC if larger else cv2.INTER_AREA)
        cv2.putText(sheet, caption, (left, top + TILE + CAPTION - 4), cv2.FONT_HERSHEY_SIMPLEX,
                    0.38, 0, 1, cv2.LINE_AA)
    return sheet
