# SPDX-License-Identifier: Apache-2.0
"""How Keras is imported."""
import os

from emorec_cli.emotions.common import prepare_keras
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
ONEDNN = 'TF_ENABLE_ONEDNN_OPTS'


def test_mini_xception_alone_trains_without_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its gradient aborts in TensorFlow on processors with AVX512-BF16; a user's choice wins."""
    monkeypatch.delenv(ONEDNN, raising=False)
    for name in (None, 'compact_resnet', 'vgg13'):
        prepare_keras(trained=name)
        assert ONEDNN not in os.environ
    prepare_keras(trained='mini_xception')
    assert os.environ[ONEDNN] == '0'
    monkeypatch.setenv(ONEDNN, '1')
    prepare_keras(trained='mini_xception')
    assert os.environ[ONEDNN] == '1'
