"""The check of one JSON value against a kind: which members are missing, wrong or strange.

Breaches are found in the order of the table, unknown members last. Depth is bounded by the
tables, not by the value: what a table does not describe is not entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeGuard

from mockserver.contract.replies.expressions import (
    Alternative,
    Expression,
    Kind,
    ListOf,
    Literal,
    OneOf,
    Word,
)
from mockserver.contract.replies.shown import member_path, shown
from mockserver.core.jsontext import JSON, Object


class Need(StrEnum):
    """`final` members are required once the object is finished, and free before."""

    REQUIRED = "required"
    FINAL = "final"
    OPTIONAL = "optional"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What a member may hold, and whether it must be there."""

    need: Need
    holds: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The table of one kind of object. A closed one has no further members."""

    table: Mapping[str, Member]
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """`problem` is the last word of a schema rule: required, type, value, absent, unknown."""

    problem: str
    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """All kinds, and the named lists of values."""

    kinds: Mapping[str, Members] = field(default_factory=dict)
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def check(self, value: JSON, kind: str, path: str, *, final: bool) -> Iterator[Breach]:
        """Check `value` as an object of `kind`; `path` leads to it, `final` as `Need` has it."""
        if not isinstance(value, dict):
            yield _mistyped(path, value, "object")
            return
        yield from self._check_object(value, self.kinds[kind], path, final=final)

    def check_by_type(
        self, value: JSON, family: str, path: str, *, final: bool
    ) -> Iterator[Breach]:
        """Check `value` as an object whose `type` says which kind of the family it is.

        A type outside the tables is judged as `FAMILY.other`, and a breach where there is none.
        """
        if not isinstance(value, dict):
            yield _mistyped(path, value, "object")
            return
        named = value.get("type")
        if not isinstance(named, str):
            problem = "type" if "type" in value else "required"
            found = f"found {shown(named)}" if "type" in value else "missing"
            message = f"{found}, a type would be right"
            yield Breach(problem=problem, path=member_path(path, "type"), message=message)
            return
        members = self.kinds.get(f"{family}.{named}", self.kinds.get(f"{family}.other"))
        if members is None:
            known = ", ".join(sorted(self.types_of(family)))
            message = f"found {shown(named)}, one of {known} would be right"
            yield Breach(problem="value", path=member_path(path, "type"), message=message)
            return
        yield from self._check_object(value, members, path, final=final)

    def types_of(self, family: str) -> frozenset[str]:
        """The types that a family has a table for."""
        prefix = f"{family}."
        return frozenset(
            kind.removeprefix(prefix) for kind in self.kinds if kind.startswith(prefix)
        )

    def _check_object(
        self, value: Object, members: Members, path: str, *, final: bool
    ) -> Iterator[Breach]:
        table = members.table
        for name, member in table.items():
            where = member_path(path, name)
            if name not in value:
                if member.need is Need.REQUIRED or (final and member.need is Need.FINAL):
                    message = f"missing, {self._described(member.holds)} would be right"
                    yield Breach(problem="required", path=where, message=message)
            elif member.need is Need.ABSENT:
                message = f"found {shown(value[name])}, no such member would be right"
                yield Breach(problem="absent", path=where, message=message)
            else:
                yield from self._check_value(value[name], member.holds, where, final=final)
        for name in value:
            if name not in table:
                problem = "absent" if members.closed else "unknown"
                message = f"found {shown(value[name])}, no such member is known"
                yield Breach(problem=problem, path=member_path(path, name), message=message)

    def _check_value(
        self, value: JSON, holds: Expression, path: str, *, final: bool
    ) -> Iterator[Breach]:
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
                message = f"found {shown(value)}, {self._described(holds)} would be right"
                yield Breach(problem=problem, path=path, message=message)

    def _is_leaf(self, value: JSON, one: Alternative) -> bool:
        match one:
            case Word():
                return _WORDS[one](value)
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


_WORDS: Final[Mapping[Word, Callable[[JSON], bool]]] = {
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


def _mistyped(path: str, value: JSON, wanted: str) -> Breach:
    message = f"found {shown(value)}, {wanted} would be right"
    return Breach(problem="type", path=path, message=message)
