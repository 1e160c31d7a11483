"""How replies end for the one who reads them: FIN, RST, or a connection that lives on."""

from __future__ import annotations

import time

import pytest

from tests.kit import Close, Ending, OutcomeKind, Part, Reset, Script, Send
from tests.wire.conftest import Dial, Peer, Upstream

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
BEGUN = Send(data=HEAD + b"5\r\nhel", part=Part.BODY)
LARGE = Send(data=b"0123456789abcdef" * (8 * 2**20 // 16), part=Part.BODY)

ENDINGS = pytest.mark.parametrize(
    ("ending", "seen", "how"),
    [(Close(), "fin", OutcomeKind.CUT), (Reset(), "rst", OutcomeKind.RESET)],
    ids=["close", "reset"],
)


@ENDINGS
def test_eight_megabytes_reach_a_slow_reader_before_the_end(
    upstream: Upstream, dial: Dial, ending: Ending, seen: str, how: OutcomeKind
) -> None:
    upstream.scripts["/"] = Script(frames=(LARGE, ending))
    peer = dial(receive_buffer=16 * 1024)
    peer.post()
    begun = peer.receive(64 * 1024)
    time.sleep(0.3)  # the reader is slow; nothing is measured
    rest, ended = peer.rest()
    assert begun + rest == LARGE.data
    assert ended == seen
    assert upstream.outcome().how is how
    assert upstream.left_behind == [0]


def test_where_the_kernel_hides_its_queue_a_reset_waits_a_moment(
    upstream: Upstream, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.server.sink._unacknowledged", lambda _: None)
    monkeypatch.setattr("mockserver.server.sink._BLIND_S", 0.5)
    data = LARGE.data[: 2**20]
    upstream.scripts["/"] = Script(frames=(Send(data=data, part=Part.BODY), Reset()))
    peer = dial(receive_buffer=16 * 1024)
    peer.post()
    assert peer.rest() == (data, "rst")


def test_a_large_request_body_does_not_turn_fin_into_rst(upstream: Upstream, peer: Peer) -> None:
    upstream.scripts["/"] = Script(frames=(BEGUN, Close()))
    peer.post("/", b"x" * (4 * 2**20))
    assert peer.rest() == (BEGUN.data, "fin")


def test_a_request_behind_the_last_one_does_not_turn_fin_into_rst(upstream: Upstream, peer: Peer) -> None:
    upstream.scripts["/"] = Script(frames=(BEGUN, Close()))
    peer.post()
    peer.receive(len(BEGUN.data))
    upstream.outcome()
    peer.post("/", b"y" * 2**20)  # our FIN is on its way or here already
    assert peer.rest() == (b"", "fin")


def test_a_reader_that_reads_nothing_is_reset_all_the_same(
    upstream: Upstream, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.server.sink._PATIENCE_S", 0.1)
    data = b"z" * 64 * 1024
    upstream.scripts["/"] = Script(frames=(Send(data=data, part=Part.BODY), Reset()))
    peer = dial(receive_buffer=4096)
    peer.post()
    assert upstream.outcome().how is OutcomeKind.RESET
    got, ended = peer.rest()
    assert ended == "rst"
    assert data.startswith(got)


def test_a_cut_ends_one_connection_and_no_other(upstream: Upstream, dial: Dial) -> None:
    upstream.scripts["/cut"] = Script(frames=(BEGUN, Close()))
    first, second = dial(), dial()
    second.post()
    reply = second.until(b"hello")
    first.post("/cut")
    assert first.rest() == (BEGUN.data, "fin")
    second.post()
    assert second.until(b"hello") == reply
