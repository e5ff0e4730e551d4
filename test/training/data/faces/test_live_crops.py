# SPDX-License-Identifier: Apache-2.0
"""Training images as the live detector cuts them."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
from emorec_cli.main import main
from emorec_training.data.faces import live_crops as module
from emorec_training.data.faces.live_crops import live_crops
from emorec_training.data.faces.live_crops import with_margin
from emorec_training.train.batches import batches
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import face_input
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.detectors.yunet import YuNetDetector
from emorec_vision.geometry import Box
from emorec_vision.model_files.weights import yunet_weights
from fer_csv import TRAIN_FLAGS
import numpy as np
import pytest

GENEROUS = 1.3
"""How much wider than the detector's box the test's image of a face is."""


@pytest.fixture
def bare_faces(astronaut: np.ndarray) -> np.ndarray:
    """Return a face in a generous frame, uint8 (2, 48, 48), and an image without one."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    box = max((face.box for face in HaarDetector().detect(gray)), key=lambda box: box.area)
    large = box.expand(GENEROUS - 1)
    face = cv2.resize(gray[large.y:large.bottom, large.x:large.right], (48, 48),
                      interpolation=cv2.INTER_AREA)
    return np.stack([face, np.full_like(face, 90)])


def test_a_face_is_cut_closer_and_an_image_without_one_stays(
        bare_faces: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing is searched."""
    crops = live_crops(bare_faces, 'haar')
    assert crops.shape == bare_faces.shape and crops.dtype == np.uint8
    assert np.array_equal(crops[1], bare_faces[1])
    edge = round(24 * (1 - 1 / GENEROUS))
    closer = cv2.resize(bare_faces[0][edge:-edge, edge:-edge], (48, 48))
    likeness = [np.corrcoef(crops[0].ravel(), other.ravel())[0, 1]
                for other in (closer, bare_faces[0])]
    assert likeness[0] > likeness[1] + 0.4, likeness
    monkeypatch.setattr(module, 'live_cropper', lambda detector: pytest.fail('searched again'))
    assert np.array_equal(live_crops(bare_faces, 'haar'), crops)


def test_each_detector_has_its_own_crops(bare_faces: np.ndarray) -> None:
    """By default that of live runs, with the very cut that the emotion node takes."""
    weights = yunet_weights()
    if weights is None:
        pytest.skip('the weights of YuNet are not installed')
    by_haar, by_yunet, usual = (live_crops(bare_faces, name) for name in ('haar', 'yunet', 'auto'))
    assert np.array_equal(usual, by_yunet) and not np.array_equal(by_haar, by_yunet)
    framed = with_margin(bare_faces[0])
    box = max((face.box for face in YuNetDetector(weights).detect(framed)),
              key=lambda box: box.area)
    whole = Box(0, 0, *framed.shape[::-1])
    assert np.array_equal(by_yunet[0], face_input(framed, whole, box, 48))


def test_auto_takes_haar_without_the_weights(
        bare_faces: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """As live runs do."""
    monkeypatch.setattr('emorec_vision.faces.detectors.factory.yunet_weights', lambda: None)
    assert np.array_equal(live_crops(bare_faces), live_crops(bare_faces, 'haar'))
    with pytest.raises(InputError, match='yunet needs a model file'):
        live_crops(bare_faces, 'yunet')


def test_images_without_any_face_are_refused(bare_faces: np.ndarray) -> None:
    """One line says what is wrong, instead of a run that shows whole images."""
    with pytest.raises(InputError, match='--live-crops: the detector finds no face'):
        live_crops(bare_faces[1:])


def test_training_shows_the_live_crops(
        tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Black ones stand for them here: with a share of 1 no other image is seen."""
    pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
    from emorec_training.train import targets
    shown = []

    def recorded(*arguments: Any, **named: Any) -> Iterator[Any]:
        for batch in batches(*arguments, **named):
            shown.append(batch.images)
            yield batch

    monkeypatch.setattr(
        targets, 'live_crops', lambda images, detector: np.zeros_like(images))
    monkeypatch.setattr(targets, 'batches', recorded)
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(tmp_path / 'run'), *TRAIN_FLAGS,
                 '--epochs', '1', '--live-crops', '1', '--contrast', '0', '--brightness', '0',
                 '--mixup', '0']) == 0
    assert len(np.concatenate(shown)) > 100 and not np.concatenate(shown).any()
