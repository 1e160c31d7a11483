"""The faults that stop or hold a reply: cut, end, reset, stall, delay."""

from __future__ import annotations

import pytest

from mockserver.faults.parsing import FaultValueError
from mockserver.faults.registry import read_fault
from mockserver.model.fault import FaultContext
from mockserver.model.frames import Close, EndOfReply, Frame, Reset, Stall, Wait
from mockserver.model.json import JSON, JSONObject
from tests.faults.samples import (
    BODY,
    CHUNKS,
    HEAD,
    HEY_CHUNK,
    HEY_TEXT,
    LAST,
    ROLE_CHUNK,
    ROLE_TEXT,
    TEXTS,
    WHOLE_HEAD,
    Seen,
    chunk,
    faults_of,
    raw,
    seen_by_h11,
    shape,
    streamed,
    struck,
    whole,
)

# What h11 says where it has nothing, where it waits for a line, and where it waits for a body.
NOTHING = "can't handle event type ConnectionClosed when role=SERVER and state=SEND_RESPONSE"
CLOSED = "peer unexpectedly closed connection"
CUT_SHORT = "peer closed connection without sending complete message body"
PLACE: JSONObject = {"inside": {"event": "text.delta[0]", "byte": 12}}
BEGUN = HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:12]
READ = ROLE_TEXT + HEY_TEXT[:12]


@pytest.mark.parametrize(
    ("fault", "expected", "seen"),
    [
        ({"cut": PLACE}, [BEGUN, Close()], Seen(200, READ, CUT_SHORT)),
        ({"reset": PLACE}, [BEGUN, Reset()], Seen(200, READ, "nothing more")),
        (
            {"stall": PLACE},
            [BEGUN, Stall(seconds=None), Close()],
            Seen(200, READ, "nothing more"),
        ),
        (
            {"stall": {**PLACE, "for": "5s"}},
            [BEGUN, Stall(seconds=5.0), Close()],
            Seen(200, READ, "nothing more"),
        ),
        (
            {"stall": {**PLACE, "for": "5s", "then": "reset"}},
            [BEGUN, Stall(seconds=5.0), Reset()],
            Seen(200, READ, "nothing more"),
        ),
        (
            {"stall": {**PLACE, "for": "5s", "then": "end"}},
            [HEAD + ROLE_CHUNK + chunk(HEY_TEXT[:12]), Stall(seconds=5.0), LAST, EndOfReply()],
            Seen(200, READ, ""),
        ),
        (
            {"end": PLACE},
            [HEAD + ROLE_CHUNK + chunk(HEY_TEXT[:12]) + LAST, EndOfReply()],
            Seen(200, READ, ""),
        ),
        (
            {"delay": {**PLACE, "for": "200ms"}},
            [
                BEGUN,
                Wait(seconds=0.2),
                HEY_TEXT[12:] + b"\r\n" + CHUNKS[len(ROLE_CHUNK + HEY_CHUNK) :] + LAST,
                EndOfReply(),
            ],
            Seen(
                200, ROLE_TEXT + HEY_TEXT + b'data: {"n":2,"delta":"\\""}\n\ndata: [DONE]\n\n', ""
            ),
        ),
    ],
)
def test_inside_an_event(fault: JSON, expected: list[bytes | Frame], seen: Seen) -> None:
    found = struck(streamed(), fault)
    assert shape(found) == expected
    assert seen_by_h11(found) == seen


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
        (
            {"inside": {"event": "text.delta[0]", "byte": 1}},
            HEAD + ROLE_CHUNK + b"1\r\ne\r\n" + LAST,
        ),
        (
            {"inside": {"event": "text.delta[0]", "byte": 40}},
            HEAD + ROLE_CHUNK + HEY_CHUNK + LAST,
        ),
        ({"at_byte": 84}, HEAD + ROLE_CHUNK + HEY_CHUNK + LAST),
        ({"at": "last_chunk"}, HEAD + CHUNKS + LAST),
        ({"after": 4}, HEAD + CHUNKS + LAST),
    ],
)
def test_end_leaves_a_proper_body_at_every_place(place: JSON, expected: bytes) -> None:
    found = struck(streamed(), {"end": place})
    assert shape(found) == [expected, EndOfReply()]
    assert seen_by_h11(found).error == ""


@pytest.mark.parametrize("count", [0, 1, 20, 21])
def test_end_of_a_whole_reply_tells_the_true_length(count: int) -> None:
    found = struck(whole(), {"end": {"at_byte": count}}, scene=FaultContext(), is_stream=False)
    head = WHOLE_HEAD.replace(b"length: 21", b"length: %d" % count)
    assert shape(found) == [head + BODY[:count], EndOfReply()]
    assert seen_by_h11(found) == Seen(200, BODY[:count], "")


