# SPDX-License-Identifier: Apache-2.0
"""What the service is told at its start: where it listens, what it keeps, and its limits."""

from dataclasses import dataclass
from dataclasses import field
from ipaddress import ip_address
import os
from pathlib import Path

from emorec_service.work_limits import WorkLimits
from emorec_vision.errors import InputError

DEFAULT_THRESHOLD = 0.1
"""Of a picture that comes without one, as the original's client sends it."""


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
        people: folder of the people whose faces are told by name, None for nobody.
        token: what callers must show, None for nobody has to.
        show_token: whether the address that is told at the start has it.
        pictures: folder for the pictures themselves; None keeps none.
        workers: pictures that are worked on at once, each in a process of its own.
        waiting: pictures that may be on their way in or wait beyond those; more get 503.
        max_body: bytes of a request.
        work: what one picture may take.
        connections: that are open at once, or as many as the limit of open files leaves; then
            the one that has waited longest for a request is closed for a new one.
        header_seconds: time in which the headers of a request must have come.
        upload_seconds: time in which the whole body must have come.
        send_seconds: time in which a part of an answer must be taken.
    """

    db: str
    host: str = '127.0.0.1'
    model: str = ''
    people: Path | None = None
    token: str | None = None
    show_token: bool = False
    pictures: Path | None = None
    workers: int = field(default_factory=usable_cores)
    waiting: int = 16
    max_body: int = 32 * 2**20
    work: WorkLimits = WorkLimits()
    connections: int = 256
    header_seconds: float = 10.0
    upload_seconds: float = 30.0
    send_seconds: float = 30.0

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


def default_db() -> str:
    """Return the URL of the SQLite store of this user.

    Raises:
        InputError: if its folder cannot be made.
    """
    folder = data_folder('name another place with --db sqlite:///FILE')
    return f'sqlite:///{folder / "results.db"}'


def data_folder(otherwise: str) -> Path:
    """Return the folder of what the service keeps for this user, made with mode 0700.

    Args:
        otherwise: what to do where it cannot be made, for the error.

    Raises:
        InputError: if it cannot be made.
    """
    home = os.environ.get('XDG_DATA_HOME') or Path.home() / '.local' / 'share'
    folder = Path(home) / 'emorec' / 'service'
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise InputError(f'cannot make the folder {folder}: {error.strerror}; {otherwise}'
                         ) from None
    return folder
