"""A bare upstream of seam and player on a loop of its own, and a raw socket to talk to it.

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
from enum import StrEnum
from typing import TypeVar

import pytest
from aiohttp import web

from mockserver.model.frames import (
    ClientDisconnected,
    EndOfReply,
    Frame,
    Outcome,
    Part,
    Script,
    Send,
)
from mockserver.server.body import BodyTooLargeError, read_body
from mockserver.server.breach import Breach, MalformedBodyError
from mockserver.server.player import play
from mockserver.server.protocol import Listener
from mockserver.server.seam import Seam

T = TypeVar("T")

# A net against hanging, far above what anything here takes.
NET_S = 60.0
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n"


def whole(body: bytes, *more: Frame) -> Script:
    """A complete reply with a known length."""
    frames = (Send(data=HEAD % len(body), part=Part.HEAD), Send(data=body, part=Part.BODY))
    return Script(frames=(*frames, *(more or (EndOfReply(),))))


class Upstream:
    """Plays `scripts[path]` to each POST; anything else gets aiohttp's own reply `plain`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.scripts: dict[str, Script] = {"/": whole(b"hello")}
        self.outcomes: queue.Queue[Outcome] = queue.Queue()
        self.bodies: list[bytes] = []
        self.begun = threading.Semaphore(0)  # once for each request whose head was read
        self.departures: queue.Queue[bool] = queue.Queue()
        self.refused: list[Breach] = []
        self.seams: list[Seam] = []
        self.left_behind: list[int] = []
        self.limit = 64 * 2**20
        self.keep_alive = True
        self.crash = False
        self._loop = loop
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self.run(self._start())

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.begun.release()
        try:
            body = await read_body(request, limit=self.limit)
        except BodyTooLargeError as error:
            return web.Response(status=413, text=str(error))
        except MalformedBodyError as error:
            return web.Response(status=400, text=str(error))
        except ClientDisconnected:
            self.departures.put(True)
            raise
        self.bodies.append(body)
        if request.method != "POST":
            return web.Response(text="plain")
        if request.path not in self.scripts:
            raise LookupError("crash, as the test wanted")
        seam = Seam(request)
        self.seams.append(seam)
        if not self.keep_alive:
            seam.keep_alive = False
        outcome = await play(seam, self.scripts[request.path])
        self.left_behind.append(seam.buffered)
        self.outcomes.put(outcome)
        if self.crash:
            raise RuntimeError("crash, as the test wanted")
        return seam.response

    def refuse(self, _request: web.BaseRequest, breach: Breach) -> web.StreamResponse:
        self.refused.append(breach)
        return web.Response(status=400, text="refused")

    async def _start(self) -> int:
        server = Listener(self.handle, refusal=self.refuse, lingering_time=2 * NET_S)
        self._runner = web.ServerRunner(server, shutdown_timeout=2 * NET_S)
        self._server = server
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port: int = self._runner.addresses[0][1]
        return port

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
        while self.call(lambda: bool(self._server.connections)):
            assert time.monotonic() < until, "a connection stays"
            time.sleep(0.01)

    def stop(self) -> None:
        self.run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(NET_S)
        self._loop.close()


class Seen(StrEnum):
    """How the stream from the server ended for its reader."""

    FIN = "fin"
    RST = "rst"


def post_bytes(path: str = "/", body: bytes = b"{}", *headers: str, version: str = "1.1") -> bytes:
    lines = (f"POST {path} HTTP/{version}", "host: x", f"content-length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


class Peer:
    """A client made of one socket."""

    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(NET_S)
        self.socket.connect(("127.0.0.1", port))

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def post(
        self, path: str = "/", body: bytes = b"{}", *headers: str, version: str = "1.1"
    ) -> None:
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
        readable, _, _ = select.select([self.socket], [], [], 0)
        return not readable


def _new_loop(kind: str) -> asyncio.AbstractEventLoop:
    if kind == "asyncio":
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = pytest.importorskip("uvloop").new_event_loop()
    return loop


@pytest.fixture(params=["asyncio", "uvloop"])
def upstream(request: pytest.FixtureRequest) -> Iterator[Upstream]:
    server = Upstream(_new_loop(request.param))
    yield server
    if server.running:
        server.stop()


@pytest.fixture(scope="session")
def post() -> Callable[..., bytes]:
    """The bytes of a POST."""
    return post_bytes


@pytest.fixture
def dial(upstream: Upstream) -> Iterator[Callable[..., Peer]]:
    peers: list[Peer] = []

    def connect(**options: int) -> Peer:
        peers.append(Peer(upstream.port, **options))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.socket.close()
