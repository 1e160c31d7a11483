"""The fault `insert`, and what is sent while a reply is held."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.faults.samples import (
    BODY,
    CHUNKS,
    CONTEXT,
    DONE_CHUNK,
    HEAD,
    HEY_CHUNK,
    HEY_TEXT,
    LAST,
    ROLE_CHUNK,
    ROLE_TEXT,
    TEXTS,
    WHOLE_HEAD,
    YOU_CHUNK,
    YOU_TEXT,
    Seen,
    chunk,
    encode,
    error_of,
    faulted_body,
    faults_of,
    seen_by_h11,
    shape,
    streamed,
    whole,
    wire,
)
from tests.kit import (
    JSON,
    Beat,
    Close,
    EndOfReply,
    FaultPipeline,
    Frame,
    JSONObject,
    PlaceNotFoundError,
    Send,
    Stall,
    Wait,
)

PING = b": ping\n\n"
NEWS = b'event: news\ndata: {"a":1}\n\n'
EVENT: JSONObject = {"event": {"data": {"a": 1}, "event": "news"}}
WHOLE = b"".join(TEXTS)


def faulted(frames: tuple[Frame, ...], *elements: JSON) -> tuple[Frame, ...]:
    context = replace(CONTEXT, encode=encode)
    return FaultPipeline(faults=faults_of(*elements), context=context, ids=None).frames(frames, streamed=True)


@pytest.mark.parametrize(
    ("payload", "place", "chunks"),
    [
        (EVENT, {"after": 0}, chunk(NEWS) + CHUNKS),
        (EVENT, {"after": "text.delta[0]"}, ROLE_CHUNK + HEY_CHUNK + chunk(NEWS) + YOU_CHUNK + DONE_CHUNK),
        (EVENT, {"before": "text.delta[*]"},
            ROLE_CHUNK + chunk(NEWS) + HEY_CHUNK + chunk(NEWS) + YOU_CHUNK + DONE_CHUNK),
        ({"event": "[DONE]"}, {"at": "last_chunk"}, CHUNKS + DONE_CHUNK),
        ({"event": {"data": "x"}}, {"after": 4}, CHUNKS + chunk(b"data: x\n\n")),
        ({"comment": "ping"}, {"before": "role"}, chunk(PING) + CHUNKS),
        ({"comment": ""}, {"before": "role"}, chunk(b": \n\n") + CHUNKS),
        ({"comment": "a\nb"}, {"after": "*"}, b"".join(chunk(text) + chunk(b": a\n: b\n\n") for text in TEXTS)),
        ({"bytes": "\n"}, {"after": "role"}, ROLE_CHUNK + chunk(b"\n") + CHUNKS[len(ROLE_CHUNK) :]),
        ({"bytes": {"base64": "AP8="}}, {"inside": {"event": "text.delta[0]", "byte": 12}},
            ROLE_CHUNK + chunk(HEY_TEXT[:12] + b"\0\xff" + HEY_TEXT[12:]) + YOU_CHUNK + DONE_CHUNK),
        ({"bytes": "X"}, {"inside": {"event": "text.delta[1]", "byte": 0}},
            ROLE_CHUNK + HEY_CHUNK + chunk(b"X" + YOU_TEXT) + DONE_CHUNK),
        ({"bytes": "X"}, {"at_byte": len(ROLE_TEXT) - 1},
            chunk(ROLE_TEXT[:-1] + b"X\n") + CHUNKS[len(ROLE_CHUNK) :]),
        ({"bytes": "X"}, {"at_byte": "100%"}, ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK + chunk(TEXTS[-1] + b"X")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_more_is_sent_in_true_framing(payload: JSONObject, place: JSON, chunks: bytes, size: int) -> None:
    frames = faulted(streamed(), {"dribble": {"bytes": size}})
    found = faulted(frames, {"insert": {**payload, "at": place}})
    assert wire(found) == HEAD + chunks + LAST
    assert seen_by_h11(found).error == ""


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"at": "head"}, b"XY" + HEAD + CHUNKS + LAST),
        ({"inside": {"part": "status_line", "byte": 3}}, HEAD[:3] + b"XY" + HEAD[3:] + CHUNKS + LAST),
        ({"inside": {"part": "headers", "byte": 0}}, HEAD.replace(b"OK\r\n", b"OK\r\nXY") + CHUNKS + LAST),
        ({"inside": {"chunk_size": "role", "byte": 1}}, HEAD + b"2XYc" + CHUNKS[2:] + LAST),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_nothing_is_counted_outside_the_body(place: JSON, expected: bytes, size: int) -> None:
    frames = faulted(streamed(), {"dribble": {"bytes": size}})
    assert wire(faulted(frames, {"insert": {"bytes": "XY", "at": place}})) == expected


def test_an_inserted_event_is_counted_among_those_that_are_sent() -> None:
    insert: JSON = {"insert": {**EVENT, "at": {"before": "text.delta[*]"}}}
    cut: JSON = {"cut": {"after": 4}}
    assert wire(faulted(streamed(), insert, cut)) == HEAD + ROLE_CHUNK + chunk(NEWS) + HEY_CHUNK + chunk(NEWS)
    comment: JSON = {"insert": {"comment": "ping", "at": {"after": 0}}}
    assert wire(faulted(streamed(), comment, {"cut": {"after": 1}})) == HEAD + chunk(PING) + ROLE_CHUNK
    labels = [frame.label for frame in faulted(streamed(), insert) if isinstance(frame, Send) and frame.nth == 3]
    assert set(labels) == {"inserted[1]"}


def test_a_clean_end_closes_an_inserted_chunk() -> None:
    insert: JSON = {"insert": {"comment": "ping", "at": {"after": "role"}}}
    found = faulted(streamed(), insert, {"end": {"at_byte": len(ROLE_TEXT) + 2}})
    assert wire(found) == HEAD + ROLE_CHUNK + chunk(PING[:2]) + LAST


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ({"at_byte": 0}, b"  " + BODY),
        ({"inside": {"part": "body", "at": "string"}}, BODY.replace(b'"a', b'"a  ')),
        ({"at_byte": "100%"}, BODY + b"  "),
    ],
)
def test_bytes_of_a_whole_body_are_counted_in_its_length(place: JSON, body: bytes) -> None:
    found = faulted_body(whole(), {"insert": {"bytes": "  ", "at": place}})
    assert wire(found) == WHOLE_HEAD.replace(b"21", b"23") + body
    assert seen_by_h11(found) == Seen(200, body, "")


def test_a_body_that_ends_with_the_connection_has_no_length() -> None:
    found = faulted(streamed(version=(1, 0)), {"insert": {"comment": "ping", "at": {"after": "role"}}})
    assert wire(found).endswith(b"\r\n\r\n" + ROLE_TEXT + PING + WHOLE[len(ROLE_TEXT) :])


def test_a_false_chunk_size_stays() -> None:
    place: JSON = {"inside": {"event": "role", "byte": 2}}
    found = faulted(streamed(), {"garble": {"chunk_size": "role"}}, {"insert": {"bytes": "X", "at": place}})
    assert wire(found).startswith(HEAD + b"xyz\r\ndaXta")


def test_an_event_needs_a_stream() -> None:
    insert = faults_of({"insert": {"comment": "ping", "at": {"after": 0}}})
    assert insert.streamed
    assert not insert.whole
    bytes_ = faults_of({"insert": {"bytes": "x", "at": {"inside": {"part": "body", "byte": 1}}}})
    assert (bytes_.streamed, bytes_.whole) == (False, True)
    with pytest.raises(PlaceNotFoundError, match="an event or a comment needs a stream, but this reply is one body"):
        FaultPipeline(faults=insert, context=CONTEXT, ids=None).frames(streamed(), streamed=True)


BETWEEN = (
    "an event or a comment stands between events: after or before one, or at: last_chunk; 'bytes' may stand anywhere"
)


@pytest.mark.parametrize(
    ("value", "key_path", "message"),
    [
        ({"comment": "x"}, "insert", "'at' is missing; expected a mapping such as {after: 3}"),
        ({"at": {"after": 1}}, "insert", "expected exactly one of 'event', 'comment', 'bytes', got none"),
        ({"comment": "x", "bytes": "y", "at": {"after": 1}}, "insert",
            "expected exactly one of 'event', 'comment', 'bytes', got 'comment', 'bytes'"),
        ({"comment": "x", "at": {"at_byte": 1}}, "insert.at", f"at_byte: 1: {BETWEEN}"),
        ({"event": "x", "at": {"at": "head"}}, "insert.at", f"at: head: {BETWEEN}"),
        ({"event": {"event": "x"}, "at": {"after": 1}}, "insert.event",
            "expected the text of an event such as '[DONE]' or a mapping such as {data: {type: keepalive}"),
        ({"event": {"data": "x", "event": "a\nb"}, "at": {"after": 1}}, "insert.event.event",
            'expected the name of an event in one line, got "a\\nb"'),
        ({"bytes": "", "at": {"after": 1}}, "insert.bytes", 'expected a text, sent as UTF-8, got ""'),
        ({"bytes": {"base64": "?"}, "at": {"after": 1}}, "insert.bytes.base64", "expected base64: "),
        ({"comment": 7, "at": {"after": 1}}, "insert.comment", "expected the text of a comment, got 7"),
        ({"coment": "x", "at": {"after": 1}}, "insert.coment", "unknown key 'coment'; the nearest is 'comment'"),
    ],
)  # fmt: skip
def test_an_invalid_insert_is_rejected(value: JSON, key_path: str, message: str) -> None:
    path, found = error_of({"insert": value})
    assert path == key_path
    assert found.startswith(message)


# --- while a reply is held ---

KEPT: JSONObject = {"comment": "ping", "every": "2s"}


def waits(*seconds: float) -> list[bytes | Frame]:
    found: list[bytes | Frame] = []
    for one in seconds:
        found += (Wait(seconds=one), chunk(PING))
    return found[:-1]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [("5s", waits(2, 2, 1)), ("4s", waits(2, 2)), ("1s", waits(1)), (0, waits(0)), ("4.5s", waits(2, 2, 0.5))],
)
def test_a_delay_is_kept_alive(seconds: JSON, expected: list[bytes | Frame]) -> None:
    found = faulted(streamed(), {"delay": {"after": "role", "for": seconds, "keepalive": KEPT}})
    rest = CHUNKS[len(ROLE_CHUNK) :] + LAST
    assert shape(found) == [HEAD + ROLE_CHUNK, *expected, rest, EndOfReply()]


def test_white_space_keeps_a_whole_reply_alive() -> None:
    keepalive: JSON = {"bytes": " ", "every": "2s"}
    found = faulted_body(whole(), {"delay": {"at_byte": 0, "for": "5s", "keepalive": keepalive}})
    wait = Wait(seconds=2.0)
    expected = [WHOLE_HEAD.replace(b"21", b"23"), wait, b" ", wait, b" ", Wait(seconds=1.0), BODY, EndOfReply()]
    assert shape(found) == expected


def test_a_stall_is_kept_alive_until_its_end() -> None:
    stall: JSONObject = {"after": "role", "for": "5s", "keepalive": KEPT}
    still, last = Stall(seconds=2.0), Stall(seconds=1.0)
    begun = [HEAD + ROLE_CHUNK, still, chunk(PING), still, chunk(PING), last]
    assert shape(faulted(streamed(), {"stall": stall})) == [*begun, Close()]
    assert shape(faulted(streamed(), {"stall": {**stall, "then": "end"}})) == [*begun, LAST, EndOfReply()]


def test_a_stall_without_end_repeats_its_keepalive() -> None:
    found = faulted(streamed(), {"stall": {"after": "role", "keepalive": KEPT}})
    assert shape(found) == [HEAD + ROLE_CHUNK, Stall(beat=Beat(every_s=2.0, first_s=2.0, before=chunk(PING))), Close()]


def test_a_stall_without_end_cannot_exceed_a_stated_length() -> None:
    keepalive: JSON = {"bytes": " ", "every": "1s"}
    message = "a keepalive without end exceeds the length that is stated before it; add 'for', or frame the reply"
    with pytest.raises(PlaceNotFoundError, match=re.escape(message)):
        faulted_body(whole(), {"stall": {"at_byte": 0, "keepalive": keepalive}})
    with pytest.raises(PlaceNotFoundError, match=re.escape(message)):
        faulted(streamed(), {"stall": {"inside": {"event": "role", "byte": 3}, "keepalive": keepalive}})


def test_a_comment_while_a_reply_is_held_needs_a_stream() -> None:
    assert faults_of({"delay": {"after": 0, "for": 0, "keepalive": KEPT}}).streamed
    assert not faults_of({"delay": {"at_byte": 0, "for": 0, "keepalive": {"bytes": " ", "every": "1s"}}}).streamed
    assert not faults_of({"stall": {"at_byte": 0, "keepalive": {"bytes": " ", "every": "1s"}}}).streamed


@pytest.mark.parametrize("fault", ["delay", "stall"])
@pytest.mark.parametrize(
    ("keepalive", "place", "key_path", "message"),
    [
        ({"comment": "x"}, {"after": 1}, "keepalive", "'every' is missing; expected a duration such as"),
        ({"comment": "x", "every": 0}, {"after": 1}, "keepalive.every", "expected a duration above 0"),
        ({"every": "1s"}, {"after": 1}, "keepalive", "expected exactly one of 'event', 'comment', 'bytes', got none"),
        (KEPT, {"at_byte": 1}, "keepalive", f"at_byte: 1: {BETWEEN}"),
        ({"comment": "x", "every": "1ms"}, {"after": 1}, "keepalive.every",
            "expected at most 10000 of them, got 3600000"),
    ],
)  # fmt: skip
def test_an_invalid_keepalive_is_rejected(
    fault: str, keepalive: JSON, place: JSONObject, key_path: str, message: str
) -> None:
    path, found = error_of({fault: {**place, "for": "60m", "keepalive": keepalive}})
    assert path == f"{fault}.{key_path}"
    assert found.startswith(message)
