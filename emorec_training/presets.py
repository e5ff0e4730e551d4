# SPDX-License-Identifier: Apache-2.0
"""The settings each network starts from, before a config file and flags change them."""

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    'compact_resnet': {},
    # stefaniavallone/emotion-recognition-kinect: the best of its 50 Optuna trials, and Keras'
    # ImageDataGenerator with zoom_range 0.2 and shear_range 0.2 (degrees: tan 0.2 = 0.0035).
    'original': {
        'network.kernel_size': 2,
        'network.dropout': 0.3106791934814161,
        'network.l2': 0.04370766874155845,
        'augment.shift': 0.0,
        'augment.scale_min': 0.8,
        'augment.scale_max': 1.2,
        'augment.rotation': 0.0,
        'augment.shear': 0.0035,
        'augment.contrast': 0.0,
        'augment.brightness': 0.0,
        'augment.erase': 0.0,
        'optimizer.name': 'adam',
        'optimizer.lr': 6.454516989719096e-05,
        'optimizer.decay': 4.461966074951546e-05,
        'optimizer.schedule': 'inverse_time',
        'optimizer.warmup_epochs': 0.0,
        'optimizer.weight_decay': 0.0,
        'optimizer.label_smoothing': 0.0,
        'training.batch_size': 32,
        'training.epochs': 100,
        'training.patience': 20,
        'training.ema_decay': 0.0,
    },
}
"""Dotted names of settings (as in config.yaml) to values; what is not named is the default."""
