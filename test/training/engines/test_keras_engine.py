# SPDX-License-Identifier: Apache-2.0
"""Training steps by Keras."""
from emorec_training.config import OptimizerConfig
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


def test_adamw_goes_without_decay() -> None:
    """Every preset of others has none, and Keras' AdamW refuses that."""
    from emorec_training.engines.keras_engine import make_optimizer
    plain = make_optimizer(OptimizerConfig(name='adamw', weight_decay=0.0))
    assert isinstance(plain, keras.optimizers.Adam) and not plain.weight_decay
    assert make_optimizer(OptimizerConfig(name='adamw', weight_decay=0.01)).weight_decay == 0.01
