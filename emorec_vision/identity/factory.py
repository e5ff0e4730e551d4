# SPDX-License-Identifier: Apache-2.0
"""Choose a recogniser by its name, and let it learn people."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache

from emorec_vision.errors import InputError
from emorec_vision.identity.embedder import open_embedder
from emorec_vision.identity.recognizer import train
from emorec_vision.identity.recognizer import TrainedRecognizer
from emorec_vision.identity.sface import train_sface
import numpy as np

AUTO, SFACE, LBPH = RECOGNIZERS = ('auto', 'sface', 'lbph')


def recognizer_kind(name: str = AUTO) -> str:
    """Return the recogniser that a name stands for, SFACE or LBPH: auto prefers SFace.

    Raises:
        InputError: for an unknown name, or where SFace is asked for and cannot be used.
    """
    if name not in RECOGNIZERS:
        raise InputError(f'recognizer is {name!r}: give one of {", ".join(RECOGNIZERS)}')
    if name == LBPH or name == AUTO and why_no_sface():
        return LBPH
    if why_no_sface():
        raise InputError(f'recognizer is sface, but {why_no_sface()}')
    return SFACE


def choice_in_words(name: str) -> str:
    """Return the recogniser that is taken, and why it is not the better one, on one line."""
    kind = recognizer_kind(name)
    why = f': {why_no_sface()}' if name == AUTO and kind == LBPH else ''
    return f'{"SFace" if kind == SFACE else "LBPH"}{why}'


@cache
def why_no_sface() -> str:
    """Return why SFace cannot be used here, '' if it can."""
    try:
        open_embedder()
    except InputError as error:
        return str(error)
    return ''


def train_people(people: Mapping[str, Sequence[np.ndarray]], false_accept: float,
                 kind: str) -> TrainedRecognizer:
    """Return a recogniser, SFACE or LBPH, that learned people: see `train`."""
    return (train_sface if kind == SFACE else train)(people, false_accept)
