# SPDX-License-Identifier: Apache-2.0
"""Groups of images that are copies or cuts of one photo."""
from emorec_training.data.overlap.duplicates import duplicate_groups
from emorec_training.data.overlap.similarity import similar_pairs
import numpy as np
from smooth_images import smooth_images


def test_a_chain_of_copies_is_one_group() -> None:
    """First and last may be unlike each other; the group is named by its lowest row."""
    rng = np.random.default_rng(6)
    images = smooth_images(8, rng)
    one, other = images[1] - 128.0, images[6] - 128.0
    for index, angle in ((2, 0.35), (3, 0.7), (5, 1.05)):
        images[index] = np.clip(128 + one * np.cos(angle) + other * np.sin(angle), 0, 255)
    images[7] = images[0][:, ::-1]
    pairs = similar_pairs(images)
    assert (1, 5) not in set(zip(pairs.first.tolist(), pairs.second.tolist()))
    groups = duplicate_groups(images)
    assert groups.dtype == np.int64
    assert groups[7] == groups[0] == 0
    assert groups[1] == groups[2] == groups[3] == groups[5] == 1
    assert groups[4] == 4


def test_equal_constant_images_are_one_group() -> None:
    """Black images have no correlation, but are copies of each other."""
    images = smooth_images(5, np.random.default_rng(7))
    images[1] = images[3] = 0
    images[4] = 9
    assert duplicate_groups(images).tolist() == [0, 1, 2, 1, 4]
