"""The small language in which a contract says what a member may hold.

    string                  one of the words below
    string|null             alternatives
    =response               this very string
    #status.message         a string of the list of values of that name
    @usage.chat             an object of that kind
    @item.*                 an object of the kind that its `type` names (`item.message`)
    [@part.*]               a list of these

Words: any, null, boolean, integer, count (an integer from 0), number, string, id (a string that is
not empty), object, list. An expression is parsed once; `TypeTable.check` checks values against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias, TypeGuard

from mockserver.contract import CONTRACT_DATE
from mockserver.contract.collector import finding
from mockserver.contract.json_diff import describe_value, member_path
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject


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
    """Parse an expression. Raises ValueError naming the part that is not understood."""
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
    """The list at the beginning of the text, the bar after it, and the rest."""
    listed, end, rest = text[1:].partition("]")
    if not end:
        message = f"{text!r} has no ']'"
        raise ValueError(message)
    if "[" in listed:
        message = f"{text!r} is a list inside a list; use a kind for the inner one"
        raise ValueError(message)
    if rest and not rest.startswith("|"):
        message = f"expected '|' after a list, got {rest!r}"
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
    message = f"{text!r} is not a type; known are {', '.join(_WORDS)}, =text, #values, @kind, [type]"
    raise ValueError(message)


class Presence(StrEnum):
    """`final` members are required once the object is finished, and optional before."""

    REQUIRED = "required"
    FINAL = "final"
    OPTIONAL = "optional"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What a member may hold, and whether it must be present."""

    need: Presence
    holds: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The table of one kind of object. A closed one has no further members."""

    table: Mapping[str, Member]
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTable:
    """All kinds of objects, and the named lists of values.

    Findings carry the rules `AREA.schema.required`, `.type`, `.value`, `.absent` and `.unknown`;
    errors come before notices.
    """

    kinds: Mapping[str, Members] = field(default_factory=dict)
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def check(self, value: JSON, kind: str, path: str = "", *, area: str, final: bool = True) -> list[Finding]:
        """Check `value` as an object of `kind`. `path` leads to it; `final` says whether it is
        finished, see `Presence`."""
        return _Check(self, area, final=final).run(value, Expression((Kind(kind),)), path)

    def types_of(self, family: str) -> frozenset[str]:
        """The types for which a family has a table."""
        prefix = f"{family}."
        return frozenset(kind.removeprefix(prefix) for kind in self.kinds if kind.startswith(prefix))


class _Check:
    """One check of one value."""

    __slots__ = ("_area", "_errors", "_final", "_notices", "_tables")

    def __init__(self, tables: TypeTable, area: str, *, final: bool) -> None:
        self._tables, self._area, self._final = tables, area, final
        self._errors: list[Finding] = []
        self._notices: list[Finding] = []

    def run(self, value: JSON, expected: Expression, path: str) -> list[Finding]:
        self._value(value, expected, path)
        return self._errors + self._notices

    def _add(self, problem: str, path: str, message: str) -> None:
        found = self._notices if problem == "unknown" else self._errors
        found.append(finding(f"{self._area}.schema.{problem}", path, message))

    def _value(self, value: JSON, expected: Expression, path: str) -> None:
        if any(self._is_leaf(value, one) for one in expected.alternatives):
            return
        match next((one for one in expected.alternatives if _may_be(value, one)), None):
            case Kind(name=name, by_type=by_type) if isinstance(value, dict):
                members = self._by_type(value, name, path) if by_type else self._tables.kinds[name]
                if members is not None:
                    self._object(value, members, path)
            case ListOf(element=element) if isinstance(value, list):
                for index, each in enumerate(value):
                    self._value(each, element, f"{path}[{index}]")
            case _:
                problem = "value" if _is_narrow(value, expected) else "type"
                message = f"expected {self._described(expected)}, got {describe_value(value)}"
                self._add(problem, path, message)

    def _by_type(self, value: JSONObject, family: str, path: str) -> Members | None:
        """The table that the object's `type` names; for a type without one, that of
        `FAMILY.other`."""
        where, kind = member_path(path, "type"), value.get("type")
        if not isinstance(kind, str):
            if "type" in value:
                self._add("type", where, f"expected a type, got {describe_value(kind)}")
            else:
                self._add("required", where, "missing, expected a type")
            return None
        kinds = self._tables.kinds
        members = kinds.get(f"{family}.{kind}", kinds.get(f"{family}.other"))
        if members is None:
            known = ", ".join(sorted(self._tables.types_of(family)))
            self._add("value", where, f"expected one of {known}, got {describe_value(kind)}")
        return members

    def _object(self, value: JSONObject, members: Members, path: str) -> None:
        for name, member in members.table.items():
            where = member_path(path, name)
            if name not in value:
                final = self._final and member.need is Presence.FINAL
                if final or member.need is Presence.REQUIRED:
                    self._add("required", where, f"missing, expected {self._described(member.holds)}")
            elif member.need is Presence.ABSENT:
                message = f"expected no such member, got {describe_value(value[name])}"
                self._add("absent", where, message)
            else:
                self._value(value[name], member.holds, where)
        for name in value:
            if name not in members.table:
                problem = "absent" if members.closed else "unknown"
                known = "" if members.closed else f" in the contract of {CONTRACT_DATE}"
                message = f"unknown member{known}, got {describe_value(value[name])}"
                self._add(problem, member_path(path, name), message)

    def _is_leaf(self, value: JSON, one: Alternative) -> bool:
        match one:
            case Word():
                return _WORD_CHECKS[one](value)
            case Literal(value=literal):
                return isinstance(value, str) and value == literal
            case OneOf(values=values):
                return isinstance(value, str) and value in self._tables.values[values]
            case _:
                return False

    def _described(self, expected: Expression) -> str:
        values = self._tables.values
        return " or ".join(
            ", ".join(sorted(values[one.values])) if isinstance(one, OneOf) else str(one)
            for one in expected.alternatives
        )


def _may_be(value: JSON, one: Alternative) -> bool:
    """Whether the value is of the JSON type that a kind or a list describes further."""
    return isinstance(value, dict) if isinstance(one, Kind) else (isinstance(one, ListOf) and isinstance(value, list))


def _is_integer(value: JSON) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


_WORD_CHECKS: Final[Mapping[Word, Callable[[JSON], bool]]] = {
    Word.ANY: lambda _: True,
    Word.NULL: lambda value: value is None,
    Word.BOOLEAN: lambda value: isinstance(value, bool),
    Word.INTEGER: _is_integer,
    Word.COUNT: lambda value: _is_integer(value) and value >= 0,
    Word.NUMBER: lambda value: _is_integer(value) or isinstance(value, float),
    Word.STRING: lambda value: isinstance(value, str),
    Word.ID: lambda value: isinstance(value, str) and value != "",
    Word.OBJECT: lambda value: isinstance(value, dict),
    Word.LIST: lambda value: isinstance(value, list),
}


def _is_narrow(value: JSON, expected: Expression) -> bool:
    """Whether the JSON type is right and only something narrower is not satisfied."""
    if isinstance(value, str):
        return any(one is Word.ID or isinstance(one, Literal | OneOf) for one in expected.alternatives)
    return _is_integer(value) and Word.COUNT in expected.alternatives
