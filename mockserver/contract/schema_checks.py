"""A compiled schema: for each type of JSON value the check that it has to pass.

The table is the heart of the speed: a parent looks up the type of a member and calls nothing at all
where that type needs no further check. Tables of alternatives merge, tables of demands add up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TypeAlias

from mockserver.contract.error_messages import (
    Check,
    SchemaFault,
    SchemaFaultKind,
    SchemaFaults,
    below,
    error,
    joined,
)
from mockserver.model.json import JSON, JSONObject

Table: TypeAlias = "dict[type, Check | None]"
"""Has all of `TYPES`; None is a type that needs no check, `WrongValue` one that is refused."""

TYPES: tuple[type, ...] = (type(None), bool, int, float, str, list, dict)

ANYTHING: Table = dict.fromkeys(TYPES)


@dataclass(frozen=True, slots=True)
class WrongValue:
    """The check of a type that is not taken; `expected` names those that are."""

    expected: tuple[str, ...]

    def __call__(self, value: JSON) -> SchemaFaults:
        """Refuse the value for its type."""
        return error(
            SchemaFault(kind=SchemaFaultKind.TYPE, value=value, expected=list(self.expected))
        )


def demanding(tables: Sequence[Table]) -> Table:
    """All tables must agree; a refused type is refused by the first that does so."""
    asking = [table for table in tables if table is not ANYTHING]
    if len(asking) <= 1:
        return asking[0] if asking else ANYTHING
    made: Table = {}
    for kind in TYPES:
        checks = [check for table in asking if (check := table[kind]) is not None]
        refused = next((check for check in checks if isinstance(check, WrongValue)), None)
        made[kind] = refused or each_of(checks)
    return made


def each_of(checks: Sequence[Check]) -> Check | None:
    """One check that makes all of them, None for none."""
    if len(checks) <= 1:
        return checks[0] if checks else None
    if len(checks) == 2:
        return _both(*checks)
    together = tuple(checks)

    def check(value: JSON) -> SchemaFaults | None:
        found: SchemaFaults | None = None
        for one in together:
            if (more := one(value)) is not None:
                found = joined(found, more)
        return found

    return check


def _both(one: Check, other: Check) -> Check:
    def check(value: JSON) -> SchemaFaults | None:
        found, more = one(value), other(value)
        if found is None or more is None:
            return found or more
        return joined(found, more)

    return check


def passes(table: Table, value: JSON) -> bool:
    """Whether the value is valid, notices aside."""
    check = table[type(value)]
    return check is None or (found := check(value)) is None or not found.errors


TYPE_NAMES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
ANNOTATION_KEYWORDS = frozenset(
    (
        *("$schema", "$id", "$comment", "$defs", "title", "description", "default"),
        *("examples", "deprecated", "format"),
    )
)
UNIONS = ("anyOf", "oneOf")
BRANCHES = ("then", "else")
KEYWORDS = ANNOTATION_KEYWORDS.union(
    ("type", "enum", "const", "$ref", "allOf", "if", *UNIONS, *BRANCHES),
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    ("pattern", "minLength", "maxLength"),
    ("items", "minItems", "maxItems"),
    ("properties", "required", "additionalProperties", "propertyNames"),
    ("minProperties", "maxProperties"),
)


@dataclass(frozen=True, slots=True)
class SchemaLocation:
    """A schema and where it stands: `file#/pointer`. Every reader raises ValueError with it."""

    file: str
    pointer: str
    schema: JSONObject

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}"

    def amiss(self, keyword: str, right: str) -> ValueError:
        """The complaint about the value of a keyword."""
        found = self.schema[keyword]
        return ValueError(f"{self}: {keyword!r} must be {right}, found {found!r}")

    def inside(self, *steps: str | int) -> SchemaLocation:
        """The schema at the end of these steps, which must exist."""
        found: JSON = self.schema
        for step in steps:
            found = found[step]  # type: ignore[index]
        pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
        return location_of(self.file, self.pointer + pointer, found)

    def each(self, keyword: str) -> Iterator[SchemaLocation]:
        """The schemas of a keyword that takes a list of them."""
        listed = self.schema.get(keyword, [])
        if not isinstance(listed, list) or (keyword in self.schema and not listed):
            raise self.amiss(keyword, "a list of one or more schemas")
        for index in range(len(listed)):
            yield self.inside(keyword, index)

    @property
    def properties(self) -> JSONObject:
        """The members that are named, empty where none are."""
        properties = self.schema.get("properties", {})
        if not isinstance(properties, dict):
            raise self.amiss("properties", "an object")
        return properties

    @property
    def required(self) -> list[str]:
        """The members that must be there."""
        required = self.schema.get("required", [])
        listed = required if isinstance(required, list) else []
        names = [name for name in listed if isinstance(name, str)]
        if names != required:
            raise self.amiss("required", "a list of names")
        return names

    @property
    def types(self) -> tuple[str, ...]:
        """The types that are allowed, empty where all are."""
        said = self.schema.get("type", [])
        listed = said if isinstance(said, list) else [said]
        names = tuple(name for name in listed if isinstance(name, str) and name in TYPE_NAMES)
        if len(names) != len(listed) or ("type" in self.schema and not names):
            raise self.amiss("type", f"one or more of {sorted(TYPE_NAMES)}")
        return names

    @property
    def static(self) -> list[JSON] | None:
        """The values of `enum` or `const`, None where there is neither."""
        keyword = "const" if "const" in self.schema else "enum"
        if keyword not in self.schema:
            return None
        values = self.schema[keyword] if keyword == "enum" else [self.schema["const"]]
        if not isinstance(values, list) or any(isinstance(value, list | dict) for value in values):
            raise self.amiss(keyword, "made of strings, numbers, booleans and null")
        if keyword == "const" and "enum" in self.schema:
            raise self.amiss("enum", "left out beside 'const'")
        return values

    def number(self, keyword: str) -> float:
        """The value of a keyword that takes a number."""
        value = self.schema[keyword]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.amiss(keyword, "a number")
        return value

    def size(self, keyword: str) -> int:
        """The value of a keyword that takes a count."""
        value = self.schema[keyword]
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.amiss(keyword, "a whole number from 0")
        return value

    def expression(self, keyword: str) -> str:
        """The value of a keyword that takes a regular expression."""
        pattern = self.schema[keyword]
        try:
            re.compile(pattern if isinstance(pattern, str) else "(")
        except re.error:
            raise self.amiss(keyword, "a regular expression") from None
        return str(pattern)


def location_of(file: str, pointer: str, schema: JSON) -> SchemaLocation:
    """The schema at a place, its keywords known to be understood."""
    if schema is True:
        schema = {}
    if not isinstance(schema, dict):
        raise ValueError(f"{file}#{pointer}: a schema is an object or true, found {schema!r}")
    for keyword in schema:
        if keyword not in KEYWORDS:
            near = get_close_matches(keyword, KEYWORDS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{file}#{pointer}: keyword {keyword!r} is not understood{hint}")
    return SchemaLocation(file, pointer, schema)


class Documents:
    """Schema files that may refer to each other by name."""

    def __init__(self, files: Mapping[str, JSON]) -> None:
        self._files = files

    def at(self, reference: str, *, by: SchemaLocation | None = None) -> SchemaLocation:
        """The schema that `file#/pointer` names; without a file, one in the file of `by`."""
        where = f"{by}: " if by else ""
        file, _, pointer = reference.partition("#")
        file = file or (by.file if by else "")
        if file not in self._files:
            raise ValueError(f"{where}no schema file {file!r}; there are {sorted(self._files)}")
        found: JSON = self._files[file]
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise ValueError(f"{where}{reference!r} leads nowhere: there is no {key!r}")
            found = found[key]
        return location_of(file, pointer, found)

    def target(self, spot: SchemaLocation) -> SchemaLocation:
        """The schema that the `$ref` of this one names."""
        reference = spot.schema["$ref"]
        if not isinstance(reference, str):
            raise spot.amiss("$ref", "a string")
        return self.at(reference, by=spot)


def at_least(limit: float, *, noun: str, exclusive: bool) -> Check:
    """`minimum` or `exclusiveMinimum`."""

    def check(value: float) -> SchemaFaults | None:
        if value > limit or (value == limit and not exclusive):
            return None
        wanted = f"{'>' if exclusive else '>='} {limit}"
        return error(
            SchemaFault(kind=SchemaFaultKind.BELOW, value=value, expected=wanted, noun=noun)
        )

    return check


def at_most(limit: float, *, noun: str, exclusive: bool) -> Check:
    """`maximum` or `exclusiveMaximum`."""

    def check(value: float) -> SchemaFaults | None:
        if value < limit or (value == limit and not exclusive):
            return None
        wanted = f"{'<' if exclusive else '<='} {limit}"
        return error(
            SchemaFault(kind=SchemaFaultKind.ABOVE, value=value, expected=wanted, noun=noun)
        )

    return check


def integral(value: float) -> SchemaFaults | None:
    """`type: integer` for a number that was written with a fraction or exponent."""
    if value.is_integer():
        return None
    return error(SchemaFault(kind=SchemaFaultKind.TYPE, value=value, expected=["integer"]))


def not_shorter(limit: int) -> Check:
    """`minLength`, in characters."""

    def check(value: str) -> SchemaFaults | None:
        if len(value) >= limit:
            return None
        return error(SchemaFault(kind=SchemaFaultKind.SHORT, value=len(value), expected=limit))

    return check


def not_longer(limit: int) -> Check:
    """`maxLength`, in characters."""

    def check(value: str) -> SchemaFaults | None:
        if len(value) <= limit:
            return None
        return error(SchemaFault(kind=SchemaFaultKind.LONG, value=len(value), expected=limit))

    return check


def matching(pattern: str) -> Check:
    """`pattern`, found anywhere unless anchored."""
    search = re.compile(pattern).search

    def check(value: str) -> SchemaFaults | None:
        if search(value) is not None:
            return None
        return error(SchemaFault(kind=SchemaFaultKind.PATTERN, value=value, expected=pattern))

    return check


def one_of(values: Sequence[JSON], listed: Sequence[JSON]) -> Check:
    """`enum` or `const` for the `values` of one type; `listed` is what a complaint names."""
    allowed = frozenset(value for value in values if not isinstance(value, list | dict))
    names = list(listed)

    def check(value: JSON) -> SchemaFaults | None:
        if value in allowed:
            return None
        return error(SchemaFault(kind=SchemaFaultKind.VALUE, value=value, expected=names))

    return check


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
