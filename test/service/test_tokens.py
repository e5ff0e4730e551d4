# SPDX-License-Identifier: Apache-2.0
"""Which tokens are safe, and which files they are read from."""

import os
from pathlib import Path

from emorec_vision.errors import InputError
import pytest
from service.requests import TOKEN

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.tokens import default_token  # noqa: E402, I100
from emorec_service.tokens import read_token  # noqa: E402
from emorec_service.tokens import same_token  # noqa: E402


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a token file that only its owner can read, still empty."""
    path = tmp_path / 'a token'
    path.touch(0o600)
    return path


@pytest.mark.parametrize('content', [b'', b'\n', b'short\n', b'with blanks in it', b'\xff'])
def test_a_weak_token_is_refused_with_the_command_for_a_good_one(path, content):
    path.write_bytes(content)
    with pytest.raises(InputError, match='openssl rand'):
        read_token(path)
    with pytest.raises(InputError, match='cannot read'):
        read_token(path.parent / 'none')
    path.write_text(f'{TOKEN}\nsecond line\n')
    assert read_token(path) == TOKEN


@pytest.mark.parametrize('mode', [0o644, 0o640, 0o604, 0o620])
def test_a_token_file_of_others_is_refused_with_the_command_that_helps(path, mode):
    path.write_text(TOKEN)
    path.chmod(mode)
    with pytest.raises(InputError) as refused:
        read_token(path)
    command = str(refused.value).partition('run ')[2]
    assert '\n' not in str(refused.value) and command == f"chmod 600 '{path}'"
    assert os.system(command) == 0
    assert read_token(path) == TOKEN


def test_what_is_no_file_of_a_line_is_refused_as_token_file(path, tmp_path):
    os.mkfifo(tmp_path / 'pipe', 0o600)
    for wrong in (Path('/dev/zero'), tmp_path / 'pipe', tmp_path):
        with pytest.raises(InputError, match='cannot read the token file'):
            read_token(wrong)
    os.truncate(path, 2**40)
    with pytest.raises(InputError, match='more than 4096 bytes'):
        read_token(path)


def test_this_user_s_own_token_stays_and_is_for_nobody_else(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path))
    token = default_token()
    assert len(token) >= 32 and default_token() == token
    file = tmp_path / 'emorec' / 'service' / 'token'
    assert file.read_text() == f'{token}\n'
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_tokens_are_compared_whole():
    assert same_token(TOKEN, TOKEN)
    assert not any(same_token(shown, TOKEN) for shown in ('', TOKEN[:-1], TOKEN + 'x', 'é\udcff'))
