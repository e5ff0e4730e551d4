# SPDX-License-Identifier: Apache-2.0
"""Serve a dashboard beside other work, in threads."""

import logging
from threading import Thread

from emorec_service.dashboard.app import Act
from emorec_service.dashboard.app import make_dashboard
from emorec_service.dashboard.board import Board
from emorec_service.settings import Settings
from emorec_service.tokens import default_token
from emorec_service.web.connections import BACKLOG
from emorec_service.web.connections import protocol_of
from emorec_service.web.listening import address
from emorec_service.web.listening import listen
from emorec_service.web.quiet_log import QuietLog
import uvicorn

HOST = '127.0.0.1'
MOST_CONNECTIONS = 24
"""Of all who look together; a page has three, and each but one waits for news most of the time."""
LARGEST_REQUEST = 4096
"""Bytes."""


class DashboardServer:
    """A dashboard on this machine's loopback.

    Args:
        board: what is shown.
        act: does what buttons ask for.
        port: 0 takes a free one.
        has_token: whether those who ask must show this user's token, see emorec_service.tokens.

    Attributes:
        url: of the page, with the token.

    Raises:
        InputError: if the port is taken or the token cannot be used.
    """

    def __init__(self, board: Board, act: Act, port: int, has_token: bool = True) -> None:
        token = default_token() if has_token else None
        settings = Settings('', HOST, token=token, max_body=LARGEST_REQUEST,
                            connections=MOST_CONNECTIONS)
        self._listener = listen(HOST, port)
        self.url = address(self._listener) + (f'?token={token}' if token else '')
        for name in ('uvicorn.error', 'asyncio'):
            logging.getLogger(name).addFilter(QuietLog())
        self._server = uvicorn.Server(uvicorn.Config(
            make_dashboard(board, act, settings), log_level='warning', access_log=False,
            http=protocol_of(settings), ws='none', server_header=False, backlog=BACKLOG,
            timeout_graceful_shutdown=1))
        self._thread = Thread(target=self._server.run, kwargs={'sockets': [self._listener]},
                              daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()
