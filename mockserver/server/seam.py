"""The seam: a reply's bytes, written by us through the transport that aiohttp owns.

aiohttp reads, keeps the connection and shuts down; status line, headers and chunk framing are
ours, so that good and broken replies take the same path. Replies are written nowhere else.

- aiohttp is given `Sent`, a response that reports itself as already sent. It must say whether the
  connection lives on, or keep-alive is lost and pipelined requests are dropped in silence.
- Writes of ours bypass aiohttp's drain: `Seam.send` waits for room itself, so that a reader who
  stalls costs bounded memory.
- `abort()` throws away what is not yet sent, so `Seam.reset` first waits until the bytes have left.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import TYPE_CHECKING, Final

from aiohttp import web

from mockserver.model.frames import ClientDisconnected, IdleClose
from mockserver.server.hanging_up import abort
from mockserver.server.protocol import connection_of

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from aiohttp.abc import AbstractStreamWriter

try:
    import fcntl
    import termios
except ImportError:  # Windows has neither
    _QUEUE_IS_VISIBLE = False
else:
    _QUEUE_IS_VISIBLE = True

# What is handed to the transport at once: the most that can pile up above its own high-water mark.
_SLICE: Final = 256 * 1024
_COUNT: Final = struct.Struct("i")
# How long a full kernel queue may stay as it is before the reset stops waiting for the peer.
_PATIENCE_S: Final = 5.0
_POLL_S: Final = (0.0005, 0.02)
# How long the reset waits where the queue cannot be seen.
_BLIND_S: Final = 0.1
_SO_NWRITE: Final = 0x1024  # macOS; the socket module lacks the name


class Sent(web.StreamResponse):
    """What the handler returns to aiohttp for a reply that is on the wire already."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._keep_alive = keep_alive

    async def prepare(self, request: web.BaseRequest) -> None:  # noqa: ARG002
        return None

    async def write_eof(self, data: bytes = b"") -> None:  # noqa: ARG002
        return None


class Seam:
    """The way out for one reply.

    `keep_alive` begins as the request has it; set it to False where the head says `connection:
    close` or the body ends with the connection. `close` and `reset` do so by themselves.
    """

    __slots__ = ("_connection", "_transport", "_writer", "keep_alive", "sent")

    def __init__(self, request: web.BaseRequest) -> None:
        self._connection = connection = connection_of(request)
        self._transport = connection.transport
        self._writer: AbstractStreamWriter = request.writer
        self.keep_alive = request.keep_alive
        self.sent = 0

    @property
    def response(self) -> web.StreamResponse:
        """What the handler returns to aiohttp when the reply has been written."""
        return Sent(keep_alive=self.keep_alive)

    @property
    def buffered(self) -> int:
        """Bytes that wait in the transport for the peer to read."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    async def send(self, data: bytes) -> None:
        """Hand `data` to the transport, as one write unless it is very large; returns when the
        transport's buffer is below its mark. `sent` counts the bytes handed over.

        Raises:
            ClientDisconnected: the peer is gone.
        """
        if len(data) <= _SLICE:
            await self._write(data)
            return
        view = memoryview(data)
        for start in range(0, len(view), _SLICE):
            await self._write(view[start : start + _SLICE])

    def hand_over(self, data: bytes) -> bool:
        """Hand `data` to the transport without waiting; false, and nothing done, while too much
        of what came before waits there.

        Raises:
            ClientDisconnected: the peer is gone.
        """
        transport = self._live()
        if transport.get_write_buffer_size() > _SLICE:
            return False
        self._connection.spoken = True
        transport.write(data)
        self.sent += len(data)
        return True

    async def sleep(self, seconds: float | None) -> None:
        """Let time pass with the connection open, without end when None; see `Connection.rest`."""
        await self._resting(self._connection.rest(seconds))

    async def rest_until(self, released: asyncio.Future[None]) -> None:
        """Wait with the connection open; see `Connection.rest_until`."""
        await self._resting(self._connection.rest_until(released))

    async def _resting(self, rest: Awaitable[None]) -> None:
        try:
            await rest
        except ClientDisconnected:
            self.keep_alive = False  # nothing may follow what is now half a reply
            raise

    async def close(self) -> None:
        """FIN behind everything written, once that has left the transport.

        Only our side is shut here; `Connection` closes the socket when the peer has shut its own.
        """
        self.keep_alive = False
        await self._flush()
        try:
            self._live().write_eof()
        except OSError as error:
            raise ClientDisconnected from error

    async def reset(self) -> None:
        """RST behind everything written, once the peer's kernel has it or takes no more."""
        self.keep_alive = False
        await self._flush()
        await self._settle()
        abort(self._live())

    async def close_on_next_request(self, how: IdleClose) -> None:
        """End the connection, unanswered, as soon as a next request begins: now, if one has."""
        if self.keep_alive and self._connection.hang_up_at_next(how):
            await (self.reset() if how is IdleClose.RST else self.close())

    async def _write(self, data: bytes | memoryview) -> None:
        transport = self._live()
        self._connection.spoken = True
        transport.write(data)
        self.sent += len(data)
        await self._drain()
        if transport.is_closing():
            raise ClientDisconnected

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise ClientDisconnected from error

    async def _flush(self) -> None:
        transport = self._live()
        transport.set_write_buffer_limits(0)
        await self._drain()
        self._live()

    async def _settle(self) -> None:
        """Wait until the kernel's send queue is empty, or has not moved for `_PATIENCE_S`."""
        endpoint = self._live().get_extra_info("socket")
        pause, longest = _POLL_S
        left, still = _unacknowledged(endpoint), 0.0
        if left is None:
            await asyncio.sleep(_BLIND_S)
        while left and still < _PATIENCE_S:
            await asyncio.sleep(pause)
            self._live()
            before, left = left, _unacknowledged(endpoint)
            still = still + pause if left == before else 0.0
            pause = min(pause * 2, longest)
        self._live()

    def _live(self) -> asyncio.Transport:
        if self._transport is None or self._transport.is_closing():
            raise ClientDisconnected
        return self._transport


def _unacknowledged(endpoint: socket.socket) -> int | None:
    """Bytes handed to the kernel that the peer's has not acknowledged; None where it cannot tell.

    Linux tells by SIOCOUTQ, which is TIOCOUTQ by another name, macOS by a socket option.
    """
    try:
        if sys.platform == "darwin":
            return endpoint.getsockopt(socket.SOL_SOCKET, _SO_NWRITE)
        if not _QUEUE_IS_VISIBLE:
            return None
        answer: bytes = fcntl.ioctl(endpoint.fileno(), termios.TIOCOUTQ, _COUNT.pack(0))
    except OSError:
        return None
    count: int = _COUNT.unpack(answer)[0]
    return count
