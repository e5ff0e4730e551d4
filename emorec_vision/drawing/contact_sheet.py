# SPDX-License-Identifier: Apache-2.0
"""Many small images on one sheet, to look through them at a glance."""

from collections.abc import Sequence

import cv2
import numpy as np

CAPTION = 18
FONT = cv2.FONT_HERSHEY_SIMPLEX
LARGEST_SCALE = 0.4
MARGIN = 4


def contact_sheet(images: Sequence[np.ndarray], captions: Sequence[str], tile: int = 96,
                  columns: int = 10) -> np.ndarray:
    """Return the images in rows, each above its caption, as gray uint8 (H, W); white if none.

    Args:
        images: gray uint8 (S, S), of any sides.
        captions: one per image, a dozen characters, or smaller; what is not ASCII becomes '?'.
        tile: side in px to which images are brought.
        columns: most images in a row.
    """
    columns = min(columns, max(len(images), 1))
    rows = max(-(-len(images) // columns), 1)
    sheet = np.full((rows * (tile + CAPTION), columns * tile), 255, np.uint8)
    for index, (image, caption) in enumerate(zip(images, captions, strict=True)):
        top, left = index // columns * (tile + CAPTION), index % columns * tile
        enlarged = image.shape[0] < tile
        sheet[top:top + tile, left:left + tile] = cv2.resize(
            image, (tile, tile), interpolation=cv2.INTER_CUBIC if enlarged else cv2.INTER_AREA)
        text = caption.encode('ascii', 'replace').decode()
        below = sheet[top + tile:top + tile + CAPTION, left:left + tile]
        width = cv2.getTextSize(text, FONT, LARGEST_SCALE, 1)[0][0]
        scale = LARGEST_SCALE * min((tile - 2 * MARGIN) / max(width, 1), 1.0)
        cv2.putText(below, text, (MARGIN, 13), FONT, scale, 0, 1, cv2.LINE_AA)
    return sheet
