"""SIGTERM amid whatever a client may do: a clean end, and a last line that says what was open.

How long that takes is not asserted: the nets are for a server that waits for its clients.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.hostile.watched import CHAT, Asker, Line, Watched, head_bytes, post_bytes

POST = b"POST " + CHAT.encode() + b" HTTP/1.1"
ADMIN = b"POST /__admin/scenarios HTTP/1.1"
SCENARIO = """\
stubs:
  - {when: {user: stream}, reply: {chunks: char, output: [{text: aaaa}], pace: {gap: 50m}}}
  - {when: {user: stall}, reply: {output: [{text: a b c}], faults: [{stall: {after: 2}}]}}
  - {when: {user: head}, reply: {output: [{text: hi}], faults: [{stall: {at: head}}]}}
  - {when: {user: wait}, reply: {output: [{text: hi}], pace: {first: 50m}}}
  - {when: {user: throttle}, reply: {body: "xxxxxxxxxxxxxxxxxx", faults: [{throttle: 1}]}}
  - {when: {user: unread}, reply: {body: "LARGE"}}
  - {when: {user: linger}, reply: {output: [{text: hi}], faults: [{linger: 50m}]}}
  - {reply: hi}
""".replace("LARGE", "x" * 6_000_000)
SLOW_STUB = "- {{when: {{user: a{0}}}, reply: {{output: [{{text: b c}}, {{call: d{0}}}]}}}}\n"
SLOW_SCENARIO = ("stubs:\n" + "".join(map(SLOW_STUB.format, range(9_999)))).encode()
UNREAD = "a reply that nobody reads"
EXCHANGE = "1 request in flight"
NO_EXCHANGE = "0 requests in flight"


def asking(text: str, **members: object) -> bytes:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **members}
    return post_bytes(body=json.dumps(body).encode())


# What a client does, and what of it is open when the server is stopped.
OPEN = {
    "a stream": (asking("stream", stream=True), EXCHANGE),
    "a stall": (asking("stall", stream=True), EXCHANGE),
    "a stall before the head": (asking("head"), EXCHANGE),
    "a reply that waits": (asking("wait"), EXCHANGE),
    "a slow reply": (asking("throttle"), EXCHANGE),
    UNREAD: (asking("unread"), EXCHANGE),
    "a close that is late": (asking("linger"), EXCHANGE),
    "a body": (head_bytes(POST, b"content-length: 1000") + b" ", f"{NO_EXCHANGE}, 1 request half received"),
    "a body in chunks": (
        head_bytes(POST, b"transfer-encoding: chunked") + b"1\r\n \r\n",
        f"{NO_EXCHANGE}, 1 request half received",
    ),
    "a body behind a reply": (
        asking("hello") + head_bytes(POST, b"content-length: 1000") + b" ",
        f"{NO_EXCHANGE}, 1 request half received",
    ),
    "a scenario half sent": (
        head_bytes(ADMIN, b"content-length: 1000") + b"stubs: [",
        f"{NO_EXCHANGE}, 1 request half received",
    ),
    "a scenario that is proven": (
        head_bytes(ADMIN, b"content-length: %d" % len(SLOW_SCENARIO)) + SLOW_SCENARIO,
        f"{NO_EXCHANGE}, 1 admin request in flight",
    ),
    "a head": (POST, NO_EXCHANGE),
    "nothing": (b"", NO_EXCHANGE),
}


@pytest.fixture
def path(write: Callable[[str], Path]) -> Path:
    return write(SCENARIO)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def begin(server: Watched, sent: bytes, stack: ExitStack) -> Line:
    line = stack.enter_context(Line(server.port))
    if sent is OPEN[UNREAD][0]:
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.send(sent)
    return line


@pytest.mark.parametrize("name", OPEN)
def test_the_last_line_counts_what_was_open(
    name: str, serve: Callable[..., Watched], path: Path, stack: ExitStack
) -> None:
    sent, found = OPEN[name]
    server = serve(path, "--log", "none")
    line = begin(server, sent, stack)
    with Asker(server) as asker:  # what came before it has been read by then
        asker.ask("GET", "/__admin/health")
        time.sleep(0.05)
        asker.ask("GET", "/__admin/health")
    assert server.stop() == (0, f"mockserver stopped, {found}")
    while name != UNREAD and line.receive():
        pass


def test_all_of_it_at_once(serve: Callable[..., Watched], path: Path, stack: ExitStack) -> None:
    server = serve(path, "--log", "none", "--journal-limit", "2")
    for sent, _ in OPEN.values():
        begin(server, sent, stack)
    for _ in range(30):
        begin(server, OPEN["a stream"][0], stack)
    with Asker(server) as asker:
        asker.ask("GET", "/__admin/health")
        time.sleep(0.2)
        asker.ask("GET", "/__admin/health")
    open_then = "37 requests in flight, 4 requests half received, 1 admin request in flight"
    assert server.stop() == (0, f"mockserver stopped, {open_then}")
