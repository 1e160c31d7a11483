"""Each fault on a raw socket: the bytes and the ending that the pure core computes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.samples import seen_by_h11
from tests.kit import FAULTS, JSON, Close, EndOfReply, JSONObject, Reset, Script, Stall
from tests.wire.faults.conftest import Stage

DELTA = "text.delta[1]"
KEPT: JSONObject = {"comment": "ping", "every": "1ms"}
INSIDE: JSONObject = {"inside": {"event": DELTA, "at": "escape"}}

# Faults, and whether h11 reads a complete message.
STREAMED: list[tuple[list[JSONObject], bool]] = [
    ([], True),
    ([{"cut": {"at": "head"}}], False),
    ([{"cut": {"inside": {"part": "status_line", "byte": 9}}}], False),
    ([{"cut": {"inside": {"part": "headers", "byte": 20}}}], False),
    ([{"cut": {"after": 0}}], False),
    ([{"cut": {"before": "role"}}], False),
    ([{"cut": {"after": DELTA}}], False),
    ([{"cut": INSIDE}], False),
    ([{"cut": {"inside": {"event": "text.delta[0]", "char": 30}}}], False),
    ([{"cut": {"inside": {"chunk_size": DELTA, "byte": 1}}}], False),
    ([{"cut": {"at_byte": 120}}], False),
    ([{"cut": {"at_byte": "50%"}}], False),
    ([{"cut": {"after": "terminator"}}], False),
    ([{"cut": {"at": "last_chunk"}}], False),
    ([{"end": {"after": 0}}], True),
    ([{"end": {"after": DELTA}}], True),
    ([{"end": INSIDE}], True),
    ([{"reset": {"at": "head"}}], False),
    ([{"reset": INSIDE}], False),
    ([{"reset": {"after": "terminator"}}], False),
    ([{"stall": {"at": "head"}}], False),
    ([{"stall": INSIDE}], False),
    ([{"stall": {"after": DELTA, "for": "1ms"}}], False),
    ([{"stall": {"after": DELTA, "for": "1ms", "then": "reset"}}], False),
    ([{"stall": {**INSIDE, "for": "1ms", "then": "end"}}], True),
    ([{"delay": {**INSIDE, "for": "1ms"}}], True),
    ([{"delay": {"at": "head", "for": "1ms"}}], True),
    ([{"dribble": {"bytes": 1}}], True),
    ([{"dribble": {"sizes": [3, 7], "gap": "1ms"}}], True),
    ([{"dribble": {"split_utf8": True}}], True),
    ([{"dribble": {"coalesce": True}}], True),
    ([{"throttle": 200_000}], True),
    ([{"linger": 0}], True),
    ([{"linger": "1ms"}], True),
    ([{"omit": "role"}], True),
    ([{"repeat": "terminator"}], True),
    ([{"swap": ["role", "terminator"]}], True),
    ([{"rewrite": {"event": DELTA, "set": {"id": "é", "choices.0.index": 3}}}], True),
    ([{"rewrite": {"event": DELTA, "remove": ["choices"]}}], True),
    ([{"omit": "text.delta[*]"}], True),
    ([{"rewrite": {"event": "*", "set": {"usage": None}}}], True),
    ([{"delay": {"before": "text.delta[*]", "for": "1ms"}}], True),
    ([{"cut": {"inside": {"event": "*", "at": "escape"}}}], False),
    ([{"insert": {"event": {"data": {"a": 1}}, "at": {"after": "*"}}}], True),
    ([{"insert": {"comment": "ping", "at": {"after": 0}}}], True),
    ([{"insert": {"bytes": "xy", "at": INSIDE}}], True),
    ([{"insert": {"bytes": "xy", "at": {"inside": {"part": "headers", "byte": 0}}}}], True),
    ([{"delay": {"after": DELTA, "for": "3ms", "keepalive": {"comment": "ping", "every": "1ms"}}}], True),
    ([{"stall": {"after": DELTA, "for": "3ms", "then": "end", "keepalive": KEPT}}], True),
    ([{"garble": {"json": DELTA}}], True),
    ([{"garble": {"utf8": INSIDE}}], True),
    ([{"garble": {"utf8": "text.delta[0]"}}], True),
    ([{"garble": {"chunk_size": DELTA}}], False),
    ([{"garble": {"content_length": "+20"}}], False),
    ([{"garble": {"content_length": "-20"}}], True),
    ([{"garble": {"content_length": 5}}], True),
    ([{"garble": {"content_type": "text/html"}}], True),
    ([{"garble": {"bom": True}}], True),
    ([{"framing": {"newline": "crlf"}}], True),
    ([{"framing": {"newline": "cr", "comment": "keep-alive", "id": True, "retry": 1}}], True),
    ([{"framing": {"split_data": True, "space": False, "final_blank": False}}], True),
    ([{"repeat": DELTA}, {"framing": {"newline": "crlf"}}, {"cut": {"after": DELTA}}], False),
    ([{"dribble": {"bytes": 7}}, {"reset": INSIDE}], False),
]
WHOLE: list[tuple[list[JSONObject], bool]] = [
    ([], True),
    ([{"cut": {"at": "head"}}], False),
    ([{"cut": {"at_byte": 0}}], False),
    ([{"cut": {"at_byte": "50%"}}], False),
    ([{"cut": {"inside": {"part": "body", "at": "character"}}}], False),
    ([{"end": {"at_byte": 9}}], True),
    ([{"reset": {"at_byte": "99.9%"}}], False),
    ([{"stall": {"at_byte": 1, "for": "1ms", "then": "end"}}], True),
    ([{"delay": {"at_byte": 1, "for": "1ms"}}], True),
    ([{"dribble": {"bytes": 3}}], True),
    ([{"throttle": 200_000}], True),
    ([{"linger": 0}], True),
    ([{"garble": {"content_length": "+20"}}], False),
    ([{"garble": {"content_length": 5}}], True),
    ([{"garble": {"content_type": "text/html"}}], True),
    ([{"rewrite": {"part": "body", "set": {"choices.0.message.content": "é"}, "remove": ["usage"]}}], True),
    ([{"garble": {"json": {"part": "body"}}}], True),
    ([{"garble": {"utf8": {"inside": {"part": "body", "at": "character"}}}}], True),
    ([{"insert": {"bytes": " \n", "at": {"at_byte": 0}}}], True),
    ([{"delay": {"at_byte": 0, "for": "3ms", "keepalive": {"bytes": " ", "every": "1ms"}}}], True),
    ([{"cut": {"inside": {"part": "body", "char": 9}}}], False),
]


def name(value: object) -> str:
    return " ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def assert_seen(stage: Stage, script: Script, question: bytes) -> None:
    """Send a request; exactly the bytes of the script and its ending arrive."""
    peer = stage.dial()
    peer.send(question)
    stalls = [frame for frame in script.frames if isinstance(frame, Stall)]
    if any(frame.seconds is None for frame in stalls):
        assert peer.receive(len(script.wire)) == script.wire
        stage.sandbox.wait_for(1)
        assert peer.silent()
        peer.socket.close()
        assert stage.outcomes() == ["stalled"]
        return
    match script.frames[-1]:
        case EndOfReply():
            assert peer.receive(len(script.wire)) == script.wire
            again = stage.expected(stream=b'"stream": true' in question)
            peer.send(question)
            assert peer.receive(len(again.wire)) == again.wire
            assert peer.silent()
            assert stage.outcomes() == ["complete"] * 2
        case Close(complete=complete):
            assert peer.rest() == (script.wire, "fin")
            assert stage.outcomes() == ["complete" if complete else "cut"]
        case Reset():
            assert peer.rest() == (script.wire, "rst")
            assert stage.outcomes() == ["reset"]


@pytest.mark.parametrize(("faults", "is_complete"), STREAMED, ids=name)
def test_a_streaming_reply(stage: Stage, faults: list[JSONObject], is_complete: bool) -> None:
    stage.says(*faults)
    script = stage.expected()
    assert (seen_by_h11(script.frames).error == "") == is_complete
    assert_seen(stage, script, stage.question())


@pytest.mark.parametrize(("faults", "is_complete"), WHOLE, ids=name)
def test_a_non_streaming_reply(stage: Stage, faults: list[JSONObject], is_complete: bool) -> None:
    stage.says(*faults)
    script = stage.expected(stream=False)
    assert (seen_by_h11(script.frames).error == "") == is_complete
    assert_seen(stage, script, stage.question(stream=False))


def test_every_fault_is_tested() -> None:
    assert {key for faults, _ in STREAMED for one in faults for key in one} == {*FAULTS}


@pytest.mark.parametrize(
    "fault", [{"cut": INSIDE}, {"reset": {"after": 1}}, {"garble": {"bom": True}}, {"end": {"after": 2}}], ids=str
)
def test_a_stream_that_ends_with_the_connection(stage: Stage, fault: JSON) -> None:
    """HTTP/1.0 knows no chunks."""
    stage.says(fault)
    script = stage.expected(version="1.0")
    assert b"chunked" not in script.wire
    assert_seen(stage, script, stage.question(version="1.0"))


def test_the_draws_of_each_call_follow_from_the_seed(staged: Callable[..., Stage]) -> None:
    seen: list[list[bytes]] = []
    for _ in range(2):
        stage = staged()
        stage.says({"omit": "text.delta[0]", "chance": 0.5})
        peer = stage.dial()
        came: list[bytes] = []
        for _ in range(12):
            script = stage.expected()
            peer.send(stage.question())
            came.append(peer.receive(len(script.wire)))
            assert came[-1] == script.wire
        seen.append(came)
    assert seen[0] == seen[1]
    assert {b'"H\xc3\xa9"' in one for one in seen[0]} == {True, False}


@pytest.mark.parametrize("scale", [0.0, 0.01, 2.0])
def test_no_time_scale_changes_a_byte(staged: Callable[..., Stage], scale: float) -> None:
    stage = staged(time_scale=scale)
    # At a scale of 0 this hour must not be waited for.
    hold = "60m" if scale == 0 else "20ms"
    pace: JSONObject = {"first": hold, "gap": "1ms", "jitter": "1ms"}
    stage.says(
        {"delay": {"after": 1, "for": hold}},
        {"dribble": {"bytes": 40, "gap": "1ms"}},
        {"stall": {"after": "finish", "for": hold}},
        pace=pace,
    )
    script = stage.expected()
    assert_seen(stage, script, stage.question())
