"""What outlives a reply: keep-alive, pipelining, and the versions and methods that bar them."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.kit import Close, EndOfReply, OutcomeKind, Part, Script, Send, Wait
from tests.wire.conftest import Dial, Peer, Upstream

HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
STREAM = (
    Send(data=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", part=Part.HEAD),
    Send(data=b"3\r\n", part=Part.CHUNK_SIZE, event=0),
    Send(data=b"one", part=Part.EVENT, event=0),
    Send(data=b"\r\n", part=Part.CHUNK_END, event=0),
    Wait(seconds=0),
    Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK),
    EndOfReply(),
)


def test_one_connection_serves_request_after_request(upstream: Upstream, peer: Peer) -> None:
    upstream.scripts["/stream"] = script = Script(frames=STREAM)
    for _ in range(3):
        peer.post()
        assert peer.receive(len(HELLO)) == HELLO
        peer.post("/stream")
        assert peer.receive(len(script.wire)) == script.wire
    assert [upstream.outcome().how for _ in range(6)] == [OutcomeKind.COMPLETE] * 6


def test_pipelined_requests_are_answered_in_order(upstream: Upstream, peer: Peer, post: Callable[..., bytes]) -> None:
    upstream.scripts["/stream"] = script = Script(frames=STREAM)
    peer.send((post("/", b"1") + post("/stream", b"2")) * 20)
    expected = (HELLO + script.wire) * 20
    assert peer.receive(len(expected)) == expected
    assert upstream.bodies == [b"1", b"2"] * 20


def test_replies_to_other_methods_share_the_connection(upstream: Upstream, peer: Peer) -> None:
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO
    peer.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert peer.until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
    assert peer.receive(5) == b"plain"
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO


def test_an_upgrade_that_is_declined_leaves_the_connection_usable(upstream: Upstream, peer: Peer) -> None:
    peer.send(
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert peer.until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 OK\r\n")
    assert peer.receive(5) == b"plain"
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO


def test_a_reply_to_head_has_no_body_and_leaves_the_connection_usable(upstream: Upstream, peer: Peer) -> None:
    peer.send(b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert b"\r\ncontent-length: 5\r\n" in peer.until(b"\r\n\r\n")
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO


@pytest.mark.parametrize(
    ("version", "headers", "closes"),
    [
        ("1.1", [], False),
        ("1.1", ["connection: close"], True),
        ("1.0", [], True),
        ("1.0", ["connection: keep-alive"], False),
    ],
)
def test_the_request_decides_whether_the_connection_stays_open(
    upstream: Upstream, peer: Peer, version: str, headers: list[str], closes: bool
) -> None:
    peer.post("/", b"{}", *headers, version=version)
    assert peer.receive(len(HELLO)) == HELLO
    if closes:
        assert peer.rest() == (b"", "fin")
    else:
        peer.post("/", b"{}", *headers, version=version)
        assert peer.receive(len(HELLO)) == HELLO
    assert upstream.outcome().how is OutcomeKind.COMPLETE


def test_a_sink_without_keep_alive_closes_the_connection(upstream: Upstream, peer: Peer) -> None:
    upstream.keep_alive = False
    peer.post()
    assert peer.rest() == (HELLO, "fin")
    assert upstream.outcome().how is OutcomeKind.COMPLETE


def test_a_half_closed_client_gets_every_reply_and_fin(
    upstream: Upstream, peer: Peer, post: Callable[..., bytes]
) -> None:
    upstream.scripts["/stream"] = script = Script(frames=STREAM)
    peer.send(post("/") + post("/stream") + post("/"))
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.rest() == (HELLO + script.wire + HELLO, "fin")
    assert [upstream.outcome().how for _ in range(3)] == [OutcomeKind.COMPLETE] * 3


def test_a_half_closed_client_counts_as_disconnected_at_a_wait(
    upstream: Upstream, peer: Peer, post: Callable[..., bytes]
) -> None:
    upstream.scripts["/"] = Script(frames=(*STREAM[:4], Wait(seconds=3600), *STREAM[4:]))
    peer.send(post() + post())
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.rest() == (Script(frames=STREAM[:4]).wire, "fin")
    assert upstream.outcome().how is OutcomeKind.CLIENT_LEFT


def test_a_client_can_close_between_requests(upstream: Upstream, peer: Peer) -> None:
    peer.post()
    peer.receive(len(HELLO))
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.rest() == (b"", "fin")


def test_a_client_that_connects_and_sends_nothing_can_leave(upstream: Upstream, peer: Peer) -> None:
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.rest() == (b"", "fin")
    assert upstream.refused == []


def test_a_close_lets_a_client_open_its_next_connection_at_once(upstream: Upstream, dial: Dial) -> None:
    upstream.scripts["/cut"] = Script(frames=(Close(),))
    for _ in range(5):
        peer = dial()
        peer.post("/cut")
        assert peer.rest() == (b"", "fin")
        peer.socket.close()
    peer = dial()
    peer.post()
    assert peer.receive(len(HELLO)) == HELLO
