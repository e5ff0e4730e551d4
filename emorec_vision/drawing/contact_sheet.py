# SPDX-License-Identifier: Apache-2.0
"""Many small pictures on one sheet, to look through them at a glance."""

from collections.abc import Sequence

import cv2
import numpy as np

CAPTION = 18
FONT = (cv2.FONT_HERSHEY_SIMPLEX, 0.4)


def contact_sheet(pictures: Sequence[np.ndarray], captions: Sequence[str], tile: int = 96,
                  columns: int = 10) -> np.ndarray:
    """Return the pictures in rows, each above its caption, as gray uint8 (H, W); white if none.

    :param pictures: gray uint8 (S, S), of any sides.
    :param captions: one per picture, a dozen characters; what is not ASCII becomes '?'.
    :param tile: side in px to which pictures are brought.
    :param columns: most pictures in a row.
    """
    columns = min(columns, max(len(pictures), 1))
    rows = max(-(-len(pictures) // columns), 1)
    sheet = np.full((rows * (tile + CAPTION), columns * tile), 255, np.uint8)
    for index, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        top, left = index // columns * (tile + CAPTION), index % columns * tile
        enlarged = picture.shape[0] < tile
        sheet[top:top + tile, left:left + tile] = cv2.resize(
            picture, (tile, tile), interpolation=cv2.INTER_CUBIC if enlarged else cv2.INTER_AREA)
        text = caption.encode('ascii', 'replace').decode()
        below = sheet[top + tile:top + tile + CAPTION, left:left + tile]
        cv2.putText(below, text, (4, 13), *FONT, 0, 1, cv2.LINE_AA)
    return sheet
