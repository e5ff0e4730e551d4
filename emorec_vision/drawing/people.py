# SPDX-License-Identifier: Apache-2.0
"""Draw people and their emotions into an image."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import cv2
from emorec_vision.camera.face_position import distance_text
from emorec_vision.drawing.colors import Color
from emorec_vision.drawing.colors import emotion_color
from emorec_vision.drawing.colors import initials
from emorec_vision.drawing.label_layout import ascii_text
from emorec_vision.drawing.label_layout import bar_places
from emorec_vision.drawing.label_layout import corners
from emorec_vision.drawing.label_layout import FONT
from emorec_vision.drawing.label_layout import LabelLayout
from emorec_vision.drawing.label_layout import LabelStyle
from emorec_vision.drawing.label_layout import LEAST_SCALE
from emorec_vision.drawing.label_layout import NOT_SURE
from emorec_vision.drawing.label_layout import tag_places
from emorec_vision.drawing.label_layout import word_places
from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box
import numpy as np

DARK: Color = (24, 27, 32)
LIGHT: Color = (236, 238, 240)
MUTED: Color = (168, 174, 180)
UNSURE: Color = (150, 156, 162)
REJECTED: Color = (255, 96, 80)
TRACK: Color = (62, 68, 76)
FEW = 6
"""More faces than this get brief labels, lest these change with every motion."""
SIMILAR = 0.75
"""Faces are labelled alike if each is at least this part as wide as the next larger one."""


@dataclass(frozen=True)
class PersonLabel:
    """What is drawn at one face.

    person: '' while unknown. probability: mean of the confirmed emotion (0..1), or None; held: how
    long it has been the confirmed one, s, or None. number: by which lists name the face, or None.
    look: distance to the known person that it is most like, or None. probabilities: of this image,
    one for each of labels, or None. distance: in m, or None; estimated: whether it was worked out
    from the width of the face.
    """

    box: Box
    person: str
    emotion: str
    confirmed: bool
    probability: float | None
    probabilities: Sequence[float] | None
    distance: float | None
    estimated: bool = False
    held: float | None = None
    labels: tuple[str, ...] = EMOTIONS
    number: int | None = None
    look: float | None = None


@dataclass(frozen=True)
class Label:
    """What is written at a face, and where; bars is None without bars."""

    person: PersonLabel
    lines: tuple[str, ...]
    style: LabelStyle
    tag: Box
    bars: Box | None = None


def annotate(rgb: np.ndarray, people: Sequence[PersonLabel]) -> np.ndarray:
    """Return a copy of an image with everybody's box, name, emotion, bars and distance.

    Args:
        rgb: uint8 (H, W, 3).

    Returns:
        uint8 (H, W, 3).
    """
    canvas = rgb.copy()
    height, width = rgb.shape[:2]
    visible = [replace(person, box=person.box.clip(width, height)) for person in people]
    visible = [person for person in visible if person.box.area > 0]
    labels = arrange(visible, width, height)
    for person in visible:
        _draw_outline(canvas, person.box)
    for label in labels:
        _draw_tag(canvas, label)
        if label.bars is not None:
            _draw_bars(canvas, label, label.bars)
    _draw_legend(canvas, visible, labels)
    for person in visible:
        _draw_frame(canvas, person.box, _color(person))
    return canvas


def mark_rejected(canvas: np.ndarray, boxes: Sequence[tuple[Box, str]]) -> None:
    """Draw thin boxes, with the reason, where depth says that a detection is no face."""
    for box, reason in boxes:
        cv2.rectangle(canvas, (box.x, box.y), (box.right - 1, box.bottom - 1), REJECTED, 1)
        cv2.putText(canvas, ascii_text(reason), (box.x, box.y - 4), FONT, 0.4, REJECTED, 1,
                    cv2.LINE_AA)


def arrange(people: list[PersonLabel], width: int, height: int) -> list[Label]:
    """Return labels that cover no face and no other label of an image, whose size is in px.

    Where room is short, all faces of similar size lose per cent, time and distance, and hang their
    labels below; then they lose the bars, then the name; a face at which even the emotion has
    no room gets no label. All boxes lie inside the image.
    """
    layout = LabelLayout(width, height, [person.box for person in people])
    return [label for group in _similar(people) for label in _arrange_alike(layout, group)]


def _similar(people: list[PersonLabel]) -> Iterator[list[PersonLabel]]:
    """Yield groups of people whose faces have similar sizes, the largest faces first."""
    while people:
        widths = sorted((person.box.width for person in people), reverse=True)
        least = widths[0]
        for width in widths:
            least = width if width >= SIMILAR * least else least
        yield [person for person in people if person.box.width >= least]
        people = [person for person in people if person.box.width < least]


def _arrange_alike(layout: LabelLayout, people: list[PersonLabel]) -> list[Label]:
    """Return labels that all have the most detail for which there is room at every face."""
    style = LabelStyle.for_faces(
        layout.height, min(person.box.width for person in people), people[0].labels)
    free = layout.taken
    levels = [(False, (style.wide, style.narrow)), (True, (style.narrow,)), (True, ())]
    for brief, sizes in levels[len(people) > FEW:]:
        layout.taken = free.copy()
        labels = _place_all(layout, people, style, brief, sizes)
        if labels is not None:
            return labels
    layout.taken = free
    words = [_place_word(layout, person) for person in people]
    return [word for word in words if word is not None]


def _place_all(layout: LabelLayout, people: list[PersonLabel], style: LabelStyle, brief: bool,
               sizes: Sequence[tuple[int, int]]) -> list[Label] | None:
    """Place everybody's tag and bars of one of the sizes; return None if one has no room."""
    labels: list[Label] = []
    for person in people:
        lines = _tag_lines(person, brief)
        tag = layout.place(tag_places(person.box, *style.tag(lines), style.gap, brief))
        if tag is None:
            return None
        labels.append(Label(person, lines, style, tag))
    if not sizes:
        return labels
    for index, label in enumerate(labels):
        if label.person.probabilities is None:
            continue
        bars = layout.place(each for size in sizes for each in
                            bar_places(label.person.box, label.tag, *size, style.gap, brief))
        if bars is None:
            return None
        labels[index] = replace(label, bars=bars)
    return labels


