# SPDX-License-Identifier: Apache-2.0
"""Where a result comes from: the revision of the code and the hash of a file."""

import hashlib
from pathlib import Path
import subprocess


def revision() -> str:
    """Return the short git revision of these sources, 'unknown' outside a checkout."""
    try:
        run = subprocess.run(['git', 'rev-parse', '--short=12', 'HEAD'], capture_output=True,
                             text=True, cwd=Path(__file__).parent, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 'unknown'
    return run.stdout.strip()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
