"""Requests that are whole when they come, with replies that need no waiting: answered where they
were parsed.

Between a parsed request and its handler aiohttp makes a request object, a writer and a task, which
costs several times what the reply does. None of it is needed for a request that lies there whole
and a reply that leaves at once. Such a request is taken from aiohttp's queue before its own loop
hears of it; every other is left there. What has been begun and turns out to need time goes on in
the handler (`Begun`).

The first request of a connection always goes to aiohttp, which then knows that the connection is
kept; so do requests that ask for anything out of the ordinary.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.http import HttpVersion11
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import _ErrInfo

from mockserver.model.frames import Outcome, OutcomeKind
from mockserver.model.request import Request
from mockserver.pipeline.coalesce import Write
from mockserver.pipeline.compose import ORDINARY
from mockserver.server.address import SANDBOX_HEADER, Address, read
from mockserver.server.express import express
from mockserver.server.heads import Heads, Known
from mockserver.server.protocol import Connection, Listener
from mockserver.server.received import headers_of
from mockserver.server.sandbox import Performance, Sandbox
from mockserver.server.sandboxes import SandboxDroppedError, Sandboxes, SandboxLimitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An exchange that is recorded and not yet performed, or what went wrong with it."""

    sandbox: Sandbox
    performance: Performance | Exception
    generation: int


Ended: TypeAlias = Callable[[Sandbox, int, Outcome], None]
"""Told how the exchange of that number in the sandbox ended."""


class DirectConnection(Connection):
    """`begun` waits for the handler of the message that is then first in the queue.

    `last` is the head that came last, where it is known. `_level` says that the parser has got
    nothing but whole requests so far, and is between two.
    """

    __slots__ = ("_counter", "_level", "begun", "last")

    def __init__(self, server: Listener, *, counter: Counter, **options: Any) -> None:
        super().__init__(server, **options)
        self._counter = counter
        self._level = True
        self.begun: Begun | None = None
        self.last: Known | None = None

    def data_received(self, data: bytes) -> None:
        waiter, queued = self._waiter, self._messages
        if waiter is None or waiter.done() or queued or not self._keepalive or self.finished:
            super().data_received(data)
            if data:  # aiohttp itself calls this with nothing
                self._level = self._level and len(queued) == 1 and _fills(data, *queued[0])
            return
        if self._level and self._hang_up is None and self._breach is None and not self._close:
            served = self._counter.recalls(self, data)
            if served:
                self._settled()
                return
            if served is not None:
                super().data_received(data)
                return
        # aiohttp wakes its loop for whatever is parsed, unless none waits.
        self._waiter = None
        try:
            super().data_received(data)
        finally:
            self._waiter = waiter
        self._level = self._level and len(queued) == 1 and _fills(data, *queued[0])
        if self._close or self._force_close:
            waiter.cancel()
        elif len(queued) == 1 and self._counter.serves(self, data, *queued[0]):
            queued.popleft()
            self._consumed()
            self._settled()
        elif queued:
            waiter.set_result(None)

    @property
    def level(self) -> bool:
        """Whether what came last was one request and nothing else, like all before it."""
        return self._level

    def _consumed(self) -> None:
        """Tell the parser of aiohttp 3.14 that it may fill the queue again."""
        consumed = getattr(getattr(self, "_parser", None), "message_consumed", None)
        if consumed is not None:
            consumed()

    def _settled(self) -> None:
        """What aiohttp's loop does behind each request."""
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        if self._manager is not None:
            self._manager.requests_count += 1


class DirectListener(Listener):
    """A listener whose connections ask `counter` first."""

    def __init__(self, *options: Any, counter: Counter, **named: Any) -> None:
        super().__init__(*options, **named)
        self._counter = counter

    def __call__(self) -> Connection:
        return DirectConnection(
            self,
            counter=self._counter,
            refusal=self._refusal,
            limits=self._limits,
            loop=self._loop,
            **self._kwargs,
        )


