"""Reading and changing frames as HTTP, in sends that may be divided."""

from __future__ import annotations

import pytest

from tests.faults.samples import BODY, HEAD, ROLE_TEXT, TEXTS, faulted, streamed, whole, wire
from tests.kit import (
    Frame,
    Part,
    PlaceRemovedError,
    body_length,
    body_sends,
    edit,
    frame_body,
    frame_raw,
    header,
    is_chunked,
    joined,
    open_chunk,
    sends_of,
    set_chunk_size,
    set_header,
)

CHUNKED_BYTES = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"


def divided(frames: tuple[Frame, ...], size: int) -> tuple[Frame, ...]:
    return faulted(frames, {"dribble": {"bytes": size}})


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_parts_are_read_from_divided_sends(size: int) -> None:
    frames = divided(streamed(), size)
    assert joined(sends_of(frames, 0, Part.EVENT)) == ROLE_TEXT
    assert joined(sends_of(frames, 0)) == b"2c\r\n" + ROLE_TEXT + b"\r\n"
    assert body_length(frames) == len(b"".join(TEXTS))
    assert header(frames, "Content-Type") == "text/event-stream"
    assert header(frames, "x-none") is None


@pytest.mark.parametrize(
    ("frames", "expected"),
    [(streamed(), True), (streamed(version=(1, 0)), False), (whole(), False), (frame_raw(CHUNKED_BYTES), False)],
)
def test_only_a_body_that_we_send_in_chunks_is_chunked(frames: tuple[Frame, ...], expected: bool) -> None:
    assert is_chunked(frames) is expected


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    ("start", "stop", "new", "expected"),
    [
        (0, 0, b"xy", b"xy" + BODY),
        (2, 4, b"-", BODY[:2] + b"-" + BODY[4:]),
        (3, 3, b"xy", BODY[:3] + b"xy" + BODY[3:]),
        (0, len(BODY), b"", b""),
        (len(BODY), len(BODY), b"xy", BODY + b"xy"),
    ],
)
def test_a_range_of_bytes_is_replaced(size: int, start: int, stop: int, new: bytes, expected: bytes) -> None:
    frames = divided(whole(), size)
    found = edit(frames, body_sends(frames), start, stop, new)
    assert joined(body_sends(found)) == expected


def test_a_chunk_size_is_replaced() -> None:
    frames = divided(streamed(), 1)
    line = sends_of(frames, 0, Part.CHUNK_SIZE)
    assert wire(set_chunk_size(frames, line, 255)) == wire(streamed()).replace(b"2c\r\n", b"ff\r\n", 1)


def test_no_chunk_is_open_without_frames() -> None:
    assert open_chunk(()) == []


@pytest.mark.parametrize(
    ("name", "instead_of", "head"),
    [
        ("Content-Type", "", HEAD.replace(b"text/event-stream", b"new")),
        ("x", "", HEAD[:-2] + b"x: new\r\n\r\n"),
        ("x", "transfer-encoding", HEAD.replace(b"transfer-encoding: chunked", b"x: new")),
        ("x", "y", HEAD[:-2] + b"x: new\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_header_is_changed_or_put_in_the_place_of_another_or_added(
    name: str, instead_of: str, head: bytes, size: int
) -> None:
    found = set_header(divided(streamed(), size), name, "new", instead_of=instead_of)
    assert wire(found).startswith(head)


def test_a_header_outside_latin_1_gets_a_question_mark() -> None:
    assert b"\r\nx: ?\r\n" in wire(set_header(frame_body(200, (), b""), "x", "名"))


def test_a_head_that_is_not_complete_gets_no_header() -> None:
    with pytest.raises(PlaceRemovedError) as caught:
        set_header(frame_raw(b"junk"), "x", "new")
    assert str(caught.value) == "header 'x': this reply has no complete head"
