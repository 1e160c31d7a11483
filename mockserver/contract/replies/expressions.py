"""The small language in which a contract says what a member may hold.

    string                  one of the words below
    string|null             alternatives
    =response               this very string
    #status.message         a string of the list of values of that name
    @usage.chat             an object of that kind
    @item.*                 an object of the kind that its `type` names (`item.message`)
    [@part.*]               a list of these

Words: any, null, boolean, integer, count (an integer from 0), number, string, id (a string that is
not empty), object, list. An expression is parsed once; the check against it is in `checking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class Word(StrEnum):
    """The JSON types and the two narrower ones that contracts need."""

    ANY = "any"
    NULL = "null"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    COUNT = "count"
    NUMBER = "number"
    STRING = "string"
    ID = "id"
    OBJECT = "object"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Literal:
    """One string."""

    value: str

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A string of a named list of values."""

    values: str


@dataclass(frozen=True, slots=True)
class Kind:
    """An object of a named kind; with `by_type` of the family's member that its type names."""

    name: str
    by_type: bool = False

    def __str__(self) -> str:
        return "object"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose every element satisfies an expression."""

    element: Expression

    def __str__(self) -> str:
        return "list"


Alternative: TypeAlias = Word | Literal | OneOf | Kind | ListOf


@dataclass(frozen=True, slots=True)
class Expression:
    """Alternatives, of which a value satisfies at least one."""

    alternatives: tuple[Alternative, ...]


_WORDS: Final = {str(word): word for word in Word}


def parse(text: str) -> Expression:
    """Parse an expression; raises ValueError that names the part it cannot read."""
    alternatives: list[Alternative] = []
    bar, rest = "|", text
    while bar:
        if rest.startswith("["):
            listed, bar, rest = _list(rest)
            alternatives.append(listed)
        else:
            head, bar, rest = rest.partition("|")
            alternatives.append(_alternative(head))
    return Expression(tuple(alternatives))


def _list(text: str) -> tuple[ListOf, str, str]:
    """The list that the text begins with, then the bar behind it, then the rest."""
    listed, end, rest = text[1:].partition("]")
    if not end:
        message = f"{text!r} has no ']'"
        raise ValueError(message)
    if "[" in listed:
        message = f"{text!r} is a list inside a list, a kind for the inner one would be right"
        raise ValueError(message)
    if rest and not rest.startswith("|"):
        message = f"{rest!r} after a list, '|' would be right"
        raise ValueError(message)
    return ListOf(parse(listed)), rest[:1], rest[1:]


def _alternative(text: str) -> Alternative:
    if text in _WORDS:
        return _WORDS[text]
    mark, name = text[:1], text[1:]
    if name and mark == "=":
        return Literal(name)
    if name and mark == "#":
        return OneOf(name)
    if name and mark == "@":
        return Kind(name.removesuffix(".*"), by_type=name.endswith(".*"))
    message = f"{text!r} is no type; {', '.join(_WORDS)}, =text, #values, @kind, [type] are"
    raise ValueError(message)
