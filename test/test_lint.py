# SPDX-License-Identifier: Apache-2.0
"""The linters, run as tests as usual in ROS 2; they read .flake8 and pyproject.toml."""
import importlib.util
from pathlib import Path
import subprocess
import sys

import pytest
import yaml


@pytest.mark.parametrize('linter', ['flake8', 'mypy'])
def test_sources_are_clean(linter: str, project_root: Path) -> None:
    """The linter finds nothing to say about the sources."""
    if importlib.util.find_spec(linter) is None:
        pytest.skip(f'{linter} is not installed')
    run = subprocess.run(
        [sys.executable, '-m', linter], cwd=project_root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_pre_commit_checks_with_the_same_flake8(project_root: Path) -> None:
    """And the same plug-ins, each in the version of requirements/test.txt."""
    pinned = (project_root / 'requirements' / 'test.txt').read_text().splitlines()
    config = yaml.safe_load((project_root / '.pre-commit-config.yaml').read_text())
    (version, hook), = ((repo['rev'], hook) for repo in config['repos'] for hook in repo['hooks']
                        if hook['id'] == 'flake8')
    assert [f'flake8=={version}', *hook['additional_dependencies']] == [
        line for line in pinned if line.startswith('flake8')]
