"""One client's connection: aiohttp's protocol, taught what a scripted upstream must know.

Every reach into aiohttp's internals is made here or in `seam.py`, and proven in `tests/wire` on
the oldest and the newest aiohttp. Seven things differ from aiohttp's own:

- a peer that sends FIN may still read. It is served for as long as bytes are due; the first time
  the reply would have to wait, it is taken for gone, because a client that closed looks just the
  same. (A proxy in front of a real upstream gives up in the same place.)
- what the parser refuses is told to our own function, which answers; nothing is printed;
- a head must come to its end within a time and a size, whatever it is made of;
- a request body that breaks off, is malformed or too slow ends the reading of it at once;
- the last reply of a connection ends in FIN, whatever input comes late;
- a connection may be told to end when its next request begins, as if it had been idle too long;
- on shutdown a reply that waits is cancelled at once, the others get the runner's time to finish.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from mockserver.core.frames import HangUp
from mockserver.server.head_watch import HeadWatch
from mockserver.server.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

# Bodies stay as they were sent; an access log would halve the speed, and the journal knows more.
_OPTIONS: Final[Mapping[str, Any]] = {"access_log": None, "auto_decompress": False}
_REFUSED: Final = 400
_TOO_SLOW: Final = 408
_IDLE_POLL_S: Final = 0.02
_LINGER_S: Final = 1.0
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Why a head was refused: the parser's own words or ours, the HTTP status for it, and the piece
    of input at which that happened. That piece may begin with requests that were good; they are
    lost with it."""

    message: str
    data: bytes
    status: int = _REFUSED


Refusal: TypeAlias = Callable[[web.BaseRequest, Breach], web.StreamResponse]


class PeerLeftError(ConnectionError):
    """The client went away before everything was read or written."""


class MalformedBodyError(Exception):
    """The request's body is no HTTP; the text says what the parser found."""

    status = _REFUSED


class SlowBodyError(MalformedBodyError):
    """The request's body took longer than it may."""

    status = _TOO_SLOW


