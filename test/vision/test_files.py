# SPDX-License-Identifier: Apache-2.0
"""Check that files are written whole or not at all."""

from pathlib import Path

from emorec_vision.errors import InputError
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
