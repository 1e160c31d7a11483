"""A server in a process of its own that can be asked what it holds, and a raw client for it."""

from __future__ import annotations

import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

# A net against hanging, far above what anything here takes.
NET_S = 90.0
# Linux chooses the port when the socket connects, and so may use one again that is not quite free;
# socket has no name for it.
IP_BIND_ADDRESS_NO_PORT = 24
ROOT = Path(__file__).parents[2]
CHAT = "/v1/chat/completions"
HELLO = b'{"model":"m","messages":[{"role":"user","content":"hello"}]}'


@dataclass(frozen=True, kw_only=True)
class Census:
    """What a server holds: `tasks` are unfinished, `resident` is memory in bytes."""

    tasks: int
    connections: int
    descriptors: int
    objects: int
    resident: int


class Watched:
    """`mockserver serve` with these arguments, on any free port."""

    def __init__(self, *arguments: object) -> None:
        self._err = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed with the process
        command = [sys.executable, "-m", "tests.hostile.census", *map(str, arguments)]
        self.process = subprocess.Popen(
            [*command, "--port", "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._err,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if "MOCKSERVER_" not in key},
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self._await("mockserver ready on ").rpartition(":")[2])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _await(self, beginning: str) -> str:
        while (line := self._lines.get(timeout=NET_S)) is not None:
            if line.startswith(beginning):
                return line
        raise AssertionError(f"it has ended: {self.complaints}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def complaints(self) -> str:
        """What it has written to stderr."""
        self._err.seek(0)
        return self._err.read()

    def census(self) -> Census:
        assert self.process.stdin is not None
        self.process.stdin.write("count\n")
        self.process.stdin.flush()
        return Census(**json.loads(self._await("census ").removeprefix("census ")))

    def settle(self, settled: Callable[[Census], bool]) -> Census:
        """The first census for which `settled` is true."""
        until = time.monotonic() + NET_S
        while not settled(found := self.census()):
            assert time.monotonic() < until, f"it stays at {found}"
            time.sleep(0.05)
        return found

    def stop(self) -> tuple[int, str]:
        """End it with SIGTERM; its exit status and last line."""
        self.process.terminate()
        status = self.process.wait(NET_S)
        self._reader.join(NET_S)
        lines = []
        while (line := self._lines.get(timeout=NET_S)) is not None:
            lines.append(line)
        return status, lines[-1]

    def close(self) -> str:
        """End it in any way; what it has written to stderr."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(NET_S)
        self._reader.join(NET_S)
        complaints = self.complaints
        for pipe in (self.process.stdin, self.process.stdout, self._err):
            if pipe is not None:
                pipe.close()
        return complaints


class Asker:
    """A server asked over connections that are kept."""

    def __init__(self, server: Watched, **headers: str) -> None:
        self._headers = {"authorization": "Bearer any", **headers}
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=NET_S)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str, bytes]:
        sent = {**self._headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        self._connection.request(method, path, body, sent)
        return self._answer()

    def ask_in_chunks(self, method: str, path: str, pieces: Iterable[bytes]) -> tuple[int, str, bytes]:
        """Ask with a body without a length; what the server does not take is dropped."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._connection.request(method, path, pieces, self._headers, encode_chunked=True)
        return self._answer()

    def _answer(self) -> tuple[int, str, bytes]:
        response = self._connection.getresponse()
        return response.status, response.getheader("content-type") or "", response.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()


def post_bytes(target: bytes | str = CHAT, *lines: bytes, body: bytes = HELLO) -> bytes:
    """A good request with some lines more in its head."""
    target = target.encode() if isinstance(target, str) else target
    length = b"content-length: %d" % len(body)
    return head_bytes(b"POST " + target + b" HTTP/1.1", length, *lines) + body


def head_bytes(first: bytes, *lines: bytes) -> bytes:
    """A head with what every request needs."""
    return b"\r\n".join((first, b"host: 127.0.0.1", b"authorization: Bearer any", *lines, b"", b""))


class Line:
    """A bare connection, from that address."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.socket = socket.socket()
        self.socket.settimeout(NET_S)
        self.socket.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send as much as the server takes."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def reply(self) -> tuple[int, bytes] | None:
        """Status and body of the next reply that has a length; None where the connection ends."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        first, _, fields = head.partition(b"\r\n")
        assert first.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")), first
        length = 0
        for line in fields.lower().split(b"\r\n"):
            assert not line.startswith(b"transfer-encoding"), head
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(self._rest) < length:
            piece = self.receive()
            assert piece, "the reply ended too early"
        body, self._rest = self._rest[:length], self._rest[length:]
        return int(first.split()[1]), body

    def status(self) -> int:
        """The status of the next reply; 0 where the connection ends."""
        answered = self.reply()
        return 0 if answered is None else answered[0]

    def ask(self, data: bytes) -> int:
        """Send, and read the status of the reply."""
        self.send(data)
        return self.status()

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self._rest:
            if not self.receive():
                assert not self._rest, self._rest
                return None
        found, _, self._rest = self._rest.partition(mark)
        return found

    def receive(self) -> bytes:
        """What comes next; empty where the connection has ended."""
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            return b""
        self._rest += piece
        return piece


def lives_on(line: Line) -> bool:
    """Whether a good request on the same connection is answered; it must be answered well."""
    line.send(post_bytes())
    answered = line.reply()
    if answered is None:
        return False
    status, body = answered
    assert (status, json.loads(body)["object"]) == (200, "chat.completion"), answered
    return True
