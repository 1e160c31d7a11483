"""The language of request tables.

A table is compact text. A row is a kind of object and its members: `name:type` is required,
`name?:type` optional. Further members are unknown parameters; after `...` the API is known to accept
them, after `..?` it was not seen what it does, and only strict checks reject them. Indented lines
continue a row. Types:

    string(1..64)           a word, with bounds of its length or value
    name(..64)              a string of letters, digits, `_` and `-`; a label has fewer bounds
    string|null             alternatives
    #effort                 a string of the list of values of that name
    @tool.function          an object of that kind
    @tool.*                 an object of the kind that its `type` names
    [@message](1..)         a list, with bounds of its length
    [@tool.*]~array_of_tools    the same, with the words by which error messages name it
    %input                  a function of the table

Words: any, null, boolean, integer, number, string, name, label, object, strings (an object of
strings), metadata.

Every type has a function for each JSON type that checks a value, or None where any value is valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from mockserver.contract.error_messages import listing, quoted
from mockserver.model.json import JSON, JSONObject

if TYPE_CHECKING:
    from mockserver.contract.request_table import BodyCheck

_ALTERNATIVE = re.compile(
    r"(?P<list>\[)?(?P<name>[#@%]?[\w.*-]+)(?(list)\])"
    r"(?:\((?P<low>-?\d+)?\.\.(?P<high>-?\d+)?\))?(?:~(?P<noun>\w+))?"
)
_PATTERNS = {"name": re.compile(r"[a-zA-Z0-9_-]+"), "label": re.compile(r"[^\s<|\\/>]+")}
_LONG_VALUE = 13
_ANY: tuple[type, ...] = (type(None), bool, int, float, str, list, dict)
_TYPE_OF_WORD: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "name": (str,),
    "label": (str,),
    "object": (dict,),
    "strings": (dict,),
    "metadata": (dict,),
}


Check: TypeAlias = Callable[["BodyCheck", Any, str], None]
"""Reports what is wrong with a value, of the JSON type that it is for, at a path."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of a type: a word, or a reference marked by `#`, `@` or `%`."""

    name: str
    is_list: bool = False
    low: int | None = None
    high: int | None = None
    noun: str = ""

    @property
    def json_types(self) -> tuple[type, ...]:
        """The JSON types that this alternative takes."""
        if self.is_list:
            return (list,)
        by_mark = {"#": (str,), "@": (dict,), "%": _ANY}
        return by_mark.get(self.name[0]) or _TYPE_OF_WORD.get(self.name, _ANY)


@dataclass(frozen=True, slots=True)
class Type:
    """The alternatives of a type; `checks` has the check of a value by its JSON type, None where
    any value of that JSON type is valid."""

    alternatives: tuple[Alternative, ...]
    checks: Mapping[type, Check | None]

    @staticmethod
    def of(*alternatives: Alternative) -> Type:
        """The type with these alternatives; the first that takes a JSON type is used for it."""
        checks: dict[type, Check | None] = {}
        made = Type(alternatives, checks)
        # A word before a function, which takes every JSON type.
        for one in sorted(alternatives, key=lambda one: one.name[0] == "%"):
            check = _check_of(one)
            for kind in one.json_types:
                checks.setdefault(kind, check)
        integer = next((check for one in alternatives if one.name == "integer" for check in [_bounds(one)]), None)
        for kind in _ANY:
            checks.setdefault(kind, _wrong_type(made, integer if kind is float else None))
        return made


def _check_of(one: Alternative) -> Check | None:
    """The check of an alternative, for the JSON types that it takes."""
    if one.is_list:
        return _elements(one)
    mark, name = one.name[0], one.name[1:]
    bounded = (one.low, one.high) != (None, None)
    match mark, one.name:
        case "#", _:
            return _one_of(name)
        case "%", _:
            return lambda check, value, path: check.table.functions[name](check, value, path)
        case "@", _:
            return _member_of(name) if name.endswith(".*") else _object(name)
        case _, "name" | "label":
            return _name(one, _PATTERNS[one.name])
        case _, "string" if bounded:
            return _length("string", one)
        case _, "strings" | "metadata":
            return _strings(one)
        case _, "integer" | "number" if bounded:
            return _bounds(one)
        case _:
            return None


