"""JSON as text: reading and writing.

Reading is strict (RFC 8259, UTF-8, no duplicate names, no NaN) and describes what is wrong; writing
keeps member order and raw UTF-8, as the upstream does, and is compact unless asked otherwise.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import TypeAlias

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


@dataclass(frozen=True, slots=True, kw_only=True)
class JSONReadError:
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
    return _escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _escaped(text: str) -> str:
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_bytes(value: JSON, *, indent: int = 0) -> bytes:
    """Write as UTF-8 bytes, indented where a width is given."""
    if not indent:
        return write(value).encode("utf-8")
    return _escaped(json.dumps(value, ensure_ascii=False, indent=indent)).encode("utf-8")
