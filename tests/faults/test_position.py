"""Where places are among frames, seen by what a cut leaves, and landmarks in a text."""

from __future__ import annotations

import pytest

from tests.faults.samples import (
    BODY,
    CHUNKS,
    CONTEXT,
    DONE,
    DONE_CHUNK,
    EVENTS,
    HEAD,
    HEY,
    HEY_CHUNK,
    HEY_TEXT,
    ROLE,
    ROLE_CHUNK,
    ROLE_TEXT,
    WHOLE_HEAD,
    YOU_CHUNK,
    faulted,
    faulted_body,
    faulted_stream,
    shape,
    streamed,
    whole,
)
from tests.kit import (
    JSON,
    Close,
    FaultContext,
    Frame,
    InsideEvent,
    Landmark,
    PlaceNotFoundError,
    PlaceRemovedError,
    Position,
    Wait,
    event_indexes,
    find,
    frame_raw,
    landmarks_in_event,
    landmarks_in_json,
    ordinals_of,
    split,
)

STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
OF_TERMINATOR = "'before-data', 'text', 'before-blank-line'"


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ({"at": "head"}, b""),
        ({"inside": {"part": "status_line", "byte": 0}}, b""),
        ({"inside": {"part": "status_line", "byte": 9}}, b"HTTP/1.1 "),
        ({"inside": {"part": "status_line", "byte": 17}}, STATUS_LINE),
        ({"inside": {"part": "headers", "byte": 0}}, STATUS_LINE),
        ({"inside": {"part": "headers", "byte": 7}}, STATUS_LINE + b"content"),
        ({"after": 0}, HEAD),
        ({"at_byte": 0}, HEAD),
        ({"at_byte": "0%"}, HEAD),
        ({"before": "role"}, HEAD),
        ({"inside": {"chunk_size": "role", "byte": 0}}, HEAD),
        ({"inside": {"chunk_size": "role", "byte": 1}}, HEAD + b"2"),
        ({"inside": {"chunk_size": "role", "byte": 3}}, HEAD + b"2c\r"),
        ({"inside": {"event": "role", "byte": 0}}, HEAD + b"2c\r\n"),
        ({"inside": {"event": "role", "byte": 9}}, HEAD + b'2c\r\ndata: {"n'),
        ({"inside": {"event": "role", "byte": 44}}, HEAD + b"2c\r\n" + ROLE_TEXT),
        ({"at_byte": 44}, HEAD + b"2c\r\n" + ROLE_TEXT),
        ({"at_byte": 45}, HEAD + ROLE_CHUNK + b"28\r\ne"),
        ({"after": 1}, HEAD + ROLE_CHUNK),
        ({"after": "role"}, HEAD + ROLE_CHUNK),
        ({"before": "text.delta[0]"}, HEAD + ROLE_CHUNK),
        ({"inside": {"event": "text.delta[0]", "byte": 35}}, HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:35]),
        ({"inside": {"event": "text.delta[0]", "char": 35}}, HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:36]),
        ({"inside": {"event": "text.delta[0]", "at": "character"}}, HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:35]),
        ({"inside": {"event": "role", "at": "before-blank-line"}}, HEAD + b"2c\r\n" + ROLE_TEXT[:-1]),
        ({"after": "wire.delta"}, HEAD + ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK),
        ({"after": "wire.delta[0]"}, HEAD + ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK),
        ({"at_byte": "50%"}, HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:19]),
        ({"after": 4}, HEAD + CHUNKS),
        ({"after": "terminator"}, HEAD + CHUNKS),
        ({"at": "last_chunk"}, HEAD + CHUNKS),
        ({"at_byte": "100%"}, HEAD + CHUNKS[:-2]),
    ],
)
def test_a_place_in_a_stream(place: JSON, left: bytes) -> None:
    assert shape(faulted(streamed(), {"cut": place})) == ([left, Close()] if left else [Close()])


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ({"at": "head"}, b""),
        ({"inside": {"part": "headers", "byte": 5}}, STATUS_LINE + b"conte"),
        ({"at_byte": 0}, WHOLE_HEAD),
        ({"at_byte": 1}, WHOLE_HEAD + b"{"),
        ({"inside": {"part": "body", "at": "key"}}, WHOLE_HEAD + BODY[:3]),
        ({"at_byte": "50%"}, WHOLE_HEAD + BODY[:10]),
        ({"at_byte": "99.9%"}, WHOLE_HEAD + BODY[:-1]),
        ({"at_byte": 21}, WHOLE_HEAD + BODY),
    ],
)
def test_a_place_in_a_non_streaming_reply(place: JSON, left: bytes) -> None:
    found = faulted_body(whole(), {"cut": place})
    assert shape(found) == ([left, Close()] if left else [Close()])


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ({"after": "role"}, ROLE_TEXT),
        ({"before": "text.delta[0]"}, ROLE_TEXT),
        ({"inside": {"event": "text.delta[0]", "byte": 2}}, ROLE_TEXT + HEY_TEXT[:2]),
        ({"after": 1}, ROLE_TEXT),
    ],
)
def test_a_place_in_a_body_that_ends_with_the_connection(place: JSON, left: bytes) -> None:
    found = faulted(streamed(version=(1, 0)), {"cut": place})
    head = b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    assert shape(found) == [head + left, Close()]


