# SPDX-License-Identifier: Apache-2.0
"""Listen on a socket and run the application on it."""

from collections.abc import Callable
import logging
import signal
import socket

import cv2
from emorec_service.settings import is_loopback
from emorec_service.settings import Settings
from emorec_service.web.app import make_app
from emorec_vision.errors import InputError
import uvicorn

BACKLOG = 128
SECONDS_TO_FINISH = 10


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
    cv2.setNumThreads(1)
    with listen(settings.host, port) as listener:
        app = make_app(settings)
        config = uvicorn.Config(app, log_level='warning', access_log=False, http='h11',
                                ws='none', server_header=False,
                                timeout_graceful_shutdown=SECONDS_TO_FINISH)
        logging.getLogger('python_multipart').setLevel(logging.CRITICAL)  # of bad requests
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        say(f'the service is at {address(listener)}, its API is described at '
            f'{address(listener)}docs; Ctrl-C ends it')
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            pass
    return 0


def check_reach(settings: Settings) -> None:
    """Raise InputError when others reach the service without a token."""
    if not settings.is_loopback and settings.token is None:
        raise InputError(f'others can reach {settings.host}: give a token with --token-file FILE, '
                         'or leave --host out to serve this machine only')


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        InputError: if there is no such address or it is taken.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host.strip('[]'), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise InputError(f'cannot listen on {host}, port {port}: {reason}; give another --port '
                         'or --host') from None
    return listener


def address(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    if not is_loopback(host):
        host = socket.gethostname()
    return f'http://[{host}]:{port}/' if ':' in host else f'http://{host}:{port}/'
