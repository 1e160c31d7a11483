"""From a reply and its context to what goes on the wire, before faults and framing."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.events import Event, RawEvent
from mockserver.model.json import JSON, write_bytes
from mockserver.model.reply import (
    ErrorDelivery,
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Output,
    RawBytes,
    Reply,
    StreamError,
)
from mockserver.model.request import Headers
from mockserver.render import errors, headers
from mockserver.render.context import RENDERERS, RenderContext, ShapeRenderer
from mockserver.render.labels import label
from mockserver.render.rendered import BodyReply, EventStream, RawReply, Rendered

STREAM_TYPE = "text/event-stream; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"


def render(reply: Reply, occasion: RenderContext, shape: Shape, *, stream: bool) -> Rendered:
    """Render a reply in one shape, as a stream where `stream` asks for it and the shape has one."""
    base = headers.identity(occasion)
    renderer = RENDERERS[shape]
    match reply.content:
        case RawBytes(data=data):
            return RawReply(data=data)
        case ErrorReply(error=ref):
            return _error(ref, reply, occasion, shape, base)
        case ExactBody() as body:
            return _exact_body(body, reply, base)
        case ExactEvents() as scripted:
            events = label(list(_scripted(scripted, renderer, occasion.dialect)), shape)
            return _stream(events, reply, base)
        case output:
            if not stream or renderer.events is None:
                return _whole(output, reply, occasion, shape, base)
            events = label(list(renderer.events(output, occasion)), shape)
            return _stream(
                events,
                reply,
                base,
                comment=renderer.comment(occasion.dialect),
                closes=renderer.closes_on_error and bool(events) and events[-1].label == "error",
            )


def _scripted(
    content: ExactEvents, renderer: ShapeRenderer, dialect: Dialect
) -> Iterator[RawEvent]:
    """The events that the scenario wrote out; an empty name takes the `event:` line away."""
    for place, event in enumerate(content.events):
        if event.json is None:
            yield RawEvent(text=event.text, name=event.name or None)
            continue
        made = renderer.scripted(RawEvent(data=event.json, name=event.name), place, dialect)
        yield RawEvent(data=made.data, name=made.name or None)


def _stream(
    events: tuple[Event, ...],
    reply: Reply,
    base: Headers,
    *,
    comment: str = "",
    closes: bool = False,
) -> EventStream:
    return EventStream(
        status=reply.status or 200,
        headers=headers.merged((("content-type", STREAM_TYPE), *base), reply.headers),
        events=events,
        comment=comment,
        closes=closes,
    )


def _whole(
    output: Output, reply: Reply, occasion: RenderContext, shape: Shape, base: Headers
) -> Rendered:
    renderer = RENDERERS[shape]
    failure = next((item for item in output.items if isinstance(item, StreamError)), None)
    if failure is not None and (not renderer.fails_in_body or failure.form is ErrorDelivery.EVENT):
        return _error(failure.error, reply, occasion, shape, base)
    return _json(renderer.body(output, occasion), reply, base)


def _json(body: JSON, reply: Reply, base: Headers) -> BodyReply:
    return BodyReply(
        status=reply.status or 200,
        headers=headers.merged((("content-type", errors.JSON_TYPE), *base), reply.headers),
        body=write_bytes(body),
        json=body,
    )


def _exact_body(body: ExactBody, reply: Reply, base: Headers) -> BodyReply:
    if body.text is None:
        return _json(body.json, reply, base)
    return BodyReply(
        status=reply.status or 200,
        headers=headers.merged((("content-type", TEXT_TYPE), *base), reply.headers),
        body=body.text.encode("utf-8", "surrogatepass"),
    )


def _error(
    ref: ErrorRef, reply: Reply, occasion: RenderContext, shape: Shape, base: Headers
) -> BodyReply:
    error = errors.resolve(ref, shape, occasion)
    told = errors.whole(error, base, occasion.dialect, occasion.mint, shape)
    return BodyReply(
        status=reply.status or told.status,
        headers=headers.merged(told.headers, reply.headers),
        body=told.body,
        json=told.json,
    )
