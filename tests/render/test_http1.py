"""Heads, framing, events and their waits; h11 and httpx-sse are the referees."""

from __future__ import annotations

import h11
import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import (
    JSON,
    Close,
    EndOfReply,
    Event,
    Frame,
    IdGenerator,
    Pace,
    Part,
    Script,
    Send,
    SseFormat,
    Wait,
    event_waits,
    first_wait,
    frame_body,
    frame_events,
    frame_raw,
    head,
    header_problem,
    sse_event,
    sse_stream,
    write,
)
from tests.render.stage import IDS

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
def test_a_head_has_the_headers_as_given(status: int, version: tuple[int, int], expected: bytes) -> None:
    assert head(status, (("a", "1"), ("B", "é")), version) == expected


def test_a_body_waits_before_its_head_and_has_its_length() -> None:
    assert frame_body(200, JSON_TYPE, b"{}", first_s=0.5) == (
        Wait(seconds=0.5),
        Send(data=b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n", part=Part.HEAD),
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
def test_a_connection_header_is_sent_where_it_is_not_the_default(
    version: tuple[int, int], keep_alive: bool, lines: bytes
) -> None:
    frames = frame_body(200, (), b"x", version=version, keep_alive=keep_alive)
    name = b"HTTP/1.1" if version == (1, 1) else b"HTTP/1.0"
    assert Script(frames=frames).wire == (name + b" 200 OK\r\ncontent-length: 1\r\n" + lines + b"\r\nx")
    assert frames[-1] == EndOfReply()
    assert parsed(frames) == (200, b"x")


@pytest.mark.parametrize("status", [204, 304])
def test_204_and_304_have_no_body(status: int) -> None:
    frames = frame_body(status, (), b"ignored")
    assert b"content-length" not in Script(frames=frames).wire
    assert parsed(frames) == (status, b"")


def test_an_empty_body_has_length_0() -> None:
    assert parsed(frame_body(500, (), b"")) == (500, b"")


def test_given_headers_are_not_added_again() -> None:
    frames = frame_body(200, (("Content-Length", "3"), ("CONNECTION", "close")), b"abc", keep_alive=False)
    wire = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nCONNECTION: close\r\n\r\nabc"
    assert Script(frames=frames).wire == wire


def test_a_stream_is_a_head_at_once_and_a_chunk_for_each_event() -> None:
    def send(data: bytes, part: Part, event: int, label: str) -> Send:
        return Send(data=data, part=part, event=event, label=label, nth=event)

    assert frame_events(200, SSE_TYPE, EVENTS) == (
        Send(
            data=b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
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
    found = [(frame.event, frame.nth) for frame in frames if isinstance(frame, Send) and frame.part is Part.EVENT]
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
    events: list[tuple[float, Event]], version: tuple[int, int], keep_alive: bool, spelling: SseFormat
) -> None:
    frames = frame_events(200, SSE_TYPE, events, spelling, version=version, keep_alive=keep_alive)
    bare = b"".join(frame.data for frame in frames if isinstance(frame, Send) and frame.part is Part.EVENT)
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
        ("x", "1\r\ny: 2", "value '1\\r\\ny: 2' of header 'x' has characters that no header line can carry"),
        ("x", "€", "value '€' of header 'x' has characters that no header line can carry"),
    ],
)
def test_an_invalid_header_is_reported(name: str, value: str, expected: str | None) -> None:
    assert header_problem(name, value) == expected


# --- events as bytes ---


def an_event(data: JSON = None, *, text: str | None = None, name: str | None = None) -> Event:
    return Event(label="e", ordinal=4, data=data, text=text, name=name)


def read_stream(body: bytes) -> list[ServerSentEvent]:
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)
    # Behind an id, this reader makes an empty event of each comment block; the format does not.
    return [one for one in EventSource(response).iter_sse() if one.data]


@pytest.mark.parametrize(
    ("given_event", "expected"),
    [
        (an_event({"a": 1, "b": "é\n"}), 'data: {"a":1,"b":"é\\n"}\n\n'),
        (an_event({"type": "x.y"}, name="x.y"), 'event: x.y\ndata: {"type":"x.y"}\n\n'),
        (an_event(text="[DONE]"), "data: [DONE]\n\n"),
        (an_event(text="one\ntwo\r\nthree\rfour"), "data: one\ndata: two\ndata: three\ndata: four\n\n"),
        (an_event(text=""), "data: \n\n"),
        (an_event(text="", name=""), "event: \ndata: \n\n"),
    ],
)
def test_an_event_is_serialized_as_the_upstream_does(given_event: Event, expected: str) -> None:
    assert sse_event(given_event) == expected.encode()


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (SseFormat(newline="\r\n"), 'event: n\r\ndata: {"a":[1]}\r\n\r\n'),
        (SseFormat(newline="\r"), 'event: n\rdata: {"a":[1]}\r\r'),
        (SseFormat(comment="keep-alive"), ': keep-alive\n\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(comment="a\nb"), ': a\n: b\n\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(id=True), 'id: 4\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(retry_ms=1000), 'retry: 1000\nevent: n\ndata: {"a":[1]}\n\n'),
        (SseFormat(split_data=True), 'event: n\ndata: {\ndata: "a":[1]\ndata: }\n\n'),
        (SseFormat(space=False), 'event:n\ndata:{"a":[1]}\n\n'),
        (SseFormat(final_blank=False), 'event: n\ndata: {"a":[1]}\n'),
        (SseFormat(event_lines=False), 'data: {"a":[1]}\n\n'),
    ],
)
def test_each_option_of_the_sse_format(spelling: SseFormat, expected: str) -> None:
    found = sse_event(an_event({"a": [1]}, name="n"), spelling, first=True, last=True)
    assert found == expected.encode()


