# SPDX-License-Identifier: Apache-2.0
"""A map shows the place of a face that a network looks at, and nothing else."""

from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.occlusion import occlusion_map
import numpy as np
from onnx_models import write_model
import pytest

PLACE = (0, 24, 24, 48)
"""First row and column, and those behind the last: the upper right quarter."""


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> EmotionModel:
    """Return a model that sees nothing but one quarter."""
    return EmotionModel(write_model(tmp_path_factory.mktemp('quarter') / 'quarter.onnx',
                                    place=PLACE, spread=0.1))


def face_with(level: int) -> np.ndarray:
    """Return a dark face whose upper right quarter has a gray level."""
    face = np.full((48, 48), 20, np.uint8)
    face[:24, 24:] = level
    return face


@pytest.mark.parametrize('patch', [4, 12, 16, 48])
def test_only_the_place_it_looks_at_counts(model, patch):
    face = face_with(36 * 5)
    told = int(model.predict(face[None]).argmax())
    weights = occlusion_map(model.predict, face, told, patch)
    assert (weights.dtype, weights.shape) == (np.float32, (48, 48))
    inside = weights[:24, 24:]
    assert (inside > 0).all() and weights.max() == inside.max()
    if patch < 24:
        assert not weights[24 + patch:].any() and not weights[:, :24 - patch].any()
        assert np.abs(weights[24:, :24]).sum() < 0.1 * np.abs(inside).sum()


def test_what_speaks_against_an_emotion_is_below_zero(model):
    darker = 2
    weights = occlusion_map(model.predict, face_with(36 * 5), darker)
    assert weights[:24, 24:].max() < 0


def test_an_answer_that_never_changes_has_an_empty_map(model):
    assert not occlusion_map(model.predict, np.full((48, 48), 90, np.uint8), 0).any()


@pytest.mark.parametrize('face, patch', [
    (np.zeros((48, 48), np.float32), 12), (np.zeros((48, 40), np.uint8), 12),
    (np.zeros((48, 48), np.uint8), 0), (np.zeros((48, 48), np.uint8), 49)])
def test_what_is_no_face_or_no_patch_is_refused(model, face, patch):
    with pytest.raises(ValueError):
        occlusion_map(model.predict, face, 0, patch)
