# SPDX-License-Identifier: Apache-2.0
"""Colours and initials of emotions, on every screen."""

from collections.abc import Sequence
import colorsys
from functools import lru_cache
import zlib

from emorec_vision.emotions import EMOTIONS

Color = tuple[int, int, int]

EMOTION_COLORS: dict[str, Color] = {
    'Angry': (235, 72, 58), 'Disgust': (126, 176, 60), 'Fear': (160, 106, 226),
    'Happy': (255, 202, 46), 'Sad': (74, 144, 245), 'Surprise': (245, 120, 190),
    'Neutral': (186, 196, 204)}
"""One colour per emotion, RGB; also of the rviz markers."""
CONTEMPT: Color = (196, 138, 86)
INITIALS = dict(zip(EMOTIONS, 'ADFHSUN', strict=True))


@lru_cache(maxsize=256)
def emotion_color(emotion: str) -> Color:
    """Return the colour of an emotion, RGB; of one that is not ours by its name, always the same.

    Other names get a hue of 48 by their CRC-32, so that two may look alike.
    """
    if emotion in EMOTION_COLORS:
        return EMOTION_COLORS[emotion]
    if emotion == 'Contempt':
        return CONTEMPT
    red, green, blue = colorsys.hls_to_rgb(zlib.crc32(emotion.encode()) % 48 / 48, 0.6, 0.5)
    return round(255 * red), round(255 * green), round(255 * blue)


@lru_cache(maxsize=16)
def initials(labels: Sequence[str]) -> tuple[str, ...]:
    """Return one letter for each label, another one for each where its name has one to give."""
    given = [INITIALS.get(label, '') for label in labels]
    for index, label in enumerate(labels):
        if not given[index]:
            letters = [letter.upper() for letter in label if letter.isascii() and letter.isalnum()]
            free = [letter for letter in letters if letter not in given]
            given[index] = (free or letters or ['?'])[0]
    return tuple(given)