def test_before_an_event_is_after_its_wait_and_after_one_is_before_the_next_wait() -> None:
    frames = streamed(gap_s=0.5)
    wait = Wait(seconds=0.5)
    assert shape(faulted(frames, {"cut": {"after": "role"}})) == [HEAD, wait, ROLE_CHUNK, Close()]
    assert shape(faulted(frames, {"cut": {"before": "text.delta[0]"}})) == [HEAD, wait, ROLE_CHUNK, wait, Close()]


def test_the_head_of_a_non_streaming_reply_follows_its_first_wait() -> None:
    found = faulted_body(whole(first_s=2.0), {"cut": {"at": "head"}})
    assert shape(found) == [Wait(seconds=2.0), Close()]


def test_a_repeated_event_begins_with_its_first_copy_and_ends_with_its_last() -> None:
    frames = streamed((ROLE, HEY, HEY, DONE))
    before = faulted(frames, {"cut": {"before": "text.delta[0]"}})
    inside = faulted(frames, {"cut": {"inside": {"event": "text.delta[0]", "byte": 1}}})
    after = faulted(frames, {"cut": {"after": "text.delta[0]"}})
    counted = faulted(frames, {"cut": {"after": 2}})
    assert shape(before) == [HEAD + ROLE_CHUNK, Close()]
    assert shape(inside) == [HEAD + ROLE_CHUNK + b"28\r\ne", Close()]
    assert shape(after) == [HEAD + ROLE_CHUNK + HEY_CHUNK * 2, Close()]
    assert shape(counted) == [HEAD + ROLE_CHUNK + HEY_CHUNK, Close()]


def test_labels_are_those_of_the_unfaulted_stream() -> None:
    found = faulted_stream(
        {"swap": ["role", "terminator"]}, {"omit": "text.delta[0]"}, {"cut": {"after": "text.delta[1]"}}
    )
    assert shape(found) == [HEAD + DONE_CHUNK + YOU_CHUNK, Close()]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "place",
    [
        {"at": "head"}, {"inside": {"part": "status_line", "byte": 9}}, {"inside": {"part": "headers", "byte": 9}},
        {"after": 0}, {"after": 2}, {"before": "text.delta[1]"}, {"inside": {"event": "text.delta[0]", "char": 38}},
        {"inside": {"event": "text.delta[0]", "byte": 38}}, {"inside": {"chunk_size": "text.delta[0]", "byte": 2}},
        {"at_byte": 50}, {"at_byte": "75%"}, {"at": "last_chunk"},
    ],
)  # fmt: skip
def test_a_place_is_the_same_in_divided_writes(place: JSON, size: int) -> None:
    dribbled = faulted(streamed(), {"dribble": {"bytes": size}})
    plain = faulted(streamed(), {"cut": place})
    found = faulted(dribbled, {"cut": place})
    joined = b"".join(part for part in shape(found) if isinstance(part, bytes))
    assert joined == b"".join(part for part in shape(plain) if isinstance(part, bytes))


