# SPDX-License-Identifier: Apache-2.0
"""What took long to read or to find, kept for the next time."""

import os
from pathlib import Path
import tempfile
from typing import Any

import numpy as np


def cache_file(name: str) -> Path:
    """Return where a file of that name is kept: below $XDG_CACHE_HOME/emorec."""
    return Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'emorec' / name


def keep(file: Path, **arrays: Any) -> None:
    """Write the arrays as one .npz file; where that cannot be done the next start is slower."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            np.savez(temporary, **arrays)
        os.replace(temporary.name, file)
    except OSError:
        pass
