# SPDX-License-Identifier: Apache-2.0
"""The templates of a person stand for all images, mirror images included."""

import cv2
from emorec_vision.identity.templates import choose_templates
from emorec_vision.identity.templates import k_medoids
import numpy as np
from people_folders import portraits

FACES = [portraits(seed, 1)[0] for seed in range(3)]


def test_medoids_stand_for_each_group():
    points = np.array([0, 1, 2, 50, 51, 52, 53, 90, 91, 92.0])
    assert k_medoids(np.abs(points[:, None] - points), 3) in ([1, 4, 8], [1, 5, 8])


def test_few_images_are_kept_with_their_mirror_images():
    windows, sources = choose_templates(FACES, 20)
    assert sources == [0, 1, 2, 0, 1, 2]
    for window, mirrored in zip(windows[:3], windows[3:], strict=True):
        np.testing.assert_array_equal(mirrored, window[:, ::-1])


def test_many_images_are_thinned_out_to_different_ones():
    alike = [cv2.add(face, shade) for face in FACES for shade in range(0, 24, 2)]
    windows, sources = choose_templates(alike, 6)
    assert len(windows) == 6
    assert {source // 12 for source in sources} == {0, 1, 2}
