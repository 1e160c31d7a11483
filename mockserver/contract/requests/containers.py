"""Checks of the keywords for objects and arrays.

These loops run once per member of every request: they look up, and call only what has a check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeAlias

from mockserver.contract.requests.fault import Check, Fault, Faults, Kind, below, error, joined
from mockserver.contract.requests.table import Table
from mockserver.core.jsontext import JSON, Object

Stray: TypeAlias = Callable[[str, JSON], Faults | None]
"""Judges a member that `properties` does not name; paths start at that member."""


def members(properties: Mapping[str, Table], required: Sequence[str], stray: Stray | None) -> Check:
    """`properties`, `required` and, through `stray`, what becomes of the rest."""
    table_of = dict(properties).get
    needed = frozenset(required)
    in_order = tuple(required)

    def check(value: Object) -> Faults | None:
        found: Faults | None = None
        for name, member in value.items():
            table = table_of(name)
            if table is not None:
                judge = table[type(member)]
                if judge is not None and (more := judge(member)) is not None:
                    found = below(found, name, more)
            elif stray is not None and (more := stray(name, member)) is not None:
                found = below(found, name, more)
        if not value.keys() >= needed:
            for name in in_order:
                if name not in value:
                    found = joined(found, error(Fault(kind=Kind.MISSING, path=[name])))
        return found

    return check


def unnamed(known: Collection[str]) -> Stray:
    """No `additionalProperties`: valid, and a notice unless a schema in the same place knows it."""
    names = frozenset(known)

    def stray(name: str, _: JSON) -> Faults | None:
        if name in names:
            return None
        return Faults(notices=[Fault(kind=Kind.UNKNOWN)])

    return stray


def forbidden(_: str, __: JSON) -> Faults:
    """`additionalProperties: false`."""
    return error(Fault(kind=Kind.UNKNOWN))


def like(table: Table) -> Stray:
    """`additionalProperties` with a schema."""

    def stray(_: str, member: JSON) -> Faults | None:
        check = table[type(member)]
        return None if check is None else check(member)

    return stray


def named(table: Table) -> Check:
    """`propertyNames`."""
    judge = table[str]
    if judge is None:
        return _accept

    def check(value: Object) -> Faults | None:
        found: Faults | None = None
        for name in value:
            if (more := judge(name)) is not None:
                for fault in more.errors:
                    fault.name = name
                found = joined(found, more)
        return found

    return check


def _accept(_: Object) -> None:
    return None


def elements(table: Table) -> Check:
    """`items`."""

    def check(value: list[JSON]) -> Faults | None:
        found: Faults | None = None
        for index, element in enumerate(value):
            judge = table[type(element)]
            if judge is not None and (more := judge(element)) is not None:
                found = below(found, index, more)
                if found.full:
                    break
        return found

    return check


def sized(kind: Kind, limit: int) -> Check:
    """`minItems`, `maxItems`, `minProperties` or `maxProperties`, as `kind` says."""
    upper = kind in (Kind.MANY, Kind.CROWDED)

    def check(value: list[JSON] | Object) -> Faults | None:
        size = len(value)
        if (size <= limit) if upper else (size >= limit):
            return None
        return error(Fault(kind=kind, value=size, wanted=limit))

    return check
