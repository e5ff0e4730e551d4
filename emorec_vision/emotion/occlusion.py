# SPDX-License-Identifier: Apache-2.0
"""Which parts of a face an answer rests on, found by hiding them one after the other.

That works with any network (Zeiler & Fergus 2014, Visualizing and Understanding Convolutional
Networks, section 4.2).
"""

from __future__ import annotations

from emorec_vision.emotion.model import EmotionModel
import numpy as np

PATCH = 10
"""Side of what is hidden, px of the network's input."""
STEP = 2
"""Between two patches, px."""
BATCH = 256
LEAST = 1e-6
"""Probability below which its logarithm is not looked at more closely."""


def occlusion_map(model: EmotionModel, crop: np.ndarray, label: str, patch: int = PATCH,
                  step: int = STEP) -> np.ndarray:
    """Return how much of an emotion's log-probability rests on each place of a face.

    A square of the face's mean gray is slid over it, also beyond its edges. What a place is worth
    is the mean fall of the log-probability over the squares that hide it, in nats: above 0 it
    speaks for the emotion, below 0 against it.

    Args:
        model: that answers.
        crop: uint8 (S, S), gray, as the model takes it.
        label: an emotion of the model.
        patch: side of the square, px.
        step: between two squares, px.

    Returns:
        float64 (S, S).

    Raises:
        ValueError: if the emotion is none of the model, or patch or step do not fit.
    """
    side = crop.shape[0]
    if label not in model.labels:
        raise ValueError(f'{label} is none of {", ".join(model.labels)}')
    if not 1 <= patch <= side or not 1 <= step <= patch:
        raise ValueError(f'patch {patch} and step {step} do not fit {side} px: 1 <= step <= patch '
                         f'<= {side}')
    column = model.labels.index(label)
    starts = range(step - patch, side, step)
    places = [(slice(max(0, y), y + patch), slice(max(0, x), x + patch))
              for y in starts for x in starts]
    whole = _log(model.predict(crop[None])[:, column])[0]
    gray = np.uint8(round(float(crop.mean())))
    falls = np.empty(len(places))
    for begin in range(0, len(places), BATCH):
        part = places[begin:begin + BATCH]
        hidden = np.repeat(crop[None], len(part), axis=0)
        for image, place in zip(hidden, part):
            image[place] = gray
        falls[begin:begin + len(part)] = whole - _log(model.predict(hidden)[:, column])
    total, count = np.zeros(crop.shape), np.zeros(crop.shape)
    for place, fall in zip(places, falls):
        total[place] += fall
        count[place] += 1
    return total / count


def _log(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities.astype(np.float64), LEAST))
