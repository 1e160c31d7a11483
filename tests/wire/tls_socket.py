"""A client's socket with TLS whose every end is seen: `close_notify`, FIN and RST apart."""

from __future__ import annotations

import socket
import ssl
from typing import Self


class TlsSocket:
    """What the tests use of a socket, over TLS; `notified` once a `close_notify` has come."""

    def __init__(self, raw: socket.socket, ca: str, name: str = "localhost") -> None:
        self.raw = raw
        self.notified = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cadata=ca)
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                received = self.raw.recv(2**16)
                if not received:
                    raise ConnectionError("the server left in the handshake") from None
                self._incoming.write(received)
            else:
                break
        self._flush()

    def recv(self, count: int) -> bytes:
        """As of a socket: nothing at FIN, which ends the stream, whatever TLS says before."""
        while not self.notified:
            try:
                data = self._tls.read(count)
            except ssl.SSLZeroReturnError:
                self.notified = True
            except ssl.SSLWantReadError:
                received = self.raw.recv(2**16)
                if not received:
                    return b""
                self._incoming.write(received)
            else:
                if data:
                    return data
                self.notified = True
        return self.raw.recv(count)

    def sendall(self, data: bytes, _flags: int = 0) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest[: 2**14]) :]
            self._flush()

    def notify(self) -> None:
        """Send `close_notify`."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            self._flush()

    def shutdown(self, how: int) -> None:
        self.raw.shutdown(how)

    def setsockopt(self, level: int, option: int, value: int | bytes) -> None:
        self.raw.setsockopt(level, option, value)

    def settimeout(self, seconds: float | None) -> None:
        self.raw.settimeout(seconds)

    def silent(self) -> bool:
        """Whether nothing has come, not even an end; what is of TLS alone does not count."""
        self.raw.settimeout(0)
        try:
            self.recv(1)
        except BlockingIOError:
            return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self.raw.close()

    def fileno(self) -> int:
        return self.raw.fileno()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self.raw.sendall(self._outgoing.read())
