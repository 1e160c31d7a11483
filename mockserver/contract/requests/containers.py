"""Checks of the keywords for objects and arrays.

These loops run once per member of every request: they look up, and call only what has a check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from mockserver.contract.requests.fault import Check, Fault, Faults, Kind, below, error, joined
from mockserver.contract.requests.table import Table
from mockserver.core.jsontext import JSON, Object

# Objects of so many members at most are known again, and so many kinds of them.
_SMALL = 32
_PLANS = 256

Stray: TypeAlias = Callable[[str, JSON], Faults | None]
"""Judges a member that `properties` does not name; paths start at that member."""


def members(properties: Mapping[str, Table], required: Sequence[str], stray: Stray | None) -> Check:
    """`properties`, `required` and, through `stray`, what becomes of the rest.

    Clients send objects with the same names and types again and again: which members of such have
    a check to pass is found once.
    """
    table_of = dict(properties).get
    needed = frozenset(required)
    in_order = tuple(required)
    plans: dict[tuple[object, ...], list[tuple[str, Check]]] = {}

    def check(value: Object) -> Faults | None:
        plan = plans.get((*value, *map(type, value.values())))
        if plan is None:
            return first(value)
        found: Faults | None = None  # what `_tried` does, without the call
        for name, judge in plan:
            if (more := judge(value[name])) is not None:
                found = below(found, name, more)
        return found

    def first(value: Object) -> Faults | None:
        plan = [
            (name, judge)
            for name, member in value.items()
            if (judge := _judge(table_of(name), stray, name, member)) is not None
        ]
        if not value.keys() >= needed:
            return _missing([name for name in in_order if name not in value], plan, value)
        if len(value) <= _SMALL and not any(isinstance(judge, partial) for _, judge in plan):
            if len(plans) >= _PLANS:
                plans.clear()
            plans[*value, *map(type, value.values())] = plan
        return _tried(plan, value)

    return check


def _tried(plan: Sequence[tuple[str, Check]], value: Object) -> Faults | None:
    found: Faults | None = None
    for name, judge in plan:
        if (more := judge(value[name])) is not None:
            found = below(found, name, more)
    return found


def _missing(
    names: Sequence[str], plan: Sequence[tuple[str, Check]], value: Object
) -> Faults | None:
    found = _tried(plan, value)
    for name in names:
        found = joined(found, error(Fault(kind=Kind.MISSING, path=[name])))
    return found


def _judge(table: Table | None, stray: Stray | None, name: str, member: JSON) -> Check | None:
    """What a member has to pass."""
    if table is not None:
        return table[type(member)]
    return None if stray is None else partial(stray, name)


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


def elements(table: Table, least: int = 0) -> Check:
    """`items`, and `minItems` where it stands beside them."""

    def check(value: list[JSON]) -> Faults | None:
        found: Faults | None = None
        if len(value) < least:
            found = error(Fault(kind=Kind.FEW, value=len(value), wanted=least))
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
