"""JSON: reading and writing of text, descriptions of values, and where two values differ.

Reading is strict (RFC 8259, UTF-8, no duplicate names, no NaN) and describes what is wrong; writing
keeps member order and raw UTF-8, as the upstream does, and is compact unless asked otherwise.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from math import isfinite
from typing import Final, NamedTuple, TypeAlias

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
JSONObject: TypeAlias = "dict[str, JSON]"

_SURROGATE = re.compile("[\ud800-\udfff]")


class JSONReadErrorKind(StrEnum):
    """Why a text is not acceptable JSON."""

    EMPTY = "empty"
    NOT_UTF8 = "not_utf8"
    SYNTAX = "syntax"
    DUPLICATE = "duplicate"
    NOT_A_NUMBER = "not_a_number"
    TOO_DEEP = "too_deep"


class JSONReadError(NamedTuple):
    """A text that could not be read; `message` is one sentence without the text itself."""

    kind: JSONReadErrorKind
    message: str


class _RejectedError(ValueError):
    def __init__(self, error: JSONReadError) -> None:
        super().__init__(error.message)
        self.error = error


def _unique(pairs: list[tuple[str, JSON]]) -> JSONObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        name = next(name for name, count in counts.items() if count > 1)
        message = f"duplicate member {name!r}"
        raise _RejectedError(JSONReadError(kind=JSONReadErrorKind.DUPLICATE, message=message))
    return found


def _no_constant(text: str) -> JSON:
    message = f"{text} is not a JSON value"
    raise _RejectedError(JSONReadError(kind=JSONReadErrorKind.NOT_A_NUMBER, message=message))


def _finite(text: str) -> JSON:
    value = float(text)
    if isfinite(value):
        return value
    message = "a number beyond the range of floating point"
    raise _RejectedError(JSONReadError(kind=JSONReadErrorKind.NOT_A_NUMBER, message=message))


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)

_scan = _decoder.scan_once  # type: ignore[attr-defined]  # in every Python, but untyped
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def read(data: bytes) -> JSON | JSONReadError:
    """Read one JSON value that fills `data`; an error is returned, never raised."""
    value: JSON
    try:
        # The decoder's own method skips white space by regular expressions, twice: it is used only
        # for text that does not begin and end with the value.
        text = data.decode()
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except (RecursionError, StopIteration, ValueError):
        pass
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"invalid UTF-8 at byte {error.start}"
        return JSONReadError(kind=JSONReadErrorKind.NOT_UTF8, message=message)
    return read_text(text)


def read_text(text: str) -> JSON | JSONReadError:
    """Read one JSON value from decoded text; see `read`."""
    if not text.strip(" \t\r\n"):
        return JSONReadError(kind=JSONReadErrorKind.EMPTY, message="empty")
    value: JSON
    try:
        value = _decoder.decode(text)
    except _RejectedError as rejected:
        return rejected.error
    except json.JSONDecodeError as error:
        message = f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno} column {error.colno}"
        return JSONReadError(kind=JSONReadErrorKind.SYNTAX, message=message)
    except RecursionError:
        return JSONReadError(kind=JSONReadErrorKind.TOO_DEEP, message="nested too deeply")
    except ValueError as error:  # an integer of more digits than Python converts
        return JSONReadError(kind=JSONReadErrorKind.SYNTAX, message=str(error))
    return value


def write(value: JSON) -> str:
    """Compact JSON text; characters outside ASCII stay as they are, lone surrogates escaped."""
    return _escaped(_encode(value))


def _escaped(text: str) -> str:
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_bytes(value: JSON, *, indent: int = 0) -> bytes:
    """Write as UTF-8 bytes, indented where a width is given."""
    if not indent:
        return write(value).encode("utf-8")
    return _escaped(json.dumps(value, ensure_ascii=False, indent=indent)).encode("utf-8")


def as_object(value: JSON) -> JSONObject:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def left_out(value: JSON, path: str) -> JSON:
    """A value without the member at a dotted path, where it has one; of a list each element counts."""
    if isinstance(value, list):
        return [left_out(one, path) for one in value]
    name, _, rest = path.partition(".")
    if not isinstance(value, dict) or name not in value:
        return value
    if rest:
        return value | {name: left_out(value[name], rest)}
    return {other: one for other, one in value.items() if other != name}


def object_without(value: JSONObject, paths: Iterable[str]) -> JSONObject:
    """An object without the members at some paths."""
    found: JSON = value
    for path in paths:
        found = left_out(found, path)
    return as_object(found)


def as_list(value: JSON) -> list[JSON]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: JSON) -> list[JSONObject]:
    """The objects in a list; none where the value is no list."""
    return [one for one in as_list(value) if isinstance(one, dict)]


_MAX_TEXT: Final = 60
_MAX_EXCERPT: Final = 30
_MAX_INTEGER: Final = 10**18
_MAX_STEPS: Final = 20

_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
_Pair: TypeAlias = tuple[JSON, JSON, _Trail]


def describe_value(value: JSON) -> str:
    """The value itself where it is small, or else what it is; short and fast for any value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) > _MAX_INTEGER:
            return "a very large integer"
        case str() if len(value) > _MAX_TEXT:
            return f"{value[:_MAX_TEXT]!r}… ({len(value)} characters)"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object of {len(value)} members"
        case _:
            return repr(value)


