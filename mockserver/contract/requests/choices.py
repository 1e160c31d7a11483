"""Checks of alternatives: which branch of a union is meant, and what to say where none fits.

The branches are told apart by the type of the value, then by a tag such as `type` or `role`; only
what is left is tried one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.contract.requests.fault import Check, Fault, Faults, Kind, error
from mockserver.contract.requests.table import TYPES, Table, Wrong
from mockserver.core.jsontext import JSON, Object

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
        fitting = [branch for branch in branches if not isinstance(branch.table[kind], Wrong)]
        if not fitting:
            made[kind] = _nothing_fits(branches, kind)
        elif kind is dict and (tag := _tag(fitting)) is not None:
            made[kind] = _by_tag(tag, fitting, single=single)
        else:
            made[kind] = _tried([branch.table[kind] for branch in fitting], single=single)
    return made


def _nothing_fits(branches: Sequence[Branch], kind: type) -> Wrong:
    words = [word for branch in branches for word in _expected(branch.table[kind])]
    return Wrong(tuple(dict.fromkeys(words)))


def _expected(check: Check | None) -> tuple[str, ...]:
    return check.expected if isinstance(check, Wrong) else ()


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

    def untold(said: JSON) -> Faults:
        if isinstance(said, str):
            return error(Fault(kind=Kind.VALUE, value=said, wanted=names, path=[tag]))
        return error(Fault(kind=Kind.TYPE, value=said, wanted=["string"], path=[tag]))

    def check(value: Object) -> Faults | None:
        try:
            chosen = by_value[value[tag]]  # type: ignore[index]
        except (KeyError, TypeError):
            if tag in value:
                return untold(value[tag])
            chosen = without
        return None if chosen is None else chosen(value)

    return check


def _missing(tag: str) -> Check:
    def check(_: Object) -> Faults:
        return error(Fault(kind=Kind.MISSING, path=[tag]))

    return check


def _tried(checks: Sequence[Check | None], *, single: bool) -> Check | None:
    if len(checks) == 1:
        return checks[0]
    if None in checks and not single:
        return None
    return _exactly_one(checks) if single else _first(checks)


def _first(checks: Sequence[Check | None]) -> Check:
    """Pass what passes one; the fewest faults are the likeliest meaning."""

    def check(value: JSON) -> Faults | None:
        tried: list[Faults] = []
        for one in checks:
            found = None if one is None else one(value)
            if found is None:
                return None
            tried.append(found)
        return min(tried, key=_distance)

    return check


def _exactly_one(checks: Sequence[Check | None]) -> Check:
    def check(value: JSON) -> Faults | None:
        tried = [None if one is None else one(value) for one in checks]
        passed = [found for found in tried if found is None or not found.errors]
        if len(passed) == 1:
            return passed[0]
        if passed:
            return error(Fault(kind=Kind.AMBIGUOUS, value=len(passed)))
        return min((found for found in tried if found is not None), key=_distance)

    return check


def _distance(found: Faults) -> tuple[int, int]:
    return len(found.errors), len(found.notices)
