"""A compiled schema: for each type of JSON value the check that it has to pass.

The table is the heart of the speed: a parent looks up the type of a member and calls nothing at all
where that type needs no further check. Tables of alternatives merge, tables of demands add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.contract.requests.fault import Check, Fault, Faults, Kind, error, joined
from mockserver.core.jsontext import JSON

Table: TypeAlias = "dict[type, Check | None]"
"""Has all of `TYPES`; None is a type that needs no check, `Wrong` one that is refused."""

TYPES: tuple[type, ...] = (type(None), bool, int, float, str, list, dict)

ANYTHING: Table = dict.fromkeys(TYPES)


@dataclass(frozen=True, slots=True)
class Wrong:
    """The check of a type that is not taken; `expected` names those that are."""

    expected: tuple[str, ...]

    def __call__(self, value: JSON) -> Faults:
        """Refuse the value for its type."""
        return error(Fault(kind=Kind.TYPE, value=value, wanted=list(self.expected)))


def demanding(tables: Sequence[Table]) -> Table:
    """All tables must agree; a refused type is refused by the first that does so."""
    asking = [table for table in tables if table is not ANYTHING]
    if len(asking) <= 1:
        return asking[0] if asking else ANYTHING
    made: Table = {}
    for kind in TYPES:
        checks = [check for table in asking if (check := table[kind]) is not None]
        refused = next((check for check in checks if isinstance(check, Wrong)), None)
        made[kind] = refused or each_of(checks)
    return made


def each_of(checks: Sequence[Check]) -> Check | None:
    """One check that makes all of them, None for none."""
    if len(checks) <= 1:
        return checks[0] if checks else None
    if len(checks) == 2:
        return _both(*checks)
    together = tuple(checks)

    def check(value: JSON) -> Faults | None:
        found: Faults | None = None
        for one in together:
            if (more := one(value)) is not None:
                found = joined(found, more)
        return found

    return check


def _both(one: Check, other: Check) -> Check:
    def check(value: JSON) -> Faults | None:
        found, more = one(value), other(value)
        if found is None or more is None:
            return found or more
        return joined(found, more)

    return check


def passes(table: Table, value: JSON) -> bool:
    """Whether the value is valid, notices aside."""
    check = table[type(value)]
    return check is None or (found := check(value)) is None or not found.errors
