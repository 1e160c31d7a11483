"""Error messages about request bodies: one row per kind of schema fault.

Types, codes and sentences follow the error catalogue of the official API."""

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
    """`code` is a format of the fault's noun; the message is made from the fault and its path."""

    rule: Rule
    code: str
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
    return Rejection(
        finding=Finding(rule=rule, path=path, message=message, severity=severity),
        error=ApiError(status=status, type=INVALID_REQUEST, code=code, param=param, message=message, html=html),
    )


def to_rejection(fault: SchemaFault, severity: Severity) -> Rejection:
    row = _ROWS[fault.kind]
    path = path_text(fault)
    rule, code, message = row.rule.id, row.code.format(noun=fault.noun), row.message(fault, path)
    if fault.name is not None:
        rule, code = _NAME_RULE.id, _NAME_CODES.get(fault.kind, "invalid_property_name")
        message = f"{message} The name in question is {quoted(fault.name)}."
    elif fault.value == 0 and fault.kind in (FaultKind.SHORT, FaultKind.FEW):
        code = f"empty_{_LENGTHS[fault.kind][0]}"
    return rejection(rule, path, message, code=code, param=path or None, severity=severity)


def path_text(fault: SchemaFault) -> str:
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
    first, *rest = [word for word in words if word != "null"] or words
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


def _out_of_range(fault: SchemaFault, path: str) -> str:
    side = "below minimum" if fault.kind is FaultKind.BELOW else "above maximum"
    expected, found = fault.expected, quoted(fault.value)
    return f"Invalid '{path}': {fault.noun} {side} value. Expected a value {expected}, but got {found} instead."


# What is measured, what is wrong with it, and the bound.
_LENGTHS: Mapping[FaultKind, tuple[str, str, str]] = {
    FaultKind.SHORT: ("string", "too short", "minimum"),
    FaultKind.LONG: ("string", "too long", "maximum"),
    FaultKind.FEW: ("array", "too short", "minimum"),
    FaultKind.MANY: ("array", "too long", "maximum"),
}


def _wrong_length(fault: SchemaFault, path: str) -> str:
    noun, problem, bound = _LENGTHS[fault.kind]
    thing = noun if fault.name is None else "property name"
    one = _with_article(thing)
    problem, found = f"{thing} {problem}", f"{one} with length {fault.value}"
    if fault.value == 0:
        problem, found = f"empty {thing}", f"an empty {thing}"
    return f"Invalid '{path}': {problem}. Expected {one} with {bound} length {fault.expected}, but got {found} instead."


def _wrong_count(fault: SchemaFault, path: str) -> str:
    problem, bound = ("few", "at least") if fault.kind is FaultKind.SPARSE else ("many", "at most")
    return (
        f"Invalid '{path}': object has too {problem} properties. Expected an object with {bound} "
        f"{fault.expected} properties, but got an object with {fault.value} properties instead."
    )


def _unmatched(fault: SchemaFault, path: str) -> str:
    thing = "string" if fault.name is None else "property name"
    return (
        f"Invalid '{path}': {thing} does not match pattern. "
        f"Expected {_with_article(thing)} that matches the pattern '{fault.expected}'."
    )


_NAME_CODES = {FaultKind.LONG: "property_name_above_max_length", FaultKind.SHORT: "empty_property_name"}


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
        _MISSING_RULE, "missing_required_parameter", lambda _, path: f"Missing required parameter: '{path}'."
    ),
    FaultKind.UNKNOWN: _Row(_UNKNOWN_RULE, "unknown_parameter", lambda _, path: f"Unknown parameter: '{path}'."),
    FaultKind.TYPE: _Row(_TYPE_RULE, "invalid_type", _wrong_type),
    FaultKind.VALUE: _Row(_VALUE_RULE, "invalid_value", _wrong_value),
    FaultKind.BELOW: _Row(_RANGE_RULE, "{noun}_below_min_value", _out_of_range),
    FaultKind.ABOVE: _Row(_RANGE_RULE, "{noun}_above_max_value", _out_of_range),
    FaultKind.SHORT: _Row(_LENGTH_RULE, "string_below_min_length", _wrong_length),
    FaultKind.LONG: _Row(_LENGTH_RULE, "string_above_max_length", _wrong_length),
    FaultKind.PATTERN: _Row(_PATTERN_RULE, "invalid_value", _unmatched),
    FaultKind.FEW: _Row(_LENGTH_RULE, "array_below_min_length", _wrong_length),
    FaultKind.MANY: _Row(_LENGTH_RULE, "array_above_max_length", _wrong_length),
    FaultKind.SPARSE: _Row(_COUNT_RULE, "object_below_min_properties", _wrong_count),
    FaultKind.CROWDED: _Row(_COUNT_RULE, "object_above_max_properties", _wrong_count),
    FaultKind.AMBIGUOUS: _Row(
        _FORM_RULE,
        "invalid_value",
        lambda fault, path: f"Invalid '{path}': fits {fault.value} forms where one is expected.",
    ),
}

SCHEMA_RULES: tuple[Rule, ...] = tuple(dict.fromkeys([*(row.rule for row in _ROWS.values()), _NAME_RULE]))
