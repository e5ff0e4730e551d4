# SPDX-License-Identifier: Apache-2.0
"""The shared memory of Fast DDS, which carries images of people."""

from contextlib import suppress
import os
from pathlib import Path

SHARED_MEMORY = Path('/dev/shm')
SEGMENT_PREFIXES = ('fastrtps', 'fastdds')
"""What the names of Fast DDS 2's and 3's shared memory begin with."""


def hide_shared_memory() -> None:
    """Let only this user read the shared memory of this process.

    Fast DDS makes it with the first node of a process, with mode 0644 whatever the umask is. Call
    this before the first image is published.
    """
    prefixes = tuple(f'{SHARED_MEMORY}/{prefix}_' for prefix in SEGMENT_PREFIXES)
    with suppress(OSError):
        mapped = {words[-1] for line in Path('/proc/self/maps').read_text().splitlines()
                  if (words := line.split(maxsplit=5))[-1].startswith(prefixes)}
        for name in mapped:
            with suppress(OSError):  # another user's port, or just removed
                os.chmod(name, 0o600)
