"""A compiled schema: for each type of JSON value the check that it has to pass.

The table is the heart of the speed: a parent looks up the type of a member and calls nothing at all
where that type needs no further check. Tables of alternatives merge, tables of demands add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from mockserver.contract.schema_faults import (
    Check,
    SchemaFault,
    SchemaFaultKind,
    SchemaFaults,
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
