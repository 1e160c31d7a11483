"""Kinds of settings and of parameters of the control API: how a value is read, from Python, JSON or
text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mockserver.model.json import JSONObject
from mockserver.model.times import CLOCK_EXPECTED, CLOCK_SCHEMA, read_clock

# As browsers send it: no path, and no port that the scheme has by default.
_ORIGIN = re.compile(r"^(\*|null|[a-z][a-z0-9+.-]*://[^/\s@?#]+)$")


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of values. `read` takes a Python or JSON value, `parse` the text of a command line
    or an environment variable; both give None for what is not `expected`."""

    expected: str
    read: Callable[[object], object | None]
    parse: Callable[[str], object | None]
    schema: JSONObject
    choices: tuple[str, ...] = ()
    is_list: bool = False
    is_flag: bool = False


def _read_flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _parse_flag(text: str) -> bool | None:
    low = text.lower()
    if low in {"1", "true", "yes", "on"}:
        return True
    return False if low in {"0", "false", "no", "off"} else None


def _read_count(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON does not tell 3.0 from 3
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _parse_count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _read_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e6 else None


def _parse_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _read_text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _read_texts(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return None


def _parse_origin(text: str) -> str | None:
    return text if _ORIGIN.match(text) else None


def _parse_port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) < 65536 else None


_FROM_ZERO: JSONObject = {"type": "integer", "minimum": 0}
FLAG = Kind("true or false", _read_flag, _parse_flag, {"type": "boolean"}, is_flag=True)
COUNT = Kind("a whole number from 0", _read_count, _parse_count, _FROM_ZERO)
FACTOR = Kind(
    "a number from 0", _read_number, _parse_number, {"type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000}
)
SECONDS = Kind("seconds from 0", _read_number, _parse_number, FACTOR.schema)
# An empty key or token, from an unset shell variable, would open or shut what it should not.
TEXT = Kind("some text", _read_text, _read_text, {"type": "string"})
TEXTS = Kind("a list of strings", _read_texts, _read_text, {"type": "array", "items": {"type": "string"}}, is_list=True)
ORIGINS = Kind(
    "an origin such as https://app.example, null for pages without one, or *",
    lambda value: found if (found := _read_texts(value)) is not None and all(map(_parse_origin, found)) else None,
    _parse_origin,
    {"type": "array", "items": {"type": "string", "pattern": _ORIGIN.pattern}},
    is_list=True,
)
PORT = Kind(
    "a port from 0 to 65535",
    lambda value: _parse_port(str(value)),
    _parse_port,
    {"type": "integer", "minimum": 0, "maximum": 65535},
)

CLOCK = Kind(CLOCK_EXPECTED, read_clock, read_clock, CLOCK_SCHEMA)


def choice(kind: type[StrEnum]) -> Kind:
    """The kind whose values are the members of an enumeration."""
    members = {one.value: one for one in kind}

    def read(value: object) -> StrEnum | None:
        return members.get(value) if isinstance(value, str) else None

    expected = f"one of {', '.join(members)}"
    return Kind(expected, read, read, {"enum": [*members]}, choices=(*members,))


def one_of(*words: str) -> Kind:
    """The kind whose values are these words."""

    def read(value: object) -> str | None:
        return value if isinstance(value, str) and value in words else None

    return Kind(f"one of {', '.join(words)}", read, read, {"enum": [*words]}, choices=words)
