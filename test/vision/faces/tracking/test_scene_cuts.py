# SPDX-License-Identifier: Apache-2.0
"""Check what is a scene cut and what is not."""

from collections.abc import Callable
from collections.abc import Iterable
from pathlib import Path

import cv2
from emorec_vision.faces.tracking.scene_cuts import SceneCuts
import numpy as np
import pytest

SHAPE = (480, 640)
SHADE = np.linspace(0.4, 1.6, SHAPE[1])[None]


def scene(seed: int, width: int = SHAPE[1]) -> np.ndarray:
    """Return an image of soft patches, uint8."""
    coarse = np.random.default_rng(seed).uniform(20, 170, (7, width // 80)).astype(np.float32)
    large = cv2.resize(coarse, (width, SHAPE[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(large, 0, 255).astype(np.uint8)


def cuts(images: Iterable[np.ndarray]) -> list[int]:
    """Return the numbers of the images at which another scene begins."""
    seen = SceneCuts()
    return [number for number, image in enumerate(images) if seen.is_cut(image)]


def test_another_scene_is_a_cut_at_its_first_image() -> None:
    assert cuts([scene(1)] * 5 + [scene(2)] * 5 + [scene(1)] * 5) == [5, 10]


@pytest.mark.parametrize('light', [
    lambda image: 0.4 * image, lambda image: 1.5 * image, lambda image: image + 40,
    lambda image: SHADE * image, lambda image: 255 * (image / 255) ** 0.5],
    ids=['dark', 'bright', 'flat', 'lamp', 'gamma'])
def test_light_is_no_cut(light: Callable[[np.ndarray], np.ndarray]) -> None:
    lit = np.clip(light(scene(1)), 0, 255).astype(np.uint8)
    assert cuts([scene(1)] * 5 + [lit, scene(1)] * 5 + [lit] * 5) == []


def test_an_image_that_shows_nothing_is_no_scene() -> None:
    """A drop-out between images, but also between scenes."""
    black = np.zeros(SHAPE, np.uint8)
    assert cuts([scene(1)] * 3 + [black] + [scene(1)] * 3) == []
    assert cuts([scene(1)] * 3 + [black] * 2 + [scene(2)] * 3) == [5]


def test_a_pan_is_no_series_of_cuts() -> None:
    wide = scene(3, 1600)
    assert len(cuts(wide[:, 32 * step:32 * step + SHAPE[1]] for step in range(30))) <= 1


def test_images_that_all_differ_are_no_series_of_cuts() -> None:
    assert len(cuts(scene(number) for number in range(30))) <= 3


def test_clips_have_no_cuts_but_where_one_follows_another(shared_data: Path) -> None:
    names = [shared_data / 'video' / f'{name}.mkv' for name in ('again', 'bird', 'eat', 'hungry')]
    if not all(name.is_file() for name in names):
        pytest.skip('no clips')
    images, joins = [], []
    for name in names:
        joins.append(len(images))
        clip = cv2.VideoCapture(str(name))
        while True:
            shown, image = clip.read()
            if not shown:
                break
            images.append(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    assert cuts(images) == joins[1:]
