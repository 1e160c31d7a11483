"""One client connection: aiohttp's HTTP parser inside a protocol of our own.

The connection reads requests, bounds what each may cost until it is complete, and has them answered
one after another. What aiohttp does not document is used in this file only:

- `aiohttp.http.HttpRequestParser` turns bytes into heads and bodies. The public server wraps it in
  a task, a request and a response for each request, which cost more than the exchange, and it
  decides by itself when to close, what to answer to malformed input and how to drain.
- `aiohttp.http.HttpProcessingError` is what the parser raises, with the reason in `message`.
- `aiohttp.base_protocol.BaseProtocol` is what the parser's body readers take for flow control.

`is_usable` tries them on a request; where they are not as expected, `public_reader.py` serves by
documented names.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, cast

from aiohttp import EMPTY_PAYLOAD, HttpVersion10, HttpVersion11, StreamReader

from mockserver.model.frames import OutcomeKind
from mockserver.model.request import Request, decode_headers
from mockserver.server import HeadLimit, Limits, declared_length
from mockserver.server.player import Player
from mockserver.server.routing import SANDBOX_HEADER, Target, parse_target
from mockserver.server.sink import Activity, TransportSink

if TYPE_CHECKING:
    from mockserver.server.app import Upstream

try:
    from aiohttp.base_protocol import BaseProtocol
    from aiohttp.http import HttpProcessingError, HttpRequestParser
except ImportError:
    _NAMES_ARE_THERE = False
else:
    _NAMES_ARE_THERE = True

    class _NoFlowControl(BaseProtocol):
        """The flow control of body readers: none, as the connection bounds what they hold."""

        def pause_reading(self) -> None:
            return

        def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002
            return


CLIENT_HELLO: Final = b"\x16\x03"
"""What a client begins with that speaks TLS."""
TLS_ON_PLAIN: Final = (
    "a TLS handshake on a port that speaks plain HTTP: use http://, or start the server with --tls self-signed"
)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_VERSIONS: Final = {HttpVersion11: (1, 1), HttpVersion10: (1, 0)}
_BAD_REQUEST, _TIMEOUT, _TOO_LONG = 400, 408, 431
# Stands for no timeout.
_FOREVER_S: Final = 1e8
# Input that is read ahead of the reply in progress.
_READ_AHEAD: Final = 256 * 1024
# The body limit bounds what a body reader holds, so readers have no limit of their own.
_NO_LIMIT: Final = 2**30

_log = logging.getLogger("mockserver.server")


def is_usable() -> bool:
    """Whether aiohttp's parser is as this file expects it; call it on the loop."""
    if not _NAMES_ARE_THERE:
        return False
    try:
        parser = _new_parser(asyncio.get_running_loop(), Limits())
        head = b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
        [(message, body)], upgraded, tail = parser.feed_data(head)
        parser.set_upgraded(False)
        seen = (message.method, message.path, message.should_close, message.upgrade, upgraded, tail)
        return (
            seen == ("POST", "/x", False, False, False, b"")
            and _VERSIONS[message.version] == (1, 1)
            and message.raw_headers == ((b"host", b"x"), (b"content-length", b"2"))
            and message.headers.get("Host") == "x"
            and message.chunked is False
            and body.is_eof()
            and body.total_bytes == len(body.read_nowait(-1))
        )
    except Exception:  # noqa: BLE001  # whatever is wrong with it, it cannot be used
        return False


def _new_parser(loop: asyncio.AbstractEventLoop, limits: Limits) -> HttpRequestParser:
    return HttpRequestParser(
        _NoFlowControl(loop),
        loop,
        _NO_LIMIT,
        max_line_size=limits.line_limit,
        max_field_size=limits.line_limit,
        # The limit of a head counts bytes; no head within it has more headers than this.
        max_headers=limits.head_limit,
        # Content codings stay as they were sent.
        auto_decompress=False,
    )