def _place_word(layout: LabelLayout, person: PersonLabel) -> Label | None:
    """Place number and emotion, or one of them; None where none has room or could be read."""
    word, number = _tag_lines(person, True)[0], person.number
    texts = [word] if number is None else [f'{number} {word}', str(number)]
    style = LabelStyle.for_words(layout.height, person.box.width, person.labels)
    if style.scale < LEAST_SCALE:
        style, texts = LabelStyle.for_numbers(layout.height, person.labels), texts[1:]
    for text in texts:
        tag = layout.place(word_places(person.box, *style.tag((text,))))
        if tag is not None:
            return Label(person, (text,), style, tag)
    return None


def _color(person: PersonLabel) -> Color:
    """Return the colour that stands for a person's confirmed emotion."""
    return emotion_color(person.emotion) if person.confirmed else UNSURE


def _tag_lines(person: PersonLabel, brief: bool) -> tuple[str, str]:
    """Return the two lines of a person's tag; brief ones lack per cent, time and distance."""
    emotion = ascii_text(person.emotion) if person.confirmed else NOT_SURE
    name = ascii_text(person.person) or ('unknown' if person.number is None else 'face')
    if person.number is not None:
        name = f'{person.number} {name}'
    if person.look is not None:
        name = f'{name}  d {person.look:.2f}'
    if not brief and person.confirmed and person.probability is not None:
        emotion = f'{emotion} {100 * person.probability:.0f}%'
    if not brief and person.confirmed and person.held is not None:
        emotion = f'{emotion} for {person.held:.0f} s'
    if not brief and person.distance is not None:
        name = f'{name}  {distance_text(person.distance, person.estimated)}'
    return emotion, name


def _draw_outline(canvas: np.ndarray, box: Box) -> None:
    """Draw a dark line around the frame of a face, by which light ones show on light walls."""
    wide = max(1, round(0.0014 * canvas.shape[0]))
    cv2.rectangle(canvas, (box.x - wide, box.y - wide),
                  (box.right - 1 + wide, box.bottom - 1 + wide), DARK, wide)


