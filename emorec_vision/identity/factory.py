# SPDX-License-Identifier: Apache-2.0
"""Choose a recogniser by its name, and let it learn people."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache

from emorec_vision.errors import InputError
from emorec_vision.identity.embedder import open_embedder
from emorec_vision.identity.embedder import weights_are_there
from emorec_vision.identity.recognizer import train
from emorec_vision.identity.recognizer import TrainedRecognizer
from emorec_vision.identity.sface import train_sface
import numpy as np

AUTO, SFACE, LBPH = RECOGNIZERS = ('auto', 'sface', 'lbph')


def recognizer_kind(name: str = AUTO) -> str:
    """Return the recogniser that a name stands for, SFACE or LBPH: auto prefers SFace.

    The networks are opened, and tried, for SFace; that takes memory and time.

    Raises:
        InputError: for an unknown name, or where SFace is asked for and cannot be used.
    """
    return _chosen(name, '' if name == LBPH else why_no_sface())


def choice_in_words(name: str, tried: bool = False) -> str:
    """Return the recogniser that is taken, and why it is not the better one, on one line.

    Args:
        tried: whether the networks are opened for the answer, or were already. Otherwise it only
            tells what is installed: they are opened when the first person is known.

    Raises:
        InputError: as `recognizer_kind`.
    """
    reason = '' if name == LBPH or not tried and weights_are_there() else why_no_sface()
    kind = _chosen(name, reason)
    why = f': {reason}' if name == AUTO and reason else ''
    return f'{"SFace" if kind == SFACE else "LBPH"}{why}'


def _chosen(name: str, why_no_sface: str) -> str:
    """Return the recogniser that a name stands for where SFace can be used or not."""
    if name not in RECOGNIZERS:
        raise InputError(f'recognizer is {name!r}: give one of {", ".join(RECOGNIZERS)}')
    if name == SFACE and why_no_sface:
        raise InputError(f'recognizer is sface, but {why_no_sface}')
    return LBPH if name == LBPH or why_no_sface else SFACE


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
