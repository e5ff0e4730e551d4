# SPDX-License-Identifier: Apache-2.0
"""The linters, run as tests as usual in ROS 2; they read .flake8 and pyproject.toml."""
import importlib.util
from pathlib import Path
import subprocess
import sys

import pytest


@pytest.mark.parametrize('linter', ['flake8', 'mypy'])
def test_sources_are_clean(linter: str, project_root: Path) -> None:
    """The linter finds nothing to say about the sources."""
    if importlib.util.find_spec(linter) is None:
        pytest.skip(f'{linter} is not installed')
    run = subprocess.run(
        [sys.executable, '-m', linter], cwd=project_root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
