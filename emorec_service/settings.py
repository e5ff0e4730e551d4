# SPDX-License-Identifier: Apache-2.0
"""What the service is told at its start: where it listens, what it keeps, and its limits."""

from dataclasses import dataclass
from dataclasses import field
import hashlib
import hmac
from ipaddress import ip_address
import os
from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.files import read_file
from emorec_vision.image_header import MAX_PIXELS

DEFAULT_THRESHOLD = 0.1
"""Of a picture that comes without one, as the original's client sends it."""

SHORTEST_TOKEN = 16
"""Characters; `openssl rand -hex 16` gives 32."""


def usable_cores() -> int:
    """Return how many CPU cores this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Settings:
    """What a running service goes by.

    Attributes:
        db: SQLAlchemy URL of the store.
        host: name or address that the service listens on.
        model: ONNX file, or a name of emotion_model.SHIPPED.
        token: what callers must show, None for nobody has to.
        pictures: folder for the pictures themselves; None keeps none.
        workers: pictures that are worked on at once, each by a detector of its own.
        waiting: pictures that may be on their way in or wait beyond those; more get 503.
        max_body: bytes of a request.
        max_pixels: width times height of a picture.
        upload_seconds: time in which the whole body must have come.
    """

    db: str
    host: str = '127.0.0.1'
    model: str = ''
    token: str | None = None
    pictures: Path | None = None
    workers: int = field(default_factory=usable_cores)
    waiting: int = 16
    max_body: int = 32 * 2**20
    max_pixels: int = MAX_PIXELS
    upload_seconds: float = 30.0

    @property
    def is_loopback(self) -> bool:
        """Return whether only programs of this machine reach the service."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own and nobody else's."""
    if host.lower() == 'localhost':
        return True
    try:
        return ip_address(host.strip('[]')).is_loopback
    except ValueError:
        return False


def read_token(path: Path) -> str:
    """Return the first line of a token file.

    Raises:
        InputError: if the file cannot be read or its token is no safe one.
    """
    how = f'make one with: (umask 077; openssl rand -hex 16 > {path})'
    try:
        text = read_file(path, 'the token file').decode('ascii')
    except InputError as error:
        raise InputError(f'{error}; {how}') from None
    except UnicodeDecodeError:
        raise InputError(f'the token in {path} is not plain ASCII; {how}') from None
    token = text.partition('\n')[0].strip()
    if len(token) < SHORTEST_TOKEN or not token.isprintable() or ' ' in token:
        raise InputError(f'the token in {path} has {len(token)} characters or blanks in it, '
                         f'give at least {SHORTEST_TOKEN} without any; {how}')
    return token


def same_token(shown: str, token: str) -> bool:
    """Compare two tokens in a time that tells neither their content nor their length."""
    digests = (hashlib.sha256(text.encode('utf-8', 'replace')).digest()
               for text in (shown, token))
    return hmac.compare_digest(*digests)


def default_db() -> str:
    """Return the URL of the SQLite store of this user, and make its folder, mode 0700.

    Raises:
        InputError: if the folder cannot be made.
    """
    home = os.environ.get('XDG_DATA_HOME') or Path.home() / '.local' / 'share'
    folder = Path(home) / 'emorec' / 'service'
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise InputError(f'cannot make the folder {folder}: {error.strerror}; name another '
                         'place with --db sqlite:///FILE') from None
    return f'sqlite:///{folder / "results.db"}'
