# SPDX-License-Identifier: Apache-2.0
"""Faces beside maps of what a network sees in them, on one sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
from emorec_vision.drawing.colors import Color
from emorec_vision.drawing.colors import emotion_color
from emorec_vision.drawing.label_layout import ascii_text
import numpy as np

FONT = cv2.FONT_HERSHEY_SIMPLEX
INK: Color = (30, 34, 40)
PALE: Color = (226, 229, 232)
FOR: Color = (224, 40, 32)
AGAINST: Color = (36, 84, 232)
STRONGEST = 0.7
"""Opacity of the strongest place of a map, 0..1."""
SIDE = 192
"""Of a face on the sheet, px."""
MARGIN = 14
LINE = 20
TEXT = 0.42
TOP = 5
"""Most emotions that get a bar."""


@dataclass(frozen=True)
class Explanation:
    """What is drawn of one face.

    Attributes:
        face: uint8 (S, S), as the network saw it.
        weights: float (S, S), above 0 for, below 0 against `emotion`.
        emotion: that the map is about.
        probabilities: 0..1 by the name of each emotion.
        title: stands above it.
    """

    face: np.ndarray
    weights: np.ndarray
    emotion: str
    probabilities: dict[str, float]
    title: str


def heat_map(face: np.ndarray, weights: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Return a face under its map, uint8 (side, side, 3) RGB: red is for, blue against.

    The strongest place of the map, for or against, gets the full colour.

    Args:
        face: uint8 (S, S).
        weights: float (S, S).
        side: of the result, px.
    """
    gray = cv2.cvtColor(_enlarge(face, side), cv2.COLOR_GRAY2RGB).astype(np.float32)
    most = float(np.abs(weights).max())
    shares = _enlarge(weights.astype(np.float32) / (most or 1.0), side, cv2.INTER_LINEAR)
    opacity = STRONGEST * np.abs(shares)[..., None]
    colors = np.where(shares[..., None] > 0, np.array(FOR, np.float32),
                      np.array(AGAINST, np.float32))
    return np.asarray(np.rint(gray * (1 - opacity) + colors * opacity), np.uint8)


def draw_explanations(explanations: Sequence[Explanation],
                      legend: Sequence[tuple[str, Color]], about: str) -> np.ndarray:
    """Return a sheet, uint8 (H, W, 3) RGB, with a row for each face.

    Args:
        explanations: at least one.
        legend: words, and the colour that they explain.
        about: stands at the foot: the model and how the maps were made.
    """
    row = LINE + SIDE + MARGIN
    height = MARGIN + len(explanations) * row + LINE * (len(legend) + 1)
    sheet = np.full((height, 4 * MARGIN + 3 * SIDE, 3), 255, np.uint8)
    for number, explanation in enumerate(explanations):
        _draw_row(sheet[MARGIN + number * row:][:row], explanation)
    foot = sheet[MARGIN + len(explanations) * row - MARGIN // 2:]
    for number, (words, color) in enumerate(legend):
        top = number * LINE
        cv2.rectangle(foot, (MARGIN, top + 3), (MARGIN + 12, top + 15), color, cv2.FILLED)
        _write(foot, words, MARGIN + 20, top + 14)
    _write(foot, about, MARGIN, len(legend) * LINE + 14)
    return sheet


def _draw_row(row: np.ndarray, explanation: Explanation) -> None:
    _write(row, explanation.title, MARGIN, 12)
    body = row[LINE:]
    body[:SIDE, MARGIN:MARGIN + SIDE] = _enlarge(explanation.face, SIDE)[..., None]
    left = 2 * MARGIN + SIDE
    body[:SIDE, left:left + SIDE] = heat_map(explanation.face, explanation.weights)
    _draw_bars(body[:SIDE, left + SIDE + MARGIN:][:, :SIDE], explanation)


def _draw_bars(place: np.ndarray, explanation: Explanation) -> None:
    """Draw the likeliest emotions, and the explained one in a frame."""
    ranked = sorted(explanation.probabilities.items(), key=lambda item: -item[1])
    shown = ranked[:TOP]
    if explanation.emotion not in dict(shown):
        shown[-1] = (explanation.emotion, explanation.probabilities[explanation.emotion])
    step = SIDE // TOP
    for number, (name, part) in enumerate(shown):
        top = number * step
        _write(place, f'{name} {100 * part:.0f}%', 0, top + 12, SIDE)
        cv2.rectangle(place, (0, top + 18), (SIDE - 1, top + 28), PALE, cv2.FILLED)
        if round(part * SIDE):
            cv2.rectangle(place, (0, top + 18), (round(part * SIDE) - 1, top + 28),
                          emotion_color(name), cv2.FILLED)
        if name == explanation.emotion:
            cv2.rectangle(place, (0, top + 18), (SIDE - 1, top + 28), INK, 1)


def _enlarge(image: np.ndarray, side: int, how: int = cv2.INTER_CUBIC) -> np.ndarray:
    return np.asarray(cv2.resize(image, (side, side), interpolation=how))


def _write(image: np.ndarray, words: str, x: int, y: int, most: int = 0) -> None:
    """Write one line in the dark ink, smaller where it would be wider than there is room."""
    words = ascii_text(words)
    width = cv2.getTextSize(words, FONT, TEXT, 1)[0][0]
    room = most or image.shape[1] - x - MARGIN
    scale = TEXT * min(1.0, room / max(width, 1))
    cv2.putText(image, words, (x, y), FONT, scale, INK, 1, cv2.LINE_AA)
