"""Connections that end when its next request begins, on each event loop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit import EndOfReply, IdleClose, OutcomeKind, Script
from tests.wire.conftest import Peer, Seen, Upstream, whole

WAYS = pytest.mark.parametrize("how", list(IdleClose))


def script(how: IdleClose) -> Script:
    return whole(b"hello", EndOfReply(hang_up=how))


@WAYS
def test_it_ends_unanswered_when_used_again(upstream: Upstream, peer: Peer, how: IdleClose) -> None:
    upstream.scripts["/last"] = script(how)
    for path in ("/", "/last"):
        peer.post(path)
        assert peer.receive(len(script(how).wire)) == script(how).wire
    assert peer.silent()
    peer.post()
    assert peer.rest() == (b"", Seen(how))
    assert [upstream.outcome().how for _ in range(2)] == [OutcomeKind.COMPLETE] * 2
    assert len(upstream.bodies) == 2
    peer.socket.close()
    upstream.wait_until_deserted()


@WAYS
def test_a_request_that_is_there_already_meets_it_at_once(
    upstream: Upstream, peer: Peer, post: Callable[..., bytes], how: IdleClose
) -> None:
    upstream.scripts["/last"] = script(how)
    peer.send(post("/last") + post() + post())
    assert peer.rest() == (script(how).wire, Seen(how))
    assert len(upstream.bodies) == 1
    peer.socket.close()
    upstream.wait_until_deserted()


def test_a_client_that_never_shuts_its_side_is_not_waited_for(upstream: Upstream, peer: Peer) -> None:
    upstream.scripts["/last"] = script(IdleClose.FIN)
    peer.post("/last")
    peer.receive(len(script(IdleClose.FIN).wire))
    peer.post()
    assert peer.rest() == (b"", Seen.FIN)
    upstream.wait_until_deserted()


@WAYS
def test_a_connection_that_is_never_used_again_stays_until_the_client_leaves(
    upstream: Upstream, peer: Peer, how: IdleClose
) -> None:
    upstream.scripts["/last"] = script(how)
    peer.post("/last")
    assert peer.receive(len(script(how).wire)) == script(how).wire
    assert upstream.outcome().how is OutcomeKind.COMPLETE
    assert peer.silent()
    peer.socket.close()
    upstream.wait_until_deserted()
