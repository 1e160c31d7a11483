"""What a plain scalar means: the core schema of YAML 1.2, and JSON's idea of a number.

Only `true`, `false`, `null`, `~`, the empty scalar and numbers are anything but text; `on`, `yes`,
dates, `1_000` and `12:30` are text.
"""

from __future__ import annotations

import math
import re

from mockserver.model.json import JSON

_WORDS: dict[str, JSON] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MOST_DIGITS = 1000


class NotJSONError(ValueError):
    """A scalar of the core schema that JSON has no value for."""


def resolve(text: str) -> JSON:
    """The value of a plain scalar; raises NotJSONError for infinities, NaN and endless integers."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INTEGER.fullmatch(text):
        return int(_bounded(text))
    if _OCTAL.fullmatch(text):
        return int(_bounded(text), 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(_bounded(text), 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number
        raise NotJSONError(text)
    if _NOT_FINITE.fullmatch(text):
        raise NotJSONError(text)
    return text


def _bounded(text: str) -> str:
    if len(text) > _MOST_DIGITS:
        raise NotJSONError(text)
    return text
