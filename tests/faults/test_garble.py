"""Damage of a named kind: the bytes, and what h11 says of them."""

from __future__ import annotations

import pytest

from mockserver.faults.parsing import FaultValueError, PlaceRemovedError
from mockserver.faults.registry import read_fault
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext
from mockserver.model.frames import Close, EndOfReply, Frame
from mockserver.model.json import JSON
from mockserver.render.http1 import frame_body
from tests.faults.samples import (
    BODY,
    CHUNKS,
    DONE_CHUNK,
    DONE_TEXT,
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
    broken,
    chunk,
    raw,
    seen_by_h11,
    shape,
    streamed,
    struck,
    whole,
    wire,
)

BARE = b"".join(TEXTS)
LENGTH_HEAD = HEAD.replace(b"transfer-encoding: chunked", b"content-length: %d")


def whole_struck(*faults: JSON) -> tuple[Frame, ...]:
    return struck(whole(), *faults, scene=FaultContext(), is_stream=False)


@pytest.mark.parametrize(
    ("label", "before", "text", "behind"),
    [
        (
            "role",
            b"",
            ROLE_TEXT.replace(b"assistant", b"assistant\xff"),
            HEY_CHUNK + YOU_CHUNK + DONE_CHUNK,
        ),
        (
            "text.delta[0]",
            ROLE_CHUNK,
            HEY_TEXT.replace(b"\xc3\xa9", b"\xc3\xa9\xff"),
            YOU_CHUNK + DONE_CHUNK,
        ),
        ("text.delta[1]", ROLE_CHUNK + HEY_CHUNK, YOU_TEXT.replace(b'\\"', b'\\"\xff'), DONE_CHUNK),
        ("terminator", ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK, b"data: [DONE]\xff\n\n", b""),
    ],
)
def test_garbled_utf8_spoils_a_text_and_leaves_the_framing_true(
    label: str, before: bytes, text: bytes, behind: bytes
) -> None:
    found = struck(streamed(), {"garble": {"utf8": label}})
    assert shape(found) == [HEAD + before + chunk(text) + behind + LAST, EndOfReply()]
    with pytest.raises(UnicodeDecodeError):
        text.decode()
    assert seen_by_h11(found).error == ""


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_garbled_utf8_finds_its_text_in_divided_writes(size: int) -> None:
    dribbled = struck(streamed(), {"dribble": {"bytes": size}}, {"garble": {"utf8": "role"}})
    assert wire(dribbled) == wire(struck(streamed(), {"garble": {"utf8": "role"}}))


def test_garbled_utf8_reaches_every_copy() -> None:
    found = broken({"repeat": "terminator"}, {"garble": {"utf8": "terminator"}})
    assert wire(found).endswith(chunk(b"data: [DONE]\xff\n\n") * 2 + LAST)


def test_a_garbled_chunk_size_is_no_number() -> None:
    found = struck(streamed(), {"garble": {"chunk_size": "text.delta[0]"}})
    assert shape(found) == [
        HEAD + ROLE_CHUNK + b"xyz\r\n" + HEY_TEXT + b"\r\n" + YOU_CHUNK + DONE_CHUNK + LAST,
        EndOfReply(),
    ]
    assert seen_by_h11(found) == Seen(200, ROLE_TEXT, "illegal chunk header: bytearray")


@pytest.mark.parametrize(
    ("said", "length", "seen"),
    [
        (
            "+20",
            146,
            Seen(200, BARE, "peer closed connection without sending complete message body"),
        ),
        ("-14", 112, Seen(200, BARE[:-14], "", DONE_TEXT)),
        ("+0", 126, Seen(200, BARE, "")),
        (5, 5, Seen(200, BARE[:5], "", BARE[5:])),
    ],
)
def test_a_garbled_length_takes_the_place_of_chunks(said: JSON, length: int, seen: Seen) -> None:
    found = struck(streamed(), {"garble": {"content_length": said}})
    assert shape(found) == [LENGTH_HEAD % length + BARE, Close()]
    assert seen_by_h11(found) == seen


@pytest.mark.parametrize(("said", "length"), [("+1", 22), ("-21", 0), (3, 3)])
def test_a_garbled_length_of_a_whole_reply(said: JSON, length: int) -> None:
    found = whole_struck({"garble": {"content_length": said}})
    head = WHOLE_HEAD.replace(b"length: 21", b"length: %d" % length)
    assert shape(found) == [head + BODY, Close()]


