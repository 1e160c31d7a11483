"""How a dialect sends items and the objects in them: order, defaults, and what is sent early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject
from mockserver.model.model_traits import ModelTraits

# The members of an item whose objects have forms of their own, and the first word of their names.
_FAMILIES: Final = {"content": "part", "summary": "part", "annotations": "annotation", "action": "action"}
# Opaque texts begin with their version.
_PREFIX: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemForm:
    """The form of one type of object, such as `item.message` or `part.output_text`.

    `order` lists members, others follow them. `defaults` are the values of members that are absent,
    `lists` maps an absent member to the one that is its only element, `by_trait` holds members that
    are sent where a trait of the model has that name. `added` are members of the item that is added,
    `renewed` its members of which that item has another opaque text. `ended` are the values of a
    part's members in the event that ends it. `stages` are events sent behind `output_item.added`.
    """

    order: tuple[str, ...] = ()
    defaults: JSONObject = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    by_trait: JSONObject = field(default_factory=dict)
    added: JSONObject = field(default_factory=dict)
    renewed: tuple[str, ...] = ()
    ended: JSONObject = field(default_factory=dict)
    stages: tuple[str, ...] = ()

    def ordered(self, members: JSONObject) -> JSONObject:
        """The members in the order of the form."""
        return {name: members[name] for name in self.order if name in members} | members

    def final(self, members: JSONObject, traits: ModelTraits) -> JSONObject:
        """The object with the members that it lacks."""
        filled = self.defaults | {n: v for n, v in self.by_trait.items() if getattr(traits, n)}
        filled |= {name: [members[of]] for name, of in self.lists.items() if of in members}
        return self.ordered(filled | members)

    def opened(self, added: JSONObject, ids: IdGenerator, place: int) -> JSONObject:
        """The item that is added, of whose final form `added` was made."""
        changed = dict(self.added)
        for name in self.renewed:
            text = added.get(name)
            if isinstance(text, str):
                kept = text[:_PREFIX] if len(text) > 2 * _PREFIX else ""
                changed[name] = kept + ids.per_stub.text(f"{name}/{place}", len(text) - len(kept))
        return self.ordered(added | changed)


ItemForms: TypeAlias = Mapping[str, ItemForm]
"""Forms by name."""

PLAIN: Final = ItemForm()
"""The form that changes nothing."""


def form_of(value: JSONObject, family: str, forms: ItemForms) -> ItemForm:
    """The form of an object, by its type."""
    return forms.get(f"{family}.{value.get('type')}", PLAIN)


def formed(value: JSON, family: str, forms: ItemForms, traits: ModelTraits) -> JSON:
    """An object, or the objects of a list, in the form of its type, and so what it holds."""
    if isinstance(value, list):
        return [formed(one, family, forms, traits) for one in value]
    return formed_object(value, family, forms, traits) if isinstance(value, dict) else value


def formed_object(value: JSONObject, family: str, forms: ItemForms, traits: ModelTraits) -> JSONObject:
    """An object in the form of its type, and so what it holds."""
    inner = {n: formed(value[n], inside, forms, traits) for n, inside in _FAMILIES.items() if n in value}
    return form_of(value, family, forms).final(value | inner, traits)
