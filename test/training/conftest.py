# SPDX-License-Identifier: Apache-2.0
"""What the tests of training share: a drawn csv, a run of training and its exported file."""
from collections.abc import Iterator
import os
from pathlib import Path
import sys

from fer_csv import make_rows
from fer_csv import TRAIN_FLAGS
from fer_csv import write_csv
import pytest
from small_networks import slim_default

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')  # see emorec_cli.keras_import


@pytest.fixture(autouse=True, scope='session')
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the cache of read csv files away from the user's."""
    folder = tmp_path_factory.mktemp('cache')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('XDG_CACHE_HOME', str(folder))
        yield folder


@pytest.fixture(autouse=True)
def slim_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the default network be a slim one, which is trained some forty times."""
    if 'keras' in sys.modules and 'full_network' not in request.fixturenames:
        slim_default(monkeypatch)


@pytest.fixture
def full_network() -> None:
    """Leave the default network as it is in this test."""


@pytest.fixture(scope='session')
def tiny_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a csv of 200 drawn images in all three splits."""
    return write_csv(tmp_path_factory.mktemp('data') / 'fer2013.csv', make_rows())


@pytest.fixture(scope='session')
def trained_run(tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an uninterrupted training run."""
    pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
    from emorec_cli.main import main
    folder = tmp_path_factory.mktemp('runs') / 'whole'
    with pytest.MonkeyPatch.context() as patch:
        slim_default(patch)
        assert main(['emotions', 'train', str(tiny_csv), '--out', str(folder), *TRAIN_FLAGS]) == 0
    return folder


@pytest.fixture(scope='session')
def exported_run(
        trained_run: Path, tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ONNX file of the trained run."""
    from emorec_cli.main import main
    path = tmp_path_factory.mktemp('export') / 'model.onnx'
    assert main(['emotions', 'export', str(trained_run), str(tiny_csv), '--out', str(path)]) == 0
    return path