THERE = "its events are 'role', 'text.delta[0]', 'text.delta[1]', 'terminator'"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({"after": "text.delta[7]"},
            f"no event 'text.delta[7]' in this stream; the nearest is 'text.delta[1]'; {THERE}"),
        ({"before": "x"}, f"no event 'x' in this stream; {THERE}"),
        ({"after": 5}, "after: 5: the stream has 4 events at this point"),
        ({"inside": {"event": "role", "byte": 45}}, "inside: {event: role, byte: 45}: the event has 44 bytes"),
        ({"inside": {"event": "text.delta[0]", "char": 40}},
            "inside: {event: text.delta[0], char: 40}: the event has 39 characters"),
        ({"inside": {"chunk_size": "role", "byte": 5}},
            "inside: {chunk_size: role, byte: 5}: the chunk-size line has 4 bytes"),
        ({"inside": {"part": "status_line", "byte": 18}}, "inside: {part: status_line, byte: 18}: it has 17 bytes"),
        ({"inside": {"event": "terminator", "at": "escape"}},
            f"inside: {{event: terminator, at: escape}}: the landmarks here are {OF_TERMINATOR}"),
        ({"at_byte": 127}, "at_byte: 127: the body has 126 bytes"),
    ],
)  # fmt: skip
def test_a_place_that_the_stream_does_not_have_is_reported(place: JSON, message: str) -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        faulted(streamed(), {"cut": place})
    assert str(caught.value) == message
    assert type(caught.value) is PlaceNotFoundError


def test_an_unknown_label_is_reported_with_the_nearest_and_all_labels() -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        ordinals_of("wire.delta[3]", CONTEXT)
    assert caught.value.nearest == "wire.delta[0]"
    assert caught.value.labels == tuple(event.label for event in EVENTS)


def test_a_non_streaming_reply_has_no_events() -> None:
    with pytest.raises(PlaceNotFoundError, match="no event 'role': this reply has no events"):
        ordinals_of("role", FaultContext())


CUT_INSIDE_HEY: JSON = {"cut": {"inside": {"event": "text.delta[0]", "byte": 3}}}


@pytest.mark.parametrize(
    ("frames", "place", "message"),
    [
        (faulted(streamed(), {"cut": {"at": "head"}}), {"at": "head"},
            "at: head: an earlier fault stops the reply before its first byte"),
        (faulted(streamed(), {"cut": {"inside": {"part": "headers", "byte": 9}}}), {"after": 0},
            "this reply has no complete head"),
        (frame_raw(b"junk"), {"at_byte": 0}, "this reply has no complete head"),
        (frame_raw(b"junk"), {"inside": {"part": "headers", "byte": 0}},
            "inside: {part: headers, byte: 0}: this reply has no complete status line"),
        (faulted(streamed(), CUT_INSIDE_HEY), {"after": "text.delta[0]"},
            "after: text.delta[0]: an earlier fault stops the reply inside that event"),
        (faulted(streamed(), CUT_INSIDE_HEY), {"after": 2},
            "after: 2: an earlier fault stops the reply inside that event"),
        (faulted(streamed(), CUT_INSIDE_HEY), {"after": 3}, "after: 3: the stream has 2 events at this point"),
        (faulted(streamed(), CUT_INSIDE_HEY), {"before": "terminator"}, "an earlier fault removes event 'terminator'"),
        (faulted(streamed(), {"cut": {"inside": {"chunk_size": "role", "byte": 1}}}),
            {"inside": {"event": "role", "byte": 1}}, "an earlier fault stops the reply before the text of 'role'"),
        (faulted(streamed(), CUT_INSIDE_HEY), {"at": "last_chunk"}, "at: last_chunk: this reply has no last chunk"),
        (streamed(version=(1, 0)), {"inside": {"chunk_size": "role", "byte": 1}},
            "event 'role' is not sent as a chunk"),
        (streamed((ROLE, DONE)), {"inside": {"event": "text.delta[0]", "byte": 1}},
            "an earlier fault removes event 'text.delta[0]'"),
    ],
)  # fmt: skip
def test_a_place_that_an_earlier_fault_removed_is_reported(
    frames: tuple[Frame, ...], place: JSON, message: str
) -> None:
    with pytest.raises(PlaceRemovedError) as caught:
        faulted(frames, {"cut": place})
    assert str(caught.value) == message


