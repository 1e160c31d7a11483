"""Checks of JSON values by schema, and the faults they find.

A check returns None for a valid value, so that valid bodies create no objects. Paths grow from the
inside out while the checks return. The number of faults is bounded, whatever the body."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from mockserver.contract.error_messages import MAX_FAULTS, FaultKind
from mockserver.model.json import JSON, JSONObject


@dataclass(slots=True, kw_only=True)
class SchemaFault:
    """`value` is what was found, `expected` the limit, pattern, or list of alternatives.

    `path` has the innermost segment first. `noun` is the kind of number of a range. `name` is the
    member if its name, not its value, is wrong."""

    kind: FaultKind
    value: JSON = None
    expected: JSON = None
    path: list[str | int] = field(default_factory=list)
    noun: str = ""
    name: str | None = None


@dataclass(slots=True)
class SchemaFaults:
    """`errors` make the value invalid; `notices` are members that no schema names."""

    errors: list[SchemaFault] = field(default_factory=list)
    notices: list[SchemaFault] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.errors) >= MAX_FAULTS


Check: TypeAlias = Callable[[Any], SchemaFaults | None]
"""A check is called only with values of the JSON type under which it is filed in a table."""


def error(fault: SchemaFault) -> SchemaFaults:
    return SchemaFaults(errors=[fault])


def joined(found: SchemaFaults | None, more: SchemaFaults) -> SchemaFaults:
    """Both together, at most MAX_FAULTS of each; extends and returns `found` if there is one."""
    if found is None:
        return more
    found.errors.extend(more.errors[: MAX_FAULTS - len(found.errors)])
    found.notices.extend(more.notices[: MAX_FAULTS - len(found.notices)])
    return found


def nested(found: SchemaFaults | None, segment: str | int, more: SchemaFaults) -> SchemaFaults:
    """`found` and the faults of the member or element `segment`, with their paths extended."""
    for fault in more.errors:
        fault.path.append(segment)
    for fault in more.notices:
        fault.path.append(segment)
    return joined(found, more)


Table: TypeAlias = "dict[type, Check | None]"
"""A check for each of `TYPES`: None accepts every value of a type, `WrongType` none."""

TYPES: tuple[type, ...] = (type(None), bool, int, float, str, list, dict)

ANYTHING: Table = dict.fromkeys(TYPES)


@dataclass(frozen=True, slots=True)
class WrongType:
    """The check of a type that is not accepted; `expected` names those that are."""

    expected: tuple[str, ...]

    def __call__(self, value: JSON) -> SchemaFaults:
        return error(SchemaFault(kind=FaultKind.TYPE, value=value, expected=list(self.expected)))


def all_of(tables: Sequence[Table]) -> Table:
    """A table that makes the checks of all tables; the first that rejects a type does so."""
    tables_with_checks = [table for table in tables if table is not ANYTHING]
    if len(tables_with_checks) <= 1:
        return tables_with_checks[0] if tables_with_checks else ANYTHING
    made: Table = {}
    for kind in TYPES:
        checks = [check for table in tables_with_checks if (check := table[kind]) is not None]
        refused = next((check for check in checks if isinstance(check, WrongType)), None)
        made[kind] = refused or each_of(checks)
    return made


def each_of(checks: Sequence[Check]) -> Check | None:
    if len(checks) <= 1:
        return checks[0] if checks else None
    together = tuple(checks)

    def check(value: JSON) -> SchemaFaults | None:
        found: SchemaFaults | None = None
        for one in together:
            if (more := one(value)) is not None:
                found = joined(found, more)
        return found

    return check


def passes(table: Table, value: JSON) -> bool:
    check = table[type(value)]
    return check is None or (found := check(value)) is None or not found.errors


# Keyword -> kind of fault, what a value (or with no sign its length) must fulfil, the sign.
BOUNDS: Mapping[str, tuple[FaultKind, Callable[[Any, Any], bool], str]] = {
    "minimum": (FaultKind.BELOW, operator.ge, ">="),
    "exclusiveMinimum": (FaultKind.BELOW, operator.gt, ">"),
    "maximum": (FaultKind.ABOVE, operator.le, "<="),
    "exclusiveMaximum": (FaultKind.ABOVE, operator.lt, "<"),
    "minLength": (FaultKind.SHORT, operator.ge, ""),
    "maxLength": (FaultKind.LONG, operator.le, ""),
    "minItems": (FaultKind.FEW, operator.ge, ""),
    "maxItems": (FaultKind.MANY, operator.le, ""),
    "minProperties": (FaultKind.SPARSE, operator.ge, ""),
    "maxProperties": (FaultKind.CROWDED, operator.le, ""),
}


def bounded(keyword: str, limit: float, noun: str = "") -> Check:
    """A keyword of `BOUNDS`; `noun` is the kind of number."""
    kind, fulfils, sign = BOUNDS[keyword]

    def check(value: Any) -> SchemaFaults | None:
        found = value if sign else len(value)
        if fulfils(found, limit):
            return None
        expected = f"{sign} {limit}" if sign else limit
        return error(SchemaFault(kind=kind, value=found, expected=expected, noun=noun))

    return check


def integral(value: float) -> SchemaFaults | None:
    """`type: integer` for a number that was written with a fraction or exponent."""
    if value.is_integer():
        return None
    return error(SchemaFault(kind=FaultKind.TYPE, value=value, expected=["integer"]))


def matching(pattern: str) -> Check:
    """`pattern`, found anywhere unless anchored."""
    search = re.compile(pattern).search

    def check(value: str) -> SchemaFaults | None:
        if search(value) is not None:
            return None
        return error(SchemaFault(kind=FaultKind.PATTERN, value=value, expected=pattern))

    return check


def one_of(values: Sequence[JSON], listed: Sequence[JSON]) -> Check:
    """`enum` or `const` for the `values` of one type; `listed` are those that messages name."""
    allowed = frozenset(value for value in values if not isinstance(value, list | dict))
    names = list(listed)

    def check(value: JSON) -> SchemaFaults | None:
        if value in allowed:
            return None
        return error(SchemaFault(kind=FaultKind.VALUE, value=value, expected=names))

    return check


Tags: TypeAlias = "Mapping[str, tuple[tuple[str | None, ...], bool]]"
"""Members with fixed values: the values, and whether the member is required."""


class Branch(NamedTuple):
    table: Table
    tags: Tags


def union(branches: Sequence[Branch], *, single: bool) -> Table:
    """`anyOf`, or with `single` `oneOf`."""
    made: Table = {}
    for kind in TYPES:
        fitting = [branch for branch in branches if not isinstance(branch.table[kind], WrongType)]
        if not fitting:
            made[kind] = _nothing_fits(branches, kind)
        elif kind is dict and (tag := _tag(fitting)) is not None:
            made[kind] = _by_tag(tag, fitting, single=single)
        else:
            made[kind] = _alternatives([branch.table[kind] for branch in fitting], single=single)
    return made


def _nothing_fits(branches: Sequence[Branch], kind: type) -> WrongType:
    refused = [check for branch in branches if isinstance(check := branch.table[kind], WrongType)]
    return WrongType(tuple(dict.fromkeys(word for check in refused for word in check.expected)))


def _tag(branches: Sequence[Branch]) -> str | None:
    """A member whose fixed values distinguish all branches, if there is one."""
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

    def missing(_: JSONObject) -> SchemaFaults:
        return error(SchemaFault(kind=FaultKind.MISSING, path=[tag]))

    without = _alternatives(untagged, single=single) if untagged else missing

    def unknown_tag(found: JSON) -> SchemaFaults:
        if isinstance(found, str):
            return error(SchemaFault(kind=FaultKind.VALUE, value=found, expected=names, path=[tag]))
        return error(SchemaFault(kind=FaultKind.TYPE, value=found, expected=["string"], path=[tag]))

    def check(value: JSONObject) -> SchemaFaults | None:
        try:
            chosen = by_value[value[tag]]  # type: ignore[index]
        except (KeyError, TypeError):
            if tag in value:
                return unknown_tag(value[tag])
            chosen = without
        return None if chosen is None else chosen(value)

    return check


def _alternatives(checks: Sequence[Check | None], *, single: bool) -> Check | None:
    if len(checks) == 1:
        return checks[0]
    if None in checks and not single:
        return None
    return _exactly_one(checks) if single else _first(checks)


def _first(checks: Sequence[Check | None]) -> Check:
    """Accept what one check accepts; report the alternative with the fewest faults."""

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
            return error(SchemaFault(kind=FaultKind.AMBIGUOUS, value=len(passed)))
        return min((found for found in tried if found is not None), key=_distance)

    return check


def _distance(found: SchemaFaults) -> tuple[int, int]:
    return len(found.errors), len(found.notices)


# Plans are kept for objects with at most so many members, and at most so many plans.
_SMALL = 32
_PLANS = 256

ExtraMember: TypeAlias = Callable[[str, JSON], SchemaFaults | None]
"""Checks a member that `properties` does not name; paths start at that member."""


def members(  # noqa: C901  # closures over one cache, each of them short
    properties: Mapping[str, Table], required: Sequence[str], extra: ExtraMember | None
) -> Check:
    """`properties`, `required` and, through `extra`, all other members.

    Clients repeat objects with the same names and types: which of their members need a check is determined once."""
    table_of = dict(properties).get
    needed = frozenset(required)
    plans: dict[tuple[object, ...], list[tuple[str, Check]]] = {}

    def check_of(name: str, member: JSON) -> Check | None:
        table = table_of(name)
        if table is not None:
            return table[type(member)]
        return None if extra is None else partial(extra, name)

    def new_plan(value: JSONObject) -> list[tuple[str, Check]]:
        plan = [
            (name, check_member)
            for name, member in value.items()
            if (check_member := check_of(name, member)) is not None
        ]
        kept = len(value) <= _SMALL and value.keys() >= needed
        if kept and not any(isinstance(check_member, partial) for _, check_member in plan):
            if len(plans) >= _PLANS:
                plans.clear()
            plans[*value, *map(type, value.values())] = plan
        return plan

    def check(value: JSONObject) -> SchemaFaults | None:
        plan = plans.get((*value, *map(type, value.values())))
        planned = plan is not None
        found: SchemaFaults | None = None
        for name, check_member in plan if plan is not None else new_plan(value):
            if (more := check_member(value[name])) is not None:
                found = nested(found, name, more)
        if not planned and not value.keys() >= needed:
            for name in required:
                if name not in value:
                    found = joined(found, error(SchemaFault(kind=FaultKind.MISSING, path=[name])))
        return found

    return check


def noticed(known: Collection[str]) -> ExtraMember:
    """No `additionalProperties`: valid, and a notice unless a schema in the same place names it."""
    names = frozenset(known)

    def extra(name: str, _: JSON) -> SchemaFaults | None:
        if name in names:
            return None
        return SchemaFaults(notices=[SchemaFault(kind=FaultKind.UNKNOWN)])

    return extra


def forbidden(_: str, __: JSON) -> SchemaFaults:
    """`additionalProperties: false`."""
    return error(SchemaFault(kind=FaultKind.UNKNOWN))


def typed(table: Table) -> ExtraMember:
    """`additionalProperties` with a schema."""

    def extra(_: str, member: JSON) -> SchemaFaults | None:
        check = table[type(member)]
        return None if check is None else check(member)

    return extra


def member_names(check_member: Check) -> Check:
    """`propertyNames`."""

    def check(value: JSONObject) -> SchemaFaults | None:
        found: SchemaFaults | None = None
        for name in value:
            if (more := check_member(name)) is not None:
                for fault in more.errors:
                    fault.name = name
                found = joined(found, more)
        return found

    return check


def elements(table: Table, least: int = 0) -> Check:
    """`items`, and `minItems` where the schema has both."""

    def check(value: list[JSON]) -> SchemaFaults | None:
        found: SchemaFaults | None = None
        if len(value) < least:
            found = error(SchemaFault(kind=FaultKind.FEW, value=len(value), expected=least))
        for index, element in enumerate(value):
            check_member = table[type(element)]
            if check_member is not None and (more := check_member(element)) is not None:
                found = nested(found, index, more)
                if found.full:
                    break
        return found

    return check
