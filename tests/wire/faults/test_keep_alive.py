"""Trouble with connections that live on: they close between two requests, or under the second."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kit import JSON, Close, EndOfReply, IdleClose, JSONObject
from tests.wire.conftest import Peer, Seen
from tests.wire.faults.conftest import Stage

UNTIL_NEXT: list[tuple[JSONObject, IdleClose]] = [
    ({"until": "next"}, IdleClose.FIN),
    ({"until": "next", "then": "cut"}, IdleClose.FIN),
    ({"until": "next", "then": "reset"}, IdleClose.RST),
]


def answered(stage: Stage, peer: Peer, *, stream: bool = True) -> None:
    """The reply comes whole, and the connection stays."""
    script = stage.expected(stream=stream)
    peer.send(stage.question(stream=stream))
    assert peer.receive(len(script.wire)) == script.wire
    assert peer.silent()


@pytest.mark.parametrize("linger", [0, "5ms"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_connection_closes_between_two_requests(stage: Stage, linger: JSON, stream: bool) -> None:
    stage.says({"linger": linger})
    script = stage.expected(stream=stream)
    # Nothing in the reply foretells it.
    assert b"connection: close" not in script.wire.lower()
    assert script.frames[-1] == Close(complete=True)
    peer = stage.dial()
    peer.send(stage.question(stream=stream))
    assert peer.rest() == (script.wire, "fin")
    answered_elsewhere = stage.expected(stream=stream)
    other = stage.dial()
    other.send(stage.question(stream=stream))
    assert other.rest() == (answered_elsewhere.wire, "fin")
    assert stage.outcomes() == ["complete"] * 2


@pytest.mark.parametrize(("linger", "how"), UNTIL_NEXT)
@pytest.mark.parametrize("stream", [True, False])
def test_an_idle_connection_closes_when_the_next_request_begins(
    stage: Stage, linger: JSON, how: IdleClose, stream: bool
) -> None:
    stage.says({"linger": linger})
    assert stage.expected(stream=stream).frames[-1] == EndOfReply(hang_up=how)
    stage.says({"linger": linger})
    peer = stage.dial()
    answered(stage, peer, stream=stream)
    peer.send(stage.question(stream=stream))
    assert peer.rest() == (b"", Seen(how))
    # The second request was never seen.
    assert stage.outcomes() == ["complete"]
    answered(stage, stage.dial(), stream=stream)


def test_the_first_byte_of_a_request_is_enough(stage: Stage) -> None:
    stage.says({"linger": {"until": "next"}})
    peer = stage.dial()
    answered(stage, peer)
    peer.send(stage.question()[:1])
    assert peer.rest() == (b"", "fin")


@pytest.mark.parametrize("then", ["cut", "reset"])
def test_a_connection_that_would_close_is_not_changed(stage: Stage, then: str) -> None:
    stage.says({"linger": {"until": "next", "then": then}})
    script = stage.expected(version="1.0")
    peer = stage.dial()
    peer.send(stage.question(version="1.0"))
    assert peer.rest() == (script.wire, "fin")


@pytest.mark.parametrize(
    ("fault", "seen", "how"),
    [
        ({"cut": {"after": 2}}, "fin", "cut"),
        ({"cut": {"at": "head"}}, "fin", "cut"),
        ({"reset": {"after": 2}}, "rst", "reset"),
        ({"stall": {"after": 2, "for": "5ms"}}, "fin", "cut"),
        ({"garble": {"content_length": 9}}, "fin", "cut"),
    ],
    ids=str,
)
def test_a_pipelined_request_gets_no_answer_after_the_first_was_broken(
    stage: Stage, fault: JSONObject, seen: str, how: str
) -> None:
    stage.says(fault)
    script = stage.expected()
    peer = stage.dial()
    peer.send(stage.question() * 3)
    assert peer.rest() == (script.wire, seen)
    assert stage.outcomes() == [how]


def test_a_pipelined_request_is_answered_after_a_clean_early_end(stage: Stage) -> None:
    stage.says({"end": {"after": 2}})
    expected = b"".join(stage.expected().wire for _ in range(3))
    peer = stage.dial()
    peer.send(stage.question() * 3)
    assert peer.receive(len(expected)) == expected
    assert stage.outcomes() == ["complete"] * 3


def test_a_pipelined_request_waits_until_the_stall_ahead_of_it_is_over(staged: Callable[..., Stage]) -> None:
    stage = staged(time_scale=0)
    stage.says({"stall": {"after": 2, "for": "60m", "then": "end"}})
    expected = b"".join(stage.expected().wire for _ in range(2))
    peer = stage.dial()
    peer.send(stage.question() * 2)
    assert peer.receive(len(expected)) == expected


def test_a_chance_decides_for_each_reply_whether_its_connection_stays_open(stage: Stage) -> None:
    stage.says({"linger": {"until": "next"}, "chance": 0.5})
    met: list[bool] = []
    peer = stage.dial()
    for _ in range(12):
        script = stage.expected()
        peer.send(stage.question())
        assert peer.receive(len(script.wire)) == script.wire
        met.append(script.frames[-1] == EndOfReply(hang_up=IdleClose.FIN))
        if met[-1]:
            peer.send(stage.question())
            assert peer.rest() == (b"", "fin")
            peer = stage.dial()
    assert {*met} == {True, False}
