# SPDX-License-Identifier: Apache-2.0
"""notebooks/first_steps.ipynb runs from top to bottom, and is kept without outputs."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / 'notebooks' / 'first_steps.ipynb'


@pytest.fixture(scope='module')
def cells() -> list[dict[str, Any]]:
    """Return its cells of code."""
    return [cell for cell in json.loads(NOTEBOOK.read_text())['cells']
            if cell['cell_type'] == 'code']


def test_it_is_kept_without_outputs(cells: list[dict[str, Any]]) -> None:
    """Outputs hold images of whoever ran it."""
    assert all(cell['outputs'] == [] and cell['execution_count'] is None for cell in cells)


def test_its_cells_run_in_order(cells: list[dict[str, Any]], tmp_path: Path) -> None:
    """As one program, away from the sources, without a warning or a window."""
    pytest.importorskip('matplotlib', reason='matplotlib is needed')
    script = tmp_path / 'cells.py'
    script.write_text('\n\n'.join(''.join(cell['source']) for cell in cells))
    run = subprocess.run([sys.executable, '-W', 'error::UserWarning', str(script)], cwd=tmp_path,
                         capture_output=True, text=True, env={
                             'MPLBACKEND': 'agg', 'PATH': '', 'HOME': str(tmp_path)})
    assert run.returncode == 0, run.stderr
    assert 'Happy 9' in run.stdout and 'rows, 1 person' in run.stdout
    assert 'as it is' in run.stdout and 'weight of the rest 0.' in run.stdout


def test_jupyter_runs_it(tmp_path: Path) -> None:
    """In a kernel, as those who open it do."""
    nbclient = pytest.importorskip('nbclient', reason='nbclient is not installed')
    nbformat = pytest.importorskip('nbformat', reason='nbformat is not installed')
    pytest.importorskip('ipykernel', reason='ipykernel is not installed')
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={
        'metadata': {'path': str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get('outputs', ())]
    assert sum('image/png' in output.get('data', {}) for output in shown) == 2