class Connection(RequestHandler):
    """`finished` tells that the peer sent FIN, `spoken` that bytes of ours bypassed aiohttp's
    writer during the present exchange."""

    __slots__ = (
        "_body",
        "_breach",
        "_hang_up",
        "_heads",
        "_hung_up",
        "_limits",
        "_newest",
        "_pause",
        "_refusal",
        "_spoilt",
        "_unread",
        "finished",
        "spoken",
    )

    def __init__(
        self, server: Listener, *, refusal: Refusal, limits: Limits, **options: Any
    ) -> None:
        super().__init__(server, **options)
        self.finished = False
        self.spoken = False
        self._refusal = refusal
        self._body: StreamReader | None = None
        self._breach: Breach | None = None
        self._spoilt = False
        self._unread: StreamReader | None = None
        self._pause: asyncio.Future[None] | None = None
        self._hang_up: HangUp | None = None
        self._hung_up = False
        self._limits = limits
        self._newest: StreamReader | None = None  # the body of the latest request
        self._heads = HeadWatch(
            self._loop, limits, refuse=self._refuse_head, idle=lambda: self._idle
        )

    @property
    def gone(self) -> bool:
        """Nothing written now would leave the machine."""
        return self.transport is None or self.transport.is_closing()

    async def rest(self, seconds: float | None) -> None:
        """Let time pass, without end when None; 0 gives way to the loop once.

        Raises:
            PeerLeftError: as soon as the peer is gone or has sent FIN.
        """
        if seconds is not None and seconds <= 0:
            await asyncio.sleep(0)
            return
        pause: asyncio.Future[None] = self._loop.create_future()
        timer = None if seconds is None else self._loop.call_later(seconds, _settle, pause)
        try:
            await self.rest_until(pause)
        finally:
            if timer is not None:
                timer.cancel()

    async def rest_until(self, released: asyncio.Future[None]) -> None:
        """Wait for `released`, which is settled early when the peer goes, and is cancelled when
        the server stops.

        Raises:
            PeerLeftError: as soon as the peer is gone or has sent FIN.
        """
        if not (self.gone or self.finished):
            self._pause = released
            try:
                await released
            finally:
                self._pause = None
        if self.gone or self.finished:
            raise PeerLeftError

    def hang_up_at_next(self, how: HangUp) -> bool:
        """End the connection, unanswered, when more input comes; true if a request has come."""
        self._hang_up = how
        return bool(self._messages)

    @contextmanager
    def reading(self, body: StreamReader) -> Iterator[None]:
        """Wait inside for `body`, which is incomplete; that it stays so raises in whoever waits.

        Raises:
            PeerLeftError: the peer has left or finished with the body incomplete.
            MalformedBodyError: the body is malformed.
            SlowBodyError: the body took longer than it may.
        """
        self._body = body
        timer = None
        if within := self._limits.body_timeout_s:
            slow = SlowBodyError(f"it took longer than {within:g} s")
            timer = self._loop.call_later(within, self._break_off, slow)
        try:
            self._expect_more()
            yield
        except (MalformedBodyError, PeerLeftError):
            self._spoilt = True
            body.feed_eof()  # or aiohttp would try to read the rest
            raise
        finally:
            self._body = None
            if timer is not None:
                timer.cancel()

    # --- what aiohttp and the event loop call ---

    def data_received(self, data: bytes) -> None:
        if self._hang_up is not None:
            self._end_unanswered(self._hang_up)
            return
        if self._breach is not None:
            return  # nothing that follows can be told apart
        queued = self._messages
        before = len(queued)
        in_a_body = self._newest is not None and not self._newest.is_eof()
        super().data_received(data)
        if len(queued) > before:
            self._newest = queued[-1][1]
            held = self._heads.ended()
            if isinstance(queued[-1][0], _ErrInfo):
                self._note_breach(data)
            elif held + len(data) > self._limits.head_limit:
                self._measure(len(queued) - before, data)
        elif not in_a_body:
            self._heads.goes_on(data)

    def eof_received(self) -> bool:  # type: ignore[override]  # aiohttp always lets the loop close
        self.finished = True
        _settle(self._pause)
        self._break_off(PeerLeftError())
        self._give_up_unread()
        self._close_when_idle()
        return not self.gone

    def connection_lost(self, exc: BaseException | None) -> None:
        self._heads.ended()
        self._break_off(PeerLeftError())
        super().connection_lost(exc)
        self._give_up_unread()
        _settle(self._pause)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        # What follows a request that asked for another protocol is parsed in there.
        tail = self._message_tail
        resp, reset = await super().finish_response(request, resp, start_time)
        if tail:
            self._heads.ended()
            self._note_breach(tail)
        self.spoken = False
        if not request.content.is_eof():
            self._unread = request.content
            self._give_up_unread()
        if self._spoilt:
            resp.force_close()
        if not (resp.keep_alive or reset):
            await self._linger()
        return resp, reset

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status == _REFUSED and self._breach is not None:
            response = self._refusal(request, self._breach)
            response.force_close()
            return response
        if isinstance(exc, PeerLeftError):
            raise exc
        if self.spoken:
            self.log_exception("Error amid a reply to %s", request.remote, exc_info=exc)
            raise ConnectionError("the reply has begun, no other can take its place")
        return super().handle_error(request, status, exc, message)

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109
        if self._pause is not None:
            self._pause.cancel()
        await super().shutdown(timeout)

    # --- private ---

    @property
    def _idle(self) -> bool:
        """No request is under way, aiohttp waits for one."""
        return self._waiter is not None and not self._waiter.done()

    def _note_breach(self, data: bytes) -> None:
        newest = self._messages[-1][0] if self._messages else None
        if isinstance(newest, _ErrInfo) and self._breach is None:
            # The parser forgets the body it was filling when it gives up: its reader would wait on.
            self._breach = Breach(message=newest.message, data=data)
            self._break_off(MalformedBodyError(newest.message))

    def _measure(self, count: int, data: bytes) -> None:
        """Refuse the latest heads, which ended with a piece, if one of them is too long."""
        heads = [head for head, _ in self._messages][-count:]
        if any(self._heads.is_too_long(one) for one in heads if not isinstance(one, _ErrInfo)):
            for _ in heads:
                self._messages.pop()
            self._heads.refuse_too_long(data)

    def _refuse_head(self, status: int, message: str, data: bytes) -> None:
        """Have a head answered with a refusal when its turn has come."""
        self._heads.ended()
        self._breach = Breach(message=message, data=data, status=status)
        error = _ErrInfo(_REFUSED, HttpProcessingError(message=message), message)
        self._messages.append((error, EMPTY_PAYLOAD))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _expect_more(self) -> None:
        if self._breach is not None:
            raise MalformedBodyError(self._breach.message)
        if self.gone or self.finished:
            raise PeerLeftError

    def _break_off(self, error: Exception) -> None:
        if self._body is not None and not self._body.is_eof():
            self._body.set_exception(error)

    def _give_up_unread(self) -> None:
        # aiohttp reads for a while what a handler left unread, even where nothing can come.
        if self._unread is not None and (self.gone or self.finished):
            self._unread.feed_eof()
            self._unread = None

    def _close_when_idle(self) -> None:
        # No request can follow a FIN, but aiohttp would keep the connection for one.
        if self._idle:
            self.force_close()
        elif not self.gone:
            self._loop.call_later(_IDLE_POLL_S, self._close_when_idle)

    def _end_unanswered(self, how: HangUp) -> None:
        transport = self.transport
        if transport is None or transport.is_closing() or self._hung_up:
            return
        self._hung_up = True
        if how is HangUp.RST:
            abort(transport)
            return
        try:
            transport.write_eof()
        except OSError:
            self.force_close()
        else:  # to close with input unread would be a RST
            self._loop.call_later(_LINGER_S, self.force_close)

    async def _linger(self) -> None:
        """Shut our side, then read on until the peer shuts its own, or for `_LINGER_S`.

        A socket closed with input unread, or that input still reaches, sends RST in place of FIN,
        and the peer may lose the last bytes of the reply.
        """
        if self.transport is None or self.transport.is_closing():
            return
        try:
            self.transport.write_eof()
            await self.rest(_LINGER_S)
        except OSError:
            return


