"""Error messages about request bodies: one row per kind of schema fault.

Types, codes and sentences follow the error catalogue of the official API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mockserver.model.dialect import Rejection
from mockserver.model.findings import ApiError, Finding, Rule, Severity
from mockserver.model.json import JSON, write

if TYPE_CHECKING:
    from mockserver.contract.schema_checks import SchemaFault

MAX_FAULTS = 20
"""Faults of a severity that are kept for one body; the upstream reports one."""


class FaultKind(StrEnum):
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


INVALID_REQUEST = "invalid_request_error"
_MAX_QUOTE = 200

_TYPE_NAMES: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "decimal",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class _Row:
    rule: Rule
    code: Callable[[SchemaFault], str]
    message: Callable[[SchemaFault, str], str]


def rejection(  # the members of an error
    rule: str,
    path: str,
    message: str,
    *,
    code: str | None,
    param: str | None,
    severity: Severity = Severity.ERROR,
    status: int = 400,
    html: str | None = None,
) -> Rejection:
    """A finding and the error that answers it."""
    return Rejection(
        finding=Finding(rule=rule, path=path, message=message, severity=severity),
        error=ApiError(status=status, type=INVALID_REQUEST, code=code, param=param, message=message, html=html),
    )


def to_rejection(fault: SchemaFault, severity: Severity) -> Rejection:
    """The rejection that a fault leads to."""
    row = _ROWS[fault.kind]
    path = path_text(fault)
    rule = row.rule.id if fault.name is None else _NAME_RULE.id
    code = row.code(fault) if fault.name is None else _name_code(fault)
    message = row.message(fault, path)
    if fault.name is not None:
        message = f"{message} The name in question is {quoted(fault.name)}."
    return rejection(rule, path, message, code=code, param=path or None, severity=severity)


def path_text(fault: SchemaFault) -> str:
    """The path of a fault, `input[1].status`."""
    text = ""
    for segment in reversed(fault.path):
        if isinstance(segment, int):
            text += f"[{segment}]"
        else:
            text += f".{clipped(segment)}" if text else clipped(segment)
    return text


def clipped(text: str) -> str:
    """The text, or its beginning where a message should not carry all of it."""
    return text if len(text) <= _MAX_QUOTE else f"{text[:_MAX_QUOTE]}…"


def quoted(value: JSON) -> str:
    """A value as a message names it: strings in single quotes, a container by its type."""
    if isinstance(value, list | dict):
        return type_named(value)
    return f"'{clipped(value)}'" if isinstance(value, str) else write(value)


def type_named(value: JSON) -> str:
    """`a string`, `an array`, `null`: the type of a value with its article."""
    return _with_article(_TYPE_NAMES[type(value)])


def listing(values: list[str], last: str = "and") -> str:
    """`a, b, and c`."""
    if len(values) <= 2:
        return f" {last} ".join(values)
    return f"{', '.join(values[:-1])}, {last} {values[-1]}"


def _with_article(word: str) -> str:
    if word == "null":
        return word
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _expected(fault: SchemaFault) -> str:
    listed = fault.expected if isinstance(fault.expected, list) else []
    words = ["decimal" if word == "number" else str(word) for word in listed]
    types = [word for word in words if word != "null"] or words
    first, *rest = types
    if not rest:
        return _with_article(first)
    return f"one of {listing([_with_article(first), *rest], last='or')}"


def _wrong_type(fault: SchemaFault, path: str) -> str:
    place = f"'{path}'" if path else "the request body"
    found = type_named(fault.value)
    return f"Invalid type for {place}: expected {_expected(fault)}, but got {found} instead."


def _wrong_value(fault: SchemaFault, _: str) -> str:
    values = fault.expected if isinstance(fault.expected, list) else []
    names = listing([quoted(value) for value in values])
    supported = f"Supported values are: {names}" if len(values) > 1 else f"Value must be {names}"
    return f"Invalid value: {quoted(fault.value)}. {supported}."


def _out_of_range(side: str) -> Callable[[SchemaFault, str], str]:
    def message(fault: SchemaFault, path: str) -> str:
        found = quoted(fault.value)
        return (
            f"Invalid '{path}': {fault.noun} {side} value. Expected a value {fault.expected}, but got {found} instead."
        )

    return message


def _wrong_length(noun: str, problem: str, bound: str) -> Callable[[SchemaFault, str], str]:
    def message(fault: SchemaFault, path: str) -> str:
        thing = noun if fault.name is None else "property name"
        one = _with_article(thing)
        if fault.value == 0:
            problem_, found = f"empty {thing}", f"an empty {thing}"
        else:
            problem_, found = f"{thing} {problem}", f"{one} with length {fault.value}"
        expected = f"{one} with {bound} length {fault.expected}"
        return f"Invalid '{path}': {problem_}. Expected {expected}, but got {found} instead."

    return message


def _wrong_count(problem: str, bound: str) -> Callable[[SchemaFault, str], str]:
    return lambda fault, path: (
        f"Invalid '{path}': object has {problem} properties. Expected an object with {bound} "
        f"{fault.expected} properties, but got an object with {fault.value} properties instead."
    )


def _unmatched(fault: SchemaFault, path: str) -> str:
    thing = "string" if fault.name is None else "property name"
    return (
        f"Invalid '{path}': {thing} does not match pattern. "
        f"Expected {_with_article(thing)} that matches the pattern '{fault.expected}'."
    )


def _name_code(fault: SchemaFault) -> str:
    return {FaultKind.LONG: "property_name_above_max_length", FaultKind.SHORT: "empty_property_name"}.get(
        fault.kind, "invalid_property_name"
    )


def _always(code: str) -> Callable[[SchemaFault], str]:
    return lambda _: code


def _ranged(side: str) -> Callable[[SchemaFault], str]:
    return lambda fault: f"{fault.noun}_{side}_value"


def _emptiable(noun: str) -> Callable[[SchemaFault], str]:
    return lambda fault: f"empty_{noun}" if fault.value == 0 else f"{noun}_below_min_length"


def _rule(name: str, meaning: str) -> Rule:
    return Rule(id=f"request.{name}", meaning=meaning, source="official API, 400 replies")


_NAME_RULE = _rule("name", "the name of a member is one that its object takes")
_TYPE_RULE = _rule("type", "a value has a JSON type that the parameter takes")
_VALUE_RULE = _rule("value", "a value is one of those that the parameter takes")
_RANGE_RULE = _rule("range", "a number lies in the range of the parameter")
_LENGTH_RULE = _rule("length", "a string or array is neither too short nor too long")
_COUNT_RULE = _rule("count", "an object has neither too few nor too many members")
_PATTERN_RULE = _rule("pattern", "a string matches the pattern of the parameter")
_MISSING_RULE = _rule("missing", "a required parameter is present")
_UNKNOWN_RULE = Rule(
    id="request.unknown",
    meaning="every member is one that the contract has; see `unknown` and `strict`",
    source="official API, 400 replies; a notice where the API accepts it, or the dialect reports it",
)
_FORM_RULE = _rule("form", "an object fits exactly one of the forms that the parameter has")

_ROWS: Mapping[FaultKind, _Row] = {
    FaultKind.MISSING: _Row(
        _MISSING_RULE, _always("missing_required_parameter"), lambda _, path: f"Missing required parameter: '{path}'."
    ),
    FaultKind.UNKNOWN: _Row(
        _UNKNOWN_RULE, _always("unknown_parameter"), lambda _, path: f"Unknown parameter: '{path}'."
    ),
    FaultKind.TYPE: _Row(_TYPE_RULE, _always("invalid_type"), _wrong_type),
    FaultKind.VALUE: _Row(_VALUE_RULE, _always("invalid_value"), _wrong_value),
    FaultKind.BELOW: _Row(_RANGE_RULE, _ranged("below_min"), _out_of_range("below minimum")),
    FaultKind.ABOVE: _Row(_RANGE_RULE, _ranged("above_max"), _out_of_range("above maximum")),
    FaultKind.SHORT: _Row(_LENGTH_RULE, _emptiable("string"), _wrong_length("string", "too short", "minimum")),
    FaultKind.LONG: _Row(
        _LENGTH_RULE, _always("string_above_max_length"), _wrong_length("string", "too long", "maximum")
    ),
    FaultKind.PATTERN: _Row(_PATTERN_RULE, _always("invalid_value"), _unmatched),
    FaultKind.FEW: _Row(_LENGTH_RULE, _emptiable("array"), _wrong_length("array", "too short", "minimum")),
    FaultKind.MANY: _Row(
        _LENGTH_RULE, _always("array_above_max_length"), _wrong_length("array", "too long", "maximum")
    ),
    FaultKind.SPARSE: _Row(_COUNT_RULE, _always("object_below_min_properties"), _wrong_count("too few", "at least")),
    FaultKind.CROWDED: _Row(_COUNT_RULE, _always("object_above_max_properties"), _wrong_count("too many", "at most")),
    FaultKind.AMBIGUOUS: _Row(
        _FORM_RULE,
        _always("invalid_value"),
        lambda fault, path: f"Invalid '{path}': fits {fault.value} forms where one is expected.",
    ),
}

SCHEMA_RULES: tuple[Rule, ...] = tuple(dict.fromkeys([*(row.rule for row in _ROWS.values()), _NAME_RULE]))
