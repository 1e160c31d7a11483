"""From a reply and an occasion to what goes on the wire, before faults and framing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mockserver.model.endpoint import Shape
from mockserver.model.events import Event
from mockserver.model.json import JSON, JSONObject, write_bytes
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
from mockserver.render import chat, compaction, errors, headers, responses
from mockserver.render import chat_stream as chat_chunks
from mockserver.render import scripted_events as exact
from mockserver.render.context import RenderContext
from mockserver.render.labels import RawEvent, label
from mockserver.render.rendered import BodyReply, EventStream, RawReply, Rendered

STREAM_TYPE = "text/event-stream; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"

_WHOLE: Mapping[Shape, Callable[[Output, RenderContext], JSONObject]] = {
    Shape.CHAT: chat.whole,
    Shape.RESPONSES: responses.whole,
    Shape.COMPACTION: compaction.whole,
}
_STREAMED: Mapping[Shape, Callable[[Output, RenderContext], Iterator[RawEvent]]] = {
    Shape.CHAT: chat_chunks.chunks,
    Shape.RESPONSES: responses.events,
}


def render(reply: Reply, occasion: RenderContext, shape: Shape, *, stream: bool) -> Rendered:
    """Render a reply in one shape, streamed or whole as `stream` asks where it can be both."""
    base = headers.identity(occasion)
    match reply.content:
        case RawBytes(data=data):
            return RawReply(data=data)
        case ErrorReply(error=ref):
            return _error(ref, reply, occasion, shape, base)
        case ExactBody() as body:
            return _exact_body(body, reply, base)
        case ExactEvents() as scripted:
            told = exact.scripted_events(scripted, shape, occasion.dialect)
            return _stream(label(list(told), shape), reply, occasion, base)
        case output:
            if stream and shape in _STREAMED:
                return _stream(
                    label(list(_STREAMED[shape](output, occasion)), shape),
                    reply,
                    occasion,
                    base,
                    shape,
                )
            return _whole(output, reply, occasion, shape, base)


def _stream(
    events: tuple[Event, ...],
    reply: Reply,
    occasion: RenderContext,
    base: Headers,
    shape: Shape | None = None,
) -> EventStream:
    failed = shape is Shape.CHAT and bool(events) and events[-1].label == "error"
    return EventStream(
        status=reply.status or 200,
        headers=headers.merged((("content-type", STREAM_TYPE), *base), reply.headers),
        events=events,
        comment=occasion.dialect.chat.comment if shape is Shape.CHAT else "",
        closes=failed,
    )


def _whole(
    output: Output, reply: Reply, occasion: RenderContext, shape: Shape, base: Headers
) -> Rendered:
    failure = next((item for item in output.items if isinstance(item, StreamError)), None)
    if failure is not None and (
        shape is not Shape.RESPONSES or failure.form is ErrorDelivery.EVENT
    ):
        return _error(failure.error, reply, occasion, shape, base)
    return _json(_WHOLE[shape](output, occasion), reply, base)


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
    told = errors.whole(error, base, occasion.dialect, occasion.mint)
    return BodyReply(
        status=reply.status or told.status,
        headers=headers.merged(told.headers, reply.headers),
        body=told.body,
        json=told.json,
    )
