"""From JSON Schema to checks: each schema becomes a table, each keyword adds to it.

Where a schema lists `properties` and says nothing of `additionalProperties`, further members are
valid and noticed. `loud` below says who notices: a schema itself, or one around it that sees more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from mockserver.contract.error_messages import Check, SchemaFaultKind, SchemaFaults
from mockserver.contract.schema_checks import (
    ANNOTATION_KEYWORDS,
    ANYTHING,
    BRANCHES,
    TYPE_NAMES,
    TYPES,
    UNIONS,
    Branch,
    Documents,
    SchemaLocation,
    Table,
    Tags,
    UnexpectedMember,
    WrongValue,
    at_least,
    at_most,
    demanding,
    each_of,
    elements,
    forbidden,
    integral,
    like,
    matching,
    members,
    named,
    not_longer,
    not_shorter,
    one_of,
    passes,
    sized,
    union,
    unnamed,
)
from mockserver.model.json import JSON

_Key: TypeAlias = tuple[str, str, bool]

_WORDS: Mapping[type, str] = {kind: name for name, kinds in TYPE_NAMES.items() for kind in kinds}
_RANGES: Mapping[str, tuple[Callable[..., Check], bool]] = {
    "minimum": (at_least, False),
    "exclusiveMinimum": (at_least, True),
    "maximum": (at_most, False),
    "exclusiveMaximum": (at_most, True),
}
_LENGTHS: Mapping[str, Callable[[int], Check]] = {
    "minLength": not_shorter,
    "maxLength": not_longer,
}
_SIZES: Mapping[str, tuple[type, SchemaFaultKind]] = {
    "minItems": (list, SchemaFaultKind.FEW),
    "maxItems": (list, SchemaFaultKind.MANY),
    "minProperties": (dict, SchemaFaultKind.SPARSE),
    "maxProperties": (dict, SchemaFaultKind.CROWDED),
}
# With nothing but these, a schema leaves its members to its branches.
_PASSED_ON = ANNOTATION_KEYWORDS.union(UNIONS, ("type",))
# Most schemas are of these alone, and most of those are alike: one table does for all of a kind.
_PLAIN = ANNOTATION_KEYWORDS.union(("type", "enum", "const", "pattern"), _RANGES, _LENGTHS, _SIZES)
_APPLYING = frozenset(("$ref", "allOf", "if", *UNIONS))


class Compiler:
    """Compiles the schemas of a set of files."""

    def __init__(self, files: Mapping[str, JSON]) -> None:
        self._documents = Documents(files)
        self._done: dict[_Key, Table] = {}
        self._under_way: set[_Key] = set()
        self._plain: dict[str, Table] = {}

    def table(self, reference: str) -> Table:
        """The table of a file, or of `file#/pointer`; ValueError where a schema is not usable."""
        return self._table(self._documents.at(reference), loud=True)

    def names(self, reference: str) -> frozenset[str] | None:
        """Every member that a schema names for its own object; None where it welcomes all."""
        return self._names(self._documents.at(reference), frozenset())

    # --- one schema ---------------------------------------------------------------------------

    def _table(self, spot: SchemaLocation, *, loud: bool) -> Table:
        """Compile once; a schema that is under way is looked up when a value comes."""
        key = (spot.file, spot.pointer, loud)
        if key in self._under_way:
            return dict.fromkeys(TYPES, self._later(key))
        if key not in self._done:
            self._under_way.add(key)
            self._done[key] = self._made(spot, loud=loud)
            self._under_way.discard(key)
        return self._done[key]

    def _later(self, key: _Key) -> Check:
        done = self._done

        def check(value: JSON) -> SchemaFaults | None:
            judge = done[key][type(value)]
            return None if judge is None else judge(value)

        return check

    def _made(self, spot: SchemaLocation, *, loud: bool) -> Table:
        schema = spot.schema
        if _PLAIN.issuperset(schema):
            key = repr([said for said in schema.items() if said[0] not in ANNOTATION_KEYWORDS])
            if key not in self._plain:
                self._plain[key] = self._own(spot, gathers=False)
            return self._plain[key]
        if "$ref" in schema and ANNOTATION_KEYWORDS.issuperset(schema.keys() - {"$ref"}):
            return self._table(self._documents.target(spot), loud=loud)
        gathers = loud and not _PASSED_ON.issuperset(schema)
        inner = loud and not gathers
        parts = [self._own(spot, gathers=gathers)]
        if _APPLYING.isdisjoint(schema):
            return parts[0]
        if "$ref" in schema:
            parts.append(self._table(self._documents.target(spot), loud=inner))
        parts.extend(self._table(part, loud=inner) for part in spot.each("allOf"))
        for keyword in UNIONS:
            branches = [self._branch(part, loud=inner) for part in spot.each(keyword)]
            if branches:
                parts.append(union(branches, single=keyword == "oneOf"))
        if "if" in schema:
            parts.append(self._conditional(spot))
        return demanding(parts)

    def _branch(self, spot: SchemaLocation, *, loud: bool) -> Branch:
        return Branch(table=self._table(spot, loud=loud), tags=self._tags(spot, frozenset()))

    def _tags(self, spot: SchemaLocation, seen: frozenset[str]) -> Tags:
        """The members by whose fixed values a branch can be told."""
        if "$ref" in spot.schema and str(spot) not in seen:
            return self._tags(self._documents.target(spot), seen | {str(spot)})
        tags: dict[str, tuple[tuple[str | None, ...], bool]] = {}
        for name in spot.properties:
            static = spot.inside("properties", name).static or []
            values = tuple(value for value in static if value is None or isinstance(value, str))
            if values and len(values) == len(static):
                tags[name] = (values, name in spot.required)
        return tags

    def _conditional(self, spot: SchemaLocation) -> Table:
        asked = self._table(spot.inside("if"), loud=False)
        then, otherwise = (
            self._table(spot.inside(keyword), loud=False) if keyword in spot.schema else ANYTHING
            for keyword in BRANCHES
        )

        def check(value: JSON) -> SchemaFaults | None:
            judge = (then if passes(asked, value) else otherwise)[type(value)]
            return None if judge is None else judge(value)

        return dict.fromkeys(TYPES, check)

    # --- the keywords of one schema -------------------------------------------------------------

    def _own(self, spot: SchemaLocation, *, gathers: bool) -> Table:
        typed = self._typed(spot)
        if ANNOTATION_KEYWORDS.union(("type",)).issuperset(spot.schema):
            return typed
        numbers = list(_of_numbers(spot))
        checks: Mapping[type, list[Check]] = {
            int: numbers,
            float: numbers,
            str: list(_of_strings(spot)),
            list: list(self._of_arrays(spot)),
            dict: list(self._of_objects(spot, gathers=gathers)),
        }
        asking = {kind: each_of(some) for kind, some in checks.items() if some}
        return demanding([typed, _fixed(spot), {**ANYTHING, **asking} if asking else ANYTHING])

    def _typed(self, spot: SchemaLocation) -> Table:
        types = spot.types
        if not types:
            return ANYTHING
        taken = {kind for name in types for kind in TYPE_NAMES[name]}
        wrong = WrongValue(tuple(self._word(spot, name) for name in types))
        table: Table = {kind: None if kind in taken else wrong for kind in TYPES}
        if "integer" in types and "number" not in types:
            table[float] = integral
        return table

    def _word(self, spot: SchemaLocation, name: str) -> str:
        """`array of objects` where that is all it may hold, else the name of the type."""
        if name != "array" or "items" not in spot.schema:
            return name
        items = self._table(spot.inside("items"), loud=True)
        held = {_WORDS[kind] for kind in TYPES if not isinstance(items[kind], WrongValue)}
        return f"array of {held.pop()}s" if len(held) == 1 else name

    def _of_arrays(self, spot: SchemaLocation) -> Iterator[Check]:
        sizes = {keyword for keyword, (kind, _) in _SIZES.items() if kind is list}
        if "items" not in spot.schema:
            yield from _sizes(spot, list)
        elif sizes.intersection(spot.schema) == {"minItems"}:
            items = self._table(spot.inside("items"), loud=True)
            yield elements(items, least=spot.size("minItems"))
        else:
            yield from _sizes(spot, list)
            yield elements(self._table(spot.inside("items"), loud=True))

    def _of_objects(self, spot: SchemaLocation, *, gathers: bool) -> Iterator[Check]:
        yield from _sizes(spot, dict)
        if "propertyNames" in spot.schema:
            yield named(self._table(spot.inside("propertyNames"), loud=False))
        properties = {
            name: self._table(spot.inside("properties", name), loud=True)
            for name in spot.properties
        }
        required = spot.required
        stray = self._stray(spot, gathers=gathers)
        if properties or required or stray is not None:
            yield members(properties, required, stray)

    def _stray(self, spot: SchemaLocation, *, gathers: bool) -> UnexpectedMember | None:
        """What becomes of a member that `properties` does not name."""
        rest = spot.schema.get("additionalProperties")
        if rest is False:
            return forbidden
        if rest is not None:
            return like(self._table(spot.inside("additionalProperties"), loud=True))
        known = self._names(spot, frozenset()) if gathers else None
        return unnamed(known) if known else None

    def _names(self, spot: SchemaLocation, seen: frozenset[str]) -> frozenset[str] | None:
        """The members that this schema or one in its place names; None where all are welcome."""
        if "additionalProperties" in spot.schema:
            return None
        if str(spot) in seen:
            return frozenset()
        found = frozenset(spot.properties)
        for part in self._in_place(spot):
            names = self._names(part, seen | {str(spot)})
            if names is None:
                return None
            found |= names
        return found

    def _in_place(self, spot: SchemaLocation) -> Iterator[SchemaLocation]:
        if "$ref" in spot.schema:
            yield self._documents.target(spot)
        for keyword in ("allOf", *UNIONS):
            yield from spot.each(keyword)
        for keyword in BRANCHES:
            if keyword in spot.schema:
                yield spot.inside(keyword)


def _fixed(spot: SchemaLocation) -> Table:
    static = spot.static
    if static is None:
        return ANYTHING
    listed = [value for value in static if value is not None]
    wrong = WrongValue(tuple(dict.fromkeys(_WORDS[type(value)] for value in static)))
    table: Table = dict.fromkeys(TYPES, wrong)
    for value in static:
        # A whole number equals itself written with a fraction, as JSON Schema has it.
        family = (int, float) if type(value) in (int, float) else (type(value),)
        check = one_of([other for other in static if type(other) in family], listed)
        table.update(dict.fromkeys(family, check))
    return table


def _of_numbers(spot: SchemaLocation) -> Iterator[Check]:
    noun = "integer" if "integer" in spot.types and "number" not in spot.types else "decimal"
    for keyword, (factory, exclusive) in _RANGES.items():
        if keyword in spot.schema:
            yield factory(spot.number(keyword), noun=noun, exclusive=exclusive)


def _of_strings(spot: SchemaLocation) -> Iterator[Check]:
    for keyword, factory in _LENGTHS.items():
        if keyword in spot.schema:
            yield factory(spot.size(keyword))
    if "pattern" in spot.schema:
        yield matching(spot.expression("pattern"))


def _sizes(spot: SchemaLocation, wanted: type) -> Iterator[Check]:
    for keyword, (kind, fault) in _SIZES.items():
        if kind is wanted and keyword in spot.schema:
            yield sized(fault, spot.size(keyword))
