"""From a scripted reply to its script: render, apply the faults, pace, frame.

Every reply of a stub is composed here: at load, when it is served, and in `explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mockserver.model.endpoint import Shape
from mockserver.model.events import PLAIN, SseFormat
from mockserver.model.fault import FaultContext, FaultPipeline
from mockserver.model.frames import Close, EndOfReply, Frame, Script
from mockserver.model.ids import IdGenerator
from mockserver.model.reply import Pace, Reply
from mockserver.render.context import RenderContext
from mockserver.render.http1 import event_waits, first_wait, frame_body, frame_events, frame_raw
from mockserver.render.render import render
from mockserver.render.replies import BodyReply, EventStream, RawReply, Rendered


class HttpContext(NamedTuple):
    """What HTTP asks of the reply: the request's version, and whether the connection lives on."""

    version: tuple[int, int] = (1, 1)
    keep_alive: bool = True


ORDINARY = HttpContext()
"""HTTP/1.1 on a connection that lives on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedReply:
    """`status` is the one on the wire as far as we know it, 200 for raw bytes; `rendered` is the
    reply before any fault."""

    script: Script
    rendered: Rendered
    status: int
    streamed: bool


def compose(
    reply: Reply, context: RenderContext, shape: Shape, *, http: HttpContext = ORDINARY, dry_run: bool = False
) -> ComposedReply:
    """The script of a reply in a context; a dry run applies every fault, whatever its chance.

    Raises `UnknownPlace` where a fault's place is not in this reply; faults among events are left
    out where the reply does not stream.
    """
    rendered = render(reply, context, shape, stream=context.call.stream)
    pipeline = _fault_pipeline(reply, rendered, None if dry_run else context.ids)
    frames = _framed(rendered, reply.pace, context.ids, http, pipeline)
    status = 200 if isinstance(rendered, RawReply) else rendered.status
    return ComposedReply(
        script=Script(frames=frames), rendered=rendered, status=status, streamed=isinstance(rendered, EventStream)
    )


def _fault_pipeline(reply: Reply, rendered: Rendered, ids: IdGenerator | None) -> FaultPipeline | None:
    if not reply.faults:
        return None
    events = rendered.events if isinstance(rendered, EventStream) else ()
    return FaultPipeline(faults=reply.faults, context=FaultContext.of(events), ids=ids)


def _framed(
    rendered: Rendered, pace: Pace, ids: IdGenerator, http: HttpContext, pipeline: FaultPipeline | None
) -> tuple[Frame, ...]:
    match rendered:
        case EventStream():
            return _stream(rendered, pace, ids, http, pipeline)
        case BodyReply():
            frames = frame_body(
                rendered.status,
                rendered.headers,
                rendered.body,
                version=http.version,
                keep_alive=http.keep_alive,
                first_s=first_wait(pace),
            )
        case raw:
            frames = frame_raw(raw.data, first_s=first_wait(pace))
    return frames if pipeline is None else pipeline.frames(frames, streamed=False)


def _stream(
    stream: EventStream, pace: Pace, ids: IdGenerator, http: HttpContext, pipeline: FaultPipeline | None
) -> tuple[Frame, ...]:
    events = stream.events
    spelling = SseFormat(comment=stream.comment) if stream.comment else PLAIN
    if pipeline is not None:
        events = pipeline.events(events)
        spelling = pipeline.format(spelling)
    frames = frame_events(
        stream.status,
        stream.headers,
        list(zip(event_waits(pace, len(events), ids), events, strict=True)),
        spelling,
        version=http.version,
        keep_alive=http.keep_alive and not stream.closes,
    )
    if stream.closes:
        whole = Close(complete=True)
        frames = tuple(whole if isinstance(one, EndOfReply) else one for one in frames)
    return frames if pipeline is None else pipeline.frames(frames, streamed=True)
