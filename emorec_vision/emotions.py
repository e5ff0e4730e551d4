# SPDX-License-Identifier: Apache-2.0
"""The names of emotions, defined once for training, inference and messages."""

from collections.abc import Sequence
from functools import lru_cache

EMOTIONS: tuple[str, ...] = ('Angry', 'Disgust', 'Fear', 'Happy', 'Sad', 'Surprise', 'Neutral')
"""The seven emotions of FER2013, in the order of its labels 0..6 and of msg/Emotion.msg."""
NUMBERED: tuple[str, ...] = (*EMOTIONS, 'Contempt')
"""The emotions that have a number of their own in msg/Emotion.msg, in its order."""
OTHER = 254
"""The number of every other emotion in msg/Emotion.msg."""
UNKNOWN = 255
"""The number in msg/Emotion.msg where nothing was measured."""
NEUTRAL = 'Neutral'
SURE_FROM = 0.4
"""Probability from which on the answer to a still image counts as sure, 0..1; chosen with
benchmarks/doubt.py (docs/model-card.md)."""

MOST_LABELS = 64
LONGEST_LABEL = 40
"""Characters in the name of an emotion; a screen has no room for more."""


def number_of(emotion: str) -> int:
    """Return the constant of msg/Emotion.msg that stands for an emotion."""
    return NUMBERED.index(emotion) if emotion in NUMBERED else OTHER


def check_labels(labels: object) -> tuple[str, ...]:
    """Return the labels that a model tells apart, a sequence of names.

    Raises:
        ValueError: if they are no such thing; the message says why.
    """
    if not isinstance(labels, Sequence) or isinstance(labels, str):
        raise ValueError('no list')
    if not 2 <= len(labels) <= MOST_LABELS:
        raise ValueError(f'{len(labels)} of them, not 2 to {MOST_LABELS}')
    for label in labels:
        if not isinstance(label, str) or not label.strip() or not label.isprintable():
            raise ValueError(f'{label!r} is no name')
        if len(label) > LONGEST_LABEL:
            raise ValueError(f'a name has {len(label)} characters, {LONGEST_LABEL} at most')
    if len(set(labels)) < len(labels):
        raise ValueError('a name stands there twice')
    return tuple(labels)


@lru_cache(maxsize=16)
def canonical_order(labels: tuple[str, ...]) -> tuple[int, ...]:
    """Return the indices that bring labels into the order of NUMBERED, all others behind them."""
    return tuple(sorted(range(len(labels)), key=lambda index: number_of(labels[index])))
