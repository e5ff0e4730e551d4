# SPDX-License-Identifier: Apache-2.0
"""How much the images of each class weigh in the loss."""

import numpy as np


def class_weights(targets: np.ndarray, power: float) -> np.ndarray:
    """Return the weight of each class in the loss, 1 on average over the images.

    A class without an image, of which label smoothing asks a little as well, has 1.

    Args:
        targets: (N, C), probabilities of the labels.
        power: of the inverse class frequency; 0 weighs all images alike, 1 all classes.

    Returns:
        float32 (C,).
    """
    sums = targets.sum(axis=0)
    counts = np.maximum(sums, 1)[sums > 0]
    scaled = (counts.mean() / counts) ** power
    weights = np.ones(len(sums), np.float32)
    weights[sums > 0] = scaled * counts.sum() / (scaled @ counts)
    return weights
