"""A client that keeps every byte it gets, and says how the connection ended."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final

NET_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The bytes of one reply; `end` is "" while the connection lives on."""

    data: bytes
    end: str = ""

    @property
    def status(self) -> int:
        """Of the status line, 0 where none came."""
        return int(self.data[9:12]) if self.data.startswith(b"HTTP/1.") else 0


class Talk:
    """A connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=NET_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._end = ""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()

    def read_one(self) -> Seen:
        """The next reply, as long as its head says; less where the connection ends before."""
        head = self._until(b"\r\n\r\n", 0)
        fields = self._rest[:head].lower()
        if b"transfer-encoding: chunked" in fields:
            size = self._chunks(head)
        else:
            _, _, length = fields.partition(b"content-length: ")
            size = self._have(head + int(length.partition(b"\r\n")[0] or b"0"))
        data, self._rest = self._rest[:size], self._rest[size:]
        return Seen(data=data, end=self._end)

    def read_until(self, mark: bytes) -> Seen:
        """What has come when `mark` has."""
        size = self._until(mark, 0)
        return Seen(data=self._rest[:size], end=self._end)

    def read_all(self) -> Seen:
        """Everything until the connection ends."""
        while self._receive():
            pass
        return Seen(data=self._rest, end=self._end)

    def _chunks(self, start: int) -> int:
        while True:
            line = self._until(b"\r\n", start)
            size = int(self._rest[start:line] or b"0", 16)
            start = self._have(line + size + 2)
            if size == 0 or self._end:
                return start

    def _until(self, mark: bytes, start: int) -> int:
        """Where the first `mark` behind `start` ends."""
        while (found := self._rest.find(mark, start)) < 0:
            if not self._receive():
                return len(self._rest)
        return found + len(mark)

    def _have(self, size: int) -> int:
        while len(self._rest) < size:
            if not self._receive():
                return len(self._rest)
        return size

    def _receive(self) -> bool:
        try:
            piece = self._socket.recv(262_144)
        except ConnectionResetError:
            self._end = "rst"
            return False
        if not piece:
            self._end = "fin"
        self._rest += piece
        return bool(piece)
