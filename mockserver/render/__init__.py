"""From a reply and its context to what goes on the wire, before faults and framing.

`label` names the events of rendered and scripted streams alike, so that a place means the same in both."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import count

from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.frames import Event, RawEvent
from mockserver.model.json import JSONObject, read_text
from mockserver.model.reply import (
    AnswerAs,
    ErrorDelivery,
    ErrorRef,
    ErrorReply,
    ExactBody,
    ExactEvents,
    Output,
    RawBytes,
    Reply,
)
from mockserver.model.sse import read_event
from mockserver.render.context import RENDERERS, RenderContext, ShapeRenderer
from mockserver.render.replies import (
    BodyReply,
    EventStream,
    RawReply,
    Rendered,
    error_reply,
    head,
    json_reply,
    merged_headers,
)

STREAM_TYPE = "text/event-stream; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"


def render(reply: Reply, context: RenderContext, shape: Shape, *, stream: bool) -> Rendered:
    """Render a reply in one shape, as a stream where `stream` asks for it and the shape has one."""
    renderer = RENDERERS[shape]
    match reply.content:
        case RawBytes(data=data):
            return RawReply(data=data)
        case ErrorReply(error=ref):
            return _error(ref, reply, context, shape)
        case ExactBody(text=str(text)):
            headers = merged_headers(head(TEXT_TYPE, context, shape, None), reply.headers)
            return BodyReply(status=reply.status or 200, headers=headers, body=text.encode("utf-8", "surrogatepass"))
        case ExactBody(json=body):
            return json_reply(body, context, shape, reply.status or 200, over=reply.headers)
        case ExactEvents() as scripted:
            events = label(list(_scripted(scripted, renderer, context.dialect)), shape)
            return _stream(events, reply, context, shape)
        case output:
            asked = stream if output.answer_as is None else output.answer_as is AnswerAs.STREAM
            if not asked or renderer.events is None:
                return _whole(output, reply, context, shape)
            events = label(list(renderer.events(output, context)), shape)
            return _stream(
                events,
                reply,
                context,
                shape,
                comment=renderer.comment(context.dialect),
                closes=renderer.closes_on_error and bool(events) and events[-1].label == "error",
            )


def _scripted(content: ExactEvents, renderer: ShapeRenderer, dialect: Dialect) -> Iterator[RawEvent]:
    """The events that the scenario wrote out; an empty name takes the `event:` line away."""
    for place, event in enumerate(content.events):
        if event.sse is not None:
            yield _spelled(event.sse)
            continue
        if event.json is None:
            yield RawEvent(text=event.text, name=event.name or None)
            continue
        made = renderer.scripted(RawEvent(data=event.json, name=event.name), place, dialect)
        yield RawEvent(data=made.data, name=made.name or None)


def _spelled(sse: str) -> RawEvent:
    name, text = read_event(sse)
    data = _object(text)
    return RawEvent(data=data, text=None if data is not None else text or "", name=name, sse=sse)


def _object(text: str | None) -> JSONObject | None:
    """The JSON object that a text is, if it is one."""
    value = None if text is None else read_text(text)
    return value if isinstance(value, dict) else None


def _stream(
    events: tuple[Event, ...],
    reply: Reply,
    context: RenderContext,
    shape: Shape,
    *,
    comment: str = "",
    closes: bool = False,
) -> EventStream:
    return EventStream(
        status=reply.status or 200,
        headers=merged_headers(head(STREAM_TYPE, context, shape, None), reply.headers),
        events=events,
        comment=comment,
        closes=closes,
    )


def _whole(output: Output, reply: Reply, context: RenderContext, shape: Shape) -> Rendered:
    renderer = RENDERERS[shape]
    failure = output.failure
    if failure is not None and (not renderer.fails_in_body or failure.form is ErrorDelivery.EVENT):
        return _error(failure.error, reply, context, shape)
    return json_reply(renderer.body(output, context), context, shape, reply.status or 200, over=reply.headers)


def _error(ref: ErrorRef, reply: Reply, context: RenderContext, shape: Shape) -> BodyReply:
    key = context.quoted_key if context.dialect.quotes_key(ref) else ""
    error = context.dialect.error(ref, shape, context.model, key=key)
    return error_reply(error, context, shape, status=reply.status, over=reply.headers)


def label(events: Sequence[RawEvent], shape: Shape) -> tuple[Event, ...]:
    """Give each event its labels; they are unique in the result."""
    labeller = RENDERERS[shape].labeller()
    taken: set[str] = set()
    found: list[Event] = []
    for ordinal, event in enumerate(events):
        # An object that is sent as a text of its own spelling has the labels of the object.
        data = None if event.text is None else _object(event.text)
        first, second = labeller.names(event if data is None else RawEvent(data=data, name=event.name))
        first = _free(first, taken)
        taken.add(first)
        found.append(
            Event(
                label=first,
                wire_label=second,
                ordinal=ordinal,
                data=event.data,
                text=event.text,
                name=event.name,
                sse=event.sse,
            )
        )
    return tuple(found)


def _free(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it where it occurs again in the stream."""
    if name not in taken:
        return name
    again = (f"{name}[{number}]" for number in count(1))
    return next(one for one in again if one not in taken)


def unsupported_reason(reply: Reply, shape: Shape) -> str | None:
    """Why a shape cannot express a reply, as half a sentence; None when it can."""
    renderer = RENDERERS[shape]
    match reply.content:
        case ExactEvents() if renderer.events is None:
            return f"a {shape} has no stream"
        case ExactEvents(events=events):
            members = {
                name for event in events for name in event.json or _object(read_event(event.sse or "").data) or ()
            }
            return next((why for name, why in renderer.foreign.items() if name in members), None)
        case Output() as output:
            return _output(output, shape, renderer)
        case ExactBody(json=dict(body)) if SHAPES[shape].objects:
            kind = body.get("object")
            written_for = next((one.name for one in SHAPES if kind in one.objects[:1]), shape)
            return None if written_for == shape else f"its body is that of {written_for}"
        case _:
            return None


def _output(output: Output, shape: Shape, renderer: ShapeRenderer) -> str | None:
    if len(output.choices) > 1 and not renderer.several_choices:
        return "only chat has several choices"
    if output.answer_as is AnswerAs.STREAM and renderer.events is None:
        return f"a {shape} has no stream"
    finish = output.finish
    if finish is not None and renderer.finishes is not None and finish not in renderer.finishes:
        return f"{shape} cannot finish with {finish.value!r}"
    for items in output.choices:
        single = [item.noun for item in items if item.single]
        twice = next((noun for noun in single if single.count(noun) > 1), None)
        if twice is not None:
            return f"a message has place for one {twice}"
        reasons = (item.unsupported_reason(shape) for item in items)
        found = next((reason for reason in reasons if reason is not None), None)
        if found is not None:
            return found
    return renderer.unsupported(output)
