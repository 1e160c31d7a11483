"""Data that fits a JSON Schema: the same schema always gives the same data.

The keywords of draft 2020-12 that say what a value is are followed. Those that only exclude values (`not`, `if`, and
the like) are not: the caller validates the data. Of an object the required members are made, all where none is
required; of a list as many elements as it needs, one where it may be empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import islice
from math import ceil, floor
from typing import Final
from urllib.parse import unquote

from mockserver.model.json import JSON, JSONObject, as_list, as_object, write
from mockserver.model.pattern_text import PatternError, texts_for

_MAX_STEPS = 50_000
_MAX_REFERENCES = 60
_MAX_LENGTH = 100_000
_MAX_TRIES = 1_000
_PARTS = 16


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FORMATS: Final[Mapping[str, str]] = {
    "date-time": "2026-01-{day:02}T12:00:00Z",
    "date": "2026-01-{day:02}",
    "time": "12:00:{day:02}Z",
    "duration": "P{n}D",
    "email": "user{pad}{n}@example.com",
    "idn-email": "user{pad}{n}@example.com",
    "hostname": "host{pad}{n}.example.com",
    "idn-hostname": "host{pad}{n}.example.com",
    "ipv4": "192.0.2.{n}",
    "ipv6": "2001:db8::{n:x}",
    "uri": "https://example.com/{pad}{n}",
    "uri-reference": "https://example.com/{pad}{n}",
    "iri": "https://example.com/{pad}{n}",
    "iri-reference": "https://example.com/{pad}{n}",
    "uri-template": "https://example.com/{pad}{n}",
    "uuid": "00000000-0000-4000-8000-{n:012x}",
    "json-pointer": "/{pad}{n}",
    "relative-json-pointer": "{n}",
    "regex": "a{pad}{n}",
}
"""Texts of a format, by the number of the variant from 1."""
_DAYS = 28
_OF_TYPE: Final[Mapping[str, Callable[[JSON], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and Fraction(value).denominator == 1,  # type: ignore[arg-type]
    "number": _is_number,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_IMPLIED: Final[Mapping[str, tuple[str, ...]]] = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "patternProperties"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""The type of a schema that names none, by the keywords that it has."""


class NoDataError(Exception):
    """No data can be made for a schema; the message says where and why."""


def data_for(schema: JSON, name: str = "text") -> JSON:
    """Data for a schema that is valid itself; texts without a form of their own say `name` or the member's name.

    Raises:
        NoDataError: nothing fits, or the schema has what is not supported.
    """
    try:
        return _Maker(schema).value(schema, _Place(name))
    except (RecursionError, OverflowError):
        raise NoDataError("its values are too deep or too large") from None


class _Place:
    """Where a value stands: the name that its texts say, its path, the number of the variant that is wanted, and the
    references that are being followed."""

    __slots__ = ("name", "path", "references", "variant")

    def __init__(self, name: str, path: str = "", variant: int = 0, references: frozenset[str] = frozenset()) -> None:
        self.name, self.path, self.variant, self.references = name, path, variant, references

    def member(self, name: str) -> _Place:
        return _Place(name, f"{self.path}.{name}" if self.path else name, self.variant, self.references)

    def element(self, index: int, variant: int) -> _Place:
        return _Place(self.name, f"{self.path}[{index}]", variant, self.references)

    def varied(self, variant: int) -> _Place:
        return _Place(self.name, self.path, variant, self.references)

    def following(self, reference: str) -> _Place:
        return _Place(self.name, self.path, self.variant, self.references | {reference})

    def error(self, reason: str) -> NoDataError:
        return NoDataError(f"{self.path or 'the top'}: {reason}")


