"""Checks of alternatives: which branch of a union is meant, and what to say where none fits.

The branches are told apart by the type of the value, then by a tag such as `type` or `role`; only
what is left is tried one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from mockserver.contract.schema_documents import TYPES, Table, WrongValue
from mockserver.contract.schema_faults import (
    Check,
    SchemaFault,
    SchemaFaultKind,
    SchemaFaults,
    below,
    error,
    joined,
)
from mockserver.model.json import JSON, JSONObject

Tags: TypeAlias = "Mapping[str, tuple[tuple[str | None, ...], bool]]"
"""Members with fixed values: these values, and whether the member is required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A compiled alternative."""

    table: Table
    tags: Tags


def union(branches: Sequence[Branch], *, single: bool) -> Table:
    """`anyOf`, or with `single` `oneOf`."""
    made: Table = {}
    for kind in TYPES:
        fitting = [branch for branch in branches if not isinstance(branch.table[kind], WrongValue)]
        if not fitting:
            made[kind] = _nothing_fits(branches, kind)
        elif kind is dict and (tag := _tag(fitting)) is not None:
            made[kind] = _by_tag(tag, fitting, single=single)
        else:
            made[kind] = _tried([branch.table[kind] for branch in fitting], single=single)
    return made


def _nothing_fits(branches: Sequence[Branch], kind: type) -> WrongValue:
    words = [word for branch in branches for word in _expected(branch.table[kind])]
    return WrongValue(tuple(dict.fromkeys(words)))


def _expected(check: Check | None) -> tuple[str, ...]:
    return check.expected if isinstance(check, WrongValue) else ()


def _tag(branches: Sequence[Branch]) -> str | None:
    """A member whose fixed values tell all branches apart, None where there is none to choose."""
    if len(branches) < 2:
        return None
    for name in branches[0].tags:
        if all(name in branch.tags for branch in branches):
            values = [value for branch in branches for value in branch.tags[name][0]]
            if len(values) == len(set(values)):
                return name
    return None


def _by_tag(tag: str, branches: Sequence[Branch], *, single: bool) -> Check:
    by_value = {value: branch.table[dict] for branch in branches for value in branch.tags[tag][0]}
    names: list[JSON] = [value for value in by_value if value is not None]
    untagged = [branch.table[dict] for branch in branches if not branch.tags[tag][1]]
    without = _tried(untagged, single=single) if untagged else _missing(tag)

    def untold(said: JSON) -> SchemaFaults:
        if isinstance(said, str):
            return error(
                SchemaFault(kind=SchemaFaultKind.VALUE, value=said, expected=names, path=[tag])
            )
        return error(
            SchemaFault(kind=SchemaFaultKind.TYPE, value=said, expected=["string"], path=[tag])
        )

    def check(value: JSONObject) -> SchemaFaults | None:
        try:
            chosen = by_value[value[tag]]  # type: ignore[index]
        except (KeyError, TypeError):
            if tag in value:
                return untold(value[tag])
            chosen = without
        return None if chosen is None else chosen(value)

    return check


def _missing(tag: str) -> Check:
    def check(_: JSONObject) -> SchemaFaults:
        return error(SchemaFault(kind=SchemaFaultKind.MISSING, path=[tag]))

    return check


def _tried(checks: Sequence[Check | None], *, single: bool) -> Check | None:
    if len(checks) == 1:
        return checks[0]
    if None in checks and not single:
        return None
    return _exactly_one(checks) if single else _first(checks)


def _first(checks: Sequence[Check | None]) -> Check:
    """Pass what passes one; the fewest faults are the likeliest meaning."""

    def check(value: JSON) -> SchemaFaults | None:
        tried: list[SchemaFaults] = []
        for one in checks:
            found = None if one is None else one(value)
            if found is None:
                return None
            tried.append(found)
        return min(tried, key=_distance)

    return check


def _exactly_one(checks: Sequence[Check | None]) -> Check:
    def check(value: JSON) -> SchemaFaults | None:
        tried = [None if one is None else one(value) for one in checks]
        passed = [found for found in tried if found is None or not found.errors]
        if len(passed) == 1:
            return passed[0]
        if passed:
            return error(SchemaFault(kind=SchemaFaultKind.AMBIGUOUS, value=len(passed)))
        return min((found for found in tried if found is not None), key=_distance)

    return check


def _distance(found: SchemaFaults) -> tuple[int, int]:
    return len(found.errors), len(found.notices)


# Objects of so many members at most are known again, and so many kinds of them.
_SMALL = 32
_PLANS = 256

UnexpectedMember: TypeAlias = Callable[[str, JSON], SchemaFaults | None]
"""Judges a member that `properties` does not name; paths start at that member."""


def members(
    properties: Mapping[str, Table], required: Sequence[str], stray: UnexpectedMember | None
) -> Check:
    """`properties`, `required` and, through `stray`, what becomes of the rest.

    Clients send objects with the same names and types again and again: which members of such have
    a check to pass is found once.
    """
    table_of = dict(properties).get
    needed = frozenset(required)
    in_order = tuple(required)
    plans: dict[tuple[object, ...], list[tuple[str, Check]]] = {}

    def check(value: JSONObject) -> SchemaFaults | None:
        plan = plans.get((*value, *map(type, value.values())))
        if plan is None:
            return first(value)
        found: SchemaFaults | None = None  # what `_tried_containers` does, without the call
        for name, judge in plan:
            if (more := judge(value[name])) is not None:
                found = below(found, name, more)
        return found

    def first(value: JSONObject) -> SchemaFaults | None:
        plan = [
            (name, judge)
            for name, member in value.items()
            if (judge := _judge(table_of(name), stray, name, member)) is not None
        ]
        if not value.keys() >= needed:
            return _missing_containers(
                [name for name in in_order if name not in value], plan, value
            )
        if len(value) <= _SMALL and not any(isinstance(judge, partial) for _, judge in plan):
            if len(plans) >= _PLANS:
                plans.clear()
            plans[*value, *map(type, value.values())] = plan
        return _tried_containers(plan, value)

    return check


def _tried_containers(plan: Sequence[tuple[str, Check]], value: JSONObject) -> SchemaFaults | None:
    found: SchemaFaults | None = None
    for name, judge in plan:
        if (more := judge(value[name])) is not None:
            found = below(found, name, more)
    return found


def _missing_containers(
    names: Sequence[str], plan: Sequence[tuple[str, Check]], value: JSONObject
) -> SchemaFaults | None:
    found = _tried_containers(plan, value)
    for name in names:
        found = joined(found, error(SchemaFault(kind=SchemaFaultKind.MISSING, path=[name])))
    return found


def _judge(
    table: Table | None, stray: UnexpectedMember | None, name: str, member: JSON
) -> Check | None:
    """What a member has to pass."""
    if table is not None:
        return table[type(member)]
    return None if stray is None else partial(stray, name)


def unnamed(known: Collection[str]) -> UnexpectedMember:
    """No `additionalProperties`: valid, and a notice unless a schema in the same place knows it."""
    names = frozenset(known)

    def stray(name: str, _: JSON) -> SchemaFaults | None:
        if name in names:
            return None
        return SchemaFaults(notices=[SchemaFault(kind=SchemaFaultKind.UNKNOWN)])

    return stray


def forbidden(_: str, __: JSON) -> SchemaFaults:
    """`additionalProperties: false`."""
    return error(SchemaFault(kind=SchemaFaultKind.UNKNOWN))


def like(table: Table) -> UnexpectedMember:
    """`additionalProperties` with a schema."""

    def stray(_: str, member: JSON) -> SchemaFaults | None:
        check = table[type(member)]
        return None if check is None else check(member)

    return stray


def named(table: Table) -> Check:
    """`propertyNames`."""
    judge = table[str]
    if judge is None:
        return _accept

    def check(value: JSONObject) -> SchemaFaults | None:
        found: SchemaFaults | None = None
        for name in value:
            if (more := judge(name)) is not None:
                for fault in more.errors:
                    fault.name = name
                found = joined(found, more)
        return found

    return check


def _accept(_: JSONObject) -> None:
    return None


def elements(table: Table, least: int = 0) -> Check:
    """`items`, and `minItems` where it stands beside them."""

    def check(value: list[JSON]) -> SchemaFaults | None:
        found: SchemaFaults | None = None
        if len(value) < least:
            found = error(SchemaFault(kind=SchemaFaultKind.FEW, value=len(value), expected=least))
        for index, element in enumerate(value):
            judge = table[type(element)]
            if judge is not None and (more := judge(element)) is not None:
                found = below(found, index, more)
                if found.full:
                    break
        return found

    return check


def sized(kind: SchemaFaultKind, limit: int) -> Check:
    """`minItems`, `maxItems`, `minProperties` or `maxProperties`, as `kind` says."""
    upper = kind in (SchemaFaultKind.MANY, SchemaFaultKind.CROWDED)

    def check(value: list[JSON] | JSONObject) -> SchemaFaults | None:
        size = len(value)
        if (size <= limit) if upper else (size >= limit):
            return None
        return error(SchemaFault(kind=kind, value=size, expected=limit))

    return check
