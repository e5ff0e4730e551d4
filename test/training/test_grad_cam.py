# SPDX-License-Identifier: Apache-2.0
"""The gradient shows the place of a face that a Keras network looks at."""

import json
from pathlib import Path

from emorec_cli.main import main
from emorec_vision.files.access import write_png
import numpy as np
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('tensorflow', reason='the training extra (TensorFlow) is not installed')


@pytest.fixture(scope='module')
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run whose network tells faces with bright places from others."""
    folder = tmp_path_factory.mktemp('runs') / 'bright'
    folder.mkdir()
    gray = keras.Input((48, 48, 1))
    features = keras.layers.Conv2D(1, 1, activation='relu', name='bright')(
        keras.layers.AveragePooling2D(6)(gray))
    logits = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(features))
    network = keras.Model(gray, logits, name='bright')
    network.get_layer('bright').set_weights([np.ones((1, 1, 1, 1)), np.full(1, -100.0)])
    network.layers[-1].set_weights([np.array([[0.08, -0.08]]), np.zeros(2)])
    network.save(folder / 'model.keras')
    (folder / 'result.json').write_text(json.dumps({'labels': ['Happy', 'Sad']}))
    return folder


def bright_corner() -> np.ndarray:
    """Return a dark face whose upper left quarter is bright."""
    face = np.full((48, 48), 20, np.uint8)
    face[:24, :24] = 200
    return face


def test_only_what_is_looked_at_has_weight(run: Path) -> None:
    """The map lies where the features are; what speaks against an emotion is left out."""
    from emorec_training.explanation.grad_cam import KerasExplainer
    explainer = KerasExplainer(run)
    assert (explainer.name, explainer.labels, explainer.input_size) == (
        'bright', ('Happy', 'Sad'), 48)
    happy, sad = (explainer.weigh(bright_corner(), column) for column in (0, 1))
    assert (happy.dtype, happy.shape) == (np.float32, (48, 48))
    assert (happy[:20, :20] > 0).all()
    assert not happy[28:].any() and not happy[:, 28:].any()
    assert not sad.any()


@pytest.mark.parametrize('options', [[], ['--method', 'occlusion', '--patch', '8']])
def test_a_run_is_explained_by_either_method(
        run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    """The folder of a run is a model; what it tells comes first."""
    write_png(tmp_path / 'face.png', bright_corner())
    assert main(['explain', str(tmp_path / 'face.png'), '--model', str(run), '--out',
                 str(tmp_path / 'maps'), *options]) == 0
    assert capsys.readouterr().out.startswith(f'{tmp_path}/face.png: Happy 98%')
    assert (tmp_path / 'maps' / 'face.png').is_file()
