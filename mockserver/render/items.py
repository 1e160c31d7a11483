"""Output items of a response: the added item, the events after it, the final item.

Both snapshots and the events follow from the item's final form, so that a reply and its stream
cannot disagree. The events lack what the stream adds: numbers, indexes, the item's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from mockserver.items import registry
from mockserver.items.events import split_text
from mockserver.items.spec import AddedStatus, EndStatus, ItemEvent, ItemSpec
from mockserver.model.dialect import Dialect
from mockserver.model.ids import IdGenerator
from mockserver.model.item import Chunks, Item
from mockserver.model.json import JSON, JSONObject

COMPLETED = "completed"
INCOMPLETE = "incomplete"
IN_PROGRESS = "in_progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedItem:
    """`added` and `final` are the item's two snapshots, `events` those between them."""

    added: JSONObject
    final: JSONObject
    events: tuple[ItemEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRenderer:
    """Renders the items of one reply: generates their ids, cuts their texts."""

    dialect: Dialect
    mint: IdGenerator
    chunks: Chunks

    def render(self, items: tuple[Item, ...], *, last: str = COMPLETED) -> tuple[RenderedItem, ...]:
        """Every item in order; the status of the last is `last`, where it carries one."""
        end = len(items) - 1
        return tuple(
            self._render(item, place, last if place == end else COMPLETED)
            for place, item in enumerate(items)
        )

    def _render(self, item: Item, place: int, status: str) -> RenderedItem:
        members = item.wire(self.mint, place, status)
        kind = str(members.get("type"))
        spec = registry().spec(kind)
        id_ = members.pop("id", None) or self.mint.id(spec.prefix or f"{kind}_", place)
        final: JSONObject = {"id": id_, **members}
        if spec.status is not EndStatus.NONE and "status" not in final:
            final["status"] = COMPLETED if spec.status is EndStatus.COMPLETED else status
        for member in ("content", "summary"):
            parts = final.get(member)
            if isinstance(parts, list):
                final[member] = [self._part(part) for part in parts]
        chunks = item.chunks or self.chunks
        events = (
            ()
            if spec.events is None
            else tuple(spec.events(final, partial(split_text, chunks=chunks)))
        )
        final = {name: value for name, value in final.items() if name not in spec.internal}
        keep = self.dialect.keep
        return RenderedItem(
            added=keep(f"item.{kind}", _added(final, spec)),
            final=keep(f"item.{kind}", final),
            events=events,
        )

    def _part(self, part: JSON) -> JSON:
        if not isinstance(part, dict):
            return part
        return self.dialect.keep(f"part.{part.get('type')}", part)


def _added(final: JSONObject, spec: ItemSpec) -> JSONObject:
    added = _emptied(final, spec.added)
    for name in spec.added_without:
        added.pop(name, None)
    if "status" in final and spec.added_status is not AddedStatus.OF_END:
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
