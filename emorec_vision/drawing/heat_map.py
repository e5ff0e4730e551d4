# SPDX-License-Identifier: Apache-2.0
"""Faces beside maps of what an answer rests on."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
from emorec_vision.drawing.colors import emotion_color
from emorec_vision.drawing.label_layout import ascii_text
from emorec_vision.drawing.label_layout import FONT
import numpy as np

TILE = 240
MARGIN = 12
LINE = 20
BAR = 110
INK = (34, 38, 44)
SOFT = (120, 126, 134)
FOR, AGAINST = np.array((214, 40, 40)), np.array((40, 90, 214))
STRONGEST = 0.75
"""Opacity of the strongest place of a map."""


@dataclass(frozen=True)
class Explained:
    """A face, uint8 (S, S) gray, the map of one emotion, (S, S), and what it was told to show."""

    crop: np.ndarray
    heat: np.ndarray
    label: str
    probabilities: Mapping[str, float]
    name: str


def draw_explained(faces: Sequence[Explained], title: str) -> np.ndarray:
    """Return a sheet with a row for each face: the face, its map over it, all probabilities.

    Returns:
        uint8 (H, W, 3) RGB.
    """
    width = 2 * TILE + 4 * MARGIN + 90 + BAR + 60
    lines = max(len(faces[0].probabilities), 1) if faces else 1
    row = LINE + max(TILE, lines * LINE) + MARGIN
    head = 2 * LINE + MARGIN
    sheet = np.full((head + len(faces) * row + MARGIN, width, 3), 255, np.uint8)
    _write(sheet, title, MARGIN, LINE, INK, 0.5)
    _legend(sheet, MARGIN, 2 * LINE)
    for index, face in enumerate(faces):
        top = head + index * row
        share = 100 * face.probabilities[face.label]
        told = f'{face.name}: what "{face.label} {share:.0f}%" rests on'
        _write(sheet, told, MARGIN, top + LINE - 6, INK, 0.42)
        plain = np.repeat(_enlarged(face.crop)[..., None], 3, axis=2)
        left = 2 * MARGIN + TILE
        body = slice(top + LINE, top + LINE + TILE)
        sheet[body, MARGIN:MARGIN + TILE] = plain
        sheet[body, left:left + TILE] = overlay(plain, face.heat)
        _bars(sheet, face, left + TILE + MARGIN, top + LINE)
    return sheet


def overlay(rgb: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return an image with a map over it: red speaks for, blue against, strong ones opaque.

    Args:
        rgb: uint8 (H, W, 3).
        heat: of any size, brought to that of the image; its largest value is the most opaque.
    """
    large = cv2.resize(heat.astype(np.float32), rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    strength = np.abs(large) / max(float(np.abs(heat).max()), 1e-9)
    opacity = STRONGEST * np.clip(strength, 0.0, 1.0)[..., None]
    ink = np.where(large[..., None] > 0, FOR, AGAINST)
    return np.rint(rgb * (1 - opacity) + ink * opacity).astype(np.uint8)


def _enlarged(crop: np.ndarray) -> np.ndarray:
    return np.clip(cv2.resize(crop, (TILE, TILE), interpolation=cv2.INTER_CUBIC), 0, 255)


def _legend(sheet: np.ndarray, x: int, y: int) -> None:
    for ink, text in ((FOR, 'red: hiding it makes the emotion less likely'),
                      (AGAINST, 'blue: more likely')):
        sheet[y - 10:y, x:x + 10] = ink
        _write(sheet, text, x + 16, y, SOFT, 0.4)
        x += 34 + cv2.getTextSize(text, FONT, 0.4, 1)[0][0]


def _bars(sheet: np.ndarray, face: Explained, x: int, top: int) -> None:
    for index, (name, share) in enumerate(face.probabilities.items(), 1):
        y = top + index * LINE
        _write(sheet, name, x, y - 5, INK if name == face.label else SOFT, 0.4)
        left = x + 90
        sheet[y - 15:y - 4, left:left + BAR] = 232
        sheet[y - 15:y - 4, left:left + round(BAR * share)] = emotion_color(name)
        _write(sheet, f'{100 * share:.0f}%', left + BAR + 8, y - 5, SOFT, 0.4)


def _write(sheet: np.ndarray, text: str, x: int, y: int, ink: tuple[int, int, int],
           scale: float) -> None:
    cv2.putText(sheet, ascii_text(text), (x, y), FONT, scale, ink, 1, cv2.LINE_AA)
