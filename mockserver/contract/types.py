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

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias, TypeGuard

from mockserver.contract.json_diff import describe_value, member_path
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


class Presence(StrEnum):
    """`final` members are required once the object is finished, and free before."""

    REQUIRED = "required"
    FINAL = "final"
    OPTIONAL = "optional"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What a member may hold, and whether it must be there."""

    need: Presence
    holds: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The table of one kind of object. A closed one has no further members."""

    table: Mapping[str, Member]
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeViolation:
    """`problem` is the last word of a schema rule: required, type, value, absent, unknown."""

    problem: str
    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTable:
    """All kinds, and the named lists of values."""

    kinds: Mapping[str, Members] = field(default_factory=dict)
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def check(self, value: JSON, kind: str, path: str, *, final: bool) -> Iterator[TypeViolation]:
        """Check `value` as an object of `kind`; `path` leads to it, `final` as `Presence` has it."""
        if not isinstance(value, dict):
            yield _mistyped(path, value, "object")
            return
        yield from self._check_object(value, self.kinds[kind], path, final=final)

    def check_by_type(
        self, value: JSON, family: str, path: str, *, final: bool
    ) -> Iterator[TypeViolation]:
        """Check `value` as an object whose `type` says which kind of the family it is.

        A type outside the tables is judged as `FAMILY.other`, and a breach where there is none.
        """
        if not isinstance(value, dict):
            yield _mistyped(path, value, "object")
            return
        named = value.get("type")
        if not isinstance(named, str):
            problem = "type" if "type" in value else "required"
            found = f"found {describe_value(named)}" if "type" in value else "missing"
            message = f"{found}, a type would be right"
            yield TypeViolation(problem=problem, path=member_path(path, "type"), message=message)
            return
        members = self.kinds.get(f"{family}.{named}", self.kinds.get(f"{family}.other"))
        if members is None:
            known = ", ".join(sorted(self.types_of(family)))
            message = f"found {describe_value(named)}, one of {known} would be right"
            yield TypeViolation(problem="value", path=member_path(path, "type"), message=message)
            return
        yield from self._check_object(value, members, path, final=final)

    def types_of(self, family: str) -> frozenset[str]:
        """The types that a family has a table for."""
        prefix = f"{family}."
        return frozenset(
            kind.removeprefix(prefix) for kind in self.kinds if kind.startswith(prefix)
        )

    def _check_object(
        self, value: JSONObject, members: Members, path: str, *, final: bool
    ) -> Iterator[TypeViolation]:
        table = members.table
        for name, member in table.items():
            where = member_path(path, name)
            if name not in value:
                if member.need is Presence.REQUIRED or (final and member.need is Presence.FINAL):
                    message = f"missing, {self._described(member.holds)} would be right"
                    yield TypeViolation(problem="required", path=where, message=message)
            elif member.need is Presence.ABSENT:
                message = f"found {describe_value(value[name])}, no such member would be right"
                yield TypeViolation(problem="absent", path=where, message=message)
            else:
                yield from self._check_value(value[name], member.holds, where, final=final)
        for name in value:
            if name not in table:
                problem = "absent" if members.closed else "unknown"
                message = f"found {describe_value(value[name])}, no such member is known"
                yield TypeViolation(problem=problem, path=member_path(path, name), message=message)

    def _check_value(
        self, value: JSON, holds: Expression, path: str, *, final: bool
    ) -> Iterator[TypeViolation]:
        if any(self._is_leaf(value, one) for one in holds.alternatives):
            return
        match next((one for one in holds.alternatives if _may_be(value, one)), None):
            case Kind(name=name, by_type=True):
                yield from self.check_by_type(value, name, path, final=final)
            case Kind(name=name):
                yield from self.check(value, name, path, final=final)
            case ListOf(element=element) if isinstance(value, list):
                for index, each in enumerate(value):
                    yield from self._check_value(each, element, f"{path}[{index}]", final=final)
            case _:
                problem = "value" if _is_narrow(value, holds) else "type"
                message = f"found {describe_value(value)}, {self._described(holds)} would be right"
                yield TypeViolation(problem=problem, path=path, message=message)

    def _is_leaf(self, value: JSON, one: Alternative) -> bool:
        match one:
            case Word():
                return _WORDS_CHECKING[one](value)
            case Literal(value=wanted):
                return isinstance(value, str) and value == wanted
            case OneOf(values=values):
                return isinstance(value, str) and value in self.values[values]
            case _:
                return False

    def _described(self, holds: Expression) -> str:
        return " or ".join(
            ", ".join(sorted(self.values[one.values])) if isinstance(one, OneOf) else str(one)
            for one in holds.alternatives
        )


def _may_be(value: JSON, one: Alternative) -> bool:
    """Whether the value is of the JSON type that a kind or a list describes further."""
    return (
        isinstance(value, dict)
        if isinstance(one, Kind)
        else (isinstance(one, ListOf) and isinstance(value, list))
    )


def _is_integer(value: JSON) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


_WORDS_CHECKING: Final[Mapping[Word, Callable[[JSON], bool]]] = {
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


def _is_narrow(value: JSON, holds: Expression) -> bool:
    """Whether the JSON type is right and only something narrower is not satisfied."""
    if isinstance(value, str):
        return any(one is Word.ID or isinstance(one, Literal | OneOf) for one in holds.alternatives)
    return _is_integer(value) and Word.COUNT in holds.alternatives


def _mistyped(path: str, value: JSON, wanted: str) -> TypeViolation:
    message = f"found {describe_value(value)}, {wanted} would be right"
    return TypeViolation(problem="type", path=path, message=message)
