# SPDX-License-Identifier: Apache-2.0
"""The socket that a server listens on."""

import socket

from emorec_service.settings import is_loopback
from emorec_service.web.connections import BACKLOG
from emorec_vision.errors import InputError


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
