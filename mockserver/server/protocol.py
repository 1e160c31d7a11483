"""One client's connection: aiohttp's protocol, taught what a scripted upstream must know.

Every reach into aiohttp's internals is made here, in `seam.py` or in `direct.py`, and proven in
`tests/wire` on the oldest and the newest aiohttp. Seven things differ from aiohttp's own:

- a peer that sends FIN is served for as long as bytes are due (`resting.py`);
- what the parser refuses is told to our own function, which answers; nothing is printed;
- a head must come to its end within a time and a size, whatever it is made of (`head_watch.py`);
- a body that breaks off, is malformed or too slow ends the reading of it at once (`body_watch.py`);
- the last reply of a connection ends in FIN, whatever input comes late (`hanging_up.py`);
- a connection may be told to end when its next request begins, as if it had been idle too long;
- on shutdown a reply that waits is cancelled at once, the others get the runner's time to finish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, TypeAlias

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from mockserver.model.frames import ClientDisconnected, IdleClose
from mockserver.server.body_watch import BodyWatch
from mockserver.server.breach import REFUSED, Breach, MalformedBodyError, Refusal
from mockserver.server.hanging_up import LINGER_S, end_unanswered
from mockserver.server.head_watch import HeadWatch
from mockserver.server.limits import Limits
from mockserver.server.resting import Resting

Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

# Bodies stay as they were sent; an access log would halve the speed, and the journal knows more.
_OPTIONS: Final[Mapping[str, Any]] = {"access_log": None, "auto_decompress": False}
_IDLE_POLL_S: Final = 0.02


class Connection(RequestHandler):
    """`finished` tells that the peer sent FIN, `spoken` that bytes of ours bypassed aiohttp's
    writer during the present exchange."""

    __slots__ = (
        "_bodies",
        "_breach",
        "_hang_up",
        "_heads",
        "_hung_up",
        "_limits",
        "_newest",
        "_refusal",
        "_resting",
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
        self._limits = limits
        self._breach: Breach | None = None
        self._hang_up: IdleClose | None = None
        self._hung_up = False
        self._newest: StreamReader | None = None  # the body of the latest request
        self._resting = Resting(self._loop, self._left)
        self._bodies = BodyWatch(self._loop, limits, self._left)
        self._heads = HeadWatch(
            self._loop, limits, refuse=self._refuse_head, idle=lambda: self._idle
        )

    @property
    def gone(self) -> bool:
        """Nothing written now would leave the machine."""
        return self.transport is None or self.transport.is_closing()

    def rest(self, seconds: float | None) -> Awaitable[None]:
        """See `Resting.some`."""
        return self._resting.some(seconds)

    def rest_until(self, released: asyncio.Future[None]) -> Awaitable[None]:
        """See `Resting.until`."""
        return self._resting.until(released)

    def hang_up_at_next(self, how: IdleClose) -> bool:
        """End the connection, unanswered, when more input comes; true if a request has come."""
        self._hang_up = how
        return bool(self._messages)

    def reading(self, body: StreamReader) -> AbstractContextManager[None]:
        """See `BodyWatch.reading`."""
        return self._bodies.reading(body, None if self._breach is None else self._breach.message)

    # --- what aiohttp and the event loop call ---

    def data_received(self, data: bytes) -> None:
        if self._hang_up is not None:
            transport = self.transport
            if not (transport is None or transport.is_closing() or self._hung_up):
                self._hung_up = True
                end_unanswered(transport, self._hang_up, self.force_close)
            return
        if self._breach is not None:
            return  # nothing that follows can be told apart
        queued = self._messages
        before = len(queued)
        in_a_body = self._newest is not None and not self._newest.is_eof()
        try:
            super().data_received(data)
        except ValueError as error:  # an old aiohttp's, of a target that is no URL
            self._refuse_head(REFUSED, str(error), data)
            return
        if len(queued) > before:
            newest, self._newest = queued[-1]
            held = self._heads.ended()
            if isinstance(newest, _ErrInfo):
                self._note_breach(data)
            elif held + len(data) > self._limits.head_limit:
                self._measure(len(queued) - before, data)
            elif newest.upgrade and len(queued) == before + 1 and not (held or in_a_body):
                self._go_on_behind(newest, data)
        elif not in_a_body:
            self._heads.goes_on(data)

    def eof_received(self) -> bool:  # type: ignore[override]  # aiohttp always lets the loop close
        self.finished = True
        self._resting.end()
        self._bodies.peer_left()
        self._close_when_idle()
        return not self.gone

    def connection_lost(self, exc: BaseException | None) -> None:
        self._heads.ended()
        self._bodies.break_off(ClientDisconnected())
        super().connection_lost(exc)
        self._bodies.peer_left()
        self._resting.end()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        # What follows a request that asked for another protocol is parsed in there.
        tail = self._message_tail
        try:
            resp, reset = await super().finish_response(request, resp, start_time)
        except HttpProcessingError as error:  # an old aiohttp's, before anything is written
            self._message_tail = b""
            self._refuse_head(REFUSED, error.message, tail)
            resp, reset = await super().finish_response(request, resp, start_time)
        if tail:
            self._heads.ended()
            self._note_breach(tail)
        self.spoken = False
        self._bodies.leave(request.content)
        if self._bodies.spoilt:
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
        if status == REFUSED and self._breach is not None:
            response = self._refusal(request, self._breach)
            response.force_close()
            return response
        if isinstance(exc, ClientDisconnected):
            raise exc
        if self.spoken:
            self.log_exception("Error amid a reply to %s", request.remote, exc_info=exc)
            raise ConnectionError("the reply has begun, no other can take its place")
        return super().handle_error(request, status, exc, message)

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109
        self._resting.cancel()
        await super().shutdown(timeout)

    # --- private ---

    @property
    def _idle(self) -> bool:
        """No request is under way, aiohttp waits for one."""
        return self._waiter is not None and not self._waiter.done()

    def _left(self) -> bool:
        """Whether nobody is there any more, or looks as if."""
        return self.finished or self.transport is None or self.transport.is_closing()

    def _note_breach(self, data: bytes) -> None:
        newest = self._messages[-1][0] if self._messages else None
        if isinstance(newest, _ErrInfo) and self._breach is None:
            # The parser forgets the body it was filling when it gives up: its reader would wait on.
            self._breach = Breach(message=newest.message, data=data)
            self._bodies.break_off(MalformedBodyError(newest.message))

    def _go_on_behind(self, offer: RawRequestMessage, data: bytes) -> None:
        """Parse what follows the only request of a piece: aiohttp's parser stops behind the offer
        of a protocol that it does not know, and drops the rest."""
        length = offer.headers.get("Content-Length", "0")
        if offer.chunked or not length.isdigit() or self._message_tail:
            return
        begin = len(data) - len(data.lstrip(b"\r\n"))
        _, mark, behind = data[begin:].partition(b"\r\n\r\n")
        if mark and len(behind) > int(length):
            Connection.data_received(self, behind[int(length) :])

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
        error = _ErrInfo(REFUSED, HttpProcessingError(message=message), message)
        self._messages.append((error, EMPTY_PAYLOAD))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _close_when_idle(self) -> None:
        # No request can follow a FIN, but aiohttp would keep the connection for one.
        if self._idle:
            self.force_close()
        elif not self.gone:
            self._loop.call_later(_IDLE_POLL_S, self._close_when_idle)

    async def _linger(self) -> None:
        """Shut our side, then read on until the peer shuts its own, or for `LINGER_S`."""
        if self.transport is None or self.transport.is_closing():
            return
        try:
            self.transport.write_eof()
            await self.rest(LINGER_S)
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
