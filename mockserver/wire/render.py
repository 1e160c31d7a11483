"""From a reply and an occasion to what goes on the wire, before faults and framing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mockserver.core.endpoint import Shape
from mockserver.core.event import Event
from mockserver.core.jsontext import JSON, Object, write_bytes
from mockserver.core.reply import (
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Failure,
    FailureForm,
    Output,
    Raw,
    Reply,
)
from mockserver.core.request import Headers
from mockserver.wire import chat, chat_chunks, compaction, errors, exact, headers, responses
from mockserver.wire.labels import Unlabelled, label
from mockserver.wire.occasion import Occasion
from mockserver.wire.rendered import Bytes, Rendered, Stream, Whole

STREAM_TYPE = "text/event-stream; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"

_WHOLE: Mapping[Shape, Callable[[Output, Occasion], Object]] = {
    Shape.CHAT: chat.whole,
    Shape.RESPONSES: responses.whole,
    Shape.COMPACTION: compaction.whole,
}
_STREAMED: Mapping[Shape, Callable[[Output, Occasion], Iterator[Unlabelled]]] = {
    Shape.CHAT: chat_chunks.chunks,
    Shape.RESPONSES: responses.events,
}


def render(reply: Reply, occasion: Occasion, shape: Shape, *, stream: bool) -> Rendered:
    """Render a reply in one shape, streamed or whole as `stream` asks where it can be both."""
    base = headers.identity(occasion)
    match reply.content:
        case Raw(data=data):
            return Bytes(data=data)
        case ErrorReply(error=ref):
            return _error(ref, reply, occasion, shape, base)
        case ExactBody() as body:
            return _exact_body(body, reply, base)
        case ExactEvents() as scripted:
            told = exact.events(scripted, shape, occasion.dialect)
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
    occasion: Occasion,
    base: Headers,
    shape: Shape | None = None,
) -> Stream:
    failed = shape is Shape.CHAT and bool(events) and events[-1].label == "error"
    return Stream(
        status=reply.status or 200,
        headers=headers.merged((("content-type", STREAM_TYPE), *base), reply.headers),
        events=events,
        comment=occasion.dialect.chat.comment if shape is Shape.CHAT else "",
        closes=failed,
    )


def _whole(
    output: Output, reply: Reply, occasion: Occasion, shape: Shape, base: Headers
) -> Rendered:
    failure = next((item for item in output.items if isinstance(item, Failure)), None)
    if failure is not None and (shape is not Shape.RESPONSES or failure.form is FailureForm.EVENT):
        return _error(failure.error, reply, occasion, shape, base)
    return _json(_WHOLE[shape](output, occasion), reply, base)


def _json(body: JSON, reply: Reply, base: Headers) -> Whole:
    return Whole(
        status=reply.status or 200,
        headers=headers.merged((("content-type", errors.JSON_TYPE), *base), reply.headers),
        body=write_bytes(body),
        json=body,
    )


def _exact_body(body: ExactBody, reply: Reply, base: Headers) -> Whole:
    if body.text is None:
        return _json(body.json, reply, base)
    return Whole(
        status=reply.status or 200,
        headers=headers.merged((("content-type", TEXT_TYPE), *base), reply.headers),
        body=body.text.encode("utf-8", "surrogatepass"),
    )


def _error(ref: ErrorRef, reply: Reply, occasion: Occasion, shape: Shape, base: Headers) -> Whole:
    error = errors.resolve(ref, shape, occasion)
    told = errors.whole(error, base, occasion.dialect, occasion.mint)
    return Whole(
        status=reply.status or told.status,
        headers=headers.merged(told.headers, reply.headers),
        body=told.body,
        json=told.json,
    )
