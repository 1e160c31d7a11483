"""Requests behind each other in pieces of any size: each gets its own answer, in order, and no body
is ever taken for a request."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.hostile.test_heads import SMUGGLED
from tests.hostile.watched import CHAT, HELLO, Line, Watched, head_bytes, lives_on

POST = b"POST " + CHAT.encode() + b" HTTP/1.1"
# Bodies that look like what may follow them.
BAIT = (
    "\r\n\r\n",
    "0\r\n\r\n",
    "\r\n\r\nPOST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n",
    "GET /__admin/reset HTTP/1.1\r\n\r\n",
    "content-length: 3\r\n\r\nabc",
)
TEXTS = st.one_of(st.sampled_from(BAIT), st.text(max_size=30), st.just("x" * 5000))


def written(text: str, way: str) -> bytes:
    # Raw line ends stand behind the JSON value, where blanks may.
    expected = {"model": "m", "messages": [{"role": "user", "content": text}]}
    body = json.dumps(expected, ensure_ascii=False).encode("utf-8", "replace") + b"\r\n\r\n "
    if way == "chunked":
        half = len(body) // 2
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in (body[:half], body[half:]))
        return head_bytes(POST, b"transfer-encoding: chunked") + chunks + b"0\r\n\r\n"
    names = {"lower": b"content-length: %d", "title": b"Content-Length: %d"}
    names |= {"zeros": b"content-length: 00%d", "blanks": b"content-length:  %d "}
    names["last"] = b"Content-Length:\t%d"
    return head_bytes(POST, names[way] % len(body)) + body


WAYS = st.sampled_from(["lower", "title", "zeros", "blanks", "last", "chunked"])


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text("stubs: [{when: {model: nobody}, reply: hi}]", "utf-8")
    server = Watched(path, "--unmatched", "echo", "--log", "none")
    yield server
    assert server.close() == ""


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=st.lists(st.tuples(TEXTS, WAYS), min_size=1, max_size=8), cuts=st.lists(st.floats(0, 1), max_size=6))
@example(asked=[(one, "chunked") for one in BAIT], cuts=[])
@example(asked=[(one, "last") for one in BAIT], cuts=[0.2, 0.21, 0.5, 0.9, 0.99])
@example(asked=[("", "zeros"), ("x" * 5000, "lower")] * 4, cuts=[0.125, 0.25, 0.5])
@example(asked=[("a", "lower"), ("a", "lower"), ("b", "chunked"), ("a", "lower")], cuts=[0.5])
@example(asked=[("\ud800", "title")], cuts=[1.0])
def test_each_request_has_its_reply_however_it_is_fragmented(
    asked: list[tuple[str, str]], cuts: list[float], echo: Watched
) -> None:
    whole = b"".join(written(text, way) for text, way in asked)
    places = sorted({0, len(whole), *(int(cut * len(whole)) for cut in cuts)})
    with Line(echo.port) as line:
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start, end in pairwise(places):
            line.send(whole[start:end])
            time.sleep(0.001)
        for text, _ in asked:
            answered = line.reply()
            assert answered is not None
            status, body = answered
            assert status == 200, body
            said = json.loads(body)["choices"][0]["message"]["content"]
            assert said == text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED)
def test_ambiguous_framing_is_rejected_after_good_requests_too(sent: bytes, line: Line) -> None:
    """A server may know the heads of a connection by then; that must not open a door."""
    for _ in range(3):
        assert lives_on(line)
    assert line.ask(sent) == 400
    assert not lives_on(line)


LENGTHS = {
    "a length that grows": [b"60", b"61"],
    "zeros before it": [b"60", b"060", b"0000000000060"],
    "beyond 64 bits": [b"60", b"9" * 30],
    "a sign": [b"60", b"+60"],
    "a comma": [b"60", b"60,60"],
    "an underscore": [b"60", b"6_0"],
    "nothing": [b"60", b""],
    "a second line": [b"60", b"60\r\ncontent-length: 3"],
    "chunks beside it": [b"60", b"60\r\ntransfer-encoding: chunked"],
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_a_head_that_differs_in_its_length_alone_is_read_again(lengths: list[bytes], line: Line) -> None:
    assert len(HELLO) == 60
    first, *others = lengths
    good = head_bytes(POST, b"content-length: " + first) + HELLO
    for _ in range(3):
        assert line.ask(good) == 200
    for length in others:
        line.send(head_bytes(POST, b"content-length: " + length) + HELLO)
        if length.isdigit() and int(length) == 61:
            line.send(b" ")
        answered = line.reply()
        assert answered is not None
        fine = length.isdigit() and int(length) in (60, 61)
        assert (answered[0] == 200) is fine, answered