class _Maker:
    def __init__(self, root: JSON) -> None:
        self._root = root
        self._steps = 0

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MAX_STEPS:
            raise NoDataError(f"making data takes more than {_MAX_STEPS} steps")

    def value(self, schema: JSON, place: _Place) -> JSON:
        self._spend(1)
        if schema is False:
            raise place.error("the schema false allows nothing")
        if not isinstance(schema, dict):
            return place.name
        if "$ref" in schema:
            return self._referred(schema, place)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                own = {key: one for key, one in schema.items() if key != word}
                branches = [_both(own, branch) for branch in as_list(schema[word])]
                return self._first(branches, place)
        if "allOf" in schema:
            rest: JSON = {key: one for key, one in schema.items() if key != "allOf"}
            return self.value(reduce(_both, as_list(schema["allOf"]), rest), place)
        if "const" in schema or "enum" in schema:
            return _listed(schema, place)
        return self._first_type(schema, place)

    def _first(self, schemas: Sequence[JSON], place: _Place) -> JSON:
        """Data for the first of some schemas for which there is any, of a later variant for one after it."""
        reason = place.error("no alternative is possible")
        inner = place.varied(place.variant // max(1, len(schemas)))
        for schema in _turned(schemas, place.variant):
            try:
                return self.value(schema, inner)
            except NoDataError as error:
                reason = error
        raise reason

    def _referred(self, schema: JSONObject, place: _Place) -> JSON:
        reference = str(schema["$ref"])
        if reference in place.references:
            raise place.error(f"{reference!r} contains itself without an end")
        if len(place.references) >= _MAX_REFERENCES:
            raise place.error(f"more than {_MAX_REFERENCES} references lead to each other")
        own = {key: one for key, one in schema.items() if key != "$ref"}
        return self.value(_both(own, self._target(reference, place)), place.following(reference))

    def _target(self, reference: str, place: _Place) -> JSON:
        found = self._root
        if not reference.startswith("#"):
            raise place.error(f"the reference {reference!r} leads out of the schema")
        for raw in reference[1:].split("/")[1:]:
            step = unquote(raw).replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and step in found:
                found = found[step]
            elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            else:
                raise place.error(f"the reference {reference!r} leads nowhere")
        if reference[1:2] not in ("", "/"):
            raise place.error(f"the reference {reference!r} is no path in the schema")
        return found

    def _first_type(self, schema: JSONObject, place: _Place) -> JSON:
        given = schema.get("type")
        if isinstance(given, list):
            return self._first([schema | {"type": one} for one in given], place)
        if given is None:
            given = next((one for one, words in _IMPLIED.items() if any(word in schema for word in words)), "string")
        match given:
            case "object":
                return self._object(schema, place)
            case "array":
                return self._array(schema, place)
            case "string":
                return self._text(schema, place)
            case "integer" | "number":
                return _number(schema, place, whole=given == "integer")
            case "boolean":
                return place.variant % 2 == 0
            case _:
                return None

    def _object(self, schema: JSONObject, place: _Place) -> JSON:
        properties, more = as_object(schema.get("properties")), schema.get("additionalProperties", True)
        required = [str(name) for name in as_list(schema.get("required"))]
        made: JSONObject = {
            name: self.value(properties.get(name, more), place.member(name)) for name in dict.fromkeys(required)
        }
        least, most = _whole(schema, "minProperties", 0), _whole(schema, "maxProperties", _MAX_LENGTH)
        for name, one in properties.items():
            if name not in made and (len(made) < least or (not required and len(made) < most)):
                try:
                    made[name] = self.value(one, place.member(name))
                except NoDataError:
                    continue
        names = (f"key{number}" for number in range(1, _MAX_LENGTH))
        while len(made) < least:
            name = next(names)
            if name not in properties:
                made[name] = self.value(more, place.member(name))
        if len(made) > most:
            raise place.error(f"{len(made)} members are required, at most {most} allowed")
        return made

    def _array(self, schema: JSONObject, place: _Place) -> JSON:
        least, most = _whole(schema, "minItems", 0), _whole(schema, "maxItems", _MAX_LENGTH)
        firsts, rest, contains = as_list(schema.get("prefixItems")), schema.get("items", True), schema.get("contains")
        wanted = 0 if contains is None else _whole(schema, "minContains", 1)
        count = max(least, min(most, max(1, len(firsts), wanted)))
        if max(least, wanted) > most:
            raise place.error(f"at least {max(least, wanted)} elements are required, at most {most} allowed")
        made: list[JSON] = []
        unique = schema.get("uniqueItems") is True
        known: set[str] = set()
        tried = 0
        while len(made) < count:
            index = len(made)
            one = firsts[index] if index < len(firsts) else rest
            if contains is not None and index < wanted:
                one = _both(one, contains)
            try:
                found = self.value(one, place.element(index, place.variant + (tried if unique else 0)))
            except NoDataError:
                if index >= max(least, wanted):
                    break
                raise
            tried += 1
            if unique and write(found) in known:
                if tried > count + _MAX_TRIES:
                    raise place.error(f"no {count} different elements were found")
                continue
            known.add(write(found))
            made.append(found)
        return made

    def _text(self, schema: JSONObject, place: _Place) -> str:
        least, most = _whole(schema, "minLength", 0), _whole(schema, "maxLength", _MAX_LENGTH)
        if least > min(most, _MAX_LENGTH):
            raise place.error(f"a text of {least} characters is required, at most {min(most, _MAX_LENGTH)} can be made")
        self._spend(least // _PARTS)
        for text in self._texts(schema, place, least):
            if least <= len(text) <= most:
                return text
        raise place.error(f"no text of {least} to {most} characters was found for its form")

    def _texts(self, schema: JSONObject, place: _Place, least: int) -> Iterator[str]:
        pattern, form, variant = schema.get("pattern"), schema.get("format"), place.variant
        if isinstance(pattern, str):
            try:
                yield from texts_for(pattern, variant, least, self._spend)
            except PatternError as error:
                raise place.error(f"no text can be made for the pattern {pattern!r}: {error}") from None
        elif isinstance(form, str) and form in _FORMATS:
            text = _FORMATS[form].format(n=variant + 1, day=variant % _DAYS + 1, pad="")
            yield text
            yield _FORMATS[form].format(n=variant + 1, day=variant % _DAYS + 1, pad="0" * (least - len(text)))
        else:
            number = str(variant + 1) if variant else ""
            most = _whole(schema, "maxLength", _MAX_LENGTH)
            text = place.name[: max(0, most - len(number))] + number
            yield text + "x" * (least - len(text))


# --- values without parts ---


def _turned(values: Sequence[JSON], variant: int) -> list[JSON]:
    """The values in turn from that of a variant on."""
    start = variant % len(values) if values else 0
    return [*values[start:], *values[:start]]


def _whole(schema: JSONObject, keyword: str, default: int) -> int:
    value = schema.get(keyword)
    return int(value) if _is_number(value) else default  # type: ignore[arg-type]


def _listed(schema: JSONObject, place: _Place) -> JSON:
    """A value of `const` or `enum` that has the type of the schema."""
    values = as_list(schema["enum"]) if "enum" in schema else [schema["const"]]
    if "const" in schema:
        values = [value for value in values if write(value) == write(schema["const"])]
    given = schema.get("type")
    types = given if isinstance(given, list) else [] if given is None else [given]
    fitting = [value for value in values if not types or any(_OF_TYPE[str(one)](value) for one in types)]
    if not fitting:
        raise place.error("no value of 'enum' or 'const' is allowed")
    return _turned(fitting, place.variant)[0]


def _number(schema: JSONObject, place: _Place, *, whole: bool) -> JSON:
    """A number within the bounds, from the lower one upward."""
    low, high, above, below, step = (
        Fraction(str(value)) if _is_number(value := schema.get(keyword)) else None
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    )
    start = max((one for one in (low, above) if one is not None), default=None)
    end = min((one for one in (high, below) if one is not None), default=None)
    if whole:
        step = Fraction(1) if step is None else Fraction(step.numerator)
    fitting = (
        int(one) if one.denominator == 1 else float(one)
        for one in _numbers(start, end, step)
        if (start is None or one >= start) and (end is None or one <= end) and one not in (above, below)
    )
    divisor = schema.get("multipleOf")
    found = [*islice((one for one in fitting if divisor is None or _divides(one, divisor)), place.variant + 1)]
    if not found:
        raise place.error("no number was found within its bounds")
    return found[-1]


def _numbers(start: Fraction | None, end: Fraction | None, step: Fraction | None) -> Iterator[Fraction]:
    """Multiples of a step that may lie between two numbers, without a step whole numbers and others."""
    unit = step or Fraction(1)
    first = 1 if start is None else ceil(start / unit)
    yield from (unit * (first + number) for number in range(_MAX_TRIES))
    if end is not None and start is None:
        yield from (unit * (floor(end / unit) - number) for number in range(_MAX_TRIES))
    if step is None and start is not None and end is not None:
        yield from (start + (end - start) * number / _PARTS for number in range(_PARTS + 1))


def _divides(value: JSON, divisor: JSON) -> bool:
    """Whether a number is a multiple also in the arithmetic of those who validate it."""
    if isinstance(divisor, float) or isinstance(value, float):
        return (value / divisor).is_integer()  # type: ignore[operator]  # numbers
    return value % divisor == 0  # type: ignore[operator]  # numbers


# --- two schemas at once ---

_LEAST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"})
_MOST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"})


def _both(one: JSON, other: JSON) -> JSON:
    """A schema for what fits two schemas, as far as one can be written."""
    if one is False or other is False:
        return False
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other if not isinstance(one, dict) else one
    made = dict(one)
    for key, value in other.items():
        made[key] = value if key not in made else _together(key, made[key], value)
    left = [{key: value} for key, value in other.items() if key in _BRANCHES and key in one and one[key] != value]
    for branch in left:
        made["allOf"] = [*as_list(made.get("allOf")), branch]
    return made


_BRANCHES = frozenset({"anyOf", "oneOf", "$ref"})


def _together(key: str, one: JSON, other: JSON) -> JSON:
    if key in _LEAST or key in _MOST:
        return (max if key in _LEAST else min)(one, other)  # type: ignore[type-var]
    match key:
        case "properties":
            mine, theirs = as_object(one), as_object(other)
            shared: JSONObject = {name: _both(mine[name], theirs[name]) for name in mine if name in theirs}
            return mine | theirs | shared
        case "required":
            return [*as_list(one), *(name for name in as_list(other) if name not in as_list(one))]
        case "allOf":
            return [*as_list(one), *as_list(other)]
        case "type":
            return _types(one, other)
        case "enum":
            known = {write(value) for value in as_list(other)}
            return [value for value in as_list(one) if write(value) in known]
        case "items" | "additionalProperties" | "contains":
            return _both(one, other)
        case "uniqueItems":
            return one is True or other is True
        case _:
            return one


def _types(one: JSON, other: JSON) -> JSON:
    mine, theirs = (value if isinstance(value, list) else [value] for value in (one, other))
    shared: list[JSON] = [value for value in mine if value in theirs]
    if "integer" not in shared and {"integer", "number"} <= {*map(str, mine), *map(str, theirs)}:
        shared.append("integer")
    return shared
