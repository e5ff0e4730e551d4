# SPDX-License-Identifier: Apache-2.0
"""What stands before every request: who may ask, how much they may send, and how many at once."""

import asyncio
from collections.abc import Iterable
from contextlib import nullcontext
from time import monotonic
from typing import Any

from emorec_service.refused import Refused
from emorec_service.settings import is_loopback
from emorec_service.settings import Settings
from emorec_service.tokens import same_token
from emorec_service.worker_pool import WorkerPool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp
from starlette.types import Message
from starlette.types import Receive
from starlette.types import Scope
from starlette.types import Send

OPEN_PATHS = frozenset(['/', '/docs', '/openapi.json'])
"""Static pages, the same for everybody: a browser must get them before it can show a token."""
PICTURE_PATHS = frozenset(['/index', '/pictures'])
DRAIN_SECONDS = 2.0
"""What is refused is read for so long, so that the sender gets to read the answer."""
HEADERS = {
    b'x-content-type-options': b'nosniff', b'referrer-policy': b'no-referrer',
    b'cache-control': b'no-store', b'cross-origin-resource-policy': b'same-origin',
}


class Guard:
    """Refuse what must not reach the service (ASGI middleware).

    On loopback the Host header must name this machine: otherwise a web page could reach the
    service under a name of its own (DNS rebinding). A request from a page of another origin is
    refused everywhere, and so is one without the token where there is one.
    """

    def __init__(self, app: ASGIApp, settings: Settings, pool: WorkerPool | None = None) -> None:
        self._app = app
        self._settings = settings
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope['type'] != 'http':
            await self._app(scope, receive, send)
            return
        started = False

        async def send_safely(message: Message) -> None:
            nonlocal started
            if message['type'] == 'http.response.start':
                started = True
                if message['status'] >= 400:
                    await body.drain(scope)
                message['headers'] = [*message['headers'], *HEADERS.items()]
            await send(message)
        body = LimitedBody(receive, self._settings)
        try:
            self._check(scope)
            sends = scope['method'] == 'POST' and scope['path'] in PICTURE_PATHS
            with self._pool.place() if sends and self._pool else nullcontext():
                body.check_length(scope)
                await self._app(scope, body.receive, send_safely)
        except Refused as refusal:
            if started:
                raise
            await JSONResponse({'detail': refusal.detail}, refusal.status_code,
                               refusal.headers)(scope, receive, send_safely)

    def _check(self, scope: Scope) -> None:
        """Raise Refused for a caller who must not get in."""
        host, origin = header(scope, b'host'), header(scope, b'origin')
        if self._settings.is_loopback and not is_loopback(host_name(host)):
            raise Refused(403, f'the service is not called {host[:80]!r}: ask 127.0.0.1')
        if origin and origin.partition('://')[2].lower() != host.lower():
            raise Refused(403, 'requests from pages of other sites are refused')
        token = self._settings.token
        if token is None or scope['path'] in OPEN_PATHS and scope['method'] in ('GET', 'HEAD'):
            return
        scheme, _, shown = header(scope, b'authorization').partition(' ')
        if scheme.lower() != 'bearer' or not same_token(shown.strip(), token):
            raise Refused(401, 'a token is needed: send the header "Authorization: Bearer TOKEN"',
                          {'WWW-Authenticate': 'Bearer'})


class LimitedBody:
    """Pass a request's body on while it is neither too large nor too slow."""

    def __init__(self, receive: Receive, settings: Settings) -> None:
        self._receive = receive
        self._limit = settings.max_body
        self._seconds = settings.upload_seconds
        self._deadline = monotonic() + settings.upload_seconds
        self._size = 0
        self._complete = False

    def check_length(self, scope: Scope) -> None:
        """Raise Refused for a body that says beforehand that it is too large."""
        length = header(scope, b'content-length')
        if length.isdecimal() and int(length[:20]) > self._limit:
            raise self._too_large()

    async def receive(self) -> Message:
        """Return the next part of the body; raise Refused when it is too much or too slow."""
        if self._complete:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(),
                                             max(0.0, self._deadline - monotonic()))
        except asyncio.TimeoutError:
            raise Refused(408, f'the request took longer than {self._seconds:g} s to come'
                          ) from None
        self._size += len(message.get('body', b''))
        self._complete = not message.get('more_body', False)
        if self._size > self._limit:
            raise self._too_large()
        return message

    async def drain(self, scope: Scope) -> None:
        """Read what still comes, for a moment; a sender that asked first sends nothing."""
        end = monotonic() + DRAIN_SECONDS
        while not self._complete and not header(scope, b'expect') and monotonic() < end:
            try:
                message = await asyncio.wait_for(self._receive(), max(0.0, end - monotonic()))
            except asyncio.TimeoutError:
                return
            self._complete = not message.get('more_body', False)

    def _too_large(self) -> Refused:
        return Refused(413, f'the request is larger than {self._limit / 2**20:g} MiB: send a '
                            'smaller picture')


def header(scope: Scope, name: bytes) -> str:
    """Return a header of a request, '' without one."""
    found: Iterable[Any] = (value for key, value in scope['headers'] if key == name)
    return next(iter(found), b'').decode('latin-1')


def host_name(host: str) -> str:
    """Return a Host header without its port: '[::1]:5000' is '::1'."""
    if host.startswith('['):
        return host[1:].partition(']')[0]
    return host.partition(':')[0]
