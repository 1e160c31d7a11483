"""Where places are among frames: seen by what a cut leaves."""

from __future__ import annotations

import pytest

from mockserver.faults.parsing import PlaceNotFoundError, PlaceRemovedError
from mockserver.faults.place import InsideEvent
from mockserver.faults.position import Position, find, ordinal_of, split
from mockserver.model.fault import FaultContext
from mockserver.model.frames import Close, Frame, Wait
from mockserver.model.json import JSON
from tests.faults.samples import (
    BODY,
    CHUNKS,
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
    SCENE,
    WHOLE_HEAD,
    YOU_CHUNK,
    broken,
    raw,
    shape,
    streamed,
    struck,
    whole,
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
        (
            {"inside": {"event": "text.delta[0]", "byte": 35}},
            HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:35],
        ),
        (
            {"inside": {"event": "text.delta[0]", "char": 35}},
            HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:36],
        ),
        (
            {"inside": {"event": "text.delta[0]", "at": "character"}},
            HEAD + ROLE_CHUNK + b"28\r\n" + HEY_TEXT[:35],
        ),
        (
            {"inside": {"event": "role", "at": "before-blank-line"}},
            HEAD + b"2c\r\n" + ROLE_TEXT[:-1],
        ),
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
    assert shape(struck(streamed(), {"cut": place})) == ([left, Close()] if left else [Close()])


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
def test_a_place_in_a_whole_reply(place: JSON, left: bytes) -> None:
    found = struck(whole(), {"cut": place}, scene=FaultContext(), is_stream=False)
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
def test_a_place_where_closing_ends_the_body(place: JSON, left: bytes) -> None:
    found = struck(streamed(version=(1, 0)), {"cut": place})
    head = b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    assert shape(found) == [head + left, Close()]


def test_before_an_event_is_after_its_wait_and_after_one_is_before_the_next_wait() -> None:
    frames = streamed(gap_s=0.5)
    wait = Wait(seconds=0.5)
    assert shape(struck(frames, {"cut": {"after": "role"}})) == [HEAD, wait, ROLE_CHUNK, Close()]
    assert shape(struck(frames, {"cut": {"before": "text.delta[0]"}})) == [
        HEAD,
        wait,
        ROLE_CHUNK,
        wait,
        Close(),
    ]


def test_the_head_of_a_whole_reply_is_behind_its_first_wait() -> None:
    found = struck(
        whole(first_s=2.0), {"cut": {"at": "head"}}, scene=FaultContext(), is_stream=False
    )
    assert shape(found) == [Wait(seconds=2.0), Close()]


def test_a_repeated_event_begins_with_its_first_copy_and_ends_with_its_last() -> None:
    frames = streamed((ROLE, HEY, HEY, DONE))
    before = struck(frames, {"cut": {"before": "text.delta[0]"}})
    inside = struck(frames, {"cut": {"inside": {"event": "text.delta[0]", "byte": 1}}})
    after = struck(frames, {"cut": {"after": "text.delta[0]"}})
    counted = struck(frames, {"cut": {"after": 2}})
    assert shape(before) == [HEAD + ROLE_CHUNK, Close()]
    assert shape(inside) == [HEAD + ROLE_CHUNK + b"28\r\ne", Close()]
    assert shape(after) == [HEAD + ROLE_CHUNK + HEY_CHUNK * 2, Close()]
    assert shape(counted) == [HEAD + ROLE_CHUNK + HEY_CHUNK, Close()]


def test_labels_bind_to_the_unfaulted_stream() -> None:
    found = broken(
        {"swap": ["role", "terminator"]},
        {"omit": "text.delta[0]"},
        {"cut": {"after": "text.delta[1]"}},
    )
    assert shape(found) == [HEAD + DONE_CHUNK + YOU_CHUNK, Close()]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "place",
    [
        {"at": "head"},
        {"inside": {"part": "status_line", "byte": 9}},
        {"inside": {"part": "headers", "byte": 9}},
        {"after": 0},
        {"after": 2},
        {"before": "text.delta[1]"},
        {"inside": {"event": "text.delta[0]", "char": 38}},
        {"inside": {"event": "text.delta[0]", "byte": 38}},
        {"inside": {"chunk_size": "text.delta[0]", "byte": 2}},
        {"at_byte": 50},
        {"at_byte": "75%"},
        {"at": "last_chunk"},
    ],
)
def test_divided_writes_do_not_move_a_place(place: JSON, size: int) -> None:
    dribbled = struck(streamed(), {"dribble": {"bytes": size}})
    plain = struck(streamed(), {"cut": place})
    found = struck(dribbled, {"cut": place})
    joined = b"".join(part for part in shape(found) if isinstance(part, bytes))
    assert joined == b"".join(part for part in shape(plain) if isinstance(part, bytes))


