"""Replies in the Responses shape that do not stream, and the output items of both modes.

Both snapshots of an item and the events between them follow from the item's final form, so that a
reply and its stream cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import ClassVar, NamedTuple

from mockserver.items import registry
from mockserver.items.events import split_text
from mockserver.items.spec import ItemEvent, ItemSpec
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Shape
from mockserver.model.findings import ApiError
from mockserver.model.ids import IdGenerator
from mockserver.model.item_form import form_of, formed_object
from mockserver.model.json import JSON, JSONObject, object_without, objects
from mockserver.model.model_traits import ModelTraits
from mockserver.model.reply import Chunks, ErrorRef, FinishReason, Item, Output, StreamError
from mockserver.render.context import (
    RenderContext,
    count_tokens,
    model_name,
    responses_usage,
    traits_of_reply,
    with_own,
)
from mockserver.render.echo import echoed, ordered

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
# Members that a response has when it ends; a value for one is not that of a response in progress.
_OF_THE_END = frozenset({"status", "output", "output_text", "completed_at", "usage", "error", "incomplete_details"})
_GENERIC = ErrorRef(name="server_error")


def whole(output: Output, context: RenderContext) -> JSONObject:
    """The response object of a reply that does not stream."""
    return ResponseRenderer(output, context).final


# Further members of an error that a response knows.
_ERROR_MEMBERS = ("misalignment",)


def further_members(error: ApiError, ref: ErrorRef) -> JSONObject:
    """The members of an error besides type, code, message and param that a response repeats, and those that the
    scenario adds."""
    return {name: value for name, value in error.extra.items() if name in _ERROR_MEMBERS or name in ref.members}


def _texts(items: Iterable[JSONObject]) -> Iterator[str]:
    for item in items:
        for part in objects(item.get("content")):
            if part.get("type") == "output_text":
                text = part.get("text")
                yield text if isinstance(text, str) else ""


class ResponseRenderer:
    """Renders one reply, as a response or for its stream, from the same rendered items."""

    streams: ClassVar[bool] = False

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
        renderer = ItemRenderer(
            dialect=self._dialect,
            ids=self._context.ids,
            chunks=self._output.chunks or self._dialect.chunks,
            traits=self._traits,
        )
        return renderer.render(self.items, last=INCOMPLETE if self.status == INCOMPLETE else COMPLETED)

    @property
    def _traits(self) -> ModelTraits:
        return traits_of_reply(self._output, self._context)

    @cached_property
    def _base(self) -> JSONObject:
        output, context = self._output, self._context
        created = context.ids.created if output.created is None else output.created
        return echoed(context.call.body, context.dialect.echo, self._traits) | {
            "id": output.id or context.ids.id("resp_"),
            "object": "response",
            "created_at": created,
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "model": model_name(output, context),
            "output": [],
            "service_tier": context.tier_asked,
            "usage": None,
            **self._constants,
        }

    @property
    def _constants(self) -> JSONObject:
        style = self._dialect.echo
        left_out = style.whole_only if self.streams else ()
        return {name: value for name, value in style.members.items() if name not in left_out}

    def _response(self, changes: JSONObject) -> JSONObject:
        running = changes["status"] == IN_PROGRESS
        form = self._dialect.keep("response", ordered(self._base | changes))
        return with_own(self._output, form, but=_OF_THE_END if running else ())

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
            "service_tier": self._context.tier_served,
        }
        if self.status == COMPLETED:
            changes["completed_at"] = self._base["created_at"]
        if self.status in (COMPLETED, INCOMPLETE):
            used = responses_usage(count_tokens(self._output, self._context), self._dialect)
            changes["usage"] = self._dialect.keep("usage.responses", used)
        if finish in _REASONS and self.status == INCOMPLETE:
            changes["incomplete_details"] = {"reason": _REASONS[finish]}
        if self.status == "failed":
            error = self.error
            code = error.code or error.type or _GENERIC.name
            changes["error"] = {"code": code, "message": error.message} | further_members(error, self.error_ref)
        return self._response(changes)

    @property
    def error_ref(self) -> ErrorRef:
        return self.failure.error if self.failure is not None else _GENERIC

    @property
    def error(self) -> ApiError:
        return self._dialect.error(self.error_ref, Shape.RESPONSES, self._context.model)


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
    traits: ModelTraits

    def render(self, items: tuple[Item, ...], *, last: str = COMPLETED) -> tuple[RenderedItem, ...]:
        """Every item in order; the status of the last is `last`, where it carries one."""
        end = len(items) - 1
        return tuple(self._render(item, place, last if place == end else COMPLETED) for place, item in enumerate(items))

    def _render(self, item: Item, place: int, status: str) -> RenderedItem:
        members = item.wire(self.ids, place, status)
        kind = str(members.get("type"))
        spec = registry().spec(kind)
        id_ = members.pop("id", None) or item.id or self.ids.id(spec.prefix or f"{kind}_", place)
        final: JSONObject = {"id": id_, **members}
        if spec.status != "none" and "status" not in final:
            final["status"] = COMPLETED if spec.status == "completed" else status
        for member in ("content", "summary"):
            parts = final.get(member)
            if isinstance(parts, list):
                final[member] = [self._part(part) for part in parts]
        forms = self.dialect.items
        final = formed_object(final, "item", forms, self.traits) if forms else final
        final = object_without(final, item.omit) if item.omit else final
        form = form_of(final, "item", forms)
        chunks = item.chunks or self.chunks
        between = () if spec.events is None else spec.events(final, partial(split_text, chunks=chunks))
        stages = tuple(ItemEvent(type=f"response.{word}") for word in form.stages)
        events = (*stages, *(self._ended(event) for event in between))
        final = {name: value for name, value in final.items() if name not in spec.internal}
        added = form.opened(_added(final, spec), self.ids, place)
        added = object_without(added, item.omit) if item.omit else added
        keep = self.dialect.keep
        return RenderedItem(added=keep(f"item.{kind}", added), final=keep(f"item.{kind}", final), events=events)

    def _ended(self, event: ItemEvent) -> ItemEvent:
        """The event, with the values that a part has in the event that ends it."""
        part = event.members.get("part")
        if not isinstance(part, dict) or not event.type.endswith("part.done"):
            return event
        ended = {n: v for n, v in form_of(part, "part", self.dialect.items).ended.items() if n in part}
        return replace(event, members=event.members | {"part": part | ended}) if ended else event

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
