# SPDX-License-Identifier: Apache-2.0
"""One thread of one program changes a folder at a time, and a killed one is in nobody's way."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
import subprocess
import sys
from threading import Thread

from emorec_vision.errors import InputError
from emorec_vision.files.folder_lock import LOCK_NAME
from emorec_vision.files.folder_lock import locked
import pytest

HOLD = """
from emorec_vision.files.folder_lock import locked
from pathlib import Path
import sys
with locked(Path(sys.argv[1]), 'folder'):
    print('held', flush=True)
    sys.stdin.read()
"""


def is_free(folder: Path) -> bool:
    """Tell whether another thread could write there now."""
    free = []

    def take() -> None:
        try:
            with locked(folder, 'folder', 0.05):
                free.append(True)
        except InputError as error:
            assert 'another program has been changing' in str(error)
    thread = Thread(target=take)
    thread.start()
    thread.join()
    return bool(free)


def test_another_program_is_waited_for_and_a_killed_one_is_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, '-c', HOLD, str(tmp_path)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == 'held\n'
        with pytest.raises(InputError, match=f'another program has been changing {tmp_path} for'):
            with locked(tmp_path, 'folder', 0.05):
                pass
        other.kill()
    with locked(tmp_path, 'folder', 5.0):
        pass


def test_a_thread_may_take_it_again_and_others_wait_until_it_gave_all_back(tmp_path: Path) -> None:
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'link').symlink_to('folder')
    with ExitStack() as holds:
        for _ in range(2):
            holds.enter_context(locked(tmp_path / 'folder', 'folder', 0.05))
        with locked(tmp_path / 'link', 'folder', 0.05):
            pass
        assert not is_free(tmp_path / 'folder')
    assert is_free(tmp_path / 'folder')


def test_an_error_of_who_holds_it_gives_it_back(tmp_path: Path) -> None:
    with pytest.raises(OSError, match='disk'), locked(tmp_path, 'folder'):
        raise OSError('disk')
    assert is_free(tmp_path)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    with locked(tmp_path, 'folder'):
        assert (tmp_path / LOCK_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize('place, told', [
    (lambda path: path.mkdir(), 'Is a directory'),
    (lambda path: path.symlink_to('elsewhere'), 'symbolic links')])
def test_what_cannot_be_locked_is_told_in_one_line(
    tmp_path: Path, place: Callable[[Path], None], told: str
) -> None:
    """A link is not followed: it may lead out of the folder."""
    (tmp_path / 'elsewhere').write_text('mine')
    place(tmp_path / LOCK_NAME)
    with pytest.raises(InputError, match=f'cannot write to the album {tmp_path}: .*{told}'):
        with locked(tmp_path, 'album'):
            pass
    assert (tmp_path / 'elsewhere').read_text() == 'mine'
