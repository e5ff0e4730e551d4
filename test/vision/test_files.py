# SPDX-License-Identifier: Apache-2.0
"""Files are checked before they are read, and written whole or not at all."""

from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.files import check_file
from emorec_vision.files import list_folder
from emorec_vision.files import make_folder
from emorec_vision.files import replace
from emorec_vision.files import write_png
from emorec_vision.files import write_private
import numpy as np
import pytest


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
    (tmp_path / '.part-face.png').symlink_to(elsewhere)
    (tmp_path / 'face.png').symlink_to(elsewhere)
    write_private(tmp_path / 'face.png', b'face')
    assert elsewhere.read_text() == 'mine'
    assert (tmp_path / 'face.png').read_bytes() == b'face'
    assert (tmp_path / 'face.png').stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / '.part-face.png').is_symlink()


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
