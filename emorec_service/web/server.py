# SPDX-License-Identifier: Apache-2.0
"""Listen on a socket and run the application on it."""

from collections.abc import Callable
import ctypes
import logging
import signal

from emorec_service.settings import Settings
from emorec_service.web.app import make_app
from emorec_service.web.connections import BACKLOG
from emorec_service.web.connections import protocol_of
from emorec_service.web.listening import address
from emorec_service.web.listening import listen
from emorec_service.web.quiet_log import QuietLog
from emorec_service.work_limits import GIVEN_BACK_FROM
from emorec_vision.errors import InputError
import uvicorn

SECONDS_TO_FINISH = 10
M_MMAP_THRESHOLD = -3
"""Of mallopt(3)."""


def serve(settings: Settings, port: int, say: Callable[[str], None]) -> int:
    """Run the service until SIGINT or SIGTERM and return the exit status 0.

    Args:
        port: 0 takes a free one.
        say: gets one line with the address once the service answers.

    Raises:
        InputError: if the address, the model or the store cannot be used, or when others could
            reach the service without a token.
    """
    check_reach(settings)
    if hasattr(library := ctypes.CDLL(None), 'mallopt'):  # glibc
        library.mallopt(M_MMAP_THRESHOLD, GIVEN_BACK_FROM)
    with listen(settings.host, port) as listener:
        server, log = make_server(settings), QuietLog()
        for name in ('uvicorn.error', 'asyncio'):
            logging.getLogger(name).addFilter(log)
        logging.getLogger('python_multipart').setLevel(logging.CRITICAL)  # of bad requests
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        page = address(listener)
        shown = f'?token={settings.token}' if settings.show_token else ''
        say(f'the service is at {page}{shown}, its API is described at {page}docs; Ctrl-C ends it')
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            pass
        for line in log.left_out():
            say(line)
    return 0


def make_server(settings: Settings) -> uvicorn.Server:
    """Return a server of the application, to be run on a listening socket.

    Raises:
        InputError: if the model or the store cannot be used.
    """
    return uvicorn.Server(uvicorn.Config(
        make_app(settings), log_level='warning', access_log=False, http=protocol_of(settings),
        ws='none', server_header=False, backlog=BACKLOG,
        timeout_graceful_shutdown=SECONDS_TO_FINISH))


def check_reach(settings: Settings) -> None:
    """Raise InputError when others reach the service without a token."""
    if not settings.is_loopback and settings.token is None:
        raise InputError(f'others can reach {settings.host}: give a token with --token-file FILE, '
                         'or leave --host out to serve this machine only')
