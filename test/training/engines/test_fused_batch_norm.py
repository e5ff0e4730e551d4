# SPDX-License-Identifier: Apache-2.0
"""PyTorch's own batch normalisation in Keras."""
import os
from pathlib import Path
import subprocess
import sys

import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('torch', reason='PyTorch is not installed')

COMPARE = """
import contextlib, keras, numpy as np
from emorec_training.engines.fused_batch_norm import fused_batch_normalization
def step(context):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3),
                              keras.layers.BatchNormalization(), keras.layers.Flatten(),
                              keras.layers.Dense(1)])
    model.compile('sgd', 'mse', jit_compile=False)
    images = np.random.default_rng(0).normal(1, 2, (16, 8, 8, 3)).astype('float32')
    with context:
        for _ in range(3):
            model.train_on_batch(images, images.mean(axis=(1, 2, 3)))
    return model.get_weights()
for fused, plain in zip(step(fused_batch_normalization()), step(contextlib.nullcontext())):
    np.testing.assert_allclose(fused, plain, rtol=1e-4, atol=1e-5)
"""


def test_fused_batch_normalization_computes_what_keras_does() -> None:
    """On PyTorch, weights and statistics after three steps are those of plain Keras."""
    subprocess.run([sys.executable, '-c', COMPARE], check=True, cwd=Path(__file__).parents[3],
                   env=os.environ | {'KERAS_BACKEND': 'torch'})