def _wrong_type(expected: Type, integer: Check | None) -> Check:
    """Reports the type; `integer` checks a float that has the value of an integer."""

    def check_type(check: BodyCheck, value: JSON, path: str) -> None:
        if integer is not None and isinstance(value, float) and value.is_integer():
            integer(check, value, path)
        else:
            check.wrong_type(path, value, check.describe(expected))

    return check_type


def _elements(one: Alternative) -> Check:
    checks = Type.of(Alternative(one.name)).checks
    check_length = _length("array", one)

    def check_elements(check: BodyCheck, value: list[JSON], path: str) -> None:
        check_length(check, value, path)
        for index, each in enumerate(value):
            inner = checks[type(each)]
            if inner is not None:
                inner(check, each, f"{path}[{index}]" if path else "")

    return check_elements


def _one_of(name: str) -> Check:
    def check_value(check: BodyCheck, value: str, path: str) -> None:
        values = check.table.values[name]
        if value not in values:
            check.wrong_value(path, value, values)

    return check_value


def _object(name: str) -> Check:
    return lambda check, value, path: check.object(value, check.table.kinds[name], path)


def _member_of(name: str) -> Check:
    """The check of an object whose `type` names its kind, one of a family of kinds."""
    family = name.removesuffix("*")

    def check_kind(check: BodyCheck, value: JSONObject, path: str) -> None:
        kind = tagged_kind(check, value, family, path)
        if kind is not None:
            check.object(value, kind, path)

    return check_kind


def tagged_kind(check: BodyCheck, value: JSONObject, family: str, path: str) -> Kind | None:
    """The kind that the `type` of an object names, of a family such as `tool.`; None where it names
    none, which is reported."""
    kinds, tag, place = check.table.kinds, value.get("type"), f"{path}.type"
    kind = kinds.get(family + tag) if isinstance(tag, str) else None
    if kind is not None:
        return kind
    if "type" not in value:
        check.missing(place)
        return None
    values = tuple(one.removeprefix(family) for one in kinds if one.startswith(family))
    values = check.table.values.get(family + "type", values)
    if isinstance(tag, str):
        check.wrong_value(place, tag, values)
    else:
        check.wrong_type(place, tag, f"one of {choices(values)}")
    return None


def _bounds(one: Alternative) -> Check:
    noun = "integer" if one.name == "integer" else "decimal"

    def check_bounds(check: BodyCheck, value: float, path: str) -> None:
        if one.low is not None and value < one.low:
            side, bound, limit = "below", "min", f">= {one.low}"
        elif one.high is not None and value > one.high:
            side, bound, limit = "above", "max", f"<= {one.high}"
        else:
            return
        message = (
            f"Invalid '{path}': {noun} {side} {bound}imum value. "
            f"Expected a value {limit}, but got {quoted(value)} instead."
        )
        check.report("range", path, message, f"{noun}_{side}_{bound}_value")

    return check_bounds


def _length(noun: str, one: Alternative) -> Check:
    article = "an" if noun == "array" else "a"

    def check_length(check: BodyCheck, value: str | list[JSON], path: str) -> None:
        length = len(value)
        if one.low is not None and length < one.low:
            bound, limit = "minimum", one.low
            if length == 0:
                wrong, got, code = f"empty {noun}", f"an empty {noun}", f"empty_{noun}"
            else:
                wrong, got = f"{noun} too short", f"{article} {noun} with length {length}"
                code = f"{noun}_below_min_length"
        elif one.high is not None and length > one.high:
            wrong, bound, limit = f"{noun} too long", "maximum", one.high
            got, code = f"{article} {noun} with length {length}", f"{noun}_above_max_length"
        else:
            return
        message = (
            f"Invalid '{path}': {wrong}. Expected {article} {noun} with {bound} length {limit}, but got {got} instead."
        )
        check.report("length", path, message, code)

    return check_length