def _draw_frame(canvas: np.ndarray, box: Box, color: Color) -> None:
    """Draw the box of a face with strong corners."""
    thin = max(1, round(0.0014 * canvas.shape[0]))
    arm = max(3, min(box.width, box.height) // 5)
    cv2.rectangle(canvas, (box.x, box.y), (box.right - 1, box.bottom - 1), color, thin)
    for x, along in ((box.x, arm), (box.right - 1, -arm)):
        for y, down in ((box.y, arm), (box.bottom - 1, -arm)):
            cv2.line(canvas, (x, y), (x + along, y), color, 2 * thin + 1)
            cv2.line(canvas, (x, y), (x, y + down), color, 2 * thin + 1)


def _draw_tag(canvas: np.ndarray, label: Label) -> None:
    """Draw a label's lines, the emotion on its colour."""
    style = label.style
    line = replace(label.tag, height=style.line)
    for index, text in enumerate(label.lines):
        back, ink, opacity = (DARK, LIGHT, 0.78) if index else (_color(label.person), DARK, 0.94)
        _shade(canvas, line, back, opacity)
        _write(canvas, text, line.x + 2 * style.gap, line.bottom - style.gap, ink, style)
        line = replace(line, y=line.bottom)


def _draw_bars(canvas: np.ndarray, label: Label, place: Box) -> None:
    """Draw a bar for each label, named or with initials as the width of their place allows."""
    style, shares = label.style, np.asarray(label.person.probabilities)
    _shade(canvas, place, DARK, 0.7)
    top = int(np.argmax(shares))
    left, first = place.x + style.gap, place.y + style.gap
    labels = label.person.labels
    for index, (name, initial, share) in enumerate(
            zip(labels, initials(labels), shares, strict=True)):
        ink = LIGHT if index == top else MUTED
        if place.width == style.wide[0]:
            bar = Box(left + style.names + style.gap, first + index * style.row, style.bar,
                      style.text)
            filled = replace(bar, width=round(bar.width * share))
            _write(canvas, ascii_text(name), left, bar.bottom, ink, style)
        else:
            bar = Box(left + index * style.column, first, style.column - 1,
                      3 * style.text - style.gap)
            tall = round(bar.height * share)
            filled = replace(bar, y=bar.bottom - tall, height=tall)
            _write(canvas, initial, bar.x, place.bottom - style.gap // 2, ink, style.small)
        _shade(canvas, bar, TRACK, 1.0)
        _shade(canvas, filled, emotion_color(name), 1.0)


def _draw_legend(canvas: np.ndarray, people: Sequence[PersonLabel],
                 labels: Sequence[Label]) -> None:
    """Say in a corner that covers nothing what the initials below bars stand for."""
    narrow = [label for label in labels
              if label.bars is not None and label.bars.width != label.style.wide[0]]
    if not narrow:
        return
    names, style = narrow[0].person.labels, narrow[0].style
    lines = [f'{initial} {ascii_text(name)}'
             for name, initial in zip(names, initials(names), strict=True)]
    layout = LabelLayout(canvas.shape[1], canvas.shape[0],
                         [*(person.box for person in people), *(label.tag for label in labels),
                          *(label.bars for label in labels if label.bars is not None)])
    place = layout.place(corners(*style.tag(lines), canvas.shape[1], canvas.shape[0]))
    if place is None:
        return
    _shade(canvas, place, DARK, 0.7)
    for index, (name, line) in enumerate(zip(names, lines, strict=True), 1):
        y = place.y + index * style.line - style.gap
        _shade(canvas, Box(place.x, y - style.text, style.gap, style.text), emotion_color(name),
               1.0)
        _write(canvas, line, place.x + 2 * style.gap, y, LIGHT, style)


def _shade(canvas: np.ndarray, box: Box, color: Color, opacity: float) -> None:
    """Lay a colour over a part of the image."""
    box = box.clip(canvas.shape[1], canvas.shape[0])
    part = canvas[box.y:box.bottom, box.x:box.right]
    part[:] = np.rint(part * (1.0 - opacity) + np.array(color) * opacity).astype(np.uint8)


def _write(canvas: np.ndarray, text: str, x: int, y: int, color: Color, style: LabelStyle) -> None:
    """Write a line of text that stands on row y."""
    cv2.putText(canvas, text, (x, y), FONT, style.scale, color, style.stroke, cv2.LINE_AA)
