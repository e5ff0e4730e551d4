# SPDX-License-Identifier: Apache-2.0
"""Which hosts only this machine reaches, and which tokens are safe."""

from emorec_vision.errors import InputError
import pytest
from service.requests import TOKEN

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.settings import read_token  # noqa: E402, I100
from emorec_service.settings import same_token  # noqa: E402


@pytest.mark.parametrize('content', [b'', b'\n', b'short\n', b'with blanks in it', b'\xff'])
def test_a_weak_token_is_refused_with_the_command_for_a_good_one(tmp_path, content):
    path = tmp_path / 'token'
    path.write_bytes(content)
    with pytest.raises(InputError, match='openssl rand'):
        read_token(path)
    with pytest.raises(InputError, match='cannot read'):
        read_token(tmp_path / 'none')
    path.write_text(f'{TOKEN}\nsecond line\n')
    assert read_token(path) == TOKEN


def test_tokens_are_compared_whole():
    assert same_token(TOKEN, TOKEN)
    assert not any(same_token(shown, TOKEN) for shown in ('', TOKEN[:-1], TOKEN + 'x', 'é\udcff'))
