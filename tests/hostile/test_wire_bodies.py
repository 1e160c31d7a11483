"""Bodies that never come, never end, or are no HTTP: refused in time, nothing piles up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from tests.hostile.watched import CHAT, HELLO, NET_S, Line, Watched, head_bytes, lives_on, post_bytes

POST = b"POST " + CHAT.encode() + b" HTTP/1.1"
CHUNKED = head_bytes(POST, b"transfer-encoding: chunked")
LENGTH = head_bytes(POST, b"content-length: 1000")
MIB = 2**20
ADMIN = b"/__admin/scenarios"

CHUNKS = {
    "a negative size": b"-1\r\nx\r\n0\r\n\r\n",
    "a size in C": b"0x1\r\nx\r\n0\r\n\r\n",
    "no size": b"\r\nx\r\n0\r\n\r\n",
    "a size beyond 64 bits": b"ffffffffffffffffff\r\nx",
    "a size in other digits": "٣\r\nabc\r\n0\r\n\r\n".encode(),
    "a blank in a size": b"1 0\r\nx",
    "more than the size": b"1\r\nxx\r\n0\r\n\r\n",
    "LF for CRLF": b"1\nx\n0\n\n",
    "a trailer of no name": b"0\r\n: y\r\n\r\n",
    "a trailer that is folded": b"0\r\nx: y\r\n z\r\n\r\n",
    "a trailer of a mebibyte": b"0\r\nx: " + b"y" * MIB + b"\r\n\r\n",
}


@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS)
def test_malformed_chunks_are_rejected_and_the_connection_closes(body: bytes, line: Line) -> None:
    assert line.ask(CHUNKED + body) == 400
    assert not lives_on(line)


# Each is sent, then something of it again and again; no answer would ever be due.
SLOW = {
    "nothing behind the first byte": (b"P", b""),
    "a head byte by byte": (b"POST", b"X"),
    "a head line by line": (head_bytes(POST)[:-2], b"x: y\r\n"),
    "a length and no body": (LENGTH, b""),
    "a length and a body byte by byte": (LENGTH, b" "),
    "a continuation that never comes": (head_bytes(POST, b"content-length: 5", b"expect: 100-continue"), b""),
    "chunks and no chunk": (CHUNKED, b""),
    "chunks without end": (CHUNKED, b"1\r\n \r\n"),
    "a chunk of 2**63 bytes": (CHUNKED + b"7fffffffffffffff\r\n", b" "),
    "a size without end": (CHUNKED, b"0"),
    "an extension without end": (CHUNKED + b"1;", b"a"),
    "trailers without end": (CHUNKED + b"0\r\n", b"x: y\r\n"),
    "a scenario that is never whole": (head_bytes(b"POST " + ADMIN + b" HTTP/1.1", b"content-length: 1000"), b" "),
}


def trickle(port: int, first: bytes, then: bytes, *, earlier: bool) -> int | None:
    """Send bit by bit until there is an answer or an end; the answer's status."""
    with Line(port) as line:
        if earlier:
            assert lives_on(line)
        line.send(first)
        line.socket.settimeout(0.05)
        until = time.monotonic() + NET_S
        while time.monotonic() < until:
            line.send(then)
            with suppress(TimeoutError):
                answered = line.reply()
                if answered is None or answered[0] != 100:
                    return None if answered is None else answered[0]
    return 0


@pytest.mark.parametrize("earlier", [False, True], ids=["at once", "behind a request"])
def test_trickled_requests_are_rejected_in_time(earlier: bool, impatient: Watched, line: Line) -> None:
    with ThreadPoolExecutor(len(SLOW)) as pool:
        ended = {name: pool.submit(trickle, impatient.port, *pieces, earlier=earlier) for name, pieces in SLOW.items()}
        found = {name: future.result() for name, future in ended.items()}
    assert {name for name, status in found.items() if status not in (None, 400, 408)} == set()
    assert found["a head byte by byte"] in (400, 408)
    assert found["a length and no body"] == found["trailers without end"] == 408


def test_a_slow_head_behind_a_long_reply_takes_nothing_from_it(
    serve: Callable[..., Watched], write: Callable[[str], object]
) -> None:
    scenario = write("stubs: [{reply: {output: [{text: hello}], pace: {first: 1500ms}}}]")
    server = serve(scenario, "--head-timeout", "0.2")
    with Line(server.port) as line:
        assert line.ask(post_bytes() + b"POST /v1") == 200
        line.send(b"/chat")
        refused = line.reply()
        assert refused is None or refused[0] == 408


def test_an_idle_connection_is_not_closed(line: Line) -> None:
    assert lives_on(line)
    line.send(b"\r\n")  # what some old clients add to a body
    time.sleep(1.2)  # more than twice what a head may take
    assert lives_on(line)


@pytest.mark.parametrize("way", ["length", "chunked"])
def test_a_hundred_megabytes_are_refused_without_being_kept(way: str, line: Line) -> None:
    if way == "length":
        line.send(head_bytes(POST, b"content-length: 100000000"))
    else:
        line.send(CHUNKED)
    for _ in range(100):
        piece = b" " * 1_000_000
        line.send(piece if way == "length" else b"f4240\r\n" + piece + b"\r\n")
    answered = line.reply()
    assert answered is None or answered[0] == 413
    assert not lives_on(line)


def test_a_body_within_the_limit_passes_in_any_pieces(line: Line) -> None:
    text = "x" * 900_000
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    line.send(post_bytes(body=body))
    assert line.reply() is not None
    assert line.ask(CHUNKED + b"%x\r\n" % len(HELLO) + HELLO + b"\r\n0\r\nx-trailer: y\r\n\r\n") == 200
    assert lives_on(line)


def test_refused_bodies_leave_nothing_behind(impatient: Watched) -> None:
    """Many at once, each of them stopped in its midst."""
    with Line(impatient.port) as line:
        assert lives_on(line)
    before = impatient.settle(lambda found: found.connections == 0)
    with ExitStack() as stack:
        lines = [stack.enter_context(Line(impatient.port)) for _ in range(60)]
        for number, line in enumerate(lines):
            line.send([LENGTH, CHUNKED + b"5\r\nab", b"POST / HT"][number % 3])
        for line in lines:
            assert line.status() == 408
    after = impatient.settle(lambda found: found.connections == 0)
    assert (after.tasks, after.descriptors) == (before.tasks, before.descriptors)
