# SPDX-License-Identifier: Apache-2.0
"""One run at a time in a folder."""
from pathlib import Path
import subprocess
import sys
import threading

from emorec_training.train.run_lock import run_lock
from emorec_vision.errors import InputError
import pytest

HOLD = ('import sys; from pathlib import Path\n'
        'from emorec_training.train.run_lock import run_lock\n'
        'with run_lock(Path(sys.argv[1]), wait=False):\n'
        '    print("locked", flush=True)\n'
        '    sys.stdin.read()')


def hold(folder: Path) -> subprocess.Popen[str]:
    """Return a process that holds the lock until its standard input ends."""
    holder = subprocess.Popen([sys.executable, '-c', HOLD, str(folder)], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              cwd=Path(__file__).parents[3])
    assert holder.stdout is not None and holder.stdout.readline() == 'locked\n'
    return holder


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    """The lock goes with its process."""
    with hold(tmp_path) as holder:
        with pytest.raises(InputError, match='another training writes there; wait for its end'):
            with run_lock(tmp_path, wait=False):
                pass
        holder.kill()
        holder.wait()
        with run_lock(tmp_path, wait=False):
            pass


def test_a_second_one_may_wait_for_its_turn(tmp_path: Path) -> None:
    """Reports of a study are written one after the other."""
    turns: list[str] = []

    def wait() -> None:
        with run_lock(tmp_path, wait=True):
            turns.append('second')

    with run_lock(tmp_path, wait=False):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.2)
        turns.append('first')
    waiting.join(60)
    assert turns == ['first', 'second']


def test_other_folders_are_free(tmp_path: Path) -> None:
    """And a folder is free again after its run."""
    (tmp_path / 'other').mkdir()
    for _ in range(2):
        with run_lock(tmp_path, wait=False), run_lock(tmp_path / 'other', wait=False):
            pass
