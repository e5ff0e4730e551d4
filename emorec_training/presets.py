# SPDX-License-Identifier: Apache-2.0
"""The settings each network starts from, before a config file and flags change them."""

from typing import Any

_PLAIN: dict[str, Any] = {
    'augment.contrast': 0.0,
    'augment.brightness': 0.0,
    'augment.erase': 0.0,
    'augment.shear': 0.0,
    'augment.mixup': 0.0,
    'optimizer.warmup_epochs': 0.0,
    'optimizer.weight_decay': 0.0,
    'optimizer.label_smoothing': 0.0,
    'training.ema_decay': 0.0,
}
"""What the recipes of others do without."""

PRESETS: dict[str, dict[str, Any]] = {
    'compact_resnet': {},
    # 40 epochs of it came to 68.7 % of PublicTest (docs/experiments.md); with mixup and images
    # that grow from 32 px, 42 epochs came to 67.5 %.
    'wide_resnet': {
        'network.dropout': 0.2,
        'augment.shift': 0.1,
        'augment.scale_max': 1.18,
        'augment.rotation': 10.0,
        'augment.shear': 0.05,
        'augment.contrast': 0.2,
        'augment.erase': 0.2,
        'augment.mixup': 0.0,
    },
    # Weights that know photographs change gently: a lower rate, longer warm-up, less smoothing;
    # the distortion is that of wide_resnet.
    'efficientnet_lite0': {
        'network.pretrained': 'imagenet',
        'network.dropout': 0.2,
        'augment.shift': 0.1,
        'augment.scale_max': 1.18,
        'augment.rotation': 10.0,
        'augment.shear': 0.05,
        'augment.contrast': 0.2,
        'augment.erase': 0.2,
        'augment.mixup': 0.0,
        'optimizer.lr': 0.06,
        'optimizer.label_smoothing': 0.05,
        'training.ema_decay': 0.998,
        'training.epochs': 40,
        'training.patience': 10,
    },
    # stefaniavallone/emotion-recognition-kinect: the best of its 50 Optuna trials, and Keras'
    # ImageDataGenerator with zoom_range 0.2 and shear_range 0.2 (degrees: tan 0.2 = 0.0035).
    'original': {
        **_PLAIN,
        'network.kernel_size': 2,
        'network.dropout': 0.3106791934814161,
        'network.l2': 0.04370766874155845,
        'augment.shift': 0.0,
        'augment.scale_min': 0.8,
        'augment.scale_max': 1.2,
        'augment.rotation': 0.0,
        'augment.shear': 0.0035,
        'optimizer.name': 'adam',
        'optimizer.lr': 6.454516989719096e-05,
        'optimizer.decay': 4.461966074951546e-05,
        'optimizer.schedule': 'inverse_time',
        'training.batch_size': 32,
        'training.epochs': 100,
        'training.patience': 20,
    },
    # shangeth/Facial-Emotion-Recognition-PyTorch-ONNX: 140 epochs of Adam, 1e-3, from epoch 100
    # on 1e-4, from 120 on 1e-5, for which the cosine stands. Its batches of 3000 images are of
    # 256 here, so that a small machine has the memory for them.
    'custom_net': {
        **_PLAIN,
        'network.dropout': 0.3,
        'augment.shift': 0.0,
        'augment.scale_min': 1.0,
        'augment.scale_max': 1.0,
        'augment.rotation': 30.0,
        'optimizer.name': 'adam',
        'optimizer.lr': 1e-3,
        'training.batch_size': 256,
        'training.epochs': 140,
    },
    # microsoft/FERPlus: SGD of 0.05 for 20 epochs, 0.025 for 20, then 0.005, for which the cosine
    # stands. CNTK's momentum of 0.9 is unit-gain: its 0.05 is 0.005 for everyone else.
    'vgg13': {
        **_PLAIN,
        'network.dropout': 0.25,
        'augment.shift': 0.08,
        'augment.scale_min': 1 / 1.05,
        'augment.scale_max': 1.05,
        'augment.rotation': 20.0,
        'augment.shear': 0.05,
        'optimizer.name': 'sgd',
        'optimizer.lr': 0.005,
        'training.batch_size': 32,
        'training.epochs': 100,
    },
    # oarriaga/face_classification: Adam until 50 epochs bring nothing better, and a tenth of the
    # rate whenever 12 bring nothing, for which the cosine over 150 epochs stands.
    'mini_xception': {
        **_PLAIN,
        'network.dropout': 0.0,
        'network.l2': 0.01,
        'augment.shift': 0.1,
        'augment.scale_min': 0.9,
        'augment.scale_max': 1.1,
        'augment.rotation': 10.0,
        'optimizer.name': 'adam',
        'optimizer.lr': 1e-3,
        'training.batch_size': 32,
        'training.epochs': 150,
        'training.patience': 50,
    },
    **{f'horseman_{kind}': {
        # amineHorseman/facial-expression-recognition-using-cnn: dropout keeps 0.956, a rate of
        # 0.016 that is 0.864 times as high every 50 steps (decay is -ln 0.864 / 50), momentum
        # 0.95, 13 epochs, no distortion. Ours scales the pixels and has Nesterov's momentum.
        **_PLAIN,
        'network.dropout': 0.044,
        'augment.flip': 0.0,
        'augment.shift': 0.0,
        'augment.scale_min': 1.0,
        'augment.scale_max': 1.0,
        'augment.rotation': 0.0,
        'optimizer.name': 'sgd',
        'optimizer.momentum': 0.95,
        'optimizer.lr': 0.016,
        'optimizer.schedule': 'exponential',
        'optimizer.decay': 0.0029236,
        'training.epochs': 13,
    } for kind in 'ab'},
}
"""Dotted names of settings (as in config.yaml) to values; what is not named is the default."""
