"""The sink of a connection: writes into its transport, and the ways in which it can end.

- A client that reads slowly costs bounded memory: nothing is written while the transport's buffer is
  above its mark.
- `transport.abort()` drops what is not yet sent, so a reset first waits until the bytes have left.
- A socket that is closed with input unread, or that input still reaches, sends RST in place of FIN,
  and the client may lose the last bytes of the reply: after our FIN we read on for `LINGER_S`.
- With TLS the transport is one of `tls_connection.py`, whose socket is that of TCP: FIN comes with or without a
  `close_notify`, RST below TLS.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final

from mockserver.model.frames import ClientDisconnected, IdleClose

try:
    import fcntl
    import termios
except ImportError:  # Windows has neither
    _QUEUE_IS_VISIBLE = False
else:
    _QUEUE_IS_VISIBLE = True

WITHOUT_NOTIFY: Final = "write_eof_without_notify"
"""What a transport of TLS tells as extra information: how to send FIN alone."""
LINGER_S: Final = 1.0
"""How long input is read behind our FIN."""

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_COUNT: Final = struct.Struct("i")
# How long a full kernel queue may stay as it is before a reset stops waiting for the client.
_PATIENCE_S: Final = 5.0
_POLL_S: Final = (0.0005, 0.02)
# How long a reset waits where the queue cannot be seen.
_BLIND_S: Final = 0.1
_SO_NWRITE: Final = 0x1024  # macOS; the socket module lacks the name


class Activity(StrEnum):
    """What may be in progress on a connection; `%s` is the ending of the plural."""

    REPLY = "request%s in flight"
    BODY = "request%s half received"
    ADMIN = "admin request%s in flight"


class TransportSink:
    """Where the player writes the replies of one connection; see `PlayerSink`.

    `sent` counts the bytes of the present reply. `keep_alive` says whether a next request may
    follow it, `close_at_next` how the connection ends when one does.
    """

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.sent = 0
        self.keep_alive = True
        self.close_at_next: IdleClose | None = None
        self.client_finished = False
        self._paused = False
        self._writable: list[Callable[[], object]] = []
        self._sleeper: asyncio.Future[None] | None = None

    @property
    def server_address(self) -> str:
        """The host address to which the client connected, empty where that is unknown."""
        transport = self.transport
        name = None if transport is None else transport.get_extra_info("sockname")
        return str(name[0]) if isinstance(name, tuple) else ""

    # --- what the connection reports ---

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        writable, self._writable = self._writable, []
        for callback in writable:
            callback()

    def disconnected(self, *, lost: bool) -> None:
        """The client sent FIN, or the connection is `lost`."""
        self.client_finished = True
        _wake(self._sleeper)
        if lost:
            self.transport = None
            self.resume_writing()

    def finish(self) -> None:
        """FIN behind the last reply; closes the socket at once where the client has shut its own
        side, else after `LINGER_S`."""
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if self.client_finished or not transport.can_write_eof():
            transport.close()
            return
        try:
            transport.write_eof()
        except OSError:
            transport.close()
        else:
            asyncio.get_running_loop().call_later(LINGER_S, transport.close)

    def end_unanswered(self, how: IdleClose) -> None:
        """End a connection on which a request has begun."""
        if how is IdleClose.FIN:
            self.finish()
        elif self.transport is not None:
            _reset(self.transport)

    def abort(self) -> None:
        """Close at once; what the client does not read is lost."""
        transport = self.transport
        if transport is None:
            return
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    # --- what the player and the endings do ---

    def write(self, data: bytes | memoryview) -> bool:
        """See `PlayerSink.write`."""
        transport = self._live()
        if self._paused:
            return False
        transport.write(data)
        self.sent += len(data)
        return True

    def on_writable(self, callback: Callable[[], object]) -> None:
        """See `PlayerSink.on_writable`."""
        self._writable.append(callback)

    async def send(self, data: bytes) -> None:
        """See `ReplySink.send`."""
        while not self.write(data):
            await self._drained()
        await self._drained()

    async def sleep(self, seconds: float | None) -> None:
        """See `ReplySink.sleep`."""
        if seconds is not None and seconds <= 0:
            await asyncio.sleep(0)
            return
        if not self.client_finished:
            sleeper = self._sleeper = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(sleeper, seconds)
            except TimeoutError:
                return
            finally:
                self._sleeper = None
        raise ClientDisconnected

    async def close(self, *, close_notify: bool = True) -> None:
        """See `ReplySink.close`. Our side alone is shut here; `finish` closes the socket."""
        self.keep_alive = False
        await self._flush()
        transport = self._live()
        if transport.can_write_eof():
            try:
                if close_notify:
                    transport.write_eof()
                else:
                    transport.get_extra_info(WITHOUT_NOTIFY, transport.write_eof)()
            except OSError as error:
                raise ClientDisconnected from error

    async def reset(self) -> None:
        """See `ReplySink.reset`."""
        self.keep_alive = False
        await self._flush()
        await self._settle()
        _reset(self._live())

    async def close_on_next_request(self, how: IdleClose) -> None:
        """See `ReplySink.close_on_next_request`."""
        if self.keep_alive:
            self.close_at_next = how

    # --- private ---

    def _live(self) -> asyncio.Transport:
        transport = self.transport
        if transport is None or transport.is_closing():
            raise ClientDisconnected
        return transport

    async def _drained(self) -> None:
        """Return when the transport's buffer is below its mark."""
        loop = asyncio.get_running_loop()
        while self._paused and self.transport is not None:
            drained: asyncio.Future[None] = loop.create_future()
            self.on_writable(partial(_wake, drained))
            await drained
        self._live()

    async def _flush(self) -> None:
        """Return when everything written has left the transport."""
        self._live().set_write_buffer_limits(0)
        await self._drained()

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


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _reset(transport: asyncio.Transport) -> None:
    """Send RST at once; what is not yet sent is lost."""
    endpoint = transport.get_extra_info("socket")
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


def _unacknowledged(endpoint: socket.socket) -> int | None:
    """Bytes handed to the kernel that the client's has not acknowledged; None where unknown.

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
