# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every room's tests may use."""
from pathlib import Path

import numpy as np
import pytest
import skimage.data

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope='session')
def project_root() -> Path:
    """Return the root of the package's sources."""
    return ROOT


@pytest.fixture(scope='session')
def shared_data() -> Path:
    """Return the folder of research data beside the project; skip the test without it."""
    folder = ROOT.parent / 'shared' / 'data'
    if not folder.is_dir():
        pytest.skip(f'no research data at {folder}')
    return folder


@pytest.fixture(scope='session')
def astronaut() -> np.ndarray:
    """Return scikit-image's portrait of Eileen Collins, uint8 RGB (512, 512, 3), read-only."""
    picture = skimage.data.astronaut()
    picture.setflags(write=False)
    return picture
