"""Short descriptions of JSON values and of where two of them differ."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from mockserver.model.json import JSON, JSONObject

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
