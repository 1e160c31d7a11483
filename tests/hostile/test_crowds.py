"""Crowds of connections, idle streams and clients that leave: nothing of them stays, and the next
request is answered as the first was.

`HOSTILE_CROWD` is the number of connections; half as many are held as streams, and a fifth as many
leave in the midst of one. `make crowds` asks for 10,000.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.hostile.watched import CHAT, HELLO, Asker, Census, Line, Watched, head_bytes, post_bytes

CROWD = int(os.environ.get("HOSTILE_CROWD", "400"))
MIB = 2**20
SCENARIO = """\
stubs:
  - {when: {user: stall}, reply: {output: [{text: a b c}], faults: [{stall: {after: 2}}]}}
  - {when: {user: paced}, reply: {chunks: char, output: [{text: aaaaaaaaaa}], pace: {gap: 1m}}}
  - {when: {user: large}, reply: {body: "LARGE"}}
  - {reply: hi}
""".replace("LARGE", "x" * 200_000)
RESET = struct.pack("ii", 1, 0)


def asking(text: str, sandbox: str = "crowd", **members: object) -> bytes:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **members}
    return post_bytes(f"/sandbox/{sandbox}{CHAT}", body=json.dumps(body).encode())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    allow_files(CROWD + 200)
    path = tmp_path_factory.mktemp("hostile") / "crowd.yaml"
    path.write_text(SCENARIO, "utf-8")
    server = Watched(path, "--log", "none", "--journal-limit", "1000")
    yield server
    assert server.close() == ""


def allow_files(count: int) -> None:
    """Raise this process's own limit where it is too low; the server raises its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard) and soft < count:
        assert hard >= count, f"{count} open files are needed: ulimit -Hn gives {hard}"
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


@contextmanager
def crowd(server: Watched, count: int) -> Iterator[list[Line]]:
    with ExitStack() as stack:
        # One address has too few ports for several crowds in a minute.
        addresses = [f"127.0.0.{2 + number // 5000}" for number in range(count)]
        yield [stack.enter_context(Line(server.port, address)) for address in addresses]


def first_answer(server: Watched) -> tuple[int, str, bytes]:
    """The answer to the first request of a sandbox: the same bytes in each."""
    with Asker(server) as asker:
        answered = asker.ask("POST", f"/sandbox/first{CHAT}", HELLO)
        asker.ask("DELETE", "/sandbox/first/__admin/sandboxes")
        asker.ask("POST", "/__admin/sandboxes", b'{"name":"first","scenarios":true}')
    return answered


def deserted(server: Watched) -> Census:
    """What the server holds when all have left; those who came before this asked have come in."""
    with Asker(server) as asker:
        assert asker.ask("GET", "/__admin/health")[0] == 200
    return server.settle(lambda found: found.connections == 0)


def nothing_stays(server: Watched, visit: Callable[[], None]) -> None:
    """Visit twice: what the first leaves is a cache, what the second adds is a leak."""
    before = first_answer(server)
    visit()
    first = deserted(server)
    visit()
    second = deserted(server)
    assert (second.tasks, second.descriptors) == (first.tasks, first.descriptors)
    assert second.objects - first.objects < 4000 + CROWD // 2
    assert second.resident - first.resident < 32 * MIB
    assert first_answer(server) == before
    with Asker(server) as asker:
        assert json.loads(asker.ask("GET", "/sandbox/crowd/__admin/journal?limit=0")[2])["open"] == []


def test_connections_that_ask_nothing(server: Watched) -> None:
    def visit() -> None:
        with crowd(server, CROWD) as lines:
            server.settle(lambda found: found.connections >= CROWD)
            assert first_answer(server)[0] == 200
            for line in lines[::2]:
                line.send(b"POST /v1")

    nothing_stays(server, visit)


def test_connections_that_ask_once_and_stay(server: Watched) -> None:
    def visit() -> None:
        with crowd(server, CROWD) as lines:
            for line in lines:
                line.send(asking("hello"))
            for line in lines:
                assert line.status() == 200

    nothing_stays(server, visit)


def test_connections_wait_in_the_backlog_while_the_server_is_busy(server: Watched) -> None:
    """A connection for which there is no room is tried again by the client's kernel a second on."""
    count = 500
    if int(Path("/proc/sys/net/core/somaxconn").read_text("ascii")) < count:
        pytest.skip("this system lets fewer connections wait")
    with ExitStack() as stack:
        stack.callback(server.process.send_signal, signal.SIGCONT)
        server.process.send_signal(signal.SIGSTOP)
        # Connections made by the kernel alone: one that finds no room would wait for ever.
        knocking = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5)) for _ in range(count)
        ]
        assert len(knocking) == count
    deserted(server)


def test_crowds_of_paused_streams(server: Watched) -> None:
    held = CROWD // 2

    def visit() -> None:
        with crowd(server, held) as lines:
            for number, line in enumerate(lines):
                line.send(asking("paced" if number % 2 else "stall", stream=True))
            for line in lines:
                assert line.socket.recv(1024).startswith(b"HTTP/1.1 200 ")
            amid = server.census()
            assert amid.connections == held
            # The handler's task and the connection's own.
            assert amid.tasks <= 2 * held + 10
            assert first_answer(server)[0] == 200

    nothing_stays(server, visit)


@pytest.mark.parametrize("way", ["finish", "reset"])
@pytest.mark.parametrize("text", ["paced", "stall", "large"])
def test_clients_that_leave_in_the_midst(server: Watched, text: str, way: str) -> None:
    def visit() -> None:
        with crowd(server, CROWD // 5) as lines:
            for line in lines:
                line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                line.send(asking(text, stream=text != "large"))
            for line in lines:
                assert line.socket.recv(16)
                if way == "reset":
                    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                line.socket.close()

    nothing_stays(server, visit)


def test_clients_that_leave_before_they_are_answered(server: Watched) -> None:
    def visit() -> None:
        with crowd(server, CROWD // 5) as lines:
            for number, line in enumerate(lines):
                whole = asking("hello")
                line.send(whole[: len(whole) * number // len(lines)])

    nothing_stays(server, visit)


def test_readers_that_never_read_hold_bounded_memory(server: Watched) -> None:
    """Requests behind each other whose answers nobody takes: the server stops reading them."""
    before = server.census()
    with crowd(server, 20) as lines:
        for line in lines:
            line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.socket.setblocking(False)
            for _ in range(200):  # 40 MB of answers for each
                try:
                    line.socket.send(asking("large"))
                except BlockingIOError:
                    break
        assert first_answer(server)[0] == 200
        amid = server.census()
        assert amid.resident - before.resident < 128 * MIB
    deserted(server)


def test_a_different_head_in_every_request(server: Watched) -> None:
    """Whatever is remembered of heads and targets is bounded."""

    def visit() -> None:
        with Line(server.port) as line:
            for number in range(2000):
                line.send(head_bytes(b"GET /v1/models HTTP/1.1", b"x-%d: %b" % (number, b"y" * 4000)))
                assert line.reply() is not None

    nothing_stays(server, visit)
