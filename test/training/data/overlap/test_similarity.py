# SPDX-License-Identifier: Apache-2.0
"""Pairs of similar images."""
from emorec_training.data.overlap import similarity
from emorec_training.data.overlap.similarity import ALIKE
from emorec_training.data.overlap.similarity import KINDS
from emorec_training.data.overlap.similarity import NEAR
from emorec_training.data.overlap.similarity import similar_pairs
import numpy as np
import pytest
from smooth_images import smooth_images


def make_family(rng: np.random.Generator, shape: tuple[int, int] = (48, 48)) -> np.ndarray:
    """Return images of which many are copies, with noise that spans both limits."""
    images = smooth_images(70, rng, shape)
    for index in range(30, 70):
        copy = images[index % 10].astype(np.float32)
        copy += rng.normal(0, rng.uniform(0, 22), shape)
        images[index] = np.clip(copy[:, ::-1] if index % 3 == 0 else copy, 0, 255)
    images[12], images[13], images[14] = images[11], images[11][:, ::-1], 77
    return images


def pairs_by_force(images: np.ndarray) -> dict[tuple[int, int], tuple[str, float]]:
    """Compare every two images by numpy's own correlation."""
    found = {}
    count = len(images)
    with np.errstate(invalid='ignore'):  # constant images correlate with nothing
        table = np.nan_to_num(np.corrcoef(
            np.concatenate([images, images[:, :, ::-1]]).reshape(2 * count, -1)))
    for second in range(count):
        for first in range(second):
            here, there = images[first], images[second]
            straight, mirrored = table[first, second], table[first, count + second]
            best = max(straight, mirrored)
            if best < ALIKE:
                continue
            kind = ('near' if best > NEAR else 'alike') \
                + ('-mirrored' if mirrored > straight else '')
            if np.array_equal(here, there):
                kind = 'exact'
            elif np.array_equal(here, there[:, ::-1]):
                kind = 'mirrored'
            found[first, second] = (kind, best)
    return found


@pytest.mark.parametrize('block', [1024, 16])
@pytest.mark.parametrize('shape', [(48, 48), (31, 50), (9, 7)])
def test_the_fast_search_misses_nothing(
        monkeypatch: pytest.MonkeyPatch, block: int, shape: tuple[int, int]) -> None:
    """The bound on low frequencies, in blocks, finds what comparing all pixels finds."""
    monkeypatch.setattr(similarity, 'BLOCK', block)
    images = make_family(np.random.default_rng(4), shape)
    expected = pairs_by_force(images)
    pairs = similar_pairs(images)
    found = {(int(first), int(second)): KINDS[kind]
             for first, second, kind in zip(pairs.first, pairs.second, pairs.kind)}
    assert found == {pair: kind for pair, (kind, _) in expected.items()}
    assert list(found) == sorted(found)
    assert set(found.values()) == set(KINDS)
    assert pairs.correlation == pytest.approx(
        [expected[pair][1] for pair in found], abs=1e-9)


def test_two_sets_are_compared_with_each_other_only() -> None:
    """With `others`, copies within either set are no pairs."""
    images = make_family(np.random.default_rng(5))
    pairs = similar_pairs(images[:40], images[40:])
    across = {(first, second - 40) for first, second in pairs_by_force(images)
              if first < 40 <= second}
    assert set(zip(pairs.first.tolist(), pairs.second.tolist())) == across


@pytest.mark.parametrize('images', [
    np.zeros((0, 48, 48), np.uint8), np.zeros((1, 48, 48), np.uint8),
    np.full((3, 48, 48), 9, np.uint8)])
def test_nothing_to_compare_gives_no_pairs(images: np.ndarray) -> None:
    """Empty and constant sets are understood."""
    assert len(similar_pairs(images).first) == 0
    assert len(similar_pairs(images, images).first) == 0
