"""What comes in: bodies of every size and speed, `Expect`, and what is no HTTP at all."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable

import pytest

from tests.kit import Close, EndOfReply, OutcomeKind, Part, Script, Send, Wait
from tests.wire.conftest import Peer, Upstream

HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LENGTH_HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n"
CHUNKED_HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
TWENTY_MIB = b"0123456789abcdef" * (20 * 2**20 // 16)


def refused(peer: Peer) -> tuple[bytes, bytes, str]:
    """Status line, body and end of a reply that is the connection's last."""
    data, ended = peer.rest()
    head, _, body = data.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], body, ended


def test_a_body_of_twenty_mebibytes_is_read_whole(upstream: Upstream, peer: Peer) -> None:
    peer.post("/", TWENTY_MIB)
    assert peer.receive(len(HELLO)) == HELLO
    assert upstream.bodies == [TWENTY_MIB]


def test_a_chunked_body_of_twenty_mebibytes_is_read_whole(upstream: Upstream, peer: Peer) -> None:
    piece = TWENTY_MIB[: 64 * 1024]
    chunk = b"%x\r\n%b\r\n" % (len(piece), piece)
    peer.send(CHUNKED_HEAD + chunk * (len(TWENTY_MIB) // len(piece)) + b"0\r\n\r\n")
    assert peer.receive(len(HELLO)) == HELLO
    assert upstream.bodies == [TWENTY_MIB]
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO


@pytest.mark.parametrize(
    "pieces",
    [
        [LENGTH_HEAD, b"a", b"b", b"cd"],
        [CHUNKED_HEAD, b"2", b"\r\na", b"b\r\n2;ext=1\r\ncd\r", b"\n0\r\nx-trailer: 1\r\n", b"\r\n"],
        [b"POST / HT", b"TP/1.1\r\nhost", b": x\r\ncontent-length: 4\r\n\r", b"\nabcd"],
    ],
    ids=["length", "chunked", "head"],
)
def test_a_slow_request_is_awaited(upstream: Upstream, peer: Peer, pieces: list[bytes]) -> None:
    for piece in pieces:
        assert peer.silent()
        peer.send(piece)
        time.sleep(0.02)  # so that each piece comes by itself
    assert peer.receive(len(HELLO)) == HELLO
    assert upstream.bodies == [b"abcd"]


def test_a_client_that_expects_continue_gets_it_before_the_reply(upstream: Upstream, peer: Peer) -> None:
    peer.send(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n")
    assert peer.receive(len(CONTINUE)) == CONTINUE
    peer.send(b"abcd")
    assert peer.receive(len(HELLO)) == HELLO
    assert upstream.bodies == [b"abcd"]


@pytest.mark.parametrize("way", ["finish", "reset"])
@pytest.mark.parametrize("when", ["before the refusal", "after the refusal"])
def test_a_rejected_body_whose_sender_left_is_not_awaited(upstream: Upstream, peer: Peer, way: str, when: str) -> None:
    upstream.limit = 1000
    peer.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n")
    if when == "after the refusal":
        peer.until(b"larger than 1000")
    if way == "finish":
        peer.socket.shutdown(socket.SHUT_WR)
    else:
        peer.reset()
    upstream.wait_until_deserted()


def test_a_client_that_announces_too_much_gets_no_100_continue(upstream: Upstream, peer: Peer) -> None:
    upstream.limit = 1000
    peer.send(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1001\r\n\r\n")
    assert peer.until(b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")


def test_a_fault_at_the_head_comes_after_continue(upstream: Upstream, peer: Peer) -> None:
    upstream.scripts["/"] = Script(frames=(Close(),))
    peer.send(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n")
    assert peer.receive(len(CONTINUE)) == CONTINUE
    peer.send(b"abcd")
    assert peer.rest() == (b"", "fin")


def test_a_client_of_http_1_0_gets_no_100_continue(upstream: Upstream, peer: Peer) -> None:
    head = b"POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n"
    peer.send(head)
    time.sleep(0.02)
    peer.send(b"abcd")
    assert peer.rest() == (HELLO, "fin")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n" + b"x" * 2000,
        CHUNKED_HEAD + b"7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n",
    ],
    ids=["length", "chunked"],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "slowly"])
def test_a_body_beyond_the_limit_is_refused(
    upstream: Upstream, peer: Peer, request_bytes: bytes, at_once: bool
) -> None:
    upstream.limit = 1000
    if at_once:
        peer.send(request_bytes)
    else:
        peer.send(request_bytes[:1500])
        time.sleep(0.02)
        peer.send(request_bytes[1500:])
    assert peer.until(b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    text = b"the request body is larger than 1000"
    assert peer.rest() == (text, "fin")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"hello there, is this HTTP?\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nx: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=["tls", "prose", "header", "negative length", "smuggled length", "long header"],
)
def test_malformed_input_is_rejected_and_reaches_no_handler(
    upstream: Upstream, peer: Peer, caplog: pytest.LogCaptureFixture, garbage: bytes
) -> None:
    caplog.set_level(logging.INFO)
    peer.send(garbage)
    status, body, ended = refused(peer)
    assert (status.split()[1], body, ended) == (b"400", b"refused", "fin")
    assert len(upstream.refused) == 1
    assert upstream.refused[0].message
    assert upstream.refused[0].data
    assert garbage.startswith(upstream.refused[0].data[:1])
    assert upstream.bodies == []
    assert caplog.records == []


def test_malformed_input_after_a_request_is_rejected_after_its_reply(
    upstream: Upstream, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO
    peer.send(b"\x00\x01garbage\r\n\r\n")
    status, body, ended = refused(peer)
    assert (status.split()[1], body, ended) == (b"400", b"refused", "fin")
    assert [one.data for one in upstream.refused] == [b"\x00\x01garbage\r\n\r\n"]
    assert caplog.records == []


def test_malformed_input_in_one_piece_with_a_request_replaces_its_reply(
    upstream: Upstream, peer: Peer, post: Callable[..., bytes]
) -> None:
    sent = post("/") + b"\x00\x01garbage\r\n\r\n"
    peer.send(sent)
    status, body, ended = refused(peer)
    assert (status.split()[1], body, ended) == (b"400", b"refused", "fin")
    assert [one.data for one in upstream.refused] == [sent]


def test_a_body_that_turns_malformed_is_rejected(
    upstream: Upstream, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    peer.send(CHUNKED_HEAD + b"2\r\nab\r\n")
    assert upstream.begun.acquire(timeout=60)  # what follows is a piece of its own
    peer.send(b"no size\r\n")
    status, body, ended = refused(peer)
    assert (status, ended) == (b"HTTP/1.1 400 Bad Request", "fin")
    assert body != b"refused"
    assert upstream.bodies == []
    assert upstream.refused == []
    peer.socket.close()
    upstream.wait_until_deserted()
    assert caplog.records == []


def test_a_body_that_turned_malformed_before_its_turn_is_refused_in_its_turn(
    upstream: Upstream, peer: Peer, post: Callable[..., bytes]
) -> None:
    upstream.scripts["/slow"] = Script(frames=(Wait(seconds=0.3), Send(data=HELLO, part=Part.BODY), EndOfReply()))
    peer.send(post("/slow") + CHUNKED_HEAD)
    assert upstream.begun.acquire(timeout=60)
    peer.send(b"no size\r\n")
    assert peer.receive(len(HELLO)) == HELLO
    status, _, ended = refused(peer)
    assert (status, ended) == (b"HTTP/1.1 400 Bad Request", "fin")
    assert upstream.bodies == [b"{}"]


@pytest.mark.parametrize("start", [LENGTH_HEAD + b"abc", CHUNKED_HEAD])
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in the midst"])
@pytest.mark.parametrize("way", ["finish", "reset"])
def test_a_client_that_disconnects_within_its_body_is_recorded(
    upstream: Upstream, peer: Peer, caplog: pytest.LogCaptureFixture, start: bytes, at_once: bool, way: str
) -> None:
    caplog.set_level(logging.INFO)
    peer.send(start)
    if not at_once:
        assert upstream.begun.acquire(timeout=60)
    if way == "finish":
        peer.socket.shutdown(socket.SHUT_WR)
        assert peer.rest() == (b"", "fin")
        assert upstream.departures.get(timeout=60)
    else:
        peer.reset()
        if not at_once:
            assert upstream.departures.get(timeout=60)
    assert upstream.bodies == []
    upstream.wait_until_deserted()
    assert caplog.records == []


def test_a_crash_before_any_byte_of_a_later_reply_is_a_500(
    upstream: Upstream, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO
    peer.post("/unknown")
    assert peer.until(b"\r\n").startswith(b"HTTP/1.1 500 ")
    assert peer.rest()[1] == "fin"
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_crash_amid_a_reply_never_writes_a_second_reply_into_it(
    upstream: Upstream, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    upstream.crash = True
    peer.post()
    assert peer.rest() == (HELLO, "fin")
    assert upstream.outcome().how is OutcomeKind.COMPLETE
    assert [record.levelname for record in caplog.records] == ["ERROR"]
