# SPDX-License-Identifier: Apache-2.0
"""Who can read what nodes put into shared memory."""

import os
from pathlib import Path

from emorec_ros.runtime.process.shared_memory import SHARED_MEMORY
from ros_harness import Harness


def test_only_this_user_can_read_the_images_in_shared_memory(harness: Harness) -> None:
    """And nodes of this user still find each other."""
    process = harness.start('emotion', people='none')
    harness.values('emotion', lambda values: bool(values))
    maps = Path(f'/proc/{process.pid}/maps').read_text().split()
    segments = {Path(word) for word in maps
                if word.startswith(str(SHARED_MEMORY / 'fast')) and '_port' not in word}
    assert segments
    own = [path for path in segments if path.exists() and is_of(path, process.pid)]
    assert own
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in own)


def is_of(segment: Path, pid: int) -> bool:
    """Tell whether a process holds the lock that its maker holds."""
    lock = f'{segment}_el'
    return any(os.path.realpath(link) == lock for link in Path(f'/proc/{pid}/fd').iterdir())
