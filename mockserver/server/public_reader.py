"""Requests read by aiohttp's documented server, where its parser is not as `connection.py` expects.

Replies have the same bytes. Slower are the reading and the noticing of clients that disconnect; input
that is no HTTP is answered by aiohttp itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Final

from aiohttp import HttpVersion11, web

from mockserver.model.frames import OutcomeKind
from mockserver.model.request import Request, decode_headers
from mockserver.server.player import Player
from mockserver.server.routing import SANDBOX_HEADER, parse_target
from mockserver.server.sink import Activity, TransportSink

if TYPE_CHECKING:
    from mockserver.server.app import Upstream

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
# Bytes in the transport above which nothing more is written, as asyncio has it by default.
_MARK: Final = 64 * 1024
_POLL_S: Final = 0.005


class PublicReader:
    """Makes the protocols of one server."""

    def __init__(self, app: Upstream) -> None:
        self._app = app
        self._server = web.Server(self._handle, access_log=None, auto_decompress=False)

    def protocol(self) -> asyncio.Protocol:
        """A protocol for the next connection."""
        return self._server()

    async def shut_down(self) -> None:
        """End every connection."""
        await self._server.shutdown(0)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        target = parse_target(request.raw_path, request.headers.get(SANDBOX_HEADER))
        body = await _read(request, limit=self._app.body_limit(target))
        received = Request(
            method=request.method,
            target=request.raw_path,
            path=target.path,
            query=target.query,
            headers=decode_headers(request.raw_headers),
            body=body or b"",
            version=(1, 1) if request.version >= HttpVersion11 else (1, 0),
            keep_alive=request.keep_alive and body is not None,
            oversize=body is None,
        )
        turn = _Turn(request, keep_alive=received.keep_alive)
        self._app.connections.add(turn)
        try:
            self._app.respond(turn, received, target)
            await turn.finished()
        finally:
            self._app.connections.discard(turn)
        return _Sent(keep_alive=turn.sink.keep_alive)


async def _read(request: web.BaseRequest, *, limit: int) -> bytes | None:
    """The body, None where it is longer than `limit`."""
    if (request.content_length or 0) > limit:
        return None
    expects = request.headers.get("Expect", "").lower() == "100-continue"
    waits = expects and request.version >= HttpVersion11 and not request.content.is_eof()
    if waits and request.transport is not None:
        request.transport.write(_CONTINUE)
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)


class _Sent(web.StreamResponse):
    """A reply that is on the wire already."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._lives_on = keep_alive

    @property
    def keep_alive(self) -> bool:
        return self._lives_on

    async def prepare(self, request: web.BaseRequest) -> None:  # noqa: ARG002
        return None

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002
        return None


class _PolledSink(TransportSink):
    """A sink whose transport tells another protocol when there is room."""

    def write(self, data: bytes | memoryview) -> bool:
        if self._live().get_write_buffer_size() > _MARK:
            return False
        return super().write(data)

    def on_writable(self, callback: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(_POLL_S, callback)

    async def _drained(self) -> None:
        while self._live().get_write_buffer_size():  # noqa: ASYNC110  # its protocol is not ours
            await asyncio.sleep(_POLL_S)


class _Turn:
    """One request and its reply, as the application sees a connection; see `Connection`."""

    def __init__(self, request: web.BaseRequest, *, keep_alive: bool) -> None:
        self.loop = asyncio.get_running_loop()
        self.sink = _PolledSink()
        self.sink.transport = request.transport
        self.sink.keep_alive = keep_alive
        self._request = request
        self._player: Player | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    @property
    def activity(self) -> Activity | None:
        if self._player is not None:
            return Activity.REPLY
        return None if self._task is None else Activity.ADMIN

    def play(self, player: Player) -> None:
        self._player = player
        player.play()

    def run(self, coroutine: Coroutine[None, None, None]) -> None:
        self._task = self.loop.create_task(coroutine)

    def ended(self, how: OutcomeKind) -> None:
        if how is not OutcomeKind.COMPLETE:
            self.sink.keep_alive = False
        self._player = None
        self._ended = True

    async def finished(self) -> None:
        """Return when the reply has ended, which it does early where the client is gone."""
        if self._task is not None:
            await self._task
            self._task = None
        while not self._ended:
            await asyncio.sleep(_POLL_S)
            if self._request.transport is None and self._player is not None:
                self.sink.disconnected(lost=True)
                self._player.on_disconnect(lost=True)

    def shut_down(self) -> bool:
        if self._player is None or not self._player.rests:
            return self._player is not None
        self.abort()
        return False

    def abort(self) -> None:
        self.sink.keep_alive = False
        if self._player is not None:
            self._player.abort()
        self.sink.abort()