def test_a_garbled_length_is_added_where_none_is_told() -> None:
    frames = frame_body(204, (), b"")
    found = struck(frames, {"garble": {"content_length": 5}}, scene=FaultContext(), is_stream=False)
    assert shape(found) == [b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", Close()]


def test_a_garbled_length_leaves_a_reset_a_reset() -> None:
    reset = struck(streamed(), {"reset": {"after": 1}})
    found = struck(reset, {"garble": {"content_length": "+0"}})
    assert shape(found) == [LENGTH_HEAD % 44 + ROLE_TEXT, reset[-1]]


def test_a_length_that_is_no_number_counts_as_none() -> None:
    frames = frame_body(200, (("content-length", "many"),), BODY)
    found = struck(
        frames, {"garble": {"content_length": "+1"}}, scene=FaultContext(), is_stream=False
    )
    assert b"content-length: 22\r\n" in wire(found)
    assert wire(
        struck(frames, {"garble": {"bom": True}}, scene=FaultContext(), is_stream=False)
    ) == (wire(frames).replace(BODY, b"\xef\xbb\xbf" + BODY))


def test_a_garbled_type_replaces_or_joins_the_headers() -> None:
    found = struck(streamed(), {"garble": {"content_type": "text/html"}})
    head = HEAD.replace(b"text/event-stream", b"text/html")
    assert shape(found) == [head + CHUNKS + LAST, EndOfReply()]
    bare = frame_body(200, (), b"")
    added = struck(bare, {"garble": {"content_type": "a/b"}}, scene=FaultContext(), is_stream=False)
    assert wire(added) == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-type: a/b\r\n\r\n"


def test_a_byte_order_mark_comes_before_the_body() -> None:
    found = struck(streamed(), {"garble": {"bom": True}})
    text = b"\xef\xbb\xbf" + ROLE_TEXT
    assert wire(found) == HEAD + chunk(text) + CHUNKS[len(ROLE_CHUNK) :] + LAST
    whole_found = whole_struck({"garble": {"bom": True}})
    head = WHOLE_HEAD.replace(b"21", b"24")
    assert wire(whole_found) == head + b"\xef\xbb\xbf" + BODY
    assert seen_by_h11(whole_found).error == ""


def test_a_byte_order_mark_where_closing_ends_the_body() -> None:
    found = struck(streamed(version=(1, 0)), {"garble": {"bom": True}})
    assert wire(found).partition(b"\r\n\r\n")[2] == b"\xef\xbb\xbf" + BARE


def test_a_byte_order_mark_leaves_a_garbled_size_alone() -> None:
    garbled = struck(streamed(), {"garble": {"chunk_size": "role"}})
    found = struck(garbled, {"garble": {"bom": True}})
    assert wire(found) == wire(garbled).replace(b"xyz\r\n", b"xyz\r\n\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("frames", "fault", "message"),
    [
        (
            frame_body(204, (), b""),
            {"garble": {"bom": True}},
            "bom: this reply has no body",
        ),
        (
            streamed(version=(1, 0)),
            {"garble": {"chunk_size": "role"}},
            "chunk_size: role: this reply is not sent in chunks",
        ),
        (
            struck(streamed(), {"cut": {"inside": {"chunk_size": "role", "byte": 1}}}),
            {"garble": {"utf8": "role"}},
            "inside: {event: role, byte: 0}: an earlier fault stops the reply before its text",
        ),
        (
            struck(streamed(), {"cut": {"inside": {"part": "headers", "byte": 4}}}),
            {"garble": {"content_type": "text/html"}},
            "header 'content-type': this reply has no whole head",
        ),
        (
            raw(b"junk"),
            {"garble": {"content_length": 3}},
            "header 'content-length': this reply has no whole head",
        ),
    ],
)
def test_what_is_not_there_cannot_be_garbled(
    frames: tuple[Frame, ...], fault: JSON, message: str
) -> None:
    with pytest.raises(PlaceRemovedError) as caught:
        struck(frames, fault)
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
    assert read_fault(fault).faults.streamed is streams


KINDS = "'json', 'utf8', 'chunk_size', 'content_length', 'content_type', 'bom'"


@pytest.mark.parametrize(
    ("value", "key_path", "message"),
    [
        ("json", "garble", '"json" is no mapping; write {json: LABEL}'),
        ({}, "garble", f"0 keys where one is wanted: {KINDS}"),
        ({"bom": True, "json": "a"}, "garble", f"2 keys where one is wanted: {KINDS}"),
        ({"jsn": "a"}, "garble.jsn", "unknown key 'jsn'; the nearest is 'json'"),
        ({"json": 1}, "garble.json", "1 is no label of an event, such as 'text.delta[1]'"),
        ({"utf8": 1}, "garble.utf8", "1 is no label of an event, such as 'text.delta[1]'"),
        (
            {"chunk_size": 1},
            "garble.chunk_size",
            "1 is no label of an event, such as 'text.delta[1]'",
        ),
        (
            {"content_length": "20"},
            "garble.content_length",
            "\"20\" is neither a number nor a quoted offset such as '+20'",
        ),
        (
            {"content_length": -3},
            "garble.content_length",
            "-3 is no whole number from 0 up",
        ),
        (
            {"content_type": ""},
            "garble.content_type",
            "\"\" is no content type, such as 'text/html'",
        ),
        (
            {"content_type": "a\nb"},
            "garble.content_type",
            '"a\\nb" does not fit into a header line',
        ),
        ({"content_type": "é"}, "garble.content_type", '"é" does not fit into a header line'),
        (
            {"bom": False},
            "garble.bom",
            "false is not true; leave the key out to do without",
        ),
    ],
)
def test_what_is_written_wrongly_is_told(value: JSON, key_path: str, message: str) -> None:
    with pytest.raises(FaultValueError) as caught:
        read_fault({"garble": value})
    assert (caught.value.key_path, caught.value.message) == (key_path, message)


def test_a_scene_is_told_from_events() -> None:
    events = (
        Event(label="a", ordinal=0, data=1),
        Event(label="b", ordinal=1, data=2, wire_label="c"),
    )
    assert FaultContext.of(events) == FaultContext(
        labels=("a", "b"), wire_labels=(None, "c"), draw=0.0
    )