def member_path(path: str, name: str) -> str:
    """The path of a member of the object at `path`."""
    short = name if len(name) <= _MAX_TEXT else f"{name[:_MAX_TEXT]}…"
    return f"{path}.{short}" if path else short


class JSONDifference(NamedTuple):
    """`steps` are the member names and list indexes that lead to the place."""

    steps: tuple[str | int, ...]
    message: str


def path_of(steps: tuple[str | int, ...], start: str) -> str:
    """The path that leads from `start` along the steps, truncated where it is very long."""
    path = start
    for step in steps[:_MAX_STEPS]:
        path = f"{path}[{step}]" if isinstance(step, int) else member_path(path, step)
    return f"{path}…" if len(steps) > _MAX_STEPS else path


def json_difference(found: JSON, expected: JSON, ignored: frozenset[str] = frozenset()) -> JSONDifference | None:
    """The first place, in the member order of `expected`, where `found` differs.

    Members with an ignored name are not compared. Numbers are equal by value; true is not a number.
    """
    waiting: list[_Pair] = [(found, expected, None)]
    while waiting:
        one, other, trail = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            names = _names_differ(one, other, ignored)
            if names is not None:
                name, message = names
                return JSONDifference(_steps((trail, name)), message)
            waiting.extend((one[name], other[name], (trail, name)) for name in reversed(other) if name not in ignored)
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pairs = zip(reversed(one), reversed(other), range(len(one) - 1, -1, -1), strict=True)
            waiting.extend((left, right, (trail, index)) for left, right, index in pairs)
        else:
            text = _leaves_differ(one, other)
            if text is not None:
                return JSONDifference(_steps(trail), text)
    return None


def _names_differ(one: JSONObject, other: JSONObject, ignored: frozenset[str]) -> tuple[str, str] | None:
    for name in other:
        if name not in one and name not in ignored:
            return name, f"missing, expected {describe_value(other[name])}"
    for name in one:
        if name not in other and name not in ignored:
            return name, f"expected no such member, got {describe_value(one[name])}"
    return None


def _leaves_differ(one: JSON, other: JSON) -> str | None:
    if isinstance(one, str) and isinstance(other, str):
        return None if one == other else text_difference(one, other)
    nested = isinstance(one, (dict, list)) or isinstance(other, (dict, list))
    if not nested and isinstance(one, bool) == isinstance(other, bool) and one == other:
        return None
    return f"expected {describe_value(other)}, got {describe_value(one)}"


def text_difference(found: str, expected: str) -> str:
    """From which character on two unequal texts differ."""
    low, high = 0, min(len(found), len(expected))
    while low < high:
        middle = (low + high + 1) // 2
        if found[low:middle] == expected[low:middle]:
            low = middle
        else:
            high = middle - 1
    if low == 0:
        return f"expected {describe_value(expected)}, got {describe_value(found)}"
    rest, other = found[low : low + _MAX_EXCERPT], expected[low : low + _MAX_EXCERPT]
    return f"from character {low} on expected {other!r}, got {rest!r}"


def _steps(trail: _Trail) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))