def test_first_and_last_events_alone_have_retry_and_no_blank() -> None:
    spelling = SseFormat(retry_ms=5, final_blank=False)
    assert sse_stream([an_event(1), an_event(2), an_event(3)], spelling) == (
        b"retry: 5\ndata: 1\n\n",
        b"data: 2\n\n",
        b"data: 3\n",
    )


def test_text_that_is_no_json_is_never_split() -> None:
    assert sse_event(an_event(text="[DONE]"), SseFormat(split_data=True)) == b"data: [DONE]\n\n"
    assert sse_event(an_event("scalar"), SseFormat(split_data=True)) == b'data: "scalar"\n\n'


def test_a_leading_space_of_the_text_survives_without_a_space_after_the_colon() -> None:
    assert sse_event(an_event(text=" x"), SseFormat(space=False)) == b"data:  x\n\n"


def test_a_lone_surrogate_is_sent() -> None:
    assert sse_event(an_event(text="\ud800")) == b"data: \xed\xa0\x80\n\n"
    assert sse_event(an_event("\ud800")) == b'data: "\\ud800"\n\n'


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
LEGAL = st.builds(
    SseFormat,
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    comment=st.none() | st.just("keep-alive"),
    id=st.booleans(),
    retry_ms=st.none() | st.just(10),
    split_data=st.booleans(),
    space=st.booleans(),
)


@given(st.lists(VALUES, min_size=1, max_size=4), LEGAL)
def test_every_sse_format_reads_back_as_the_same_events(values: list[JSON], spelling: SseFormat) -> None:
    events = [
        Event(label=str(place), ordinal=place, data=value, name=f"n{place}") for place, value in enumerate(values)
    ]
    found = read_stream(b"".join(sse_stream(events, spelling)))
    assert [(one.event, one.json()) for one in found] == [(f"n{place}", value) for place, value in enumerate(values)]
    if not spelling.split_data:
        assert [one.data for one in found] == [write(value) for value in values]


def test_without_the_final_blank_line_a_reader_never_sees_the_last_event() -> None:
    body = b"".join(sse_stream([an_event({"a": 1}), an_event({"b": 2})], SseFormat(final_blank=False)))
    lines = body.decode().split("\n")
    assert lines[-2:] == ['data: {"b":2}', ""]
    assert not body.endswith(b"\n\n")


# --- waits ---


PACES: dict[str, tuple[Pace, int, tuple[float, ...]]] = {
    "at once": (Pace(), 3, (0.0, 0.0, 0.0)),
    "first and gap": (Pace(first_s=1.0, gap_s=0.5), 3, (1.0, 0.5, 0.5)),
    "one event": (Pace(first_s=1.0, gap_s=0.5), 1, (1.0,)),
    "no event": (Pace(first_s=1.0, gap_s=0.5), 0, ()),
    "within a time that is kept": (Pace(first_s=1.0, gap_s=0.5, within_s=2.0), 3, (1.0, 0.5, 0.5)),
    "within less time": (Pace(first_s=1.0, gap_s=0.5, within_s=1.0), 3, (0.5, 0.25, 0.25)),
    "within no time": (Pace(first_s=1.0, gap_s=0.5, within_s=0.0), 2, (0.0, 0.0)),
    "per event": (Pace(first_s=1.0, gap_s=1.0, per_event_s=(0.1, 0.2)), 3, (0.1, 0.2, 0.0)),
    "per event, more than there are": (Pace(per_event_s=(0.1, 0.2)), 1, (0.1,)),
}


@pytest.mark.parametrize(("pace", "events", "expected"), PACES.values(), ids=PACES)
def test_waits_before_events(pace: Pace, events: int, expected: tuple[float, ...]) -> None:
    assert event_waits(pace, events, IDS) == expected


def test_jitter_follows_from_the_seed() -> None:
    pace = Pace(first_s=1.0, gap_s=0.5, jitter_s=0.2)
    drawn = event_waits(pace, 20, IDS)
    assert drawn == event_waits(pace, 20, IDS)
    assert drawn != event_waits(pace, 20, IdGenerator(seed=1, scenario="", stub="", call=0))
    assert 1.0 <= drawn[0] < 1.2
    assert all(0.5 <= wait < 0.7 for wait in drawn[1:])
    assert len(set(drawn)) == 20


@pytest.mark.parametrize(
    ("pace", "wait"),
    [(Pace(first_s=1.0), 1.0), (Pace(first_s=1.0, per_event_s=(0.2,)), 0.2), (Pace(first_s=1.0, within_s=0.5), 0.5)],
)
def test_the_wait_before_a_body(pace: Pace, wait: float) -> None:
    assert first_wait(pace, IDS) == wait
