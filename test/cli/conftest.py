# SPDX-License-Identifier: Apache-2.0
"""What several commands are tested with: a small emotion model, and a video."""

from pathlib import Path

from cli.face_video import write_video
import numpy as np
from onnx_models import write_model
import pytest


@pytest.fixture(scope='session')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small emotion model."""
    return write_model(tmp_path_factory.mktemp('model') / 'model.onnx')


@pytest.fixture(scope='session')
def video(tmp_path_factory: pytest.TempPathFactory, astronaut: np.ndarray) -> Path:
    """Return a video of 20 seconds with a face."""
    return write_video(tmp_path_factory.mktemp('video') / 'input_video.avi', astronaut)
