"""Heads and framing as bytes, with h11 as the referee."""

from __future__ import annotations

import h11
import pytest

from mockserver.model.events import Event, SseFormat
from mockserver.model.frames import Close, EndOfReply, Frame, Part, Script, Send, Wait
from mockserver.render.http1 import frame_body, frame_events, frame_raw, head, header_problem

JSON_TYPE = (("content-type", "application/json"),)
SSE_TYPE = (("content-type", "text/event-stream"),)
ROLE = Event(label="role", ordinal=0, data={"role": "é"})
DONE = Event(label="terminator", ordinal=1, data=None, text="[DONE]")
EVENTS = [(0.0, ROLE), (0.25, DONE)]


def parsed(frames: tuple[Frame, ...]) -> tuple[int, bytes]:
    """Status and body as h11 reads them; raises where the reply is not one complete message."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(Script(frames=frames).wire)
    status, body = 0, b""
    fed = False
    while True:
        event = client.next_event()
        match event:
            case h11.NEED_DATA if not fed:
                client.receive_data(b"")
                fed = True
            case h11.Response():
                status = event.status_code
            case h11.Data():
                body += event.data
            case h11.EndOfMessage():
                assert client.trailing_data[0] == b""
                return status, body
            case _:
                raise AssertionError(event)


@pytest.mark.parametrize(
    ("status", "version", "expected"),
    [
        (200, (1, 1), b"HTTP/1.1 200 OK\r\na: 1\r\nB: \xe9\r\n\r\n"),
        (413, (1, 0), b"HTTP/1.0 413 Content Too Large\r\na: 1\r\nB: \xe9\r\n\r\n"),
        (529, (1, 1), b"HTTP/1.1 529 \r\na: 1\r\nB: \xe9\r\n\r\n"),
    ],
)
def test_a_head_has_the_headers_as_given(
    status: int, version: tuple[int, int], expected: bytes
) -> None:
    assert head(status, (("a", "1"), ("B", "é")), version) == expected


def test_a_whole_reply_waits_before_its_head_and_tells_its_length() -> None:
    assert frame_body(200, JSON_TYPE, b"{}", first_s=0.5) == (
        Wait(seconds=0.5),
        Send(
            data=b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n",
            part=Part.HEAD,
        ),
        Send(data=b"{}", part=Part.BODY),
        EndOfReply(),
    )


@pytest.mark.parametrize(
    ("version", "keep_alive", "lines"),
    [
        ((1, 1), True, b""),
        ((1, 1), False, b"connection: close\r\n"),
        ((1, 0), True, b"connection: keep-alive\r\n"),
        ((1, 0), False, b"connection: close\r\n"),
    ],
)
def test_the_connection_is_told_where_it_is_not_the_default(
    version: tuple[int, int], keep_alive: bool, lines: bytes
) -> None:
    frames = frame_body(200, (), b"x", version=version, keep_alive=keep_alive)
    name = b"HTTP/1.1" if version == (1, 1) else b"HTTP/1.0"
    assert Script(frames=frames).wire == (
        name + b" 200 OK\r\ncontent-length: 1\r\n" + lines + b"\r\nx"
    )
    assert frames[-1] == EndOfReply()
    assert parsed(frames) == (200, b"x")


@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_has_none(status: int) -> None:
    frames = frame_body(status, (), b"ignored")
    assert b"content-length" not in Script(frames=frames).wire
    assert parsed(frames) == (status, b"")


def test_an_empty_body_is_told_by_its_length() -> None:
    assert parsed(frame_body(500, (), b"")) == (500, b"")


def test_what_the_caller_names_is_not_added_again() -> None:
    frames = frame_body(
        200, (("Content-Length", "3"), ("CONNECTION", "close")), b"abc", keep_alive=False
    )
    wire = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nCONNECTION: close\r\n\r\nabc"
    assert Script(frames=frames).wire == wire


def test_a_stream_is_a_head_at_once_and_a_chunk_for_each_event() -> None:
    def send(data: bytes, part: Part, event: int, label: str) -> Send:
        return Send(data=data, part=part, event=event, label=label, nth=event)

    assert frame_events(200, SSE_TYPE, EVENTS) == (
        Send(
            data=b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n",
            part=Part.HEAD,
        ),
        send(b"15\r\n", Part.CHUNK_SIZE, 0, "role"),
        send(b'data: {"role":"\xc3\xa9"}\n\n', Part.EVENT, 0, "role"),
        send(b"\r\n", Part.CHUNK_END, 0, "role"),
        Wait(seconds=0.25),
        send(b"e\r\n", Part.CHUNK_SIZE, 1, "terminator"),
        send(b"data: [DONE]\n\n", Part.EVENT, 1, "terminator"),
        send(b"\r\n", Part.CHUNK_END, 1, "terminator"),
        Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK),
        EndOfReply(),
    )


def test_a_repeated_event_leaves_as_two() -> None:
    frames = frame_events(200, SSE_TYPE, [(0.0, ROLE), (0.0, ROLE)])
    found = [
        (frame.event, frame.nth)
        for frame in frames
        if isinstance(frame, Send) and frame.part is Part.EVENT
    ]
    assert found == [(0, 0), (0, 1)]


@pytest.mark.parametrize("keep_alive", [True, False])
def test_below_http_1_1_closing_ends_a_stream(keep_alive: bool) -> None:
    frames = frame_events(200, SSE_TYPE, EVENTS, version=(1, 0), keep_alive=keep_alive)
    assert Script(frames=frames).wire == (
        b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        b'data: {"role":"\xc3\xa9"}\n\ndata: [DONE]\n\n'
    )
    assert frames[-1] == Close(complete=True)


@pytest.mark.parametrize("events", [[], EVENTS])
@pytest.mark.parametrize("version", [(1, 0), (1, 1)])
@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("spelling", [SseFormat(), SseFormat(newline="\r\n", comment="c")])
def test_every_faultless_stream_is_one_complete_reply(
    events: list[tuple[float, Event]],
    version: tuple[int, int],
    keep_alive: bool,
    spelling: SseFormat,
) -> None:
    frames = frame_events(200, SSE_TYPE, events, spelling, version=version, keep_alive=keep_alive)
    bare = b"".join(
        frame.data for frame in frames if isinstance(frame, Send) and frame.part is Part.EVENT
    )
    assert parsed(frames) == (200, bare)


def test_raw_bytes_are_a_head_and_a_body_and_then_the_connection_closes() -> None:
    assert frame_raw(b"HTTP/1.1 200 OK\r\n\r\nabc", first_s=1) == (
        Wait(seconds=1),
        Send(data=b"HTTP/1.1 200 OK\r\n\r\n", part=Part.HEAD),
        Send(data=b"abc", part=Part.BODY),
        Close(complete=True),
    )
    assert frame_raw(b"junk") == (Send(data=b"junk", part=Part.HEAD), Close(complete=True))
    assert frame_raw(b"") == (Close(complete=True),)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("x-request-id", "req_1 ü\t!", None),
        ("x", "", None),
        ("", "1", "header name '' is no token (letters, digits and !#$%&'*+-.^_`|~)"),
        ("a b", "1", "header name 'a b' is no token (letters, digits and !#$%&'*+-.^_`|~)"),
        (
            "x",
            "1\r\ny: 2",
            "value '1\\r\\ny: 2' of header 'x' has characters that no header line can carry",
        ),
        ("x", "€", "value '€' of header 'x' has characters that no header line can carry"),
    ],
)
def test_a_header_that_no_line_can_carry_is_told(
    name: str, value: str, expected: str | None
) -> None:
    assert header_problem(name, value) == expected
