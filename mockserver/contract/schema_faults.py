"""What a schema check found: faults with their place, in two grades.

A check answers None for a value that is in order, so that the good path makes no object. Paths grow
from the inside out while the checks return. Both lists are bounded, whatever the body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from mockserver.model.json import JSON

MOST = 20
"""Faults of a grade that are kept for one body; the upstream tells of one."""


class SchemaFaultKind(StrEnum):
    """What is wrong with a value."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    TYPE = "type"
    VALUE = "value"
    BELOW = "below"
    ABOVE = "above"
    SHORT = "short"
    LONG = "long"
    PATTERN = "pattern"
    FEW = "few"
    MANY = "many"
    SPARSE = "sparse"
    CROWDED = "crowded"
    AMBIGUOUS = "ambiguous"


@dataclass(slots=True, kw_only=True)
class SchemaFault:
    """`value` is what was found, `wanted` the limit, pattern, or list of what would be right.

    `path` has the innermost segment first. `noun` is the kind of number for a range, and `name` is
    the member whose name, not value, is at fault.
    """

    kind: SchemaFaultKind
    value: JSON = None
    expected: JSON = None
    path: list[str | int] = field(default_factory=list)
    noun: str = ""
    name: str | None = None


@dataclass(slots=True)
class SchemaFaults:
    """`errors` make the value invalid, `notices` are members that no schema names."""

    errors: list[SchemaFault] = field(default_factory=list)
    notices: list[SchemaFault] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether looking for more errors is pointless."""
        return len(self.errors) >= MOST


Check: TypeAlias = Callable[[Any], SchemaFaults | None]
"""A check takes only values of the JSON type it is filed under, which its parameter may assume."""


def error(fault: SchemaFault) -> SchemaFaults:
    """One error."""
    return SchemaFaults(errors=[fault])


def joined(found: SchemaFaults | None, more: SchemaFaults) -> SchemaFaults:
    """Both, within bounds; changes and returns `found` where there is one."""
    if found is None:
        return more
    found.errors.extend(more.errors[: MOST - len(found.errors)])
    found.notices.extend(more.notices[: MOST - len(found.notices)])
    return found


def below(found: SchemaFaults | None, segment: str | int, more: SchemaFaults) -> SchemaFaults:
    """`found` and the faults of the member or element `segment`."""
    for fault in more.errors:
        fault.path.append(segment)
    for fault in more.notices:
        fault.path.append(segment)
    return joined(found, more)
