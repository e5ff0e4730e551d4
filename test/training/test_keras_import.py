# SPDX-License-Identifier: Apache-2.0
"""How Keras is imported."""
import os
from pathlib import Path
import subprocess
import sys

from emorec_cli.keras_import import prepare_keras
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


def test_a_backend_that_there_is_not_is_named(tiny_csv: Path, tmp_path: Path) -> None:
    """KERAS_BACKEND is to blame, not Keras."""
    command = [sys.executable, '-m', 'emorec_cli.main', 'emotions', 'train', str(tiny_csv),
               '--out', str(tmp_path / 'run')]
    ended = subprocess.run(command, env=os.environ | {'KERAS_BACKEND': 'fortran'}, text=True,
                           capture_output=True, cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == 2 and ended.stderr.count('\n') == 1
    assert ended.stderr.startswith('emorec: KERAS_BACKEND=fortran: Keras cannot run on it')
