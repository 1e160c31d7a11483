"""What a side of the comparison declares, in one form for the packages and for the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

ROOTS: Final = (
    "chat.request",
    "chat.reply",
    "chat.chunk",
    "responses.request",
    "responses.reply",
    "responses.event",
    "compact.request",
    "compact.reply",
)
"""What is compared: the bodies and stream events of the three endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What a member holds: strings of a list, objects of named types, lists of something.

    `text` is any string, `anything` any value or any object. `tagged` objects are told apart by
    their type, so that every tag has to be known."""

    values: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    element: Holds | None = None
    text: bool = False
    anything: bool = False
    tagged: bool = False


NOTHING: Final = Holds()
TEXT: Final = Holds(text=True)
ANYTHING: Final = Holds(anything=True)

Objects: TypeAlias = Mapping[str, Mapping[str, Holds]]
"""The members of each type of object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The types of one side, and what each of the `ROOTS` holds."""

    name: str
    objects: Objects = field(default_factory=dict)
    roots: Mapping[str, Holds] = field(default_factory=dict)


def union(alternatives: Iterable[Holds]) -> Holds:
    """What holds any of the alternatives."""
    found = tuple(alternatives)
    elements = [one.element for one in found if one.element is not None]
    return Holds(
        values=frozenset().union(*(one.values for one in found)),
        objects=frozenset().union(*(one.objects for one in found)),
        element=union(elements) if elements else None,
        text=any(one.text for one in found),
        anything=any(one.anything for one in found),
        tagged=any(one.tagged for one in found),
    )
