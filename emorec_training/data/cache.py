# SPDX-License-Identifier: Apache-2.0
"""Arrays that take long to read or to compute, kept below $XDG_CACHE_HOME for the next time."""

import contextlib
import os
from pathlib import Path
import tempfile
from typing import Any
import zipfile

import numpy as np


def cache_file(name: str) -> Path:
    """Return where a file of that name is cached: below $XDG_CACHE_HOME/emorec."""
    return Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'emorec' / name


def load_cached(file: Path) -> dict[str, np.ndarray]:
    """Return the arrays that `store_cached` wrote, none if the file is missing or damaged."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return {}


def store_cached(file: Path, **arrays: Any) -> None:
    """Write the arrays as one .npz file; if that fails, the next start is slower."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            try:
                np.savez(temporary, **arrays)
                temporary.flush()
                os.replace(temporary.name, file)
            finally:
                Path(temporary.name).unlink(missing_ok=True)
