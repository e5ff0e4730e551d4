# SPDX-License-Identifier: Apache-2.0
"""Connections that do not wait for ever for their clients, and never become too many."""

import asyncio
import resource
import socket
from time import monotonic
from typing import Any

from emorec_service.settings import Settings
import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

BACKLOG = 32
"""Connections that may wait to be taken; asyncio takes as many at once..."""
ROUNDS = 3
"""...and so often before those that are closed at once give their files back."""
OTHER_FILES = 64
"""What the store, its pictures and the worker processes keep open."""
FEWEST = 8
TOO_SLOW = (b'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
TOO_MANY = (b'HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n'
            b'content-length: 0\r\n\r\n')


def most_connections(settings: Settings) -> int:
    """Return how many connections may be open, so that a file can always be opened."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return settings.connections
    return min(settings.connections, max(FEWEST, files - ROUNDS * BACKLOG - OTHER_FILES))


def protocol_of(settings: Settings) -> type[H11Protocol]:
    """Return the protocol of connections with these limits."""
    limits = {'settings': settings, 'most': most_connections(settings)}
    return type('Connection', (LimitedConnection,), limits)


class LimitedConnection(H11Protocol):
    """A connection whose client has to send its headers and its body, and to read, in time.

    uvicorn itself closes only what is idle after an answer.
    """

    settings: Settings
    most: int

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._awaited: object = None
        self._since = 0.0
        self._until: asyncio.TimerHandle | None = None
        self._taken_until: asyncio.TimerHandle | None = None

    @property
    def waits_since(self) -> float | None:
        """Return since when it waits for the headers of a request; None: it does not."""
        return self._since if self._awaited is h11.IDLE else None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; make room where there are too many."""
        super().connection_made(transport)
        peer = transport.get_extra_info('socket')
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT,
                        int(1000 * self.settings.send_seconds))
        if len(self.connections) > self.most and not self._make_room():
            transport.write(TOO_MANY)
            transport.close()
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        self._await(None)
        self.resume_writing()

    def pause_writing(self) -> None:
        """Give the client a time to take what was sent."""
        self.flow.pause_writing()
        self._taken_until = self.loop.call_later(self.settings.send_seconds,
                                                 self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        self.flow.resume_writing()
        if self._taken_until is not None:
            self._taken_until.cancel()

    def _make_room(self) -> bool:
        """Close the connection that waited longest for a request; return whether one did."""
        waiting = [each for each in self.connections
                   if isinstance(each, LimitedConnection) and each.waits_since is not None]
        if waiting:
            min(waiting, key=lambda each: each.waits_since or 0.0).end()
        return bool(waiting)

    def end(self) -> None:
        """Close it, whatever was to come."""
        self._await(None)
        self.transport.abort()

    def _watch(self) -> None:
        """Wait for what the client has to send next."""
        state = self.conn.their_state
        waits = state in (h11.IDLE, h11.SEND_BODY) and not self.transport.is_closing()
        self._await(state if waits else None)

    def _await(self, state: object) -> None:
        if state is self._awaited:
            return
        if self._until is not None:
            self._until.cancel()
        self._awaited, self._since, self._until = state, monotonic(), None
        if state is not None:
            # The guard is first to say that a body is slow, to those whose body it wants.
            seconds = (self.settings.header_seconds if state is h11.IDLE
                       else 2 * self.settings.upload_seconds)
            self._until = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        """Close it; tell a client that began to send."""
        if self._awaited is h11.IDLE and self.conn.trailing_data[0]:
            self.transport.write(TOO_SLOW)
            self.transport.close()
        else:
            self.transport.abort()
        self._await(None)
