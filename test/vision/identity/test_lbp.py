# SPDX-License-Identifier: Apache-2.0
"""Histograms and distances are OpenCV's own, but for the rounding of float32."""

import cv2
from emorec_vision.identity import lbp as lbph
from emorec_vision.identity.gallery import Gallery
from emorec_vision.identity.recognizer import new_lbph
from emorec_vision.sources.demo.portrait import load_portrait
import numpy as np
import pytest


def faces() -> list[np.ndarray]:
    """Return images with rough, smooth and flat parts, uint8 (150, 150)."""
    random = np.random.default_rng(3)
    gray = cv2.cvtColor(load_portrait(), cv2.COLOR_RGB2GRAY)
    noise = random.integers(0, 256, (150, 150), dtype=np.uint8)
    half = noise.copy()
    half[:, 70:] = 90
    return [gray[30:180, 150:300], gray[200:350, 100:250], noise, half,
            np.full((150, 150), 128, np.uint8), np.zeros((150, 150), np.uint8)]


def opencv_histograms(windows: list[np.ndarray]) -> np.ndarray:
    """Return what OpenCV's recogniser stores of windows."""
    recognizer = new_lbph()
    recognizer.train(windows, np.arange(len(windows), dtype=np.int32))
    return np.concatenate(recognizer.getHistograms())


@pytest.mark.parametrize('face', faces(), ids='face hair noise half gray black'.split())
def test_all_windows_have_the_histograms_of_opencv(face):
    lit = lbph.evenly_lit(face)
    cuts = [np.ascontiguousarray(lit[y:y + lbph.WINDOW, x:x + lbph.WINDOW])
            for y in range(0, 17, lbph.BLOCK) for x in range(0, 17, lbph.BLOCK)]
    ours = lbph.window_histograms(lit)
    assert ours.shape == (25, lbph.GRID ** 2 * lbph.BINS)
    np.testing.assert_allclose(ours, opencv_histograms(cuts), atol=1e-7)
    np.testing.assert_array_equal(lbph.histogram(lbph.middle_window(lit)), ours[12])


def test_distances_are_those_of_opencv():
    windows = [lbph.middle_window(lbph.evenly_lit(face)) for face in faces()]
    recognizer = new_lbph()
    recognizer.train(windows, np.arange(len(windows), dtype=np.int32))
    rows = np.stack([lbph.histogram(window) for window in windows])
    table = lbph.chi_square(rows, np.ascontiguousarray(rows.T))
    for index, window in enumerate(windows):
        collector = cv2.face.StandardCollector_create()
        recognizer.predict_collect(window, collector)
        theirs = [distance for _, distance in collector.getResults(False)]
        np.testing.assert_allclose(table[index], theirs, atol=5e-3)
        pairs = lbph.chi_square_pairs(np.tile(rows[index], (len(rows), 1)), rows)
        np.testing.assert_allclose(pairs, theirs, atol=1e-3)


def test_a_shifted_face_is_found_by_the_window_that_shows_the_same():
    gray = cv2.cvtColor(load_portrait(), cv2.COLOR_RGB2GRAY)
    lit = lbph.evenly_lit(gray[30:180, 150:300])
    gallery = Gallery(lbph.histogram(lbph.middle_window(lit))[None], np.array([0]))
    moved = np.roll(lit, (lbph.BLOCK, -2 * lbph.BLOCK), (0, 1))
    found = gallery.nearest(lbph.window_histograms(moved))
    assert found.distance == pytest.approx(0.0, abs=1e-3)
    assert np.isnan(found.second_distance)