class Connection(asyncio.Protocol):
    """Reads the requests of one client and has each answered in its turn.

    A client that sends FIN is served for as long as bytes are due. Input that is no HTTP ends the
    connection behind the reply to it. The last reply of a connection ends in FIN, whatever comes
    late.
    """

    def __init__(self, app: Upstream) -> None:
        self._app = app
        self.loop = loop = asyncio.get_running_loop()
        self._parser = _new_parser(loop, app.limits)
        self.sink = TransportSink()
        # Heads in the order received, each with the reader of its body.
        self._queue: deque[tuple[Any, StreamReader]] = deque()
        self._newest: StreamReader = EMPTY_PAYLOAD  # the body of the latest head
        # The request whose turn it is, until its body is complete.
        self._reading: tuple[Request, Target, StreamReader] | None = None
        # Why nothing behind the queue can be read: status, reason and input.
        self._broken: tuple[int, str, bytes] | None = None
        self._busy = False  # a request is being answered
        self._serving = False  # inside `_serve`
        self._closing = False  # no more input is read
        self._player: Player | None = None
        self._task: asyncio.Task[None] | None = None
        # Input that is exactly the request whose turn it is.
        self._whole: bytes | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._head = HeadLimit(app.limits, loop, self._head_late)
        self._ahead = 0
        self._paused = False

    # --- for the application, which answers requests ---

    @property
    def activity(self) -> Activity | None:
        """What is in progress."""
        if self._player is not None:
            return Activity.REPLY
        if self._task is not None:
            return Activity.ADMIN
        return None if self._reading is None else Activity.BODY

    def play(self, player: Player) -> None:
        """Play the reply to the request whose turn it is; at its end `ended` is to be called."""
        self._player = player
        player.play()

    def run(self, coroutine: Coroutine[None, None, None]) -> None:
        """Run what finds the reply to the request whose turn it is, and then calls `play`."""
        self._task = task = self.loop.create_task(coroutine)
        task.add_done_callback(self._ran)

    def ended(self, how: OutcomeKind) -> None:
        """The reply has ended: go on with the next request."""
        self._player = None
        self._busy = False
        if self.sink.keep_alive and how is OutcomeKind.COMPLETE:
            self._serve()
        else:
            self._finish()

    # --- for the server, which stops ---

    def shut_down(self) -> bool:
        """Close unless something is in progress that takes no long wait; whether there is."""
        if self._task is not None or (self._player is not None and not self._player.rests):
            return True
        self.abort()
        return False

    def abort(self) -> None:
        """End the connection, and what it does, at once."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
        if self._player is not None:
            self._player.abort()
        self.sink.abort()

    # --- for the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.sink.transport = cast("asyncio.Transport", transport)  # a stream's
        self._app.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._closing or self._broken is not None:
            return
        between_requests = (
            self._reading is None and not self._queue and not self._head.received and self._newest.is_eof()
        )
        if between_requests and not self._busy and self.sink.close_at_next is None:
            found = self._app.heads.find(data)
            if found is not None and len(found[1]) <= self._app.body_limit(found[0].target):
                head, body = found
                self._respond(head.request(body), head.target)
                return
        if self.sink.close_at_next is not None:
            self._closing = True
            self.sink.end_unanswered(self.sink.close_at_next)
            return
        self._feed(data)
        if not self._busy:
            if between_requests and self._newest.is_eof() and len(self._queue) == 1:
                self._whole = data
            self._serve()
            return
        self._ahead += len(data)
        transport = self.sink.transport
        if self._ahead > _READ_AHEAD and not self._paused and transport is not None:
            self._paused = True
            transport.pause_reading()

    def eof_received(self) -> bool:
        transport = self.sink.transport
        self.sink.disconnected(lost=False)
        if self._player is not None:
            self._player.on_disconnect(lost=False)
        self._serve()
        # A connection of TLS cannot stay half open.
        return transport is not None and transport.can_write_eof() and not transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._app.connections.discard(self)
        self._queue.clear()
        self._head.finish()
        self.sink.disconnected(lost=True)
        if self._player is not None:
            self._player.on_disconnect(lost=True)
        self._serve()
        self._closing = True
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self.sink.pause_writing()

    def resume_writing(self) -> None:
        self.sink.resume_writing()

    # --- reading ---

    def _feed(self, data: bytes) -> None:
        """Parse a piece of input and queue the requests that begin in it."""
        in_body = not self._newest.is_eof()
        if data.startswith(CLIENT_HELLO) and not in_body and not self._head.received:
            self._break(_BAD_REQUEST, TLS_ON_PLAIN, data)
            return
        try:
            messages, upgraded, tail = self._parser.feed_data(data)
        except (HttpProcessingError, ValueError) as error:  # the latter for a target that is no URL
            self._break(_BAD_REQUEST, getattr(error, "message", str(error)), data)
            return
        if messages:
            size = len(data) + self._head.finish()
            if self._head.exceeded_by(size, [message for message, _ in messages]):
                self._break(_TOO_LONG, self._head.text, data)
                return
            self._queue.extend(messages)
            self._newest = messages[-1][1]
            if upgraded:
                # A protocol that is not switched to: what follows is HTTP still.
                self._parser.set_upgraded(False)
                if tail:
                    self._feed(tail)
            elif len(messages) == 1 and messages[0][0].upgrade:
                self._feed_behind(messages[0][0], data)
        elif in_body or not data:
            self._head.finish()
        elif not self._head.feed(data):
            self._break(_TOO_LONG, self._head.text, data)

    def _feed_behind(self, offer: Any, data: bytes) -> None:
        """Parse what follows the only request of a piece: aiohttp's parser stops behind the offer
        of a protocol that it does not know, and drops the rest."""
        length = offer.headers.get("Content-Length", "0")
        if offer.chunked or not length.isdigit():
            return
        begin = len(data) - len(data.lstrip(b"\r\n"))
        _, mark, behind = data[begin:].partition(b"\r\n\r\n")
        if mark and len(behind) > int(length):
            self._feed(behind[int(length) :])

    def _head_late(self, data: bytes) -> None:
        if not self._busy:
            seconds = self._app.limits.head_timeout_s
            self._break(_TIMEOUT, f"its head took longer than {seconds:g} s", data)
            self._serve()

    def _break(self, status: int, message: str, data: bytes) -> None:
        """Take note that this piece of input, and whatever follows it, is no HTTP."""
        self._head.finish()
        self._broken = (status, message, data)

    # --- answering in turn ---

    def _serve(self) -> None:
        """Answer requests until one takes time or is not complete."""
        if self._serving:
            return
        self._serving = True
        try:
            while not self._busy and not self._closing and self._turn():
                pass
        finally:
            self._serving = False
        transport = self.sink.transport
        if transport is None or self._busy:
            return
        self._ahead = 0
        if self.sink.client_finished:
            transport.close()
        elif self._paused:
            self._paused = False
            transport.resume_reading()

    def _turn(self) -> bool:
        """Go a step further; False where more input is needed."""
        if self._reading is not None:
            return self._answer()
        if self._queue:
            if self.sink.close_at_next is not None:
                self._closing = True
                self.sink.end_unanswered(self.sink.close_at_next)
            else:
                self._begin()
        elif self._broken is not None:
            self._reject_head(*self._broken)
        else:
            return False
        return True

    def _begin(self) -> None:
        """Take the next request from the queue."""
        message, body = self._queue.popleft()
        version = _VERSIONS.get(message.version)
        if version is None:
            major, minor = message.version
            text = f"expected HTTP/1.1 or HTTP/1.0, got HTTP/{major}.{minor}"
            self._reject_head(_BAD_REQUEST, text, b"")
            return
        target = parse_target(message.path, message.headers.get(SANDBOX_HEADER))
        request = Request(
            method=message.method,
            target=message.path,
            path=target.path,
            query=target.query,
            headers=decode_headers(message.raw_headers),
            version=version,
            keep_alive=not message.should_close,
        )
        self._reading = request, target, body

    def _answer(self) -> bool:
        """Have the request whose turn it is answered; False where its body is not complete."""
        assert self._reading is not None  # noqa: S101  # set by `_begin`
        request, target, body = self._reading
        if body is not EMPTY_PAYLOAD:
            limit = self._app.body_limit(target)
            if body.total_bytes > limit or (not body.is_eof() and declared_length(request) > limit):
                request.oversize, request.keep_alive = True, False
                self._closing = True  # the rest of the body is dropped
            elif body.is_eof():
                request.body = body.read_nowait(-1)
            elif self._broken is not None:
                self._body_ended()
                self._take_turn(keep_alive=False)
                self._app.reject_body(self, *self._broken[:2], request, target)
                return True
            elif self.sink.client_finished:
                self._body_ended()
                self._closing = True
                self._app.abandoned(request, target)
                return False
            else:
                self._await_body(request)
                return False
        self._body_ended()
        if self._whole is not None:
            self._app.heads.add(self._whole, request, target)
            self._whole = None
        self._respond(request, target)
        return True

    def _respond(self, request: Request, target: Target) -> None:
        self._take_turn(keep_alive=request.keep_alive)
        try:
            self._app.respond(self, request, target)
        except Exception as error:  # noqa: BLE001  # it is logged, and answered with 500
            self._failed(error)

    def _take_turn(self, *, keep_alive: bool) -> None:
        self._busy = True
        self.sink.keep_alive = keep_alive
        self.sink.sent = 0

    def _await_body(self, request: Request) -> None:
        """Give the body its time, and ask for it where the client waits for `100 Continue`."""
        if self._body_timer is not None:
            return
        seconds = self._app.limits.body_timeout_s
        self._body_timer = self.loop.call_later(seconds or _FOREVER_S, self._body_late)
        expects = request.version == (1, 1) and request.header("expect")
        if expects and expects.lower() == "100-continue" and self.sink.transport is not None:
            self.sink.transport.write(_CONTINUE)

    def _body_ended(self) -> None:
        self._reading = None
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _body_late(self) -> None:
        if seconds := self._app.limits.body_timeout_s:
            self._broken = (_TIMEOUT, f"it took longer than {seconds:g} s", b"")
            self._serve()

    def _reject_head(self, status: int, message: str, data: bytes) -> None:
        self._take_turn(keep_alive=False)
        self._app.reject_head(self, status, message, data)

    def _failed(self, error: BaseException) -> None:
        """This server has a bug."""
        _log.error("Error while a request was answered", exc_info=error)
        self.sink.keep_alive = False
        if self._player is not None:
            self._player.abort()
        elif self.sink.sent:
            # A reply has begun, no other can take its place.
            self._finish()
        else:
            self._app.failed(self)

    def _ran(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    def _finish(self) -> None:
        self._closing = True
        self._head.finish()
        transport = self.sink.transport
        if self._paused and transport is not None and not transport.is_closing():
            # The FIN of the client is to be noticed.
            self._paused = False
            transport.resume_reading()
        self.sink.finish()
