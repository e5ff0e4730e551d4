# SPDX-License-Identifier: Apache-2.0
"""Images that the model of onnx_models.write_model tells by their mean gray level."""
from pathlib import Path

from fer_csv import write_csv
import numpy as np

STEP = 36
"""Gray levels from one label to the next."""

RIGHT, WRONG = 21, 3
"""Images of each test split that the model tells right, and that are labelled Sad instead of
Happy; the first two of PublicTest have a copy in Training."""


def gray_image(level: int, rng: np.random.Generator) -> np.ndarray:
    """Return noise around a gray level, uint8 (48, 48)."""
    noise = rng.integers(-9, 10, (48, 48)) if level >= 9 else rng.integers(0, 9, (48, 48))
    return (level + noise).astype(np.uint8)


def write_gray_csv(path: Path) -> Path:
    """Write a csv of 21 Training, 24 PublicTest and 24 PrivateTest rows."""
    rng = np.random.default_rng(3)
    rows = []
    for usage in ('Training', 'PublicTest', 'PrivateTest'):
        labels = [index % 7 for index in range(RIGHT)]
        images = [gray_image(label * STEP, rng) for label in labels]
        if usage == 'Training':
            copied = images[:2]
        else:
            labels += [4] * WRONG
            images += [gray_image(3 * STEP, rng) for _ in range(WRONG)]
        if usage == 'PublicTest':
            images[:2] = copied[0], copied[1][:, ::-1]
        rows += [(str(label), ' '.join(map(str, image.ravel())), usage)
                 for label, image in zip(labels, images)]
    return write_csv(path, rows)
