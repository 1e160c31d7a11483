"""From a reply to its script: pace, SSE format, framing, faults."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit import (
    JSON,
    NO_FAULTS,
    AfterEvent,
    AtByte,
    BodyReply,
    Close,
    ComposedReply,
    Content,
    Cut,
    EndOfReply,
    Endpoint,
    ErrorRef,
    EventStream,
    ExactBody,
    Faults,
    Frame,
    HttpContext,
    JSONObject,
    Omit,
    Pace,
    Part,
    PlaceNotFoundError,
    RawBytes,
    RawReply,
    Reply,
    Route,
    Send,
    Shape,
    StreamError,
    Text,
    Wait,
    compose,
    sample_calls,
    write_bytes,
)
from tests.render import stage
from tests.render.stage import OPENAI, output

BARE = replace(OPENAI, headers=(), chat=replace(OPENAI.chat, obfuscation=False))
TEXT = output(Text(text="a b"))
AT_ONCE, NEW = Pace(), HttpContext()
OLD = HttpContext(version=(1, 0), keep_alive=False)


def composed(
    content: Content,
    *,
    stream: bool = False,
    pace: Pace = AT_ONCE,
    faults: Faults = NO_FAULTS,
    http: HttpContext = NEW,
    dry_run: bool = False,
    comment: str = "",
) -> ComposedReply:
    dialect = replace(BARE, chat=replace(BARE.chat, comment=comment))
    occasion = stage.occasion(Shape.CHAT, dialect, stream=stream)
    reply = Reply(content=content, pace=pace, faults=faults)
    return compose(reply, occasion, Shape.CHAT, http=http, dry_run=dry_run)


def short(frames: tuple[Frame, ...]) -> list[object]:
    """Bytes for what is sent, the frames themselves else."""
    return [frame.data if isinstance(frame, Send) else frame for frame in frames]


def sse(data: JSON) -> bytes:
    text = data.encode() if isinstance(data, str) else write_bytes(data)
    return b"data: " + text + b"\n\n"


def chunked(*events: bytes) -> list[object]:
    return [part for one in events for part in (b"%x\r\n" % len(one), one, b"\r\n")]


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = [b"0\r\n\r\n", EndOfReply()]
DATA = [sse(one) for one in stage.data(TEXT, Shape.CHAT, BARE)]


def test_a_whole_reply() -> None:
    found = composed(ExactBody(json={}), pace=Pace(first_s=0.5, gap_s=9.0))
    assert short(found.script.frames) == [Wait(seconds=0.5), HEAD, b"{}\n", EndOfReply()]
    assert (found.status, found.streamed, type(found.rendered)) == (200, False, BodyReply)


def test_raw_bytes() -> None:
    found = composed(RawBytes(data=b"HTTP/1.1 500 X\r\n\r\nx"), stream=True, pace=Pace(first_s=0.5))
    assert short(found.script.frames) == [Wait(seconds=0.5), b"HTTP/1.1 500 X\r\n\r\n", b"x", found.script.frames[-1]]
    assert isinstance(found.script.frames[-1], Close)
    assert (found.status, found.streamed, type(found.rendered)) == (200, False, RawReply)


def test_a_stream() -> None:
    found = composed(TEXT, stream=True)
    assert short(found.script.frames) == [STREAM_HEAD, *chunked(*DATA), *LAST]
    assert (found.status, found.streamed, type(found.rendered)) == (200, True, EventStream)


def test_a_paced_stream() -> None:
    found = composed(TEXT, stream=True, pace=Pace(first_s=0.5, gap_s=0.1))
    waits = [frame.seconds for frame in found.script.frames if isinstance(frame, Wait)]
    assert waits == [0.5, 0.1, 0.1, 0.1, 0.1]
    assert not isinstance(found.script.frames[0], Wait)


def test_a_stream_with_comments() -> None:
    found = composed(TEXT, stream=True, comment="wait")
    events = [frame.data for frame in found.script.frames if isinstance(frame, Send) and frame.part is Part.EVENT]
    assert events == [b": wait\n\n" + one for one in DATA]


def test_a_failed_chat_stream_ends_with_the_connection() -> None:
    failure = StreamError(error=ErrorRef(members={"message": "no"}))
    found = composed(output(failure), stream=True)
    assert b"connection: close" in found.script.wire
    assert isinstance(found.script.frames[-1], Close)
    assert b"[DONE]" not in found.script.wire


def test_the_carrier_decides_the_framing() -> None:
    stream = composed(TEXT, stream=True, http=OLD)
    assert stream.script.wire.startswith(b"HTTP/1.0 200 OK\r\n")
    assert stream.script.wire.endswith(b"".join(DATA))
    assert isinstance(stream.script.frames[-1], Close)
    whole = composed(ExactBody(json={}), http=HttpContext(keep_alive=False))
    assert b"connection: close" in whole.script.wire


CUT = Faults(frames=(Cut(place=AfterEvent(label="text.delta[0]")),))
OMIT = Faults(events=(Omit(label="text.delta[0]"),))


def test_faults_apply_to_events_before_frames() -> None:
    found = composed(TEXT, stream=True, faults=OMIT + Faults(frames=(Cut(place=AfterEvent(label="text.delta[1]")),)))
    assert short(found.script.frames) == [STREAM_HEAD, *chunked(DATA[0], DATA[2]), found.script.frames[-1]]
    rendered = found.rendered
    assert isinstance(rendered, EventStream)
    assert len(rendered.events) == 5


def test_faults_on_events_are_skipped_in_a_non_streaming_reply() -> None:
    assert composed(TEXT, faults=CUT + OMIT) == composed(TEXT)


def test_a_missing_place_is_reported() -> None:
    with pytest.raises(PlaceNotFoundError, match="refusal"):
        composed(TEXT, stream=True, faults=Faults(events=(Omit(label="refusal.delta[0]"),)))


def test_a_dry_run_applies_faults_with_a_chance() -> None:
    never = Faults.of(Cut(place=AtByte(byte=10**6))).with_chance(1e-12)
    assert composed(TEXT, faults=never) == composed(TEXT)
    with pytest.raises(PlaceNotFoundError, match="at_byte"):
        composed(TEXT, faults=never, dry_run=True)


def test_the_same_reply_has_the_same_script_twice() -> None:
    pace = Pace(gap_s=0.1, jitter_s=0.1)
    assert composed(TEXT, stream=True, pace=pace) == composed(TEXT, stream=True, pace=pace)


# --- sample calls ------------------------------------------------------------------------------

SAID: JSONObject = {"role": "user", "content": "What should I say?"}
OPTIONS: JSONObject = {"include_usage": True, "include_obfuscation": False}


def body(member: str, **more: JSON) -> JSONObject:
    return {"model": "gpt-5.4", member: [SAID], **more}


SAMPLES: dict[str, tuple[str, Shape, list[JSONObject]]] = {
    "chat": ("/v1/chat/completions", Shape.CHAT,
        [body("messages"), body("messages", stream=True), body("messages", stream=True, stream_options=OPTIONS)]),
    "responses": ("/v1/responses", Shape.RESPONSES, [body("input"), body("input", stream=True)]),
    "compact": ("/v1/responses/compact", Shape.COMPACTION, [body("input"), body("input", stream=True)]),
    "compact in chat's shape": ("/v1/responses/compact", Shape.CHAT,
        [body("messages"), body("messages", stream=True), body("messages", stream=True, stream_options=OPTIONS)]),
    "a shape that is never answered": ("/v1/responses", Shape.CHAT, []),
}  # fmt: skip


@pytest.mark.parametrize(("path", "shape", "bodies"), SAMPLES.values(), ids=SAMPLES)
def test_sample_calls(path: str, shape: Shape, bodies: list[JSONObject]) -> None:
    [route] = [route for route in OPENAI.routes if route.path == path]
    found = list(sample_calls(route, shape))
    assert [call.body for call in found] == bodies
    assert {call.endpoint for call in found} <= {route.endpoint}


def test_a_member_that_no_sample_has() -> None:
    route = Route(path="/v1/x", endpoint=Endpoint.RESPONSES, shape=Shape.RESPONSES, by_member=(("prompt", Shape.CHAT),))
    assert list(sample_calls(route, Shape.CHAT)) == []