class Listener(web.Server):
    """A server whose connections are `Connection`s; run it with `aiohttp.web.ServerRunner`."""

    def __init__(
        self,
        handler: Handler,
        *,
        refusal: Refusal,
        limits: Limits | None = None,
        **options: Any,
    ) -> None:
        """`refusal` answers heads that are refused, given a stand-in for the request; the
        connection ends with that. Other options are those of aiohttp's `RequestHandler`."""
        limits = limits or Limits()
        lines = {"max_line_size": limits.line_limit, "max_field_size": limits.line_limit}
        # Our own limit counts bytes; no head within it has more headers than this.
        counts = {"max_headers": limits.head_limit}
        super().__init__(handler, **{**_OPTIONS, **lines, **counts, **options})
        self._refusal = refusal
        self._limits = limits

    def __call__(self) -> Connection:
        return Connection(
            self, refusal=self._refusal, limits=self._limits, loop=self._loop, **self._kwargs
        )


def connection_of(request: web.BaseRequest) -> Connection:
    """The connection that a request of a `Listener` came in on."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        raise TypeError(f"wanted a request of a Listener, got one of {type(connection)!r}")
    return connection


def abort(transport: asyncio.Transport) -> None:
    """RST at once; what is not yet sent is lost."""
    endpoint = transport.get_extra_info("socket")
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _settle(pause: asyncio.Future[None] | None) -> None:
    if pause is not None and not pause.done():
        pause.set_result(None)