def test_the_copies_of_an_event_have_indexes() -> None:
    assert event_indexes("text.delta[0]", (ROLE, HEY, HEY, DONE), CONTEXT) == [1, 2]
    with pytest.raises(PlaceRemovedError, match="an earlier fault removes event 'role'"):
        event_indexes("role", (DONE,), CONTEXT)


def test_each_invalid_byte_of_utf8_counts_as_a_character() -> None:
    frames = faulted(streamed(), {"garble": {"utf8": "text.delta[0]"}})
    found = faulted(frames, {"cut": {"inside": {"event": "text.delta[0]", "char": 36}}})
    assert shape(found) == [HEAD + ROLE_CHUNK + b"29\r\n" + HEY_TEXT[:36] + b"\xff", Close()]


def test_only_bytes_can_be_divided() -> None:
    with pytest.raises(TypeError, match="has no bytes to divide"):
        split((Close(),), Position(0, 1))


def test_a_position_between_frames_divides_nothing() -> None:
    frames = streamed()
    position = find(InsideEvent(label="role", count=0), frames, CONTEXT)
    assert position == Position(2)
    assert split(frames, position) == (frames[:2], frames[2:])


def around(text: bytes, landmarks: dict[Landmark, int]) -> dict[str, tuple[bytes, bytes]]:
    """The bytes on both sides of each landmark."""
    return {kind.value: (text[:byte][-3:], text[byte:][:3]) for kind, byte in landmarks.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'event: say\ndata: {"id":"a\\nb","delta":"h\xc3\xa9"}\n\n', {"event-line": (b"nt:", b" sa"),
            "before-data": (b"a: ", b'{"i'), "key": (b'{"i', b'd":'), "string": (b':"h', b'\xc3\xa9"'),
            "escape": (b'"a\\', b'nb"'), "character": (b'"h\xc3', b'\xa9"}'), "before-blank-line": (b'"}\n', b"\n")}),
        (b"data: [DONE]\r\n\r\n", {"before-data": (b"a: ", b"[DO"), "text": (b"[DO", b"NE]"),
            "cr-lf": (b"E]\r", b"\n\r\n"), "before-blank-line": (b"]\r\n", b"\r\n")}),
        (b': keep-alive\r\rdata:{"a":1}\r\r',
            {"before-data": (b"ta:", b'{"a'), "key": (b'{"a', b'":1'), "before-blank-line": (b"1}\r", b"\r")}),
        (b'data: {"":"","a":"\\u00e9"}', {"before-data": (b"a: ", b'{""'), "key": (b',"a', b'":"'),
            "string": (b"0e9", b'"}'), "escape": (b':"\\', b"u00")}),
        (b"data: 12", {"before-data": (b"a: ", b"12")}),
        (b": only a comment\n\n", {"before-blank-line": (b"nt\n", b"\n")}),
        (b"", {}),
    ],
)  # fmt: skip
def test_an_event_has_one_landmark_of_each_kind(text: bytes, expected: dict[str, tuple[bytes, bytes]]) -> None:
    assert around(text, landmarks_in_event(text)) == expected


def test_a_body_has_one_landmark_of_each_kind() -> None:
    assert around(BODY, landmarks_in_json(BODY)) == {
        "key": (b'{"i', b'd":'),
        "string": (b':"a', b'\\n"'),
        "escape": (b'"a\\', b'n",'),
        "character": (b':"\xc3', b'\xa9"}'),
    }


def test_a_landmark_in_the_text_that_a_client_shows_is_preferred() -> None:
    text = b'data: {"id":"long-id","choices":[{"delta":{"content":"Hi"}}]}\n\n'
    byte = landmarks_in_event(text)[Landmark.STRING]
    assert text[:byte].endswith(b'"content":"H')
