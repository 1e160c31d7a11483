"""Replies in the Responses shape: one response, or its stream of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from mockserver.items import registry
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.events import RawEvent
from mockserver.model.findings import ApiError
from mockserver.model.item import Item
from mockserver.model.json import JSON, JSONObject
from mockserver.model.reply import (
    ErrorDelivery,
    ErrorRef,
    ErrorShape,
    FinishReason,
    Output,
    StreamError,
)
from mockserver.render import usage
from mockserver.render.context import RenderContext
from mockserver.render.items import COMPLETED, IN_PROGRESS, INCOMPLETE, ItemRenderer, RenderedItem
from mockserver.render.labels import DONE

_STATUSES = {
    FinishReason.LENGTH: INCOMPLETE,
    FinishReason.CONTENT_FILTER: INCOMPLETE,
    FinishReason.FAILED: "failed",
    FinishReason.CANCELLED: "cancelled",
}
_TERMINALS = frozenset({COMPLETED, INCOMPLETE, "failed"})
_REASONS = {FinishReason.LENGTH: "max_output_tokens", FinishReason.CONTENT_FILTER: "content_filter"}
_GENERIC = ErrorRef(name="server_error")


def whole(output: Output, occasion: RenderContext) -> JSONObject:
    """The response object of a reply that does not stream."""
    return _ResponseRenderer(output, occasion).final


def events(output: Output, occasion: RenderContext) -> Iterator[RawEvent]:
    """The events of a stream, in order, numbered from 0."""
    teller = _ResponseRenderer(output, occasion)
    style = occasion.dialect.responses
    for number, event in enumerate(teller.events()):
        kind = str(event["type"])
        data: JSONObject = {"type": kind, "sequence_number": number, **event}
        if "delta" in event and style.obfuscation and occasion.pads_deltas and _padded(kind):
            data["obfuscation"] = occasion.padding(number)
        yield RawEvent(data=data, name=kind if style.event_lines else None)
    if style.done:
        yield RawEvent(text=DONE)


def scripted_event(event: RawEvent, place: int, dialect: Dialect) -> RawEvent:
    """An event of the scenario, a missing `sequence_number` filled in with its place and a missing
    `event:` line with its type, as the dialect sends them."""
    data = event.data
    if not isinstance(data, dict):
        return event
    if "sequence_number" not in data and "type" in data:
        data = {"type": data["type"], "sequence_number": place} | data
    name, kind = event.name, data.get("type")
    if name is None and dialect.responses.event_lines and isinstance(kind, str):
        name = kind
    return RawEvent(data=data, name=name)


def _padded(kind: str) -> bool:
    event = registry().event_types.get(kind.removeprefix("response."))
    return event is None or event.padded


def _texts(items: Iterable[JSONObject]) -> Iterator[str]:
    for item in items:
        content = item.get("content")
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "output_text":
                text = part.get("text")
                yield text if isinstance(text, str) else ""


def _interleaved(lanes: list[list[JSONObject]]) -> Iterator[JSONObject]:
    """The events of items that are open at the same time, as recorded of several tool lists: all
    begin, then all come to their ends, then all are done."""
    if len(lanes) == 1:
        yield from lanes[0]
        return
    for lane in lanes:
        yield from lane[: max(1, len(lane) - 2)]
    for lane in lanes:
        yield from lane[max(1, len(lane) - 2) : -1]
    for lane in lanes:
        yield lane[-1]


class _ResponseRenderer:
    """Tells one reply, whole or event by event, from the same spoken items."""

    def __init__(self, output: Output, occasion: RenderContext) -> None:
        self._output = output
        self._occasion = occasion
        self._dialect = occasion.dialect
        self._failure = output.failure

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        return tuple(item for item in self._output.items if not isinstance(item, StreamError))

    @cached_property
    def _status(self) -> str:
        if self._failure is not None:
            return "failed"
        return _STATUSES.get(self._output.finish or FinishReason.STOP, COMPLETED)

    @cached_property
    def _spoken(self) -> tuple[RenderedItem, ...]:
        speaker = ItemRenderer(
            dialect=self._dialect, mint=self._occasion.mint, chunks=self._output.chunks
        )
        last = INCOMPLETE if self._status == INCOMPLETE else COMPLETED
        return speaker.render(self._items, last=last)

    @cached_property
    def _base(self) -> JSONObject:
        output, occasion = self._output, self._occasion
        created = occasion.mint.created if output.created is None else output.created
        return echoed_parameters(occasion.call.body) | {
            "id": output.id or occasion.mint.id("resp_"),
            "object": "response",
            "created_at": created,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "model": output.model or occasion.model,
            "output": [],
            "service_tier": "auto",
            "usage": None,
        }

    def _response(self, changes: JSONObject) -> JSONObject:
        members = ordered(self._base | changes)
        return self._dialect.keep("response", members) | dict(self._output.fields)

    @property
    def _running(self) -> JSONObject:
        return self._response({"status": IN_PROGRESS, "output_text": ""})

    @cached_property
    def final(self) -> JSONObject:
        finish = self._output.finish
        said: list[JSON] = [spoken.final for spoken in self._spoken]
        changes: JSONObject = {
            "status": self._status,
            "output": said,
            "output_text": "".join(_texts(spoken.final for spoken in self._spoken)),
            "service_tier": "default",
        }
        if self._status == COMPLETED:
            changes["completed_at"] = self._base["created_at"]
        if self._status in (COMPLETED, INCOMPLETE):
            spent = usage.responses_usage(usage.count(self._output, self._occasion))
            changes["usage"] = self._dialect.keep("usage.responses", spent)
        if finish in _REASONS and self._status == INCOMPLETE:
            changes["incomplete_details"] = {"reason": _REASONS[finish]}
        if self._status == "failed":
            error = self._error
            code = error.code or error.type or _GENERIC.name
            changes["error"] = {"code": code, "message": error.message}
        return self._response(changes)

    @property
    def _error(self) -> ApiError:
        ref = self._failure.error if self._failure is not None else _GENERIC
        return self._dialect.error(ref, Shape.RESPONSES, self._occasion.model)

    def events(self) -> Iterator[JSONObject]:
        yield {"type": "response.created", "response": self._running}
        yield {"type": "response.in_progress", "response": self._running}
        for places in self._groups():
            yield from _interleaved([list(self._item_events(place)) for place in places])
        form = self._failure.form if self._failure is not None else ErrorDelivery.FAILED
        if self._failure is not None and form in (ErrorDelivery.EVENT, ErrorDelivery.BOTH):
            yield self._error_event(self._failure.shape)
        # No terminal event tells of a cancellation: such a stream just ends.
        if form is not ErrorDelivery.EVENT and self._status in _TERMINALS:
            yield {"type": f"response.{self._status}", "response": self.final}

    def _groups(self) -> list[list[int]]:
        """The places of the items, together what is open at the same time."""
        groups: list[list[int]] = []
        for place, item in enumerate(self._items):
            if groups and item.overlaps:
                groups[-1].append(place)
            else:
                groups.append([place])
        return groups

    def _item_events(self, place: int) -> Iterator[JSONObject]:
        spoken = self._spoken[place]
        index: JSONObject = {"output_index": place}
        yield {"type": "response.output_item.added"} | index | {"item": spoken.added}
        item_id = spoken.final.get("id")
        for event in spoken.events:
            identity = index if event.bare else {"item_id": item_id} | index
            yield {"type": event.type} | identity | event.members
        yield {"type": "response.output_item.done"} | index | {"item": spoken.final}

    def _error_event(self, shape: ErrorShape) -> JSONObject:
        error = self._error
        if shape is ErrorShape.FLAT:
            return {
                "type": "error",
                "code": error.code,
                "message": error.message,
                "param": error.param,
            }
        return {
            "type": "error",
            "error": {
                "type": error.type,
                "code": error.code,
                "message": error.message,
                "param": error.param,
            },
        }


Check = Callable[[JSON], bool]


def _number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _integer(value: JSON) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: JSON) -> bool:
    return isinstance(value, str)


def _flag(value: JSON) -> bool:
    return isinstance(value, bool)


_ECHOED: Mapping[str, tuple[Check, JSON]] = {
    "background": (_flag, False),
    "frequency_penalty": (_number, 0.0),
    "instructions": (_text, None),
    "max_output_tokens": (_integer, None),
    "max_tool_calls": (_integer, None),
    "parallel_tool_calls": (_flag, True),
    "presence_penalty": (_number, 0.0),
    "previous_response_id": (_text, None),
    "prompt_cache_key": (_text, None),
    "prompt_cache_retention": (_text, None),
    "safety_identifier": (_text, None),
    "store": (_flag, True),
    "temperature": (_number, 1.0),
    "top_logprobs": (_integer, 0),
    "top_p": (_number, 1.0),
    "truncation": (_text, "disabled"),
    "user": (_text, None),
}
_ORDER = (
    "id",
    "object",
    "created_at",
    "status",
    "background",
    "completed_at",
    "error",
    "frequency_penalty",
    "incomplete_details",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "model",
    "output",
    "parallel_tool_calls",
    "presence_penalty",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "usage",
    "user",
    "metadata",
    "output_text",
)


def echoed_parameters(body: JSONObject) -> JSONObject:
    """The members that repeat the request, defaults filled in."""
    found: JSONObject = {}
    for name, (accepts, default) in _ECHOED.items():
        given = body.get(name)
        found[name] = given if accepts(given) else default
    metadata = body.get("metadata")
    found["metadata"] = metadata if isinstance(metadata, dict) else {}
    found["reasoning"] = _reasoning(body.get("reasoning"))
    found["text"] = _format(body.get("text"))
    choice = body.get("tool_choice")
    found["tool_choice"] = choice if isinstance(choice, str | dict) else "auto"
    tools = body.get("tools")
    found["tools"] = [_tool(tool) for tool in tools] if isinstance(tools, list) else []
    return found


def ordered(members: JSONObject) -> JSONObject:
    """The members in the order of the wire, strangers last."""
    known: JSONObject = {name: members[name] for name in _ORDER if name in members}
    return known | members


def _reasoning(given: JSON) -> JSONObject:
    asked = given if isinstance(given, dict) else {}
    return {"effort": asked.get("effort"), "summary": asked.get("summary")}


def _format(given: JSON) -> JSONObject:
    asked = given if isinstance(given, dict) else {}
    form = asked.get("format")
    verbosity = asked.get("verbosity")
    return {
        "format": form if isinstance(form, dict) else {"type": "text"},
        "verbosity": verbosity if isinstance(verbosity, str) else "medium",
    }


def _tool(tool: JSON) -> JSON:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        return tool
    filled: JSONObject = {"type": "function", "description": None} | tool
    filled.setdefault("parameters", None)
    filled.setdefault("strict", True)
    parameters = filled.get("parameters")
    if filled["strict"] is True and isinstance(parameters, dict):
        filled["parameters"] = {"additionalProperties": False} | parameters
    return filled
