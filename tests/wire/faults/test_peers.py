"""What faults come to when the client is slow, half gone, or has not finished asking."""

from __future__ import annotations

import socket
from itertools import takewhile

import pytest

from tests.kit import JSON, Script, Send
from tests.wire.conftest import Peer
from tests.wire.faults.conftest import Stage

STOPS: list[tuple[str, str, str]] = [("cut", "fin", "cut"), ("reset", "rst", "reset")]
WAYS = pytest.mark.parametrize(("stop", "seen", "how"), STOPS)


def settled(stage: Stage) -> None:
    """Let the server come to whatever lies before it: it has answered someone who asked later."""
    other = stage.dial()
    other.send(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: Bearer any\r\n\r\n")
    assert other.until(b"\r\n").startswith(b"HTTP/1.1 200")


def ask_and_half_close(peer: Peer, question: bytes) -> None:
    """Where the kernel can hold a packet back, the question and FIN leave as one: a reset must not
    come between them."""
    peer.socket.sendall(question, getattr(socket, "MSG_MORE", 0))
    peer.socket.shutdown(socket.SHUT_WR)


@WAYS
def test_a_fault_applies_to_a_half_closed_client(stage: Stage, stop: str, seen: str, how: str) -> None:
    stage.says({stop: {"after": "text.delta[1]"}})
    script = stage.expected()
    peer = stage.dial()
    ask_and_half_close(peer, stage.question())
    assert peer.rest() == (script.wire, seen)
    assert stage.outcomes() == [how]


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        ({"stall": {"after": 2}}, "stalled"),
        ({"stall": {"after": 2, "for": "60m"}}, "client_left"),
        ({"delay": {"after": 2, "for": "60m"}}, "client_left"),
    ],
    ids=str,
)
def test_a_half_closed_client_counts_as_disconnected_at_the_first_wait(stage: Stage, fault: JSON, how: str) -> None:
    stage.says(fault)
    script = stage.expected()
    peer = stage.dial()
    ask_and_half_close(peer, stage.question())
    # What comes before the silence is all: a client that closed looks just the same.
    assert peer.rest() == (before_silence(script), "fin")
    assert stage.outcomes() == [how]


@pytest.mark.parametrize(
    "fault", [{"cut": {"at": "head"}}, {"reset": {"at": "head"}}, {"cut": {"after": 1}}, {"linger": 0}], ids=str
)
def test_no_fault_applies_while_the_request_body_is_arriving(stage: Stage, fault: JSON) -> None:
    stage.says(fault)
    script = stage.expected()
    question = stage.question()
    head, half, last = question.find(b"\r\n\r\n") + 4, len(question) - 20, len(question) - 1
    peer = stage.dial()
    for begin, end in ((0, head), (head, half), (half, last)):
        peer.send(question[begin:end])
        settled(stage)
        assert peer.silent()
    peer.send(question[last:])
    seen = "rst" if "reset" in str(fault) else "fin"
    assert peer.rest() == (script.wire, seen)


@WAYS
def test_late_input_does_not_change_the_ending(stage: Stage, stop: str, seen: str, how: str) -> None:
    stage.says({stop: {"after": 2}})
    script = stage.expected()
    peer = stage.dial()
    peer.send(stage.question() + b"POST /never-finished HTTP/1.1\r\nhost: x\r\ncontent-le")
    assert peer.rest() == (script.wire, seen)
    assert stage.outcomes() == [how]


def before_silence(script: Script) -> bytes:
    """The bytes in front of the first wait or stall."""
    sends = takewhile(lambda frame: isinstance(frame, Send), script.frames)
    return Script(frames=tuple(sends)).wire