THERE = "there are 'role', 'text.delta[0]', 'text.delta[1]', 'terminator'"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            {"after": "text.delta[7]"},
            f"no event 'text.delta[7]' in this stream; the nearest is 'text.delta[1]'; {THERE}",
        ),
        ({"before": "x"}, f"no event 'x' in this stream; none is like it; {THERE}"),
        ({"after": 5}, "after: 5: the stream has 4 events here"),
        (
            {"inside": {"event": "role", "byte": 45}},
            "inside: {event: role, byte: 45}: the event has 44 bytes",
        ),
        (
            {"inside": {"event": "text.delta[0]", "char": 40}},
            "inside: {event: text.delta[0], char: 40}: the event has 39 characters",
        ),
        (
            {"inside": {"chunk_size": "role", "byte": 5}},
            "inside: {chunk_size: role, byte: 5}: the chunk-size line has 4 bytes",
        ),
        (
            {"inside": {"part": "status_line", "byte": 18}},
            "inside: {part: status_line, byte: 18}: there are 17 bytes",
        ),
        (
            {"inside": {"event": "terminator", "at": "escape"}},
            f"inside: {{event: terminator, at: escape}}: there are {OF_TERMINATOR}",
        ),
        (
            {"inside": {"part": "body", "at": "key"}},
            "inside: {part: body, at: key}: there is no such thing",
        ),
        ({"at_byte": 127}, "at_byte: 127: the body has 126 bytes"),
    ],
)
def test_a_place_that_the_stream_lacks_is_told(place: JSON, message: str) -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        struck(streamed(), {"cut": place})
    assert str(caught.value) == message
    assert type(caught.value) is PlaceNotFoundError


def test_an_unknown_label_carries_the_nearest_and_all() -> None:
    with pytest.raises(PlaceNotFoundError) as caught:
        ordinal_of("wire.delta[3]", SCENE)
    assert caught.value.nearest == "wire.delta[0]"
    assert caught.value.labels == tuple(event.label for event in EVENTS)


def test_a_whole_reply_has_no_events() -> None:
    with pytest.raises(PlaceNotFoundError, match="no event 'role': this reply has no events"):
        ordinal_of("role", FaultContext())


CUT_INSIDE_HEY: JSON = {"cut": {"inside": {"event": "text.delta[0]", "byte": 3}}}


@pytest.mark.parametrize(
    ("frames", "place", "message"),
    [
        (
            struck(streamed(), {"cut": {"at": "head"}}),
            {"at": "head"},
            "at: head: an earlier fault stops the reply before any byte",
        ),
        (
            struck(streamed(), {"cut": {"inside": {"part": "headers", "byte": 9}}}),
            {"after": 0},
            "this reply has no whole head",
        ),
        (raw(b"junk"), {"at_byte": 0}, "this reply has no whole head"),
        (
            raw(b"junk"),
            {"inside": {"part": "headers", "byte": 0}},
            "inside: {part: headers, byte: 0}: this reply has no whole status line",
        ),
        (
            struck(streamed(), CUT_INSIDE_HEY),
            {"after": "text.delta[0]"},
            "after: text.delta[0]: an earlier fault stops the reply inside that event",
        ),
        (
            struck(streamed(), CUT_INSIDE_HEY),
            {"after": 2},
            "after: 2: an earlier fault stops the reply inside that event",
        ),
        (
            struck(streamed(), CUT_INSIDE_HEY),
            {"after": 3},
            "after: 3: the stream has 2 events here",
        ),
        (
            struck(streamed(), CUT_INSIDE_HEY),
            {"before": "terminator"},
            "event 'terminator' does not leave: an earlier fault took it away",
        ),
        (
            struck(streamed(), {"cut": {"inside": {"chunk_size": "role", "byte": 1}}}),
            {"inside": {"event": "role", "byte": 1}},
            "inside: {event: role, byte: 1}: an earlier fault stops the reply before its text",
        ),
        (
            struck(streamed(), CUT_INSIDE_HEY),
            {"at": "last_chunk"},
            "at: last_chunk: this reply has no last chunk",
        ),
        (
            streamed(version=(1, 0)),
            {"inside": {"chunk_size": "role", "byte": 1}},
            "inside: {chunk_size: role, byte: 1}: this reply is not sent in chunks",
        ),
        (
            streamed((ROLE, DONE)),
            {"inside": {"event": "text.delta[0]", "byte": 1}},
            "event 'text.delta[0]' does not leave: an earlier fault took it away",
        ),
    ],
)
def test_a_place_that_was_taken_away_is_told(
    frames: tuple[Frame, ...], place: JSON, message: str
) -> None:
    with pytest.raises(PlaceRemovedError) as caught:
        struck(frames, {"cut": place})
    assert str(caught.value) == message


def test_damaged_utf8_still_has_characters() -> None:
    frames = struck(streamed(), {"garble": {"utf8": "text.delta[0]"}})
    found = struck(frames, {"cut": {"inside": {"event": "text.delta[0]", "char": 36}}})
    assert shape(found) == [HEAD + ROLE_CHUNK + b"29\r\n" + HEY_TEXT[:36] + b"\xff", Close()]


def test_only_bytes_can_be_divided() -> None:
    with pytest.raises(TypeError, match="has no bytes to divide"):
        split((Close(),), Position(0, 1))


def test_a_position_between_frames_divides_nothing() -> None:
    frames = streamed()
    position = find(InsideEvent(label="role", count=0), frames, SCENE)
    assert position == Position(2)
    assert split(frames, position) == (frames[:2], frames[2:])
