"""From JSON Schema to checks: each schema becomes a table of checks by JSON type.

Where a schema lists `properties` without `additionalProperties`, other members are valid and
noticed. `notices` says whether a schema reports them itself, or one around it that sees more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias

from mockserver.contract.schema_checks import (
    ANYTHING,
    BOUNDS,
    TYPES,
    Branch,
    Check,
    ExtraMember,
    SchemaFaults,
    Table,
    Tags,
    WrongType,
    all_of,
    bounded,
    each_of,
    elements,
    forbidden,
    integral,
    matching,
    member_names,
    members,
    noticed,
    one_of,
    passes,
    typed,
    union,
)
from mockserver.model.json import JSON, JSONObject

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
    (*("$schema", "$id", "$comment", "$defs", "title", "description", "default"), *("examples", "deprecated", "format"))
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


class SchemaLocation(NamedTuple):
    """A schema and its location, `file#/pointer`. Readers raise ValueError naming the location."""

    file: str
    pointer: str
    schema: JSONObject

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}"

    def error(self, keyword: str, expected: str) -> ValueError:
        found = self.schema[keyword]
        return ValueError(f"{self}: {keyword!r} must be {expected}, found {found!r}")

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
            raise self.error(keyword, "a list of one or more schemas")
        for index in range(len(listed)):
            yield self.inside(keyword, index)

    @property
    def properties(self) -> JSONObject:
        properties = self.schema.get("properties", {})
        if not isinstance(properties, dict):
            raise self.error("properties", "an object")
        return properties

    @property
    def required(self) -> list[str]:
        required = self.schema.get("required", [])
        listed = required if isinstance(required, list) else []
        names = [name for name in listed if isinstance(name, str)]
        if names != required:
            raise self.error("required", "a list of names")
        return names

    @property
    def types(self) -> tuple[str, ...]:
        """The types that are allowed, empty where all are."""
        item = self.schema.get("type", [])
        listed = item if isinstance(item, list) else [item]
        names = tuple(name for name in listed if isinstance(name, str) and name in TYPE_NAMES)
        if len(names) != len(listed) or ("type" in self.schema and not names):
            raise self.error("type", f"one or more of {sorted(TYPE_NAMES)}")
        return names

    @property
    def static(self) -> list[JSON] | None:
        """The values of `enum` or `const`, None where there is neither."""
        keyword = "const" if "const" in self.schema else "enum"
        if keyword not in self.schema:
            return None
        values = self.schema[keyword] if keyword == "enum" else [self.schema["const"]]
        if not isinstance(values, list) or any(isinstance(value, list | dict) for value in values):
            raise self.error(keyword, "made of strings, numbers, booleans and null")
        if keyword == "const" and "enum" in self.schema:
            raise self.error("enum", "omitted when 'const' is given")
        return values

    def number(self, keyword: str) -> float:
        value = self.schema[keyword]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(keyword, "a number")
        return value

    def size(self, keyword: str) -> int:
        value = self.schema[keyword]
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.error(keyword, "a whole number from 0")
        return value

    def expression(self, keyword: str) -> str:
        pattern = self.schema[keyword]
        try:
            re.compile(pattern if isinstance(pattern, str) else "(")
        except re.error:
            raise self.error(keyword, "a regular expression") from None
        return str(pattern)


def location_of(file: str, pointer: str, schema: JSON) -> SchemaLocation:
    """The schema at a location; raises ValueError for an unknown keyword."""
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

    def target(self, place: SchemaLocation) -> SchemaLocation:
        reference = place.schema["$ref"]
        if not isinstance(reference, str):
            raise place.error("$ref", "a string")
        return self.at(reference, by=place)


_Key: TypeAlias = tuple[str, str, bool]

_WORDS: Mapping[type, str] = {kind: name for name, kinds in TYPE_NAMES.items() for kind in kinds}
_BOUNDS: Mapping[type, tuple[str, ...]] = {
    int: ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
    str: ("minLength", "maxLength"),
    list: ("minItems", "maxItems"),
    dict: ("minProperties", "maxProperties"),
}
# A schema of these alone leaves its members to its branches.
_PASSED_ON = ANNOTATION_KEYWORDS.union(UNIONS, ("type",))
# Schemas of these alone share one table if they are equal.
_PLAIN = ANNOTATION_KEYWORDS.union(("type", "enum", "const", "pattern"), BOUNDS)
_APPLYING = frozenset(("$ref", "allOf", "if", *UNIONS))


class Compiler:
    def __init__(self, files: Mapping[str, JSON]) -> None:
        self._documents = Documents(files)
        self._done: dict[_Key, Table] = {}
        self._compiling: set[_Key] = set()
        self._plain: dict[str, Table] = {}

    def table(self, reference: str) -> Table:
        """The table of a file, or of `file#/pointer`. Raises ValueError for an invalid schema."""
        return self._table(self._documents.at(reference), notices=True)

    def names(self, reference: str) -> frozenset[str] | None:
        """Every member that a schema names for its own object; None where it accepts all."""
        return self._names(self._documents.at(reference), frozenset())

    # --- one schema ---------------------------------------------------------------------------

    def _table(self, place: SchemaLocation, *, notices: bool) -> Table:
        """Compile once. A schema that refers to itself is looked up when it is used."""
        key = (place.file, place.pointer, notices)
        if key in self._compiling:
            return dict.fromkeys(TYPES, self._deferred(key))
        if key not in self._done:
            self._compiling.add(key)
            self._done[key] = self._compile(place, notices=notices)
            self._compiling.discard(key)
        return self._done[key]

    def _deferred(self, key: _Key) -> Check:
        done = self._done

        def check(value: JSON) -> SchemaFaults | None:
            check_value = done[key][type(value)]
            return None if check_value is None else check_value(value)

        return check

    def _compile(self, place: SchemaLocation, *, notices: bool) -> Table:
        schema = place.schema
        if _PLAIN.issuperset(schema):
            key = repr([item for item in schema.items() if item[0] not in ANNOTATION_KEYWORDS])
            if key not in self._plain:
                self._plain[key] = self._keywords(place, reports=False)
            return self._plain[key]
        if "$ref" in schema and ANNOTATION_KEYWORDS.issuperset(schema.keys() - {"$ref"}):
            return self._table(self._documents.target(place), notices=notices)
        reports = notices and not _PASSED_ON.issuperset(schema)
        inner = notices and not reports
        parts = [self._keywords(place, reports=reports)]
        if _APPLYING.isdisjoint(schema):
            return parts[0]
        if "$ref" in schema:
            parts.append(self._table(self._documents.target(place), notices=inner))
        parts.extend(self._table(part, notices=inner) for part in place.each("allOf"))
        for keyword in UNIONS:
            branches = [self._branch(part, notices=inner) for part in place.each(keyword)]
            if branches:
                parts.append(union(branches, single=keyword == "oneOf"))
        if "if" in schema:
            parts.append(self._conditional(place))
        return all_of(parts)

    def _branch(self, place: SchemaLocation, *, notices: bool) -> Branch:
        return Branch(table=self._table(place, notices=notices), tags=self._tags(place, frozenset()))

    def _tags(self, place: SchemaLocation, seen: frozenset[str]) -> Tags:
        """The members whose fixed values can identify a branch."""
        if "$ref" in place.schema and str(place) not in seen:
            return self._tags(self._documents.target(place), seen | {str(place)})
        tags: dict[str, tuple[tuple[str | None, ...], bool]] = {}
        for name in place.properties:
            static = place.inside("properties", name).static or []
            values = tuple(value for value in static if value is None or isinstance(value, str))
            if values and len(values) == len(static):
                tags[name] = (values, name in place.required)
        return tags

    def _conditional(self, place: SchemaLocation) -> Table:
        condition = self._table(place.inside("if"), notices=False)
        then, otherwise = (
            self._table(place.inside(keyword), notices=False) if keyword in place.schema else ANYTHING
            for keyword in BRANCHES
        )

        def check(value: JSON) -> SchemaFaults | None:
            check_value = (then if passes(condition, value) else otherwise)[type(value)]
            return None if check_value is None else check_value(value)

        return dict.fromkeys(TYPES, check)

    # --- the keywords of one schema -------------------------------------------------------------

    def _keywords(self, place: SchemaLocation, *, reports: bool) -> Table:
        typed = self._typed(place)
        if ANNOTATION_KEYWORDS.union(("type",)).issuperset(place.schema):
            return typed
        numbers = list(_bounds(place, int))
        checks: Mapping[type, list[Check]] = {
            int: numbers,
            float: numbers,
            str: list(_of_strings(place)),
            list: list(self._of_arrays(place)),
            dict: list(self._of_objects(place, reports=reports)),
        }
        with_checks = {kind: each_of(some) for kind, some in checks.items() if some}
        return all_of([typed, _fixed(place), {**ANYTHING, **with_checks} if with_checks else ANYTHING])

    def _typed(self, place: SchemaLocation) -> Table:
        types = place.types
        if not types:
            return ANYTHING
        taken = {kind for name in types for kind in TYPE_NAMES[name]}
        wrong = WrongType(tuple(self._word(place, name) for name in types))
        table: Table = {kind: None if kind in taken else wrong for kind in TYPES}
        if "integer" in types and "number" not in types:
            table[float] = integral
        return table

    def _word(self, place: SchemaLocation, name: str) -> str:
        """`array of objects` where that is all it may hold, else the name of the type."""
        if name != "array" or "items" not in place.schema:
            return name
        items = self._table(place.inside("items"), notices=True)
        held = {_WORDS[kind] for kind in TYPES if not isinstance(items[kind], WrongType)}
        return f"array of {held.pop()}s" if len(held) == 1 else name

    def _of_arrays(self, place: SchemaLocation) -> Iterator[Check]:
        if "items" not in place.schema:
            yield from _bounds(place, list)
            return
        items = self._table(place.inside("items"), notices=True)
        if "minItems" in place.schema and "maxItems" not in place.schema:
            yield elements(items, least=place.size("minItems"))
        else:
            yield from _bounds(place, list)
            yield elements(items)

    def _of_objects(self, place: SchemaLocation, *, reports: bool) -> Iterator[Check]:
        yield from _bounds(place, dict)
        if "propertyNames" in place.schema:
            names = self._table(place.inside("propertyNames"), notices=False)[str]
            if names is not None:
                yield member_names(names)
        properties = {name: self._table(place.inside("properties", name), notices=True) for name in place.properties}
        required = place.required
        extra = self._extra_member(place, reports=reports)
        if properties or required or extra is not None:
            yield members(properties, required, extra)

    def _extra_member(self, place: SchemaLocation, *, reports: bool) -> ExtraMember | None:
        rest = place.schema.get("additionalProperties")
        if rest is False:
            return forbidden
        if rest is not None:
            return typed(self._table(place.inside("additionalProperties"), notices=True))
        known = self._names(place, frozenset()) if reports else None
        return noticed(known) if known else None

    def _names(self, place: SchemaLocation, seen: frozenset[str]) -> frozenset[str] | None:
        """The members that this schema or one in its place names; None where all are accepted."""
        if "additionalProperties" in place.schema:
            return None
        if str(place) in seen:
            return frozenset()
        found = frozenset(place.properties)
        for part in self._in_place(place):
            names = self._names(part, seen | {str(place)})
            if names is None:
                return None
            found |= names
        return found

    def _in_place(self, place: SchemaLocation) -> Iterator[SchemaLocation]:
        if "$ref" in place.schema:
            yield self._documents.target(place)
        for keyword in ("allOf", *UNIONS):
            yield from place.each(keyword)
        for keyword in BRANCHES:
            if keyword in place.schema:
                yield place.inside(keyword)


def _fixed(place: SchemaLocation) -> Table:
    static = place.static
    if static is None:
        return ANYTHING
    listed = [value for value in static if value is not None]
    table: Table = dict.fromkeys(TYPES, WrongType(tuple(dict.fromkeys(_WORDS[type(value)] for value in static))))
    for value in static:
        # A whole number equals itself written with a fraction, as JSON Schema has it.
        family = (int, float) if type(value) in (int, float) else (type(value),)
        table.update(dict.fromkeys(family, one_of([other for other in static if type(other) in family], listed)))
    return table


def _of_strings(place: SchemaLocation) -> Iterator[Check]:
    yield from _bounds(place, str)
    if "pattern" in place.schema:
        yield matching(place.expression("pattern"))


def _bounds(place: SchemaLocation, kind: type) -> Iterator[Check]:
    noun = "integer" if "integer" in place.types and "number" not in place.types else "decimal"
    for keyword in _BOUNDS[kind]:
        if keyword in place.schema:
            limit = place.number(keyword) if kind is int else place.size(keyword)
            yield bounded(keyword, limit, noun if kind is int else "")
