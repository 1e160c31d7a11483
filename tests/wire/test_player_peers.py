"""Peers that read slowly, or leave: what the player notices and what it costs."""

from __future__ import annotations

import time

import pytest

from tests.kit import Close, Ending, EndOfReply, Frame, OutcomeKind, Part, Reset, Script, Send, Stall, Wait
from tests.wire.conftest import Dial, Peer, Upstream, buffered

BEGUN = Send(data=b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello", part=Part.BODY)
MORE = Send(data=b"world", part=Part.BODY)
LARGE = Send(data=b"0123456789abcdef" * (100 * 2**20 // 16), part=Part.BODY)
# What may lie in the transport: its own high-water mark and the one slice that crossed it.
ROOM = 64 * 1024 + 256 * 1024


def held(upstream: Upstream) -> int:
    """Bytes in the buffer of the reply's transport, once no more of it moves."""
    sink = upstream.sinks[-1]
    sent = -1
    while sent != (sent := upstream.call(lambda: sink.sent)) or sent == 0:
        time.sleep(0.2)
    return upstream.call(lambda: buffered(sink))


def test_a_stalled_reader_buffers_little_of_a_large_reply(upstream: Upstream, dial: Dial) -> None:
    upstream.scripts["/"] = Script(frames=(LARGE, EndOfReply()))
    peer = dial(receive_buffer=64 * 1024)
    peer.post()
    assert peer.receive(16) == LARGE.data[:16]
    assert 0 < held(upstream) <= ROOM
    assert upstream.sinks[-1].sent < len(LARGE.data) // 2
    for _ in range(10):
        assert len(peer.receive(2**20)) == 2**20
    assert held(upstream) <= ROOM
    rest = len(LARGE.data) - 16 - 10 * 2**20
    assert len(peer.receive(rest)) == rest
    assert upstream.outcome().how is OutcomeKind.COMPLETE
    peer.post()
    assert peer.receive(16) == LARGE.data[:16]


@pytest.mark.parametrize("ending", [Close(), Reset()], ids=["close", "reset"])
def test_a_client_that_disconnects_ends_a_large_reply(upstream: Upstream, peer: Peer, ending: Ending) -> None:
    upstream.scripts["/"] = Script(frames=(LARGE, ending))
    peer.post()
    peer.receive(2**20)
    peer.socket.close()
    outcome = upstream.outcome()
    assert (outcome.how, outcome.frames) == (OutcomeKind.CLIENT_LEFT, 0)
    assert outcome.sent < len(LARGE.data)


@pytest.mark.parametrize("way", ["close", "reset"])
@pytest.mark.parametrize(
    ("silence", "how"),
    [
        ((Wait(seconds=3600), MORE, EndOfReply()), OutcomeKind.CLIENT_LEFT),
        ((Stall(seconds=3600), Close()), OutcomeKind.CLIENT_LEFT),
        ((Stall(seconds=3600), MORE, EndOfReply()), OutcomeKind.CLIENT_LEFT),
        ((Stall(), Close()), OutcomeKind.STALLED),
        ((Stall(), Reset()), OutcomeKind.STALLED),
        ((Wait(seconds=3600), EndOfReply()), OutcomeKind.COMPLETE),
    ],
    ids=["wait", "stall", "stall then end", "endless stall", "endless stall, reset", "linger"],
)
def test_a_client_that_leaves_amid_silence_ends_it(
    upstream: Upstream, peer: Peer, silence: tuple[Frame, ...], how: OutcomeKind, way: str
) -> None:
    upstream.scripts["/"] = Script(frames=(BEGUN, *silence))
    peer.post()
    assert peer.receive(len(BEGUN.data)) == BEGUN.data
    assert peer.silent()
    if way == "close":
        peer.socket.close()
    else:
        peer.reset()
    outcome = upstream.outcome()
    assert (outcome.how, outcome.frames, outcome.sent) == (how, 1, len(BEGUN.data))
    upstream.wait_until_deserted()


def test_a_client_that_leaves_after_the_last_byte_has_had_it_all(upstream: Upstream, peer: Peer) -> None:
    upstream.scripts["/"] = Script(frames=(BEGUN, MORE, EndOfReply()))
    peer.post()
    peer.receive(len(BEGUN.data) + len(MORE.data))
    peer.reset()
    assert upstream.outcome().how is OutcomeKind.COMPLETE
    upstream.wait_until_deserted()


@pytest.mark.parametrize(
    "silence", [Stall(), Stall(seconds=3600), Wait(seconds=3600)], ids=["endless", "stall", "wait"]
)
def test_the_server_stops_at_once_amid_silence(upstream: Upstream, peer: Peer, silence: Frame) -> None:
    upstream.scripts["/"] = Script(frames=(BEGUN, silence, Close()))
    peer.post()
    assert peer.receive(len(BEGUN.data)) == BEGUN.data
    upstream.stop()
    assert peer.rest()[0] == b""
    assert upstream.outcome().how is OutcomeKind.CUT


def test_bytes_before_a_wait_are_sent_at_once(upstream: Upstream, peer: Peer) -> None:
    upstream.scripts["/"] = Script(frames=(BEGUN, Wait(seconds=3600), MORE, EndOfReply()))
    peer.post()
    assert peer.socket.recv(1000) == BEGUN.data
    assert peer.silent()