def _name(one: Alternative, pattern: re.Pattern[str]) -> Check:
    check_length = _length("string", one)

    def check_name(check: BodyCheck, value: str, path: str) -> None:
        check_length(check, value, path)
        if value and not pattern.fullmatch(value):
            message = (
                f"Invalid '{path}': string does not match pattern. Expected a string that "
                f"matches the pattern '^{pattern.pattern}$'."
            )
            check.report("pattern", path, message, "invalid_value")

    return check_name


def _strings(one: Alternative) -> Check:
    metadata = one.name == "metadata"
    checks = Type.of(Alternative("string", high=512 if metadata else None)).checks

    def check_strings(check: BodyCheck, value: JSONObject, path: str) -> None:
        if metadata and len(value) > 16:
            message = (
                f"Invalid '{path}': too many properties. Expected an object with at most 16 "
                f"properties, but got an object with {len(value)} properties instead."
            )
            check.report("count", path, message, "object_above_max_properties")
        for name, each in value.items():
            if metadata and len(name) > 64:
                message = (
                    f"Invalid property name in '{path}': {shortened(name)} is too long. Expected "
                    f"a string with maximum length 64, but got a string with length {len(name)} "
                    "instead."
                )
                check.report("name", f"{path}.{name}", message, "property_name_above_max_length")
            inner = checks[type(each)]
            if inner is not None:
                inner(check, each, check.member(path, name))

    return check_strings


def shortened(value: str) -> str:
    """A value as error messages quote it, with its middle left out where it is long."""
    return f"'{value[:3]}...{value[-3:]}'" if len(value) >= _LONG_VALUE else f"'{value}'"


def choices(values: Sequence[str]) -> str:
    """The values that are possible, as error messages name them in place of a type."""
    return listing([shortened(each) for each in values], "or")


class Further(StrEnum):
    """What the API does with further members of an object; the values are the marks in a table."""

    REFUSED = ""
    UNMEASURED = "..?"
    ACCEPTED = "..."


@dataclass(frozen=True, slots=True)
class Kind:
    """The members of one kind of object, in the order in which they are checked."""

    members: Mapping[str, Type]
    required: frozenset[str]
    further: Further


def read_kinds(text: str) -> dict[str, Kind]:
    """The kinds in the text of a table. Raises ValueError for a type that is not understood."""
    found: dict[str, Kind] = {}
    for row in text.replace("\n    ", " ").strip().splitlines():
        kind, *words = row.split()
        marks = [word for word in words if word.startswith("..")]
        rows = [word.partition(":") for word in words if word not in marks]
        found[kind] = Kind(
            members={name.removesuffix("?"): read_type(expected) for name, _, expected in rows},
            required=frozenset(name for name, _, _ in rows if not name.endswith("?")),
            further=Further("".join(marks)),
        )
    return found


def read_type(text: str) -> Type:
    """The alternatives of a type."""
    alternatives = []
    for part in text.split("|"):
        match = _ALTERNATIVE.fullmatch(part)
        if match is None or (match["name"][0] not in "#@%" and match["name"] not in _WORDS):
            raise ValueError(f"{part!r} is not a type")
        alternatives.append(
            Alternative(
                name=match["name"],
                is_list=match["list"] is not None,
                low=None if match["low"] is None else int(match["low"]),
                high=None if match["high"] is None else int(match["high"]),
                noun=(match["noun"] or "").replace("_", " "),
            )
        )
    return Type.of(*alternatives)


_WORDS = frozenset(("any", *_TYPE_OF_WORD))