class Counter:
    """Serves what can be served at once. `ended` is told of it, or `witness` of what was ended
    when it was recorded."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        ended: Ended,
        clock: Callable[[], float],
        witness: Callable[[Sandbox], None] | None = None,
    ) -> None:
        self._sandboxes = sandboxes
        self._witness = witness
        self._ended = ended
        self._clock = clock
        self._heads = Heads()

    def recalls(self, connection: DirectConnection, data: bytes) -> bool | None:
        """Serve a request whose head is known, as that of the connection's last one mostly is.
        True where it was answered, False where that has begun, None where it has not."""
        known = connection.last
        received = None if known is None else known.recall(data)
        if received is None:
            known = connection.last = self._heads.find(data)
            received = None if known is None else known.recall(data)
        if known is None or received is None:
            return None
        if len(received.body) > self._sandboxes.settings.body_limit:
            return None
        return self._serve(connection, known.address, received)

    def serves(
        self, connection: DirectConnection, data: bytes, message: Any, payload: StreamReader
    ) -> bool:
        """Whether the message that came in `data` was answered; else it is the handler's."""
        if (
            isinstance(message, _ErrInfo)
            or not payload.is_eof()
            or message.method != "POST"
            or message.should_close
            or message.upgrade
            or message.version != HttpVersion11
            or payload.exception() is not None
            or _size(payload) > self._sandboxes.settings.body_limit
        ):
            return False
        address = read(message.path, message.headers.get(SANDBOX_HEADER))
        if address.admin is not None:
            return False
        received = Request(
            method="POST",
            target=message.path,
            path=address.path,
            query=address.query,
            headers=headers_of(message.raw_headers),
            body=_lying(payload),
        )
        if connection.level and not message.chunked and message.compression is None:
            self._heads.learn(data, address, received)
        return self._serve(connection, address, received) is True

    def _serve(
        self, connection: DirectConnection, address: Address, received: Request
    ) -> bool | None:
        """True where it was answered, False where that has begun, None where it has not."""
        transport = connection.transport
        if transport is None or transport.get_write_buffer_size():
            return None
        try:
            sandbox = self._sandboxes.get(address.name)
        except (SandboxDroppedError, SandboxLimitError):
            return None
        began, generation = self._clock(), sandbox.journal.generation
        try:
            seen = express(sandbox, received, transport, began, self._clock)
            if seen is not None:
                performance = sandbox.exchange(received, now_s=began, carrier=ORDINARY, seen=seen)
        except Exception as error:  # noqa: BLE001  # the handler raises it, where it is answered
            connection.begun = Begun(sandbox=sandbox, performance=error, generation=generation)
            return False
        if seen is None:
            if self._witness is not None:
                self._witness(sandbox)
            return True
        played = performance.told.played
        if played is None or not played.at_once:
            connection.begun = Begun(
                sandbox=sandbox, performance=performance, generation=generation
            )
            return False
        sent = frames = 0
        for act in played.acts:
            if isinstance(act, Write):
                transport.write(act.data)
                sent += len(act.data)
                frames += act.frames
        outcome = Outcome(
            how=OutcomeKind.COMPLETE,
            frames=frames + 1,
            sent=sent,
            started_s=began,
            ended_s=self._clock(),
        )
        self._ended(sandbox, performance.number, outcome)
        return True


def _size(payload: StreamReader) -> int:
    """Bytes of a body that came whole; an old aiohttp's reader of no body does not count."""
    size: int = getattr(payload, "total_bytes", 0)
    return size


def _fills(data: bytes, message: Any, payload: StreamReader) -> bool:
    """Whether a request is all there is in `data`, to the last byte."""
    if isinstance(message, _ErrInfo) or not payload.is_eof() or message.chunked:
        return False
    return data.find(b"\r\n\r\n") + 4 + _size(payload) == len(data)


def _lying(payload: StreamReader) -> bytes:
    """A body that came whole, left where it is.

    To take it out of its reader makes aiohttp 3.14 feed its parser with nothing and resume a
    transport that was not paused, which takes as long as the reply.
    """
    pieces: deque[bytes] = getattr(payload, "_buffer", deque())
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def begun_on(request: web.BaseRequest) -> Begun | None:
    """What was begun of this request before its handler was called."""
    connection = request.protocol
    if not isinstance(connection, DirectConnection):
        return None
    begun, connection.begun = connection.begun, None
    return begun
