"""Replies in the Responses shape that do not stream, and the output items of both modes.

Both snapshots of an item and the events between them follow from the item's final form, so that a
reply and its stream cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

from mockserver.items import registry
from mockserver.items.events import split_text
from mockserver.items.spec import ItemEvent, ItemSpec
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.findings import ApiError
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, as_list, as_object, objects
from mockserver.model.reply import Chunks, ErrorRef, FinishReason, Item, Output, StreamError
from mockserver.render.context import RenderContext, count_tokens, responses_usage

COMPLETED = "completed"
INCOMPLETE = "incomplete"
IN_PROGRESS = "in_progress"
_STATUSES = {
    FinishReason.LENGTH: INCOMPLETE,
    FinishReason.CONTENT_FILTER: INCOMPLETE,
    FinishReason.FAILED: "failed",
    FinishReason.CANCELLED: "cancelled",
}
_REASONS = {FinishReason.LENGTH: "max_output_tokens", FinishReason.CONTENT_FILTER: "content_filter"}
_GENERIC = ErrorRef(name="server_error")


def whole(output: Output, context: RenderContext) -> JSONObject:
    """The response object of a reply that does not stream."""
    return ResponseRenderer(output, context).final


def _texts(items: Iterable[JSONObject]) -> Iterator[str]:
    for item in items:
        for part in objects(item.get("content")):
            if part.get("type") == "output_text":
                text = part.get("text")
                yield text if isinstance(text, str) else ""


class ResponseRenderer:
    """Renders one reply, as a response or for its stream, from the same rendered items."""

    def __init__(self, output: Output, context: RenderContext) -> None:
        self._output = output
        self._context = context
        self._dialect = context.dialect
        self.failure = output.failure

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for item in self._output.items if not isinstance(item, StreamError))

    @cached_property
    def status(self) -> str:
        if self.failure is not None:
            return "failed"
        return _STATUSES.get(self._output.finish or FinishReason.STOP, COMPLETED)

    @cached_property
    def rendered(self) -> tuple[RenderedItem, ...]:
        renderer = ItemRenderer(dialect=self._dialect, ids=self._context.ids, chunks=self._output.chunks)
        return renderer.render(self.items, last=INCOMPLETE if self.status == INCOMPLETE else COMPLETED)

    @cached_property
    def _base(self) -> JSONObject:
        output, context = self._output, self._context
        created = context.ids.created if output.created is None else output.created
        return echoed_parameters(context.call.body) | {
            "id": output.id or context.ids.id("resp_"),
            "object": "response",
            "created_at": created,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "model": output.model or context.model,
            "output": [],
            "service_tier": "auto",
            "usage": None,
        }

    def _response(self, changes: JSONObject) -> JSONObject:
        return self._dialect.keep("response", ordered(self._base | changes)) | dict(self._output.fields)

    @property
    def running(self) -> JSONObject:
        return self._response({"status": IN_PROGRESS, "output_text": ""})

    @cached_property
    def final(self) -> JSONObject:
        finish = self._output.finish
        items: list[JSON] = [rendered.final for rendered in self.rendered]
        changes: JSONObject = {
            "status": self.status,
            "output": items,
            "output_text": "".join(_texts(rendered.final for rendered in self.rendered)),
            "service_tier": "default",
        }
        if self.status == COMPLETED:
            changes["completed_at"] = self._base["created_at"]
        if self.status in (COMPLETED, INCOMPLETE):
            used = responses_usage(count_tokens(self._output, self._context))
            changes["usage"] = self._dialect.keep("usage.responses", used)
        if finish in _REASONS and self.status == INCOMPLETE:
            changes["incomplete_details"] = {"reason": _REASONS[finish]}
        if self.status == "failed":
            error = self.error
            code = error.code or error.type or _GENERIC.name
            changes["error"] = {"code": code, "message": error.message}
        return self._response(changes)

    @property
    def error(self) -> ApiError:
        ref = self.failure.error if self.failure is not None else _GENERIC
        return self._dialect.error(ref, Shape.RESPONSES, self._context.model)


class RenderedItem(NamedTuple):
    """`added` and `final` are the item's two snapshots, `events` those between them."""

    added: JSONObject
    final: JSONObject
    events: tuple[ItemEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRenderer:
    """Renders the items of one reply: generates their ids, cuts their texts."""

    dialect: Dialect
    ids: IdGenerator
    chunks: Chunks

    def render(self, items: tuple[Item, ...], *, last: str = COMPLETED) -> tuple[RenderedItem, ...]:
        """Every item in order; the status of the last is `last`, where it carries one."""
        end = len(items) - 1
        return tuple(self._render(item, place, last if place == end else COMPLETED) for place, item in enumerate(items))

    def _render(self, item: Item, place: int, status: str) -> RenderedItem:
        members = item.wire(self.ids, place, status)
        kind = str(members.get("type"))
        spec = registry().spec(kind)
        id_ = members.pop("id", None) or self.ids.id(spec.prefix or f"{kind}_", place)
        final: JSONObject = {"id": id_, **members}
        if spec.status != "none" and "status" not in final:
            final["status"] = COMPLETED if spec.status == "completed" else status
        for member in ("content", "summary"):
            parts = final.get(member)
            if isinstance(parts, list):
                final[member] = [self._part(part) for part in parts]
        chunks = item.chunks or self.chunks
        events = () if spec.events is None else tuple(spec.events(final, partial(split_text, chunks=chunks)))
        final = {name: value for name, value in final.items() if name not in spec.internal}
        keep = self.dialect.keep
        return RenderedItem(
            added=keep(f"item.{kind}", _added(final, spec)), final=keep(f"item.{kind}", final), events=events
        )

    def _part(self, part: JSON) -> JSON:
        if not isinstance(part, dict):
            return part
        return self.dialect.keep(f"part.{part.get('type')}", part)


def _added(final: JSONObject, spec: ItemSpec) -> JSONObject:
    added = _emptied(final, spec.added)
    for name in spec.added_without:
        added.pop(name, None)
    if "status" in final and spec.added_status != "of_end":
        added["status"] = IN_PROGRESS
    return added


def _emptied(value: JSONObject, empty: JSONObject) -> JSONObject:
    """The members of `value`, with the values of `empty` where it has them."""
    changed: JSONObject = {}
    for name, to in empty.items():
        inner = value.get(name)
        if isinstance(to, dict):
            if isinstance(inner, dict):
                changed[name] = _emptied(inner, to)
        elif name in value:
            changed[name] = to
    return value | changed


_NUMBER = (int, float)
# Request parameters that a response repeats: the types accepted, and the default.
_ECHOED: Mapping[str, tuple[tuple[type, ...], JSON]] = {
    "background": ((bool,), False),
    "frequency_penalty": (_NUMBER, 0.0),
    "instructions": ((str,), None),
    "max_output_tokens": ((int,), None),
    "max_tool_calls": ((int,), None),
    "parallel_tool_calls": ((bool,), True),
    "presence_penalty": (_NUMBER, 0.0),
    "previous_response_id": ((str,), None),
    "prompt_cache_key": ((str,), None),
    "prompt_cache_retention": ((str,), None),
    "safety_identifier": ((str,), None),
    "store": ((bool,), True),
    "temperature": (_NUMBER, 1.0),
    "top_logprobs": ((int,), 0),
    "top_p": (_NUMBER, 1.0),
    "truncation": ((str,), "disabled"),
    "user": ((str,), None),
}
_ORDER = (
    *("id", "object", "created_at", "status", "background", "completed_at", "error"),
    *("frequency_penalty", "incomplete_details", "instructions", "max_output_tokens"),
    *("max_tool_calls", "model", "output", "parallel_tool_calls", "presence_penalty"),
    *("previous_response_id", "prompt_cache_key", "prompt_cache_retention", "reasoning"),
    *("safety_identifier", "service_tier", "store", "temperature", "text", "tool_choice"),
    *("tools", "top_logprobs", "top_p", "truncation", "usage", "user", "metadata", "output_text"),
)


def echoed_parameters(body: JSONObject) -> JSONObject:
    found: JSONObject = {}
    for name, (types, default) in _ECHOED.items():
        given = body.get(name)
        found[name] = given if type(given) in types else default
    found["metadata"] = as_object(body.get("metadata"))
    found["reasoning"] = _reasoning(body.get("reasoning"))
    found["text"] = _format(body.get("text"))
    choice = body.get("tool_choice")
    found["tool_choice"] = choice if isinstance(choice, str | dict) else "auto"
    found["tools"] = [_tool(tool) for tool in as_list(body.get("tools"))]
    return found


def ordered(members: JSONObject) -> JSONObject:
    """The members in the order of the wire, unknown ones last."""
    known: JSONObject = {name: members[name] for name in _ORDER if name in members}
    return known | members


def _reasoning(given: JSON) -> JSONObject:
    members = as_object(given)
    return {"effort": members.get("effort"), "summary": members.get("summary")}


def _format(given: JSON) -> JSONObject:
    members = as_object(given)
    form = members.get("format")
    verbosity = members.get("verbosity")
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
