"""The fault `cut`."""

from __future__ import annotations

import pytest

from tests.faults.samples import (
    HEAD,
    HEY_TEXT,
    ROLE_CHUNK,
    ROLE_TEXT,
    TEXTS,
    Seen,
    error_of,
    faulted,
    faulted_body,
    faults_of,
    seen_by_h11,
    shape,
    streamed,
    whole,
)
from tests.kit import JSON, Close, JSONObject

CLOSED = "peer unexpectedly closed connection"
INCOMPLETE = "peer closed connection without sending complete message body"
NOTHING = "can't handle event type ConnectionClosed when role=SERVER and state=SEND_RESPONSE"


def test_everything_before_the_place_arrives_then_fin() -> None:
    found = faulted(streamed(), {"cut": {"inside": {"event": "text.delta[0]", "byte": 12}}})
    assert shape(found) == [HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:12], Close()]


def test_at_the_head_no_byte_is_sent() -> None:
    assert faulted(streamed(), {"cut": {"at": "head"}}) == (Close(),)
    assert faulted(streamed(), {"cut": {"at": "head", "close_notify": False}}) == (Close(close_notify=False),)
    assert error_of({"cut": {"at": "head", "close_notify": "no"}})[0] == "cut.close_notify"


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ({"at": "head"}, Seen(0, b"", NOTHING)),
        ({"inside": {"part": "status_line", "byte": 9}}, Seen(0, b"", CLOSED)),
        ({"inside": {"part": "headers", "byte": 9}}, Seen(0, b"", CLOSED)),
        ({"after": 0}, Seen(200, b"", INCOMPLETE)),
        ({"inside": {"chunk_size": "role", "byte": 1}}, Seen(200, b"", CLOSED)),
        ({"after": 1}, Seen(200, ROLE_TEXT, INCOMPLETE)),
        ({"at_byte": "50%"}, Seen(200, ROLE_TEXT + HEY_TEXT[:19], INCOMPLETE)),
        ({"at": "last_chunk"}, Seen(200, b"".join(TEXTS), INCOMPLETE)),
    ],
)
def test_h11_finds_the_reply_incomplete(place: JSON, seen: Seen) -> None:
    assert seen_by_h11(faulted(streamed(), {"cut": place})) == seen


@pytest.mark.parametrize("name", ["cut", "end", "reset", "stall", "delay"])
@pytest.mark.parametrize(
    ("place", "streams"), [({"after": 0}, True), ({"before": "role"}, True), ({"at_byte": 0}, False)]
)
def test_a_fault_at_an_event_skips_a_non_streaming_reply(name: str, place: JSONObject, streams: bool) -> None:
    fault: JSON = {name: place | {"for": 0} if name == "delay" else place}
    assert faults_of(fault).streamed is streams
    assert (faulted_body(whole(), fault) == whole()) is streams


def test_the_value_is_a_place() -> None:
    message = 'expected a mapping such as {after: 3}, got "head"'
    assert error_of({"cut": "head"}) == ("cut", message)
