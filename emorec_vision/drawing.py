# SPDX-License-Identifier: Apache-2.0
"""Draw people and their emotions into a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
import unicodedata

import cv2
from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box
from emorec_vision.label_layout import bar_places
from emorec_vision.label_layout import FONT
from emorec_vision.label_layout import LabelLayout
from emorec_vision.label_layout import LabelStyle
from emorec_vision.label_layout import tag_places
import numpy as np

Color = tuple[int, int, int]

EMOTION_COLORS: dict[str, Color] = {
    'Angry': (235, 72, 58), 'Disgust': (126, 176, 60), 'Fear': (160, 106, 226),
    'Happy': (255, 202, 46), 'Sad': (74, 144, 245), 'Surprise': (245, 120, 190),
    'Neutral': (186, 196, 204)}
"""One colour per emotion, RGB; also of the rviz markers."""

INITIALS = dict(zip(EMOTIONS, 'ADFHSUN', strict=True))
DARK: Color = (24, 27, 32)
LIGHT: Color = (236, 238, 240)
MUTED: Color = (168, 174, 180)
UNSURE: Color = (150, 156, 162)
TRACK: Color = (62, 68, 76)


@dataclass(frozen=True)
class PersonLabel:
    """Hold what is drawn at one face.

    person: '' while unknown. share: 0..1 of the confirmation window. probabilities: of this
    picture, in the order of EMOTIONS, or None. distance: in m, or None.
    """

    box: Box
    person: str
    emotion: str
    confirmed: bool
    share: float
    probabilities: Sequence[float] | None
    distance: float | None


def annotate(rgb: np.ndarray, people: Sequence[PersonLabel]) -> np.ndarray:
    """Return a copy of a picture with everybody's box, name, emotion, bars and distance.

    Labels and bars keep clear of all faces and of each other as far as there is room.

    :param rgb: uint8 (H, W, 3).
    :returns: uint8 (H, W, 3).
    """
    canvas = rgb.copy()
    height, width = rgb.shape[:2]
    visible = [(person, person.box.clip(width, height)) for person in people]
    visible = [(person, box) for person, box in visible if box.area > 0]
    layout = LabelLayout(width, height, [box for _, box in visible])
    style = LabelStyle.for_picture(height, width, len(visible))
    for person, box in visible:
        _draw_frame(canvas, box, _color(person), style)
    tags = [_draw_tag(canvas, layout, box, person, style) for person, box in visible]
    for (person, box), tag in zip(visible, tags, strict=True):
        if person.probabilities is not None:
            _draw_bars(canvas, layout, box, tag, person.probabilities, style)
    return canvas


def _color(person: PersonLabel) -> Color:
    """Return the colour that stands for a person's confirmed emotion."""
    return EMOTION_COLORS[person.emotion] if person.confirmed else UNSURE


def _tag_lines(person: PersonLabel, crowded: bool) -> tuple[str, str]:
    """Return the two lines of a person's tag, in a crowd without share and distance."""
    emotion = person.emotion if person.confirmed else 'not sure'
    name = _ascii(person.person) or 'unknown'
    if not crowded and person.confirmed:
        emotion = f'{emotion} {100 * person.share:.0f}%'
    if not crowded and person.distance is not None:
        name = f'{name}  {person.distance:.2f} m'
    return emotion, name


def _ascii(text: str) -> str:
    """Return a text in the letters that the font has; accents are left out."""
    plain = unicodedata.normalize('NFKD', text)
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    return ''.join(letter if ' ' <= letter <= '~' else '?' for letter in kept)


def _draw_frame(canvas: np.ndarray, box: Box, color: Color, style: LabelStyle) -> None:
    """Draw the box of a face with strong corners."""
    thin = max(1, style.stroke)
    cv2.rectangle(canvas, (box.x, box.y), (box.right - 1, box.bottom - 1), color, thin)
    arm = max(3, min(box.width, box.height) // 5)
    for x, along in ((box.x, arm), (box.right - 1, -arm)):
        for y, down in ((box.y, arm), (box.bottom - 1, -arm)):
            cv2.line(canvas, (x, y), (x + along, y), color, 2 * thin + 1)
            cv2.line(canvas, (x, y), (x, y + down), color, 2 * thin + 1)


def _draw_tag(canvas: np.ndarray, layout: LabelLayout, box: Box, person: PersonLabel,
              style: LabelStyle) -> Box:
    """Draw emotion, name and distance where there is room; return the place."""
    emotion, name = _tag_lines(person, style.crowded)
    size = max(style.width(emotion), style.width(name)) + 4 * style.gap, 2 * style.line
    place = layout.place(tag_places(box, *size, style.gap))
    upper = Box(place.x, place.y, place.width, style.line)
    _shade(canvas, upper, _color(person), 0.94)
    _shade(canvas, Box(place.x, upper.bottom, place.width, style.line), DARK, 0.78)
    _write(canvas, emotion, place.x + 2 * style.gap, upper.bottom - style.gap, DARK, style)
    _write(canvas, name, place.x + 2 * style.gap, place.bottom - style.gap, LIGHT, style)
    return place


def _draw_bars(canvas: np.ndarray, layout: LabelLayout, box: Box, tag: Box,
               probabilities: Sequence[float], style: LabelStyle) -> None:
    """Draw seven bars: with names where a clear place is, else narrow ones with initials."""
    sizes = [style.narrow] if style.crowded else [style.wide, style.narrow]
    place = layout.place(each for size in sizes
                         for each in bar_places(box, tag, *size, style.gap))
    _shade(canvas, place, DARK, 0.7)
    top = int(np.argmax(probabilities))
    left, first = place.x + style.gap, place.y + style.gap
    for index, (name, share) in enumerate(zip(EMOTIONS, probabilities, strict=True)):
        ink = LIGHT if index == top else MUTED
        if place.width == style.wide[0]:
            bar = Box(left + style.names + style.gap, first + index * style.row, style.bar,
                      style.text)
            filled = replace(bar, width=round(bar.width * share))
            _write(canvas, name, left, bar.bottom, ink, style)
        else:
            bar = Box(left + index * style.column, first, style.column - 1,
                      3 * style.text - style.gap)
            tall = round(bar.height * share)
            filled = replace(bar, y=bar.bottom - tall, height=tall)
            _write(canvas, INITIALS[name], bar.x, place.bottom - style.gap // 2, ink,
                   style.small)
        _shade(canvas, bar, TRACK, 1.0)
        _shade(canvas, filled, EMOTION_COLORS[name], 1.0)


def _shade(canvas: np.ndarray, box: Box, color: Color, opacity: float) -> None:
    """Lay a colour over a part of the picture."""
    box = box.clip(canvas.shape[1], canvas.shape[0])
    part = canvas[box.y:box.bottom, box.x:box.right]
    part[:] = np.rint(part * (1.0 - opacity) + np.array(color) * opacity).astype(np.uint8)


def _write(canvas: np.ndarray, text: str, x: int, y: int, color: Color, style: LabelStyle) -> None:
    """Write a line of text that stands on row y."""
    cv2.putText(canvas, text, (x, y), FONT, style.scale, color, style.stroke, cv2.LINE_AA)
