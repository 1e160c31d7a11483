"""A bare server of connection and player on a loop of its own, and a raw socket to talk to it.

Nothing of the rest of the package takes part: scripts are made by hand and chosen by path.
"""

from __future__ import annotations

import asyncio
import queue
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeVar

import pytest

from tests.kit import (
    BodyReply,
    Connection,
    EndOfReply,
    Frame,
    HeadCache,
    Listening,
    Outcome,
    Part,
    Player,
    Request,
    Script,
    Send,
    Target,
    Tls,
    TlsConnection,
    TransportSink,
    coalesce,
    read_tls,
    script_of,
)
from tests.kit import LimitsLimits as Limits
from tests.wire.tls_socket import TlsSocket

T = TypeVar("T")

# A net against hanging, far above what anything here takes.
NET_S = 60.0
NO_REQUEST = Request(method="", target="", path="", keep_alive=False)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n"


def whole(body: bytes, *more: Frame) -> Script:
    """A complete reply with a known length."""
    frames = (Send(data=HEAD % len(body), part=Part.HEAD), Send(data=body, part=Part.BODY))
    return Script(frames=(*frames, *(more or (EndOfReply(),))))


@dataclass
class Refused:
    """Input that was no HTTP, as the application got it."""

    status: int
    message: str
    data: bytes


class Upstream:
    """Plays `scripts[path]` to each POST; anything else gets the reply `plain`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tls: Tls | None = None) -> None:
        self.tls = tls
        self.failed_handshakes: list[str] = []
        self.scripts: dict[str, Script] = {"/": whole(b"hello")}
        self.outcomes: queue.Queue[Outcome] = queue.Queue()
        self.bodies: list[bytes] = []
        self.begun = threading.Semaphore(0)  # once for each request whose head was read
        self.departures: queue.Queue[bool] = queue.Queue()
        self.refused: list[Refused] = []
        self.sinks: list[TransportSink] = []
        self.left_behind: list[int] = []
        self.limit = 64 * 2**20
        self.keep_alive = True
        self.crash = False
        self.limits = Limits()
        self.connections: set[Connection | TlsConnection] = set()
        self.heads = HeadCache()
        self._loop = loop
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self.run(self._start())

    def body_limit(self, _target: Target) -> int:
        self.begun.release()
        return self.limit

    def respond(self, connection: Connection, request: Request, _target: Target) -> None:
        if request.oversize:
            self._text(connection, request, 413, f"the request body is larger than {self.limit}")
            return
        self.bodies.append(request.body)
        if request.method != "POST":
            self._text(connection, request, 200, "plain")
            return
        script = self.scripts[request.path]
        sink = connection.sink
        self.sinks.append(sink)
        if not self.keep_alive:
            sink.keep_alive = False
        self._play(connection, script, self._ended)
        if self.crash:
            raise RuntimeError("crash on purpose")

    def reject_head(self, connection: Connection, status: int, message: str, data: bytes) -> None:
        self.refused.append(Refused(status, message, data))
        self._text(connection, NO_REQUEST, status, "refused")

    def reject_body(self, connection: Connection, status: int, message: str, request: Request, _target: Target) -> None:
        request.keep_alive = False
        self._text(connection, request, status, message)

    def abandoned(self, _request: Request, _target: Target) -> None:
        self.departures.put(True)

    def failed(self, connection: Connection) -> None:
        self._text(connection, NO_REQUEST, 500, "failed")

    def _ended(self, connection: Connection, outcome: Outcome) -> None:
        self.left_behind.append(buffered(connection.sink))
        self.outcomes.put(outcome)
        connection.ended(outcome.how)

    def _text(self, connection: Connection, request: Request, status: int, text: str) -> None:
        reply = BodyReply(status=status, headers=(), body=text.encode())
        script = script_of(reply, request)
        self._play(connection, script, lambda one, outcome: one.ended(outcome.how))

    def _play(self, connection: Connection, script: Script, ended: Callable[[Connection, Outcome], None]) -> None:
        acts = tuple(coalesce(script.frames))
        ending = partial(ended, connection)
        connection.play(Player(connection.sink, acts, ending, clock=time.monotonic, loop=self._loop))

    def protocol(self) -> Connection:
        return Connection(self)  # type: ignore[arg-type]  # as connections see it

    def handshake_failed(self, reason: str) -> None:
        self.failed_handshakes.append(reason)

    async def _start(self) -> int:
        def accepted() -> asyncio.Protocol:
            return self.protocol() if self.tls is None else TlsConnection(self, self.tls)  # type: ignore[arg-type]

        self._server = await self._loop.create_server(accepted, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _stop(self) -> None:
        self._server.close()
        for one in (*self.connections,):
            one.shut_down()
        await asyncio.sleep(0)

    def call(self, function: Callable[[], T]) -> T:
        """Call in the server's thread."""

        async def call() -> T:
            return function()

        return self.run(call())

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run in the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(NET_S)

    def outcome(self) -> Outcome:
        return self.outcomes.get(timeout=NET_S)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait_until_deserted(self) -> None:
        """Return when no connection is left."""
        until = time.monotonic() + NET_S
        while self.call(lambda: bool(self.connections)):
            assert time.monotonic() < until, "a connection stays"
            time.sleep(0.01)

    def stop(self) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(NET_S)
        self._loop.close()


