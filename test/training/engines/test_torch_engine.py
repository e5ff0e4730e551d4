# SPDX-License-Identifier: Apache-2.0
"""Both engines take the same steps."""
from emorec_training.config import Config
from emorec_training.config import load_config
from emorec_training.engines.engine import make_engine
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('torch', reason='PyTorch is not installed')
pytestmark = pytest.mark.usefixtures('full_network')

WEIGHTS = np.linspace(0.5, 1.5, 7, dtype=np.float32)
"""Of the classes in the loss."""


def make_config(engine: str, **settings: object) -> Config:
    """Return settings without dropout."""
    return load_config(None, {
        'network.dropout': 0.0, 'training.engine': engine,
        **{name.replace('__', '.'): value for name, value in settings.items()}})


@pytest.mark.parametrize('optimizer, rate', [('sgd', 1e-3), ('adamw', 1e-4)])
def test_both_engines_take_the_same_first_steps(optimizer: str, rate: float) -> None:
    """From the same weights, with weight decay, the losses stay together.

    Adam divides gradients by their size and so enlarges rounding: a smaller rate for it.
    """
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (4, 8, 48, 48)).astype(np.uint8)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, (4, 8))]
    losses, start = [], None
    for name in ('keras', 'torch'):
        engine = make_engine(make_config(
            name, optimizer__name=optimizer, optimizer__weight_decay=0.01), WEIGHTS)
        start = start or engine.get_weights()
        engine.set_weights(start)
        losses.append([engine.step(*batch, rate)[0] for batch in zip(images, targets)])
    assert losses[1] == pytest.approx(losses[0], abs=1e-3)
    assert losses[0][0] != pytest.approx(losses[0][-1], abs=1e-2)


def test_depthwise_networks_learn_in_bfloat16() -> None:
    """The loss is that of float32 but for rounding, and the step reaches every weight."""
    rng = np.random.default_rng(4)
    images = rng.integers(0, 256, (16, 48, 48)).astype(np.uint8)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, 16)]
    losses, start = [], None
    for precision in ('float32', 'bfloat16'):
        engine = make_engine(make_config(
            'torch', network__name='efficientnet_lite0', training__precision=precision), WEIGHTS)
        start = start or engine.get_weights()
        engine.set_weights(start)
        losses.append(engine.step(images, targets, 1e-2)[0])
        assert all(np.any(now != then) for now, then in zip(engine.get_weights(), start))
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_both_engines_measure_the_same_statistics() -> None:
    """What batch normalisation finds again is a plain mean over the batches in both."""
    images = np.random.default_rng(3).integers(0, 256, (2, 8, 48, 48)).astype(np.uint8)
    answers, start = [], None
    for name in ('keras', 'torch'):
        engine = make_engine(make_config(name), WEIGHTS)
        start = start or engine.get_weights()
        engine.set_weights(start)
        engine.update_batch_norm(images)
        answers.append(engine.logits(images[0]))
    np.testing.assert_allclose(answers[1], answers[0], atol=0.05 * np.abs(answers[0]).max())
