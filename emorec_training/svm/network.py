# SPDX-License-Identifier: Apache-2.0
"""A fitted support vector machine as a Keras network, which is saved without pickle."""

from collections.abc import Sequence
from typing import Any

from emorec_training.networks.layers.support_vectors import PairVotes
from emorec_training.networks.layers.support_vectors import RbfKernel
from emorec_training.networks.layers.support_vectors import Standardised
from emorec_training.svm.features import feature_layers
import keras
from keras import layers
import numpy as np


def as_network(svc: Any, kinds: Sequence[str], mean: np.ndarray, deviation: np.ndarray,
               sharpness: float) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out.

    Args:
        svc: a fitted sklearn.svm.SVC of three classes or more, rbf or linear.
        kinds: the features that it was fitted on.
        mean, deviation: what each feature was standardised by, (D,).
        sharpness: by which scores become logits.
    """
    classes = len(svc.classes_)
    inputs = keras.Input((48, 48, 1), name='gray')
    x = feature_layers(inputs, kinds)
    standardised = Standardised(trainable=False, dtype='float32')
    x = standardised(x)
    standardised.set_weights([mean, deviation])
    if svc.kernel == 'linear':
        weights, bias = svc.coef_.T, svc.intercept_
    else:
        kernel = RbfKernel(float(svc._gamma), len(svc.support_vectors_))
        x = kernel(x)
        kernel.set_weights([svc.support_vectors_])
        weights, bias = _pair_weights(svc), svc.intercept_
    pairs = layers.Dense(classes * (classes - 1) // 2, name='pairs')
    x = pairs(x)
    pairs.set_weights([weights, bias])
    scores = PairVotes(classes, name='scores')(x)
    logits = layers.Rescaling(sharpness, dtype='float32', name='logits')(scores)
    return keras.Model(inputs, logits, name='svm')


def _pair_weights(svc: Any) -> np.ndarray:
    """Return the weight of each support vector in the decision of each pair, (S, P).

    libsvm's dual_coef_ (C - 1, S) holds, for a vector of class i, its weights against the other
    classes in their order.
    """
    classes = len(svc.classes_)
    ends = np.cumsum(svc.n_support_)
    of_class = [slice(end - count, end) for end, count in zip(ends, svc.n_support_)]
    columns = []
    for first in range(classes):
        for second in range(first + 1, classes):
            column = np.zeros(ends[-1])
            column[of_class[first]] = svc.dual_coef_[second - 1, of_class[first]]
            column[of_class[second]] = svc.dual_coef_[first, of_class[second]]
            columns.append(column)
    return np.stack(columns, axis=1)
