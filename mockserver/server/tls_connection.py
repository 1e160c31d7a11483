"""TLS between a connection and its socket.

The event loop has TLS of its own, but keeps the transport below to itself: there FIN comes only with a
`close_notify` that the client has answered, and whether a kernel's queue is empty says nothing about the
bytes that wait above it. A connection that is to end in every way that TCP has writes its records itself.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from mockserver.server.sink import WITHOUT_NOTIFY, Activity

if TYPE_CHECKING:
    from mockserver.server.app import Upstream
    from mockserver.server.tls import Tls

_PIECE: Final = 64 * 1024
_PLAIN: Final = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 49\r\n"
    b"connection: close\r\n\r\nThis port speaks TLS: expected https:// instead.\n"
)
_REASONS: Final = {
    "HTTP_REQUEST": "a plain HTTP request on a port that speaks TLS: use https://",
    "TLSV1_ALERT_UNKNOWN_CA": "the client does not trust the certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the client does not accept the certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the client does not accept the certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "for the client the certificate has expired",
}


class TlsTransport(asyncio.Transport):
    """Encrypts what a connection writes to the transport `raw`."""

    def __init__(self, raw: asyncio.Transport, layer: TlsConnection) -> None:
        super().__init__()
        self._raw = raw
        self._layer = layer
        self._ended = False

    def write(self, data: Any) -> None:
        if data and not self._ended:
            self._layer.encrypt(data)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        """`close_notify`, then FIN."""
        self.end(close_notify=True)

    def end(self, *, close_notify: bool) -> None:
        """FIN, where that is wanted behind a `close_notify`; once."""
        if self._ended:
            return
        self._ended = True
        if close_notify:
            self._layer.notify()
        self._raw.write_eof()

    def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._layer.notify()
        self._raw.close()

    def abort(self) -> None:
        self._ended = True
        self._raw.abort()

    def is_closing(self) -> bool:
        return self._raw.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == WITHOUT_NOTIFY:
            return partial(self.end, close_notify=False)
        return self._raw.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        return self._raw.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._raw.set_write_buffer_limits(high, low)

    def pause_reading(self) -> None:
        self._layer.pause()

    def resume_reading(self) -> None:
        self._layer.resume()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._layer.inner = cast("asyncio.Protocol", protocol)  # a stream's

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._layer.inner


class TlsConnection(asyncio.Protocol):
    """Shakes hands with a client, and then serves it as every other. A handshake may take as long as a head."""

    inner: asyncio.Protocol

    def __init__(self, app: Upstream, tls: Tls) -> None:
        self._app = app
        self._timer: asyncio.TimerHandle | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls_object = tls.context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._open = False  # the handshake is done
        self._finished = False  # the client sends no more
        self._paused = False

    # --- for the server, which stops ---

    activity: Activity | None = None

    def shut_down(self) -> bool:
        """End a handshake; nothing else is in progress."""
        self.abort()
        return False

    def abort(self) -> None:
        self._finished = True
        self._stop_timer()
        self._raw.abort()

    # --- for the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = cast("asyncio.Transport", transport)  # a stream's
        self._app.connections.add(self)
        if seconds := self._app.limits.head_timeout_s:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(seconds, self._failed, f"it took longer than {seconds:g} s")

    def data_received(self, data: bytes) -> None:
        if self._finished:
            return
        self._incoming.write(data)
        self._advance()

    def eof_received(self) -> bool:
        if not self._open:
            self._failed("the client left")
            return False
        self._advance()
        return self._client_finished()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._open:
            self.inner.connection_lost(exc)
        else:
            self._app.connections.discard(self)
            self._failed("the client left")

    def pause_writing(self) -> None:
        if self._open:
            self.inner.pause_writing()

    def resume_writing(self) -> None:
        if self._open:
            self.inner.resume_writing()

    # --- for the transport ---

    def encrypt(self, data: bytes | memoryview) -> None:
        """Write data to the client."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls_object.write(rest) :]
        self._flush()

    def notify(self) -> None:
        """Write a `close_notify`; the client's is not waited for."""
        with suppress(ssl.SSLError):  # of what the client has sent and nobody reads
            self._tls_object.unwrap()
        self._flush()

    def pause(self) -> None:
        self._paused = True
        self._raw.pause_reading()

    def resume(self) -> None:
        self._paused = False
        self._raw.resume_reading()
        # What is decrypted already comes before what is read next.
        asyncio.get_running_loop().call_soon(self._advance)

    # --- private ---

    def _advance(self) -> None:
        """Go on as far as what was received allows."""
        if not self._open and not self._shake_hands():
            return
        try:
            while not self._paused and not self._finished and not self._raw.is_closing():
                data = self._read()
                if not data:
                    if not self._client_finished():
                        self._transport.close()
                    return
                self.inner.data_received(data)
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError:
            self._flush()
            self._raw.abort()

    def _read(self) -> bytes:
        """What can be read now; empty at a `close_notify`."""
        try:
            return self._tls_object.read(_PIECE)
        except ssl.SSLZeroReturnError:
            return b""

    def _shake_hands(self) -> bool:
        try:
            self._tls_object.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError as error:
            self._flush()
            self._failed(self._reason(error))
            return False
        self._flush()
        self._stop_timer()
        self._open = True
        self._app.connections.discard(self)
        self.inner = self._app.protocol()
        self._transport = TlsTransport(self._raw, self)
        self.inner.connection_made(self._transport)
        return True

    def _reason(self, error: ssl.SSLError) -> str:
        reason = error.reason or str(error)
        if reason == "HTTP_REQUEST":
            self._raw.write(_PLAIN)
        if reason == "CALLBACK_FAILED":
            return "refused on purpose"
        return _REASONS.get(reason, reason.lower().replace("_", " "))

    def _failed(self, reason: str) -> None:
        if self._finished:
            return
        self._finished = True
        self._stop_timer()
        self._app.handshake_failed(reason)
        self._raw.close()

    def _client_finished(self) -> bool:
        """Tell the connection, once; whether the socket stays open for it to write to."""
        if not self._finished:
            self._finished = True
            return bool(self.inner.eof_received())
        return not self._raw.is_closing()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._raw.write(self._outgoing.read())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
