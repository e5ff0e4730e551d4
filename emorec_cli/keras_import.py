# SPDX-License-Identifier: Apache-2.0
"""The import of Keras, which takes seconds and is not installed on a robot."""

from collections.abc import Iterator
import contextlib
from importlib.util import find_spec
import os
import sys

from emorec_vision.errors import InputError

NOT_INSTALLED = 'run "make training", or pip install "emorec[training]"'


def check_installed(*packages: str) -> None:
    """Check that packages of the training extra are there, without importing them.

    Raises:
        InputError: if one is missing.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise InputError(f'{" and ".join(missing)} must be installed; {NOT_INSTALLED}')


def prepare_keras(backend: str = '', trained: str | None = None) -> None:
    """Choose the backend and import Keras without TensorFlow's start-up messages.

    If the network to train is mini_xception, TensorFlow does without oneDNN unless the
    environment says otherwise: on processors with AVX512-BF16 it aborts in that gradient
    (conv2d_backprop_filter, TensorFlow 2.21). Other networks would take twice the time without.

    Args:
        backend: of Keras; '' leaves the choice to the environment.
        trained: name of the network to train.

    Raises:
        InputError: if Keras is not installed, or not its backend.
    """
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    if trained == 'mini_xception':
        os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')
    if backend:
        os.environ['KERAS_BACKEND'] = backend
    try:
        with _silent_standard_error():
            import keras  # noqa: F401
    except (ImportError, ValueError) as error:
        chosen = os.environ.get('KERAS_BACKEND')
        if chosen and getattr(error, 'name', None) != 'keras':
            raise InputError(f'KERAS_BACKEND={chosen}: Keras cannot run on it ({error}); leave it '
                             'out for TensorFlow') from error
        raise InputError(f'Keras is not installed ({error}); {NOT_INSTALLED}') from error


@contextlib.contextmanager
def _silent_standard_error() -> Iterator[None]:
    """Drop what native code writes to standard error while this context is open."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
