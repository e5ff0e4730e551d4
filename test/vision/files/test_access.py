# SPDX-License-Identifier: Apache-2.0
"""Files are checked before they are read, and written whole or not at all."""

from collections.abc import Callable
import errno
import os
from pathlib import Path
import secrets
import subprocess
import sys

from emorec_vision.errors import InputError
from emorec_vision.files.access import check_file
from emorec_vision.files.access import list_folder
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import replace
from emorec_vision.files.access import write_bytes
from emorec_vision.files.access import write_png
from emorec_vision.files.access import write_private
from emorec_vision.files.whole_file import append
import numpy as np
import pytest

Writer = Callable[[Path, bytes], None]


def write_by_name(path: Path, content: bytes) -> None:
    """Write as libraries do that ask for a name."""
    with replace(path) as part:
        descriptor = os.open(part, os.O_WRONLY)
        os.write(descriptor, content)
        os.close(descriptor)


def full_disk(*_arguments: object) -> None:
    """Fail as a call does whose disk is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


WRITERS = [pytest.param(write, id=write.__name__)
           for write in (write_bytes, write_private, write_by_name)]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / 'curves.png'
    path.write_text('old')
    with pytest.raises(RuntimeError), replace(path) as temporary:
        temporary.write_text('half')
        raise RuntimeError
    assert path.read_text() == 'old'
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_is_its_owners_alone_and_follows_no_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / 'elsewhere'
    elsewhere.write_text('mine')
    (tmp_path / 'face.png').symlink_to(elsewhere)
    write_private(tmp_path / 'face.png', b'face')
    assert elsewhere.read_text() == 'mine'
    assert (tmp_path / 'face.png').read_bytes() == b'face'
    assert (tmp_path / 'face.png').stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / 'face.png').is_symlink()


@pytest.mark.parametrize('write', WRITERS)
def test_nobody_can_prepare_the_temporary_name(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer) -> None:
    """It is another one each time, and must not be there: a link would lead out of the folder."""
    names = []

    def move(source: Path, target: Path) -> None:
        names.append(Path(source).name)
        os.rename(source, target)
    monkeypatch.setattr(os, 'replace', move)
    for _ in range(2):
        write(tmp_path / 'a.txt', b'new')
    assert len(set(names)) == 2 and all(len(name) > 20 for name in names)
    monkeypatch.setattr(secrets, 'token_hex', lambda count: '0')
    write(tmp_path / 'a.txt', b'old')
    (tmp_path / names[-1]).symlink_to(tmp_path / 'elsewhere')
    with pytest.raises((InputError, OSError), match='File exists'):
        write(tmp_path / 'a.txt', b'new')
    assert (tmp_path / 'a.txt').read_bytes() == b'old'
    assert not (tmp_path / 'elsewhere').exists()


@pytest.mark.parametrize('write', WRITERS)
@pytest.mark.parametrize('call', ['write', 'fsync', 'replace'])
def test_a_full_disk_leaves_the_old_file_and_is_named(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, write: Writer) -> None:
    """Whichever call tells of it."""
    path = tmp_path / 'a.txt'
    path.write_bytes(b'old')
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full_disk)
        with pytest.raises((InputError, OSError), match='No space left on device') as raised:
            write(path, b'new')
    assert str(path) in str(raised.value)
    assert path.read_bytes() == b'old' and list(tmp_path.iterdir()) == [path]


def test_what_a_disk_keeps_otherwise_than_it_was_written_does_not_count(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / 'a.txt'
    path.write_bytes(b'old')
    write, writes = os.write, []
    monkeypatch.setattr(
        os, 'write', lambda file, data: writes.append(write(file, b'x' * len(data))) or len(data))
    with pytest.raises(InputError, match=r'a\.txt: what was written cannot be read'):
        write_bytes(path, b'new')
    assert path.read_bytes() == b'old' and len(writes) == 1


def test_the_disk_has_it_before_the_name_and_the_name_before_the_end(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a power failure: the content is synced, then the file moved, then its folder synced."""
    order = []
    sync, move = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        order.append('folder' if os.path.isdir(f'/proc/self/fd/{descriptor}') else 'file')
        sync(descriptor)

    def moved(source: Path, target: Path) -> None:
        order.append('move')
        move(source, target)
    monkeypatch.setattr(os, 'fsync', synced)
    monkeypatch.setattr(os, 'replace', moved)
    for write in (write_bytes, write_private, write_by_name):
        order.clear()
        write(tmp_path / 'a.txt', b'new')
        assert order == ['file', 'move', 'folder']


def test_what_a_killed_writer_left_is_removed_by_the_next_and_a_living_ones_is_not(
        tmp_path: Path) -> None:
    path = tmp_path / 'model.bin'
    killed = subprocess.run([sys.executable, '-c', (
        'import os, sys; from pathlib import Path\n'
        'from emorec_vision.files.access import replace\n'
        'with replace(Path(sys.argv[1])) as part:\n'
        '    part.write_bytes(b"half"); os.kill(os.getpid(), 9)'), str(path)], check=False)
    assert killed.returncode == -9 and len(list(tmp_path.iterdir())) == 1
    with replace(path) as part:
        part.write_bytes(b'other')
        write_bytes(path, b'new')
        assert set(tmp_path.iterdir()) == {path, part}
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b'other'


def test_what_is_added_to_a_file_is_added_as_a_whole(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / 'log.csv'
    append(path, b'one\n')
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 4:
            full_disk()
        return write(descriptor, bytes(data[:2]))
    with monkeypatch.context() as patch:
        patch.setattr(os, 'write', half)
        with pytest.raises(OSError, match='No space left on device.*log.csv'):
            append(path, b'two\n')
    assert path.read_bytes() == b'one\n'
    append(path, b'two\n')
    assert path.read_bytes() == b'one\ntwo\n'


def test_a_image_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'cannot write .*nowhere/a\.png: No such file'):
        write_png(tmp_path / 'nowhere' / 'a.png', np.zeros((4, 4), np.uint8))


def test_what_a_user_named_is_looked_at_before_it_is_used(tmp_path: Path) -> None:
    (tmp_path / 'a.txt').write_text('a')
    check_file(tmp_path / 'a.txt', 'missing')
    assert list_folder(tmp_path, 'missing') == [tmp_path / 'a.txt']
    for wrong in (tmp_path, tmp_path / 'b.txt', tmp_path / 'a.txt' / 'b.txt'):
        with pytest.raises(InputError, match='^missing$'):
            check_file(wrong, 'missing')
    for wrong in (tmp_path / 'a.txt', tmp_path / 'b'):
        with pytest.raises(InputError, match='^missing$'):
            list_folder(wrong, 'missing')
    with pytest.raises(InputError, match='cannot read .*: File name too long'):
        check_file(tmp_path / ('a' * 300), 'missing')


def test_a_folder_is_made_with_those_above_it_and_its_rights(tmp_path: Path) -> None:
    assert make_folder(tmp_path / 'a' / 'b', 0o700) == tmp_path / 'a' / 'b'
    assert (tmp_path / 'a' / 'b').stat().st_mode & 0o777 == 0o700
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='cannot make the folder .*: Not a directory'):
        make_folder(tmp_path / 'file' / 'a')
