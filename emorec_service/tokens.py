# SPDX-License-Identifier: Apache-2.0
"""The token that callers must show: where it comes from, and how it is compared."""

import hashlib
import hmac
import os
from pathlib import Path
import secrets
import shlex
import stat

from emorec_service.settings import data_folder
from emorec_vision.errors import InputError
from emorec_vision.files.access import create_private
from emorec_vision.files.user_path import open_regular

SHORTEST_TOKEN = 16
"""Characters; `openssl rand -hex 16` gives 32."""
LARGEST_FILE = 4096
"""Bytes of a token file."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_token(path: Path) -> str:
    """Return the first line of a token file that only its owner can read.

    Raises:
        InputError: if the file cannot be read, others can read it, or its token is no safe one.
    """
    how = f'make one with: (umask 077; openssl rand -hex 16 > {path})'
    try:
        with open(open_regular(path), 'rb') as file:
            state = os.fstat(file.fileno())
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f'cannot read the token file {path}: {error.strerror}; {how}') from None
    if state.st_mode & OTHERS:
        raise InputError(f'others may use the token file {path}: run chmod 600 '
                         f'{shlex.quote(str(path))}')
    if len(data) > LARGEST_FILE:
        raise InputError(f'{path} has more than {LARGEST_FILE} bytes and is no token file; {how}')
    try:
        token = data.decode('ascii').partition('\n')[0].strip()
    except UnicodeDecodeError:
        raise InputError(f'the token in {path} is not plain ASCII; {how}') from None
    if len(token) < SHORTEST_TOKEN or not token.isprintable() or ' ' in token:
        raise InputError(f'the token in {path} has {len(token)} characters or blanks in it, '
                         f'give at least {SHORTEST_TOKEN} without any; {how}')
    return token


def default_token() -> str:
    """Return this user's own token, from a file that the first start makes.

    Raises:
        InputError: if the file cannot be made or used.
    """
    path = data_folder('name a token with --token-file FILE, or do without: --no-token') / 'token'
    try:
        create_private(path, f'{secrets.token_hex(SHORTEST_TOKEN)}\n'.encode())
    except FileExistsError:
        pass
    except OSError as error:
        raise InputError(f'cannot write {path}: {error.strerror}') from None
    return read_token(path)


def same_token(shown: str, token: str) -> bool:
    """Compare two tokens in a time that tells neither their content nor their length."""
    digests = (hashlib.sha256(text.encode('utf-8', 'replace')).digest()
               for text in (shown, token))
    return hmac.compare_digest(*digests)
