"""The language of request tables.

A table is compact text. A row is a kind of object and its members: `name:type` is required,
`name?:type` optional. Further members are unknown parameters; after `...` the API is known to accept
them, after `..?` it was not seen what it does, and only strict checks reject them. Indented lines
continue a row. Types:

    string(1..64)           a word, with bounds of its length or value
    name(..64)              a string of letters, digits, `_` and `-`
    string|null             alternatives
    #effort                 a string of the list of values of that name
    @tool.function          an object of that kind
    @tool.*                 an object of the kind that its `type` names
    [@message](1..)         a list, with bounds of its length
    [@tool.*]~array_of_tools    the same, with the words by which error messages name it
    %input                  a function of the table

Words: any, null, boolean, integer, number, string, name, object, strings (an object of strings),
metadata.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_ALTERNATIVE = re.compile(
    r"(?P<list>\[)?(?P<name>[#@%]?[\w.*-]+)(?(list)\])"
    r"(?:\((?P<low>-?\d+)?\.\.(?P<high>-?\d+)?\))?(?:~(?P<noun>\w+))?"
)
_ANY: tuple[type, ...] = (type(None), bool, int, float, str, list, dict)
_TYPE_OF_WORD: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "name": (str,),
    "object": (dict,),
    "strings": (dict,),
    "metadata": (dict,),
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of a type: a word, or a reference marked by `#`, `@` or `%`."""

    name: str
    is_list: bool = False
    low: int | None = None
    high: int | None = None
    noun: str = ""

    @property
    def json_types(self) -> tuple[type, ...]:
        """The JSON types that this alternative takes."""
        if self.is_list:
            return (list,)
        by_mark = {"#": (str,), "@": (dict,), "%": _ANY}
        return by_mark.get(self.name[0]) or _TYPE_OF_WORD.get(self.name, _ANY)

    @property
    def is_plain(self) -> bool:
        """Whether the JSON type is all that there is to check."""
        checked = self.name[0] in "#@%" or self.name in ("name", "strings", "metadata")
        return not (self.is_list or checked or (self.low, self.high) != (None, None))


@dataclass(frozen=True, slots=True)
class Type:
    """The alternatives of a type; `by_json_type` gives the one for a value, or None where any
    value of that JSON type is valid."""

    alternatives: tuple[Alternative, ...]
    by_json_type: Mapping[type, Alternative | None]

    @staticmethod
    def of(*alternatives: Alternative) -> Type:
        """The type with these alternatives; the first that takes a JSON type is used for it."""
        by_json_type: dict[type, Alternative | None] = {}
        # A word before a function, which takes every JSON type.
        for one in sorted(alternatives, key=lambda one: one.name[0] == "%"):
            for kind in one.json_types:
                by_json_type.setdefault(kind, None if one.is_plain else one)
        return Type(alternatives, by_json_type)


class Further(StrEnum):
    """What the API does with further members of an object; the values are the marks in a table."""

    REFUSED = ""
    UNMEASURED = "..?"
    ACCEPTED = "..."


@dataclass(frozen=True, slots=True)
class Kind:
    """The members of one kind of object, in the order in which they are checked."""

    members: Mapping[str, Type]
    required: frozenset[str]
    further: Further


def read_kinds(text: str) -> dict[str, Kind]:
    """The kinds in the text of a table. Raises ValueError for a type that is not understood."""
    found: dict[str, Kind] = {}
    for row in text.replace("\n    ", " ").strip().splitlines():
        kind, *words = row.split()
        marks = [word for word in words if word.startswith("..")]
        rows = [word.partition(":") for word in words if word not in marks]
        found[kind] = Kind(
            members={name.removesuffix("?"): read_type(expected) for name, _, expected in rows},
            required=frozenset(name for name, _, _ in rows if not name.endswith("?")),
            further=Further("".join(marks)),
        )
    return found


def read_type(text: str) -> Type:
    """The alternatives of a type."""
    alternatives = []
    for part in text.split("|"):
        match = _ALTERNATIVE.fullmatch(part)
        if match is None or (match["name"][0] not in "#@%" and match["name"] not in _WORDS):
            raise ValueError(f"{part!r} is not a type")
        alternatives.append(
            Alternative(
                name=match["name"],
                is_list=match["list"] is not None,
                low=None if match["low"] is None else int(match["low"]),
                high=None if match["high"] is None else int(match["high"]),
                noun=(match["noun"] or "").replace("_", " "),
            )
        )
    return Type.of(*alternatives)


_WORDS = frozenset(("any", *_TYPE_OF_WORD))
