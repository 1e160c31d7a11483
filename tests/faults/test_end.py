"""The fault `end`."""

from __future__ import annotations

import pytest

from tests.faults.samples import (
    BODY,
    CHUNKS,
    HEAD,
    HEY_CHUNK,
    HEY_TEXT,
    LAST,
    ROLE_CHUNK,
    ROLE_TEXT,
    WHOLE_HEAD,
    Seen,
    error_of,
    faulted,
    faulted_body,
    seen_by_h11,
    shape,
    streamed,
    whole,
)
from tests.kit import JSON, Close, EndOfReply, frame_raw

PLACE: JSON = {"inside": {"event": "text.delta[0]", "byte": 12}}
READ = ROLE_TEXT + HEY_TEXT[:12]
IN_HEAD = "a reply cannot end properly inside its head; expected a place after it"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"after": 0}, HEAD + LAST),
        ({"at_byte": 0}, HEAD + LAST),
        ({"before": "role"}, HEAD + LAST),
        ({"after": 1}, HEAD + ROLE_CHUNK + LAST),
        ({"before": "text.delta[0]"}, HEAD + ROLE_CHUNK + LAST),
        ({"inside": {"chunk_size": "text.delta[0]", "byte": 1}}, HEAD + ROLE_CHUNK + LAST),
        ({"inside": {"event": "text.delta[0]", "byte": 0}}, HEAD + ROLE_CHUNK + LAST),
        ({"inside": {"event": "text.delta[0]", "byte": 1}}, HEAD + ROLE_CHUNK + b"1\r\ne\r\n" + LAST),
        ({"inside": {"event": "text.delta[0]", "byte": 40}}, HEAD + ROLE_CHUNK + HEY_CHUNK + LAST),
        ({"at_byte": 84}, HEAD + ROLE_CHUNK + HEY_CHUNK + LAST),
        ({"at": "last_chunk"}, HEAD + CHUNKS + LAST),
        ({"after": 4}, HEAD + CHUNKS + LAST),
    ],
)
def test_the_body_ends_properly_at_every_place(place: JSON, expected: bytes) -> None:
    found = faulted(streamed(), {"end": place})
    assert shape(found) == [expected, EndOfReply()]
    assert seen_by_h11(found).error == ""


@pytest.mark.parametrize("count", [0, 1, 20, 21])
def test_a_non_streaming_reply_states_the_true_length(count: int) -> None:
    found = faulted_body(whole(), {"end": {"at_byte": count}})
    head = WHOLE_HEAD.replace(b"length: 21", b"length: %d" % count)
    assert shape(found) == [head + BODY[:count], EndOfReply()]
    assert seen_by_h11(found) == Seen(200, BODY[:count], "")


def test_a_body_that_ends_with_the_connection_is_cut() -> None:
    found = faulted(streamed(version=(1, 0)), {"end": {"after": 1}})
    assert found == faulted(streamed(version=(1, 0)), {"cut": {"after": 1}})
    assert seen_by_h11(found) == Seen(200, ROLE_TEXT, "")


def test_the_framing_of_exact_bytes_is_not_corrected() -> None:
    frames = frame_raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    found = faulted_body(frames, {"end": {"at_byte": 4}})
    assert shape(found) == [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\na", Close()]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_chunk_in_several_writes_gets_its_true_size(size: int) -> None:
    dribbled = faulted(streamed(), {"dribble": {"bytes": size}})
    found = faulted(dribbled, {"end": PLACE})
    assert seen_by_h11(found) == Seen(200, READ, "")


@pytest.mark.parametrize(
    ("place", "written"),
    [({"at": "head"}, "at: head"), ({"inside": {"part": "headers", "byte": 2}}, "inside: {part: headers, byte: 2}")],
)
def test_a_place_in_the_head_is_rejected(place: JSON, written: str) -> None:
    assert error_of({"end": place}) == ("end", f"{written}: {IN_HEAD}")
