"""The output items, one family a file, and the registry in which everything looks them up.

A further item is registered before the first scenario is loaded: the format's schema and the
contract are built once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from mockserver.errors import UsageError
from mockserver.items import (
    audio,
    calls,
    code_interpreter,
    compaction,
    image,
    mcp,
    message,
    raw,
    reasoning,
    search,
    tool_outputs,
    tools,
)
from mockserver.items.audio import Audio
from mockserver.items.calls import CustomCall, FunctionCall
from mockserver.items.compaction import Compaction
from mockserver.items.keys import Form
from mockserver.items.message import Refusal, Text
from mockserver.items.raw import RawItem
from mockserver.items.reasoning import Reasoning
from mockserver.items.spec import ITEM, EventType, ItemSpec, PartType, Types, rows
from mockserver.model.json import JSONObject

__all__ = [
    "Audio",
    "Compaction",
    "CustomCall",
    "FunctionCall",
    "ItemRegistry",
    "RawItem",
    "Reasoning",
    "Refusal",
    "Text",
    "register",
    "registry",
]

# An item of a type that no record is of.
_OTHER = ItemSpec(about="added and done alone")


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemRegistry:
    """The items in the order of the format's documentation."""

    specs: tuple[ItemSpec, ...]

    @cached_property
    def _by_type(self) -> Mapping[str, ItemSpec]:
        return {spec.type: spec for spec in self.specs if spec.type}

    def spec(self, type_: str) -> ItemSpec:
        """The record of a type; an unknown type is added and done, without events between."""
        return self._by_type.get(type_, _OTHER)

    @property
    def typed(self) -> Iterable[ItemSpec]:
        return self._by_type.values()

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms in which a scenario writes an item, by their first key."""
        return {form.key: form for spec in self.specs for form in spec.forms}

    @cached_property
    def event_types(self) -> Mapping[str, EventType]:
        """The events between `added` and `done`, by type without `response.`."""
        return dict(chain.from_iterable(spec.event_types.items() for spec in self.specs))

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        return dict(chain.from_iterable(spec.aliases.items() for spec in self.specs))

    @cached_property
    def orders(self) -> Mapping[str, str]:
        """What follows an order in the items that have events, by type, `other` for any other."""
        return {**{spec.type: spec.about for spec in self.typed if spec.grammar}, "other": _OTHER.about}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        return {f"response.{word}": event.label for word, event in self.event_types.items() if event.label}

    @cached_property
    def text_rules(self) -> Mapping[str, str]:
        """The rules about members of an item that are streamed, by member."""
        texts = chain.from_iterable(spec.texts for spec in self.specs)
        return {text.path[0]: text.rule_id for text in texts if len(text.path) == 1}

    @cached_property
    def opaque(self) -> frozenset[str]:
        """The members that may hold another form of the same content in each snapshot."""
        return frozenset(chain.from_iterable(spec.opaque for spec in self.specs))

    @cached_property
    def part_types(self) -> Mapping[str, PartType]:
        return dict(chain.from_iterable(spec.part_types.items() for spec in self.specs))

    @cached_property
    def kinds(self) -> Mapping[str, Types]:
        """The type rows of items and their parts."""
        found: dict[str, Types] = {}
        for spec in self.specs:
            if spec.type:
                found[f"item.{spec.type}"] = f"id:id type:={spec.type} {spec.members} {ITEM}"
            found.update(rows(spec.kinds))
        return found

    @cached_property
    def event_kinds(self) -> Mapping[str, Types]:
        """The type rows of events, without the members that every event has."""
        types = self.event_types
        words = {**types, **{alias: types[word] for alias, word in self.aliases.items()}}
        return {f"response.{word}": event.members for word, event in words.items()}

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The named lists of values in type rows."""
        return dict(chain.from_iterable(spec.values.items() for spec in self.specs))

    def extended(self, *specs: ItemSpec) -> ItemRegistry:
        """This registry with more items; each replaces an item of its type."""
        types = {spec.type for spec in specs if spec.type}
        return ItemRegistry(specs=(*(spec for spec in self.specs if spec.type not in types), *specs))

    def schemas(self) -> JSONObject:
        """The JSON Schemas of the forms, by their name under `$defs`."""
        return {form.definition: form.schema for form in self.forms.values()}


_registry = ItemRegistry(
    specs=(
        *message.SPECS,
        *reasoning.SPECS,
        *calls.SPECS,
        *audio.SPECS,
        *search.SPECS,
        *code_interpreter.SPECS,
        *image.SPECS,
        *mcp.SPECS,
        *tools.SPECS,
        *tool_outputs.SPECS,
        *compaction.SPECS,
        *raw.SPECS,
    )
)


def registry() -> ItemRegistry:
    return _registry


def register(*specs: ItemSpec) -> None:
    """Add items, or replace those of the same type.

    Raises UsageError once the contract is loaded, which has read the items."""
    global _registry  # noqa: PLW0603  # the registry is a value, replaced whole
    if "orders" in vars(_registry):  # computed, when the contract made rules of them
        raise UsageError("register items before the first scenario is loaded")
    _registry = _registry.extended(*specs)