def buffered(sink: TransportSink) -> int:
    """Bytes that wait in the transport for the client to read."""
    return 0 if sink.transport is None else sink.transport.get_write_buffer_size()


class Seen(StrEnum):
    """How the stream from the server ended for its reader."""

    FIN = "fin"
    RST = "rst"


def post_bytes(path: str = "/", body: bytes = b"{}", *headers: str, version: str = "1.1") -> bytes:
    lines = (f"POST {path} HTTP/{version}", "host: x", f"content-length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


class Peer:
    """A client made of one socket."""

    def __init__(self, port: int, *, tls: Tls | None = None, receive_buffer: int | None = None) -> None:
        self.socket: socket.socket | TlsSocket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(NET_S)
        self.socket.connect(("127.0.0.1", port))
        if tls is not None:
            assert isinstance(self.socket, socket.socket)
            self.socket = TlsSocket(self.socket, tls.ca)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def post(self, path: str = "/", body: bytes = b"{}", *headers: str, version: str = "1.1") -> None:
        self.send(post_bytes(path, body, *headers, version=version))

    def receive(self, count: int) -> bytes:
        """Exactly `count` bytes, fewer only where the stream ends."""
        data = bytearray()
        while len(data) < count and (piece := self.socket.recv(min(count - len(data), 2**20))):
            data += piece
        return bytes(data)

    def until(self, mark: bytes) -> bytes:
        """Everything up to and including `mark`."""
        data = bytearray()
        while not data.endswith(mark):
            piece = self.socket.recv(1)
            assert piece, f"the stream ended in {bytes(data)!r}"
            data += piece
        return bytes(data)

    def rest(self) -> tuple[bytes, Seen]:
        """Everything to the end of the stream, and what the end was."""
        data = bytearray()
        while True:
            try:
                piece = self.socket.recv(2**20)
            except ConnectionResetError:
                return bytes(data), Seen.RST
            if not piece:
                return bytes(data), Seen.FIN
            data += piece

    def reset(self) -> None:
        """Leave with RST."""
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()

    def silent(self) -> bool:
        """Nothing has come, not even an end."""
        if isinstance(self.socket, TlsSocket):
            silent = self.socket.silent()
            self.socket.settimeout(NET_S)
            return silent
        readable, _, _ = select.select([self.socket], [], [], 0)
        return not readable


Dial = Callable[..., Peer]


def _new_loop(kind: str) -> asyncio.AbstractEventLoop:
    if kind == "asyncio":
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = pytest.importorskip("uvloop").new_event_loop()
    return loop


@pytest.fixture(scope="session")
def authority() -> Tls:
    pytest.importorskip("cryptography", reason="the extra tls is not installed")
    tls = read_tls(Listening(tls="self-signed"))
    assert tls is not None
    return tls


@pytest.fixture(params=["asyncio", "uvloop", "asyncio tls", "uvloop tls"])
def upstream(request: pytest.FixtureRequest) -> Iterator[Upstream]:
    loop, _, tls = request.param.partition(" ")
    server = Upstream(_new_loop(loop), request.getfixturevalue("authority") if tls else None)
    yield server
    if server.running:
        server.stop()


@pytest.fixture(scope="session")
def post() -> Callable[..., bytes]:
    """The bytes of a POST."""
    return post_bytes


@pytest.fixture
def dial(upstream: Upstream) -> Iterator[Dial]:
    peers: list[Peer] = []

    def connect(**options: int) -> Peer:
        peers.append(Peer(upstream.port, tls=upstream.tls, **options))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.socket.close()


@pytest.fixture
def peer(dial: Dial) -> Peer:
    return dial()