def test_end_where_closing_ends_the_body_is_a_close() -> None:
    found = struck(streamed(version=(1, 0)), {"end": {"after": 1}})
    assert found == struck(streamed(version=(1, 0)), {"cut": {"after": 1}})
    assert seen_by_h11(found) == Seen(200, ROLE_TEXT, "")


def test_end_of_exact_bytes_leaves_their_framing_alone() -> None:
    frames = raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    found = struck(frames, {"end": {"at_byte": 4}}, scene=FaultContext(), is_stream=False)
    assert shape(found) == [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\na",
        Close(),
    ]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_end_mends_a_chunk_that_was_divided(size: int) -> None:
    dribbled = struck(streamed(), {"dribble": {"bytes": size}})
    found = struck(dribbled, {"end": PLACE})
    assert seen_by_h11(found) == Seen(200, READ, "")


def test_at_the_head_not_one_byte_is_sent() -> None:
    assert struck(streamed(), {"cut": {"at": "head"}}) == (Close(),)
    assert struck(streamed(), {"reset": {"at": "head"}}) == (Reset(),)
    assert struck(streamed(), {"stall": {"at": "head"}}) == (Stall(seconds=None), Close())
    assert struck(streamed(), {"delay": {"at": "head", "for": "1m"}}) == (
        Wait(seconds=60.0),
        *streamed(),
    )


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ({"at": "head"}, Seen(0, b"", NOTHING)),
        ({"inside": {"part": "status_line", "byte": 9}}, Seen(0, b"", CLOSED)),
        ({"inside": {"part": "headers", "byte": 9}}, Seen(0, b"", CLOSED)),
        ({"after": 0}, Seen(200, b"", CUT_SHORT)),
        ({"inside": {"chunk_size": "role", "byte": 1}}, Seen(200, b"", CLOSED)),
        ({"after": 1}, Seen(200, ROLE_TEXT, CUT_SHORT)),
        ({"at_byte": "50%"}, Seen(200, ROLE_TEXT + HEY_TEXT[:19], CUT_SHORT)),
        ({"at": "last_chunk"}, Seen(200, b"".join(TEXTS), CUT_SHORT)),
    ],
)
def test_h11_misses_the_end_of_what_is_cut(place: JSON, seen: Seen) -> None:
    assert seen_by_h11(struck(streamed(), {"cut": place})) == seen


@pytest.mark.parametrize(
    ("fault", "streams"),
    [
        ({"cut": {"after": 0}}, True),
        ({"cut": {"at_byte": 0}}, False),
        ({"end": {"before": "role"}}, True),
        ({"end": {"at_byte": "5%"}}, False),
        ({"reset": {"at": "last_chunk"}}, True),
        ({"reset": {"at": "head"}}, False),
        ({"stall": {"after": "role"}}, True),
        ({"stall": {"inside": {"part": "headers", "byte": 1}}}, False),
        ({"delay": {"after": 1, "for": 0}}, True),
        ({"delay": {"at": "head", "for": 0}}, False),
    ],
)
def test_a_place_among_events_implies_a_stream(fault: JSON, streams: bool) -> None:
    faults = faults_of(fault)
    assert faults.streamed is streams
    kept = whole() if streams else None
    found = struck(whole(), fault, scene=FaultContext(), is_stream=False)
    assert (found == kept) is streams


IN_HEAD = "a reply cannot end properly before its head is whole; write a place behind it"


@pytest.mark.parametrize(
    ("fault", "key_path", "message"),
    [
        ({"end": {"at": "head"}}, "end", f"at: head: {IN_HEAD}"),
        (
            {"end": {"inside": {"part": "headers", "byte": 2}}},
            "end",
            f"inside: {{part: headers, byte: 2}}: {IN_HEAD}",
        ),
        (
            {"stall": {"at": "head", "for": "1s", "then": "end"}},
            "stall.then",
            f"at: head: {IN_HEAD}",
        ),
        (
            {"stall": {"after": 1, "then": "reset"}},
            "stall.then",
            "nothing follows a stall without 'for'; write both",
        ),
        (
            {"stall": {"after": 1, "for": "1s", "then": "close"}},
            "stall.then",
            "\"close\" is none of 'cut', 'reset', 'end'",
        ),
        (
            {"stall": {"after": 1, "for": 5}},
            "stall.for",
            "5 is no duration such as '200ms' or '1.5s'",
        ),
        ({"stall": {"after": 1, "fr": "1s"}}, "stall.fr", "unknown key 'fr'; the nearest is 'for'"),
        ({"stall": "head"}, "stall", '"head" is no mapping; write a place, such as {after: 3}'),
        (
            {"delay": {"after": 1}},
            "delay",
            "'for' is missing; write how long, as in for: 200ms",
        ),
        (
            {"delay": {"after": 1, "for": "soon"}},
            "delay.for",
            "\"soon\" is no duration such as '200ms' or '1.5s'",
        ),
    ],
)
def test_what_has_no_meaning_is_told(fault: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_fault(fault)
    assert (caught.value.key_path, caught.value.message) == (key_path, message)
