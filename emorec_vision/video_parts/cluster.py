# SPDX-License-Identifier: Apache-2.0
"""Read parts on the machines of a Dask cluster (https://distributed.dask.org)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
import hashlib
import logging
import os
from pathlib import Path
import platform
import re
from typing import Any

from emorec_vision.emotion.model import model_path
from emorec_vision.errors import InputError
from emorec_vision.video_parts.part import Part
from emorec_vision.video_parts.part import Recipe
from emorec_vision.video_parts.pool import rows_or_error
from emorec_vision.video_parts.reading import PartRows

SECONDS_TO_CONNECT = 10
ADDRESS = re.compile(r'([a-z]+://)?[^/\s]+:[0-9]+')
MOST_KILLED = 3
"""Workers that may end over a part before it is given up, as Dask itself has it."""


@dataclass(frozen=True)
class Expected:
    """What a worker must see as this machine does: sizes of files in bytes, hash of the model."""

    video: int
    model: str


def read_on(address: str, parts: Sequence[Part], recipe: Recipe, model: str,
            tell: Callable[[str], None]) -> Iterator[tuple[Part, PartRows | InputError]]:
    """Yield the parts as they are done, each once, with its rows or with why it has none.

    A part whose worker ends is read by another one.

    Args:
        address: of the scheduler, such as tcp://host:8786.
        model: the name or file that workers know the model by.
        tell: takes a line about the cluster.

    Raises:
        InputError: if the cluster cannot be reached, is lost, or its workers are of no use.
    """
    try:
        from distributed import as_completed
        from distributed import Client
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise InputError('--dask needs the package distributed: install it here and on each '
                         'worker with pip install "emorec[dask]"') from None
    if not parts:
        return
    for name in ('', '.client', '.comm', '.core'):  # what matters is raised
        logging.getLogger('distributed' + name).setLevel(logging.CRITICAL)
    digest = _digest(recipe.model)
    remote = replace(recipe, model=model)
    client = _connect(Client, address)
    with client:
        if not client.scheduler_info()['workers']:
            tell(f'{address} has no worker yet: waiting for one')
        futures = {}
        for part in parts:
            expected = Expected(Path(part.path).stat().st_size, digest)
            there = replace(part, path=os.path.abspath(part.path))
            futures[client.submit(read_checked, there, remote, expected, pure=False)] = part
        try:
            for future in as_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
                yield futures.pop(future), future.result()
        except KilledWorker:
            raise InputError(f'{MOST_KILLED} workers ended over one part; is memory short there? '
                             'What is done is kept') from None
        except (FutureCancelledError, OSError):
            raise InputError(f'the cluster at {address} is lost; what is done is kept') from None
        except ImportError as error:
            raise InputError(f'a worker of {address} cannot read videos: {error}; install the '
                             'same emorec there') from None


def read_checked(part: Part, recipe: Recipe, expected: Expected) -> PartRows | InputError:
    """Read a part on a worker, if it has the same file and the same model."""
    try:
        size = Path(part.path).stat().st_size
    except OSError:
        size = None
    if size != expected.video:
        return InputError(f'{part.path} is {"missing" if size is None else "another file"} on '
                          f'{platform.node()}: give a path that all machines share')
    try:
        path = model_path(recipe.model)
        digest = _digest(str(path))
    except (InputError, OSError) as error:
        return InputError(f'{platform.node()} has no such model: {error}')
    if digest != expected.model:
        return InputError(f'{platform.node()} has another model {recipe.model or path.name}: '
                          'install the same emorec there')
    return rows_or_error(part, replace(recipe, model=str(path)))


def _connect(client: Any, address: str) -> Any:
    try:
        if not ADDRESS.fullmatch(address):
            raise ValueError(address)
        return client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise InputError(f'no Dask scheduler answers at {address}: give its address, such as '
                         'tcp://host:8786') from None


def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
