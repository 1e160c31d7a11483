"""Sample replies, and functions that apply faults to them."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace

import h11
import pytest

from tests.kit import (
    JSON,
    NO_FAULTS,
    PLAIN,
    Event,
    FaultContext,
    FaultPipeline,
    Faults,
    FaultValueError,
    Frame,
    IdGenerator,
    RawEvent,
    Reset,
    Script,
    Send,
    Stall,
    frame_body,
    frame_events,
    read_fault,
    sse_comment,
    sse_event,
)

SSE = (("content-type", "text/event-stream"),)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
WHOLE_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n"
BODY = '{"id":"a\\n","t":"é"}'.encode()

ROLE = Event(label="role", ordinal=0, data={"n": 0, "delta": {"role": "assistant"}})
HEY = Event(label="text.delta[0]", ordinal=1, data={"n": 1, "delta": "hé"}, name="say")
YOU = Event(label="text.delta[1]", ordinal=2, data={"n": 2, "delta": '"'}, wire_label="wire.delta[0]")
DONE = Event(label="terminator", ordinal=3, data=None, text="[DONE]")
EVENTS = (ROLE, HEY, YOU, DONE)
CONTEXT = FaultContext.of(EVENTS)

# The SSE texts, and the same as chunks.
ROLE_TEXT = b'data: {"n":0,"delta":{"role":"assistant"}}\n\n'
HEY_TEXT = b'event: say\ndata: {"n":1,"delta":"h\xc3\xa9"}\n\n'
YOU_TEXT = b'data: {"n":2,"delta":"\\""}\n\n'
DONE_TEXT = b"data: [DONE]\n\n"
TEXTS = (ROLE_TEXT, HEY_TEXT, YOU_TEXT, DONE_TEXT)
LAST = b"0\r\n\r\n"


def chunk(text: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(text), text)


ROLE_CHUNK, HEY_CHUNK, YOU_CHUNK, DONE_CHUNK = (chunk(text) for text in TEXTS)
CHUNKS = ROLE_CHUNK + HEY_CHUNK + YOU_CHUNK + DONE_CHUNK


def streamed(
    events: tuple[Event, ...] = EVENTS, *, gap_s: float = 0.0, version: tuple[int, int] = (1, 1)
) -> tuple[Frame, ...]:
    return frame_events(200, SSE, [(gap_s, event) for event in events], version=version)


def whole(*, first_s: float = 0.0) -> tuple[Frame, ...]:
    return frame_body(200, (("content-type", "application/json"),), BODY, first_s=first_s)


def encode(what: RawEvent | str) -> bytes:
    if isinstance(what, str):
        return sse_comment(what)
    return sse_event(Event(label="", ordinal=0, data=what.data, text=what.text, name=what.name))


def faults_of(*elements: JSON) -> Faults:
    return sum((read_fault(element).faults for element in elements), start=NO_FAULTS)


def error_of(element: JSON) -> tuple[str, str]:
    """Key path and message of an invalid fault."""
    with pytest.raises(FaultValueError) as caught:
        read_fault(element)
    return caught.value.key_path, caught.value.message


def faulted(frames: tuple[Frame, ...], *elements: JSON) -> tuple[Frame, ...]:
    """The frames of the sample stream after faults on frames."""
    pipeline = FaultPipeline(faults=faults_of(*elements), context=CONTEXT, ids=None)
    return pipeline.frames(frames, streamed=True)


def faulted_body(frames: tuple[Frame, ...], *elements: JSON) -> tuple[Frame, ...]:
    """The frames of a non-streaming reply after faults."""
    pipeline = FaultPipeline(faults=faults_of(*elements), context=FaultContext(), ids=None)
    return pipeline.frames(frames, streamed=False)


def faulted_events(*elements: JSON, events: tuple[Event, ...] = EVENTS) -> tuple[Event, ...]:
    """The events after faults on events."""
    context = FaultContext.of(events)
    return FaultPipeline(faults=faults_of(*elements), context=context, ids=None).events(events)


def faulted_stream(
    *elements: JSON,
    ids: IdGenerator | None = None,
    version: tuple[int, int] = (1, 1),
    events: tuple[Event, ...] = EVENTS,
    gap_s: float = 0.0,
) -> tuple[Frame, ...]:
    """A stream after faults of every stage."""
    context = FaultContext.of(events)
    pipeline = FaultPipeline(faults=faults_of(*elements), context=replace(context, encode=encode), ids=ids)
    timed = [(gap_s, event) for event in pipeline.events(events)]
    frames = frame_events(200, SSE, timed, pipeline.format(PLAIN), version=version)
    return pipeline.frames(frames, streamed=True)


def wire(frames: tuple[Frame, ...]) -> bytes:
    return Script(frames=frames).wire


def shape(frames: tuple[Frame, ...]) -> list[bytes | Frame]:
    """The frames with the bytes between waits, stalls and endings joined."""
    found: list[bytes | Frame] = []
    for frame in frames:
        if not isinstance(frame, Send):
            found.append(frame)
        elif found and isinstance(last := found[-1], bytes):
            found[-1] = last + frame.data
        else:
            found.append(frame.data)
    return found


def writes(frames: tuple[Frame, ...]) -> list[bytes]:
    return [found for found in shape(frames) if isinstance(found, bytes)]


@dataclasses.dataclass(frozen=True)
class Seen:
    """What h11 reads up to the end of the connection: `error` is empty for one complete message,
    `rest` has the bytes after it."""

    status: int
    body: bytes
    error: str
    rest: bytes = b""


def seen_by_h11(frames: tuple[Frame, ...]) -> Seen:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(wire(frames))
    status, body, ended = 0, b"", False
    try:
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                if ended or any(isinstance(frame, Reset | Stall) for frame in frames):
                    return Seen(status, body, "nothing more")
                ended = True
                client.receive_data(b"")
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return Seen(status, body, "", client.trailing_data[0])
            else:
                return Seen(status, body, repr(event))
    except h11.RemoteProtocolError as error:
        return Seen(status, body, re.sub(r" ?\(.*|received.*", "", str(error)).strip())
