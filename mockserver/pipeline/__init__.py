"""From a scripted reply to its script: render, apply the faults, pace, frame; and to the acts of a
script, which are its frames with neighbouring sends joined into writes.

Load, serving and `explain` make the bytes of a reply in this one way. Frames that are due together
leave in one write, because one write per event halves the speed of a stream; each write ends where an
event ends, because some readers forget half an event between two reads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, cast

from mockserver.model.codings import coding_of
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.fault import FaultContext, FaultPipeline, PlaceNotFoundError
from mockserver.model.frames import (
    PLAIN,
    Close,
    Ending,
    EndOfReply,
    Event,
    Frame,
    Part,
    RawEvent,
    Script,
    Send,
    SseFormat,
    Stall,
    Wait,
)
from mockserver.model.ids import IdGenerator
from mockserver.model.reply import Pace, Reply
from mockserver.model.request import Headers
from mockserver.render import render
from mockserver.render.context import RENDERERS, RenderContext
from mockserver.render.cors import with_headers
from mockserver.render.http1 import event_waits, first_wait, frame_body, frame_events, frame_raw, sse_comment, sse_event
from mockserver.render.replies import BodyReply, EventStream, RawReply, Rendered, rewritten

if TYPE_CHECKING:
    from mockserver.pipeline.keepalive import Planned

# A write takes further events up to this size; a single event that is larger is one write.
WRITE_SIZE: Final = 16 * 1024

_COMPLETE_PARTS: Final = frozenset({Part.HEAD, Part.CHUNK_END, Part.LAST_CHUNK})


@dataclass(slots=True)  # not frozen: one is made for every exchange
class Write:
    """The bytes of `frames` neighbouring sends."""

    data: bytes
    frames: int


Act: TypeAlias = Write | Wait | Stall | Ending


def coalesce(frames: Sequence[Frame]) -> Iterator[Act]:
    """The frames with neighbouring sends joined into writes."""
    for kind, group in groupby(frames, type):
        if kind is Send:
            # The key says that all of them are; asking each again would cost a third of the time.
            yield from _writes(cast("list[Send]", list(group)))
        else:
            yield from cast("Iterator[Wait | Stall | Ending]", group)


def _writes(run: Sequence[Send]) -> Iterator[Write]:
    pieces = [send.data for send in run]
    if sum(map(len, pieces)) <= WRITE_SIZE:
        yield Write(data=b"".join(pieces), frames=len(pieces))
        return
    ends = list(accumulate(map(len, pieces)))
    begin = 0
    while begin < len(run):
        before = ends[begin - 1] if begin else 0
        fitting = bisect_right(ends, before + WRITE_SIZE, begin)
        end = _last_event_end(run, begin, fitting)
        yield Write(data=b"".join(pieces[begin:end]), frames=end - begin)
        begin = end


def _last_event_end(run: Sequence[Send], begin: int, fitting: int) -> int:
    """The last place up to `fitting` where an event ends, else the first one behind it."""
    for place in range(fitting, begin, -1):
        if place == len(run) or _event_ends_between(run[place - 1], run[place]):
            return place
    for place in range(fitting + 1, len(run)):
        if _event_ends_between(run[place - 1], run[place]):
            return place
    return len(run)


def _event_ends_between(one: Send, other: Send) -> bool:
    if one.part in _COMPLETE_PARTS:
        return True
    return one.part is other.part is Part.EVENT and one.event != other.event


class HttpContext(NamedTuple):
    """What HTTP asks of the reply: the request's version, whether the connection lives on, and the
    headers that its client needs besides."""

    version: tuple[int, int] = (1, 1)
    keep_alive: bool = True
    headers: Headers = ()


ORDINARY = HttpContext()
"""HTTP/1.1 on a connection that lives on."""


class ComposedReply(NamedTuple):
    """`status` is the one on the wire as far as we know it, 200 for raw bytes; `rendered` is the
    reply before any fault; `planned` is the script of a stream that is kept alive before it is numbered."""

    script: Script
    rendered: Rendered
    status: int
    streamed: bool
    planned: Planned | None = None


def compose(
    reply: Reply, context: RenderContext, shape: Shape, *, http: HttpContext = ORDINARY, dry_run: bool = False
) -> ComposedReply:
    """The script of a reply in a context; a dry run applies every fault, whatever its chance.

    Raises `UnknownPlace` where a fault's place is not in this reply; faults among events are left
    out where the reply does not stream.
    """
    rendered = render(reply, context, shape, stream=context.call.stream)
    pipeline = _fault_pipeline(reply, rendered, None if dry_run else context.ids)
    planned = None
    if isinstance(rendered, EventStream):
        frames, spelling = _stream(rendered, reply.pace, context, shape, http, pipeline)
        if reply.pace.keepalive_s:
            encode = _encoder(context.dialect, shape, spelling)
            planned = _kept_alive(frames, rendered, reply.pace, shape, encode)
            frames = frames if planned is None else planned.numbered()
    else:
        sent = rendered
        if pipeline is not None and reply.faults.body:
            sent = rewritten(rendered, pipeline.body, context.dialect, shape)
        frames = _framed(sent, reply.pace, context.ids, http, pipeline)
    status = 200 if isinstance(rendered, RawReply) else rendered.status
    return ComposedReply(
        script=Script(frames=frames),
        rendered=rendered,
        status=status,
        streamed=isinstance(rendered, EventStream),
        planned=planned,
    )


def _kept_alive(
    frames: tuple[Frame, ...], stream: EventStream, pace: Pace, shape: Shape, encode: Callable[[RawEvent | str], bytes]
) -> Planned | None:
    """The frames with keepalives; None where a length is stated before them, or the stream is compressed."""
    from mockserver.faults.frame_edits import CONTENT_LENGTH, header, is_chunked  # noqa: PLC0415  # only where they are
    from mockserver.pipeline.keepalive import Keepalive, Planned, bounds  # noqa: PLC0415  # only where they are

    chunked = is_chunked(frames)
    if coding_of(stream.headers) or (not chunked and header(frames, CONTENT_LENGTH) is not None):
        return None
    what = RENDERERS[shape].keepalive
    text, after = encode(what if isinstance(what, RawEvent) else stream.comment or what), None
    if isinstance(what, RawEvent):
        text, colon, rest = text.rpartition(b'"sequence_number":')
        text, after = text + colon, rest[1:]
    opens, closes = bounds(stream.events, numbered=after is not None)
    keepalive = Keepalive(
        every_s=pace.keepalive_s, before=text, after=after, opens=opens, closes=closes, chunked=chunked
    )
    return Planned.of(frames, keepalive)


def _fault_pipeline(reply: Reply, rendered: Rendered, ids: IdGenerator | None) -> FaultPipeline | None:
    if not reply.faults:
        return None
    events = rendered.events if isinstance(rendered, EventStream) else ()
    coding = "" if isinstance(rendered, RawReply) else coding_of(rendered.headers)
    return FaultPipeline(faults=reply.faults, context=FaultContext.of(events, coding), ids=ids)


def _framed(
    rendered: BodyReply | RawReply, pace: Pace, ids: IdGenerator, http: HttpContext, pipeline: FaultPipeline | None
) -> tuple[Frame, ...]:
    chunked = pipeline is not None and pipeline.format(PLAIN, streamed=False).chunked
    if isinstance(rendered, BodyReply):
        frames = frame_body(
            rendered.status,
            with_headers(rendered.headers, http.headers),
            rendered.body,
            version=http.version,
            keep_alive=http.keep_alive,
            first_s=first_wait(pace, ids),
            chunked=chunked,
        )
    elif chunked:
        raise PlaceNotFoundError("exact bytes have a framing of their own, so that nothing puts them in chunks")
    else:
        frames = frame_raw(rendered.data, first_s=first_wait(pace, ids))
    return frames if pipeline is None else pipeline.frames(frames, streamed=False)


def _stream(
    stream: EventStream,
    pace: Pace,
    context: RenderContext,
    shape: Shape,
    http: HttpContext,
    pipeline: FaultPipeline | None,
) -> tuple[tuple[Frame, ...], SseFormat]:
    events = stream.events
    spelling = SseFormat(comment=stream.comment) if stream.comment else PLAIN
    if pipeline is not None:
        events = pipeline.events(events)
        spelling = pipeline.format(spelling)
    frames = frame_events(
        stream.status,
        with_headers(stream.headers, http.headers),
        list(zip(event_waits(pace, len(events), context.ids), events, strict=True)),
        spelling,
        version=http.version,
        keep_alive=http.keep_alive and not stream.closes,
    )
    if stream.closes:
        whole = Close(complete=True)
        frames = tuple(whole if isinstance(one, EndOfReply) else one for one in frames)
    if pipeline is not None:
        pipeline.context = replace(pipeline.context, encode=_encoder(context.dialect, shape, spelling))
        frames = pipeline.frames(frames, streamed=True)
    return frames, spelling


def _encoder(dialect: Dialect, shape: Shape, spelling: SseFormat) -> Callable[[RawEvent | str], bytes]:
    """Writes an event or the text of a comment that no reply has; an event without a name has that of its type."""

    def encode(what: RawEvent | str) -> bytes:
        if isinstance(what, str):
            return sse_comment(what, spelling)
        name = RENDERERS[shape].scripted(what, 0, dialect).name if what.name is None else what.name
        event = Event(label="", ordinal=0, data=what.data, text=what.text, name=name or None)
        return sse_event(event, replace(spelling, id=False))

    return encode


def announces_close(frames: Sequence[Frame]) -> bool:
    """Whether the head tells the client that the connection ends with this reply."""
    for frame in frames:
        if isinstance(frame, Send):
            return frame.part is Part.HEAD and b"\r\nconnection: close" in frame.data.lower()
    return False
