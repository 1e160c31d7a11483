"""Partial comparison of JSON: what is named must agree, the rest is free.

A mapping agrees when each named member agrees; a list when it has the same length and agrees
element by element, or is written `{includes: element}` (or a list of elements, each of which
must be found); a text may be wanted by one operator. Numbers compare by value, never with
booleans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mockserver.model.findings import Mismatch
from mockserver.model.json import JSON, JSONObject, write

INCLUDES = "includes"
ABSENT = "none"


def is_operator(wanted: JSONObject) -> bool:
    """Whether a mapping may also be meant for a text or for the elements of a list."""
    return wanted.keys() == {INCLUDES} or (len(wanted) == 1 and wanted.keys() <= _OPERATORS.keys())


def json_mismatches(wanted: JSON, got: JSON, path: str) -> tuple[Mismatch, ...]:
    """Every place below `path` where `got` is not as `wanted`."""
    if isinstance(wanted, dict):
        return _object_differs(wanted, got, path)
    if isinstance(wanted, list):
        return _list_differs(wanted, got, path)
    if _same(wanted, got):
        return ()
    return (Mismatch(path=path, expected=write(wanted), got=write(got)),)


def _same(wanted: JSON, got: JSON) -> bool:
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    return wanted == got


def _object_differs(wanted: JSONObject, got: JSON, path: str) -> tuple[Mismatch, ...]:
    if isinstance(got, list) and wanted.keys() == {INCLUDES}:
        return _includes_differs(wanted[INCLUDES], got, path)
    if isinstance(got, str) and len(wanted) == 1:
        [(operator, value)] = wanted.items()
        if operator in _OPERATORS and _OPERATORS[operator](value, got):
            return ()
    if not isinstance(got, dict):
        return (Mismatch(path=path, expected=write(wanted), got=write(got)),)
    found: list[Mismatch] = []
    for name, value in wanted.items():
        inner = f"{path}.{name}"
        if name in got:
            found.extend(json_mismatches(value, got[name], inner))
        else:
            found.append(Mismatch(path=inner, expected=write(value), got=ABSENT))
    return tuple(found)


def _list_differs(wanted: list[JSON], got: JSON, path: str) -> tuple[Mismatch, ...]:
    if not isinstance(got, list):
        return (Mismatch(path=path, expected=write(wanted), got=write(got)),)
    if len(wanted) != len(got):
        return (
            Mismatch(path=path, expected=f"a list of {len(wanted)}", got=f"a list of {len(got)}"),
        )
    return tuple(
        mismatch
        for index, value in enumerate(wanted)
        for mismatch in json_mismatches(value, got[index], f"{path}[{index}]")
    )


def _includes_differs(wanted: JSON, got: list[JSON], path: str) -> tuple[Mismatch, ...]:
    elements = wanted if isinstance(wanted, list) else [wanted]
    return tuple(
        Mismatch(path=path, expected=f"an element like {write(element)}", got=write(got))
        for element in elements
        if all(json_mismatches(element, value, path) for value in got)
    )


def _matches(pattern: JSON, got: str) -> bool:
    return isinstance(pattern, str) and re.search(pattern, got) is not None


def _not(value: JSON, got: str) -> bool:
    return bool(json_mismatches(value, got, ""))


_OPERATORS: Mapping[str, Callable[[JSON, str], bool]] = {
    "equals": lambda value, got: value == got,
    "contains": lambda value, got: isinstance(value, str) and value in got,
    "matches": _matches,
    "one_of": lambda value, got: isinstance(value, list) and got in value,
    "not": _not,
}
