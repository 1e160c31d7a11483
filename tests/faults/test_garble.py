"""The fault `garble`: the bytes, and how h11 reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.samples import (
    BODY,
    CHUNKS,
    CONTEXT,
    DONE_CHUNK,
    DONE_TEXT,
    EVENTS,
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
    error_of,
    faulted,
    faulted_body,
    faulted_events,
    faulted_stream,
    faults_of,
    seen_by_h11,
    shape,
    streamed,
    whole,
    wire,
)
from tests.kit import JSON, Close, EndOfReply, Frame, PlaceNotFoundError, PlaceRemovedError, frame_body, frame_raw

BARE = b"".join(TEXTS)
LENGTH_HEAD = HEAD.replace(b"transfer-encoding: chunked", b"content-length: %d")


@pytest.mark.parametrize(
    ("label", "before", "text", "behind"),
    [
        ("role", b"", ROLE_TEXT.replace(b"assistant", b"assistant\xff"), HEY_CHUNK + YOU_CHUNK + DONE_CHUNK),
        ("text.delta[0]", ROLE_CHUNK, HEY_TEXT.replace(b"\xc3\xa9", b"\xc3\xa9\xff"), YOU_CHUNK + DONE_CHUNK),
        ("text.delta[1]", ROLE_CHUNK + HEY_CHUNK, YOU_TEXT.replace(b'\\"', b'\\"\xff'), DONE_CHUNK),
        ("terminator", ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK, b"data: [DONE]\xff\n\n", b""),
    ],
)
def test_garbled_utf8_makes_a_text_invalid_in_true_framing(
    label: str, before: bytes, text: bytes, behind: bytes
) -> None:
    found = faulted(streamed(), {"garble": {"utf8": label}})
    assert shape(found) == [HEAD + before + chunk(text) + behind + LAST, EndOfReply()]
    with pytest.raises(UnicodeDecodeError):
        text.decode()
    assert seen_by_h11(found).error == ""


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_garbled_utf8_is_the_same_in_divided_writes(size: int) -> None:
    dribbled = faulted(streamed(), {"dribble": {"bytes": size}}, {"garble": {"utf8": "role"}})
    assert wire(dribbled) == wire(faulted(streamed(), {"garble": {"utf8": "role"}}))


def test_garbled_utf8_is_in_every_copy() -> None:
    found = faulted_stream({"repeat": "terminator"}, {"garble": {"utf8": "terminator"}})
    assert wire(found).endswith(chunk(b"data: [DONE]\xff\n\n") * 2 + LAST)


def test_a_garbled_chunk_size_is_not_a_number() -> None:
    found = faulted(streamed(), {"garble": {"chunk_size": "text.delta[0]"}})
    assert shape(found) == [
        HEAD + ROLE_CHUNK + b"xyz\r\n" + HEY_TEXT + b"\r\n" + YOU_CHUNK + DONE_CHUNK + LAST,
        EndOfReply(),
    ]
    assert seen_by_h11(found) == Seen(200, ROLE_TEXT, "illegal chunk header: bytearray")


@pytest.mark.parametrize(
    ("value", "length", "seen"),
    [
        ("+20", 146, Seen(200, BARE, "peer closed connection without sending complete message body")),
        ("-14", 112, Seen(200, BARE[:-14], "", DONE_TEXT)),
        ("+0", 126, Seen(200, BARE, "")),
        (5, 5, Seen(200, BARE[:5], "", BARE[5:])),
    ],
)
def test_a_garbled_length_replaces_chunks(value: JSON, length: int, seen: Seen) -> None:
    found = faulted(streamed(), {"garble": {"content_length": value}})
    assert shape(found) == [LENGTH_HEAD % length + BARE, Close()]
    assert seen_by_h11(found) == seen


@pytest.mark.parametrize(("value", "length"), [("+1", 22), ("-21", 0), (3, 3)])
def test_a_garbled_length_of_a_non_streaming_reply(value: JSON, length: int) -> None:
    found = faulted_body(whole(), {"garble": {"content_length": value}})
    head = WHOLE_HEAD.replace(b"length: 21", b"length: %d" % length)
    assert shape(found) == [head + BODY, Close()]


def test_a_garbled_length_is_added_if_there_is_none() -> None:
    frames = frame_body(204, (), b"")
    found = faulted_body(frames, {"garble": {"content_length": 5}})
    assert shape(found) == [b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", Close()]


def test_a_garbled_length_does_not_change_a_reset() -> None:
    reset = faulted(streamed(), {"reset": {"after": 1}})
    found = faulted_body(reset, {"garble": {"content_length": "+0"}})
    assert shape(found) == [LENGTH_HEAD % 44 + ROLE_TEXT, reset[-1]]


def test_a_length_that_is_not_a_number_counts_as_none() -> None:
    frames = frame_body(200, (("content-length", "many"),), BODY)
    found = faulted_body(frames, {"garble": {"content_length": "+1"}})
    assert b"content-length: 22\r\n" in wire(found)
    assert wire(faulted_body(frames, {"garble": {"bom": True}})) == (wire(frames).replace(BODY, b"\xef\xbb\xbf" + BODY))


def test_a_garbled_type_is_changed_or_added() -> None:
    found = faulted(streamed(), {"garble": {"content_type": "text/html"}})
    head = HEAD.replace(b"text/event-stream", b"text/html")
    assert shape(found) == [head + CHUNKS + LAST, EndOfReply()]
    bare = frame_body(200, (), b"")
    added = faulted(bare, {"garble": {"content_type": "a/b"}})
    assert wire(added) == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-type: a/b\r\n\r\n"


def test_a_byte_order_mark_comes_before_the_body() -> None:
    found = faulted(streamed(), {"garble": {"bom": True}})
    text = b"\xef\xbb\xbf" + ROLE_TEXT
    assert wire(found) == HEAD + chunk(text) + CHUNKS[len(ROLE_CHUNK) :] + LAST
    whole_found = faulted_body(whole(), {"garble": {"bom": True}})
    head = WHOLE_HEAD.replace(b"21", b"24")
    assert wire(whole_found) == head + b"\xef\xbb\xbf" + BODY
    assert seen_by_h11(whole_found).error == ""


def test_a_byte_order_mark_in_a_body_that_ends_with_the_connection() -> None:
    found = faulted(streamed(version=(1, 0)), {"garble": {"bom": True}})
    assert wire(found).partition(b"\r\n\r\n")[2] == b"\xef\xbb\xbf" + BARE


def test_a_byte_order_mark_does_not_change_a_garbled_size() -> None:
    garbled = faulted(streamed(), {"garble": {"chunk_size": "role"}})
    found = faulted(garbled, {"garble": {"bom": True}})
    assert wire(found) == wire(garbled).replace(b"xyz\r\n", b"xyz\r\n\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("frames", "fault", "message"),
    [
        (frame_body(204, (), b""), {"garble": {"bom": True}}, "bom: this reply has no body"),
        (streamed(version=(1, 0)), {"garble": {"chunk_size": "role"}}, "event 'role' is not sent as a chunk"),
        (faulted(streamed(), {"cut": {"inside": {"chunk_size": "role", "byte": 1}}}), {"garble": {"utf8": "role"}},
            "an earlier fault stops the reply before the text of 'role'"),
        (faulted(streamed(), {"cut": {"inside": {"part": "headers", "byte": 4}}}),
            {"garble": {"content_type": "text/html"}}, "header 'content-type': this reply has no complete head"),
        (frame_raw(b"junk"), {"garble": {"content_length": 3}},
            "header 'content-length': this reply has no complete head"),
    ],
)  # fmt: skip
def test_a_missing_part_is_reported(frames: tuple[Frame, ...], fault: JSON, message: str) -> None:
    with pytest.raises(PlaceRemovedError) as caught:
        faulted(frames, fault)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("fault", "streams"),
    [
        ({"garble": {"json": "role"}}, True),
        ({"garble": {"utf8": "role"}}, True),
        ({"garble": {"chunk_size": "role"}}, True),
        ({"garble": {"content_length": 1}}, False),
        ({"garble": {"content_type": "a/b"}}, False),
        ({"garble": {"bom": True}}, False),
    ],
)
def test_damage_to_an_event_implies_a_stream(fault: JSON, streams: bool) -> None:
    assert faults_of(fault).streamed is streams


@pytest.mark.parametrize(("label", "text"), [("role", '{"n":0,"delta":{"role":"assistant"}'), ("terminator", "[DONE")])
def test_garbled_json_is_not_closed(label: str, text: str) -> None:
    found = faulted_events({"garble": {"json": label}})
    assert found == tuple(replace(event, text=text) if event.label == label else event for event in EVENTS)


KINDS = "'json', 'utf8', 'chunk_size', 'content_length', 'content_type', 'headers', 'bom'"


@pytest.mark.parametrize(
    ("value", "key_path", "message"),
    [
        ({}, "garble", f"expected exactly one of {KINDS}, got none"),
        ({"jsn": "a"}, "garble.jsn", "unknown key 'jsn'; the nearest is 'json'"),
        ({"content_length": "20"}, "garble.content_length", "expected a quoted offset such as '+20', got \"20\""),
        ({"content_type": ""}, "garble.content_type", "expected a content type such as 'text/html', got \"\""),
        ({"content_type": "a\nb"}, "garble.content_type", 'expected printable ASCII for a header, got "a\\nb"'),
        ({"content_type": "é"}, "garble.content_type", 'expected printable ASCII for a header, got "é"'),
    ],
)
def test_an_invalid_garble_is_rejected(value: JSON, key_path: str, message: str) -> None:
    assert error_of({"garble": value}) == (key_path, message)


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ({"json": {"part": "body"}}, BODY[:-1]),
        ({"json": {"inside": {"part": "body", "at": "string"}}}, BODY.replace(b'"a', b'"a\x01')),
        ({"json": {"at_byte": 0}}, b"\x01" + BODY),
        ({"utf8": {"part": "body"}}, BODY.replace(b"\\n", b"\\n\xff")),
        ({"utf8": {"inside": {"part": "body", "char": 16}}}, BODY[:16] + b"\xff" + BODY[16:]),
        ({"utf8": {"inside": {"part": "body", "byte": 3}}}, BODY[:3] + b"\xff" + BODY[3:]),
        ({"utf8": {"at_byte": "100%"}}, BODY + b"\xff"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_whole_body_is_garbled_in_true_framing(target: JSON, body: bytes, size: int) -> None:
    found = faulted_body(whole(), {"dribble": {"bytes": size}}, {"garble": target})
    assert wire(found) == WHOLE_HEAD.replace(b"21", b"%d" % len(body)) + body


@pytest.mark.parametrize("size", [1, 1000])
def test_bytes_at_places_of_events_are_in_true_framing(size: int) -> None:
    place: JSON = {"inside": {"event": "text.delta[*]", "at": "string"}}
    found = faulted(streamed(), {"dribble": {"bytes": size}}, {"garble": {"utf8": place}})
    hey, you = HEY_TEXT.replace(b'"h', b'"h\xff'), YOU_TEXT.replace(b'\\"', b'\\"\xff')
    assert wire(found) == HEAD + ROLE_CHUNK + chunk(hey) + chunk(you) + DONE_CHUNK + LAST


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"json": {"part": "body"}}, "this reply is a stream and has no JSON body"),
        ({"utf8": {"part": "body"}}, "this reply is a stream and has no JSON body"),
        ({"utf8": {"inside": {"part": "body", "byte": 1}}}, "this reply is a stream and has no JSON body"),
    ],
)
def test_a_stream_has_no_body_to_garble(target: JSON, message: str) -> None:
    [fault] = faults_of({"garble": target}).frames
    with pytest.raises(PlaceNotFoundError) as caught:
        fault.apply(streamed(), CONTEXT)
    assert str(caught.value) == message
    assert faulted(streamed(), {"garble": target}) == streamed()


def test_a_whole_reply_has_no_chunk_unless_it_is_framed_so() -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted_body(whole(), {"garble": {"chunk_size": {"part": "body"}}})
    assert str(caught.value) == "this reply has no chunk-size; add framing: {chunked: true}"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"json": {"part": "head"}}, ("garble.json.part", "expected 'body', got \"head\"")),
        ({"utf8": {"at_byte": -1}}, ("garble.utf8.at_byte", "")),
        ({"chunk_size": {"at_byte": 1}}, ("garble.chunk_size", "")),
    ],
)
def test_an_invalid_target_is_rejected(value: JSON, error: tuple[str, str]) -> None:
    path, message = error_of({"garble": value})
    assert path == error[0]
    assert error[1] in message


@pytest.mark.parametrize(
    ("headers", "head", "ending"),
    [
        ({"trailer": "x"}, HEAD[:-2] + b"trailer: x\r\n\r\n", EndOfReply()),
        ({"content-encoding": "gzip", "Content-Type": "a"}, HEAD.replace(b"text/event-stream", b"a")[:-2]
            + b"content-encoding: gzip\r\n\r\n", EndOfReply()),
        ({"Transfer-Encoding": "gzip"}, HEAD.replace(b"chunked", b"gzip"), Close()),
    ],
)  # fmt: skip
def test_headers_state_what_is_not_so(headers: JSON, head: bytes, ending: Frame) -> None:
    found = faulted(streamed(), {"garble": {"headers": headers}})
    assert shape(found) == [head + CHUNKS + LAST, ending]


@pytest.mark.parametrize(
    ("headers", "key_path", "message"),
    [
        ({}, "garble.headers", "expected a mapping of header names and values, got {}"),
        ({"a b": "x"}, "garble.headers.a b", "header name 'a b' is no token"),
        ({"a": "x\r\ny: 1"}, "garble.headers.a", "value 'x\\r\\ny: 1' of header 'a' has characters"),
        ({"a": 1}, "garble.headers.a", "expected a text, got 1"),
    ],
)
def test_garbled_headers_are_lines_of_a_head(headers: JSON, key_path: str, message: str) -> None:
    path, found = error_of({"garble": {"headers": headers}})
    assert path == key_path
    assert found.startswith(message)
