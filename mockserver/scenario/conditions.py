"""The conditions under `when`, read into values, and ranges such as `1..`.

A JSON Schema under `schema` is checked when the scenario loads. Nothing is ever fetched: a
reference that leaves the schema is rejected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mockserver.model.conditions import (
    TEXT_CONDITIONS,
    AnyOfCondition,
    BodyCondition,
    Condition,
    HeaderOrQueryCondition,
    NoneOfCondition,
    PresenceCondition,
    SchemaCondition,
    StreamCondition,
    TextCondition,
    ToolResultCondition,
    TurnCondition,
)
from mockserver.model.cursor import Cursor, Path, format_path, quoted, unknown
from mockserver.model.findings import Mismatch
from mockserver.model.json import JSON, write
from mockserver.model.matchers import AllOf, Contains, Equals, Matches, Not, OneOf, TextMatcher, are_operators
from mockserver.model.path_conditions import ParameterCondition
from mockserver.model.stub import Times

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_MAX_MISMATCHES = 5
_ROLES = ("user", "assistant", "system", "developer", "tool", "function")
_LITERAL = re.compile(r"[\w ,.:;!-]*").fullmatch


def read_conditions(cursor: Cursor | None) -> tuple[Condition, ...]:
    """Every condition in the order written; none where there is no `when`."""
    if cursor is None:
        return ()
    return tuple(condition for name, inner in cursor.members() for condition in _READERS[name](name, inner))


def read_matcher(cursor: Cursor) -> TextMatcher:
    """A string that must be equal, or operators that must all hold."""
    if isinstance(cursor.value, str):
        return Equals(cursor.value)
    matchers = tuple(_OPERATORS[key](inner) for key, inner in cursor.members())
    return matchers[0] if len(matchers) == 1 else AllOf(matchers)


def read_range(cursor: Cursor) -> Times:
    text = cursor.text if isinstance(cursor.value, str) else str(cursor.whole)
    times = Times.parse(text)
    if times is None:
        cursor.report(f"the range {text!r} is empty; write the smaller number first")
        return Times()
    return times


def _pattern(cursor: Cursor) -> Matches:
    found = Matches(cursor.text)
    try:
        if not _LITERAL(cursor.text):
            found.pattern  # noqa: B018  # it is compiled
    except (re.error, OverflowError, RecursionError) as error:
        cursor.report(f"{cursor.text!r} is no regular expression: {error}")
    return found


_OPERATORS: Mapping[str, Callable[[Cursor], TextMatcher]] = {
    "equals": lambda cursor: Equals(cursor.text),
    "contains": lambda cursor: Contains(cursor.text),
    "matches": _pattern,
    "one_of": lambda cursor: OneOf(cursor.texts),
    "not": lambda cursor: Not(read_matcher(cursor)),
}


def _matcher_or_presence(cursor: Cursor) -> TextMatcher | bool:
    return cursor.value if isinstance(cursor.value, bool) else read_matcher(cursor)


def _text(name: str, cursor: Cursor) -> Iterator[Condition]:
    want = _matcher_or_presence(cursor)
    if isinstance(want, bool):
        yield PresenceCondition(name=name, expected=want)
    else:
        yield TextCondition(name=name, want=want)


def _stream(_name: str, cursor: Cursor) -> Iterator[Condition]:
    yield StreamCondition(expected=cursor.value is True)


def _turn(_name: str, cursor: Cursor) -> Iterator[Condition]:
    times = read_range(cursor)
    yield TurnCondition(least=times.least, most=times.most)


def _tool_result(_name: str, cursor: Cursor) -> Iterator[Condition]:
    if isinstance(cursor.value, bool):
        yield ToolResultCondition(expected=cursor.value)
        return
    matchers = {key: read_matcher(inner) for key, inner in cursor.members()}
    yield ToolResultCondition(of=matchers.get("of"), call_id=matchers.get("call_id"), text=matchers.get("text"))


def _last(name: str, cursor: Cursor) -> Iterator[Condition]:
    for member, inner in cursor.members():
        want = read_matcher(inner)
        if member == "role":
            _check_role(inner)
        yield TextCondition(name=f"{name}.{member}", want=want)


def _check_role(cursor: Cursor) -> None:
    """Report a role that no message has; patterns and substrings are free."""
    value = cursor.value
    if isinstance(value, str):
        if value not in _ROLES:
            cursor.report(unknown("role", value, _ROLES))
        return
    for key, inner in cursor.members():
        if key in ("equals", "not"):
            _check_role(inner)
        elif key == "one_of":
            for element in inner.elements():
                _check_role(element)


def _all_of(_name: str, cursor: Cursor) -> Iterator[Condition]:
    for element in cursor.elements():
        yield from read_conditions(element)


def _any_of(_name: str, cursor: Cursor) -> Iterator[Condition]:
    yield AnyOfCondition(groups=tuple(read_conditions(element) for element in cursor.elements()))


def _none_of(_name: str, cursor: Cursor) -> Iterator[Condition]:
    for index, element in enumerate(cursor.elements()):
        group = read_conditions(element)
        match group:
            case (StreamCondition(expected=expected),):
                # Replies are validated for the requests that a condition on streams leaves.
                yield StreamCondition(expected=not expected)
            case _:
                yield NoneOfCondition(group=group, written=element.value, index=index)


def _fields(name: str, cursor: Cursor) -> Iterator[Condition]:
    for field, inner in cursor.members():
        yield HeaderOrQueryCondition(place=name, name=field, want=_matcher_or_presence(inner))


def _path(_name: str, cursor: Cursor) -> Iterator[Condition]:
    for name, inner in cursor.members():
        yield ParameterCondition(name=name, want=read_matcher(inner))


def _body(_name: str, cursor: Cursor) -> Iterator[Condition]:
    _check_patterns(cursor)
    yield BodyCondition(expected=cursor.value)


def _check_patterns(cursor: Cursor) -> None:
    """Report patterns that do not compile; operators may stand anywhere in the body."""
    if isinstance(cursor.value, dict):
        operators = are_operators(cursor.value)
        for key, inner in cursor.members():
            if key == "matches" and operators and isinstance(inner.value, str):
                _pattern(inner)
            _check_patterns(inner)
    elif isinstance(cursor.value, list):
        for element in cursor.elements():
            _check_patterns(element)


def _schema(_name: str, cursor: Cursor) -> Iterator[Condition]:
    validator = _read_schema(cursor)
    if validator is not None:
        yield SchemaCondition(schema=cursor.value, validator=validator)


_READERS: Mapping[str, Callable[[str, Cursor], Iterator[Condition]]] = {
    **dict.fromkeys(TEXT_CONDITIONS, _text),
    "stream": _stream,
    "turn": _turn,
    "tool_result": _tool_result,
    "last": _last,
    "all_of": _all_of,
    "any_of": _any_of,
    "none_of": _none_of,
    "header": _fields,
    "query": _fields,
    "path": _path,
    "body": _body,
    "schema": _schema,
}


@dataclass(frozen=True, slots=True)
class SchemaValidator:
    """Gives the first few places of a body that do not satisfy a schema."""

    validator: Validator

    def mismatches(self, body: JSON) -> tuple[Mismatch, ...]:
        try:
            return tuple(_mismatches(self.validator, body))
        except (RecursionError, re.error) as error:
            expected = "a schema whose references and patterns can be followed"
            return (Mismatch(path="schema", expected=expected, got=str(error)),)


def _mismatches(validator: Validator, body: JSON) -> Iterator[Mismatch]:
    errors = sorted(validator.iter_errors(body), key=lambda error: list(map(str, error.path)))
    for error in errors[:_MAX_MISMATCHES]:
        value = cast("JSON", error.validator_value)
        # The schema `false` has no keyword.
        rule: JSON = {str(error.validator): value} if error.validator else False
        got = cast("JSON", error.instance)  # jsonschema returns what it was given
        yield Mismatch(path=format_path(("schema", *error.path)), expected=write(rule), got=write(got))


def _read_schema(cursor: Cursor) -> SchemaValidator | None:
    """A validator; None where the schema is rejected."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # slow to import, seldom needed
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415  # slow to import, seldom needed
    from referencing import Registry  # noqa: PLC0415  # slow to import, seldom needed

    schema = cursor.value if isinstance(cursor.value, bool) else cursor.object
    try:
        Draft202012Validator.check_schema(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    except SchemaError as error:
        line = error.message.partition("\n")[0]
        message = line if len(line) <= 200 else f"{line[:200]}…"
        cursor.report(f"not a JSON Schema: {message}", *error.path)
        return None
    dangling = list(_dangling_refs(schema))
    for path, ref in dangling:
        cursor.report(f"reference {quoted(ref)} is not found in this schema", *path)
    # With a registry of its own the validator fetches nothing.
    valid = not dangling
    return SchemaValidator(Draft202012Validator(schema, registry=Registry())) if valid else None


def _dangling_refs(schema: JSON) -> Iterator[tuple[Path, str]]:
    from referencing import Registry  # noqa: PLC0415  # slow to import, seldom needed
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  # slow to import, seldom needed
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415  # slow to import, seldom needed

    if not isinstance(schema, dict):
        return
    root = DRAFT202012.create_resource(schema)
    base = str(schema.get("$id", ""))
    resolver = Registry().with_resource(base, root).resolver(base)
    for path, ref in _references(schema, ()):
        try:
            resolver.lookup(ref)
        except (Unresolvable, ValueError):
            yield path, ref


def _references(value: JSON, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("$ref", "$dynamicRef") and isinstance(inner, str):
                yield (*path, key), inner
            elif key not in ("const", "enum", "default", "examples"):
                yield from _references(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _references(inner, (*path, index))
