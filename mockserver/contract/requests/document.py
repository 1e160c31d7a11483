"""A JSON Schema document read keyword by keyword, with its place in every complaint.

What is understood here is the part of draft 2020-12 that request schemas are written in; anything
else is a ValueError, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from mockserver.core.jsontext import JSON, Object

TYPE_NAMES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
SAID_ONLY = frozenset(
    (
        *("$schema", "$id", "$comment", "$defs", "title", "description", "default"),
        *("examples", "deprecated", "format"),
    )
)
UNIONS = ("anyOf", "oneOf")
BRANCHES = ("then", "else")
KEYWORDS = SAID_ONLY.union(
    ("type", "enum", "const", "$ref", "allOf", "if", *UNIONS, *BRANCHES),
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    ("pattern", "minLength", "maxLength"),
    ("items", "minItems", "maxItems"),
    ("properties", "required", "additionalProperties", "propertyNames"),
    ("minProperties", "maxProperties"),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A schema and where it stands: `file#/pointer`. Every reader raises ValueError with it."""

    file: str
    pointer: str
    schema: Object

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}"

    def amiss(self, keyword: str, right: str) -> ValueError:
        """The complaint about the value of a keyword."""
        found = self.schema[keyword]
        return ValueError(f"{self}: {keyword!r} must be {right}, found {found!r}")

    def inside(self, *steps: str | int) -> Spot:
        """The schema at the end of these steps, which must exist."""
        found: JSON = self.schema
        for step in steps:
            found = found[step]  # type: ignore[index]
        pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
        return spot_of(self.file, self.pointer + pointer, found)

    def each(self, keyword: str) -> Iterator[Spot]:
        """The schemas of a keyword that takes a list of them."""
        listed = self.schema.get(keyword, [])
        if not isinstance(listed, list) or (keyword in self.schema and not listed):
            raise self.amiss(keyword, "a list of one or more schemas")
        for index in range(len(listed)):
            yield self.inside(keyword, index)

    @property
    def properties(self) -> Object:
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
    def fixed(self) -> list[JSON] | None:
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


def spot_of(file: str, pointer: str, schema: JSON) -> Spot:
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
    return Spot(file, pointer, schema)


class Documents:
    """Schema files that may refer to each other by name."""

    def __init__(self, files: Mapping[str, JSON]) -> None:
        self._files = files

    def at(self, reference: str, *, by: Spot | None = None) -> Spot:
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
        return spot_of(file, pointer, found)

    def target(self, spot: Spot) -> Spot:
        """The schema that the `$ref` of this one names."""
        reference = spot.schema["$ref"]
        if not isinstance(reference, str):
            raise spot.amiss("$ref", "a string")
        return self.at(reference, by=spot)
