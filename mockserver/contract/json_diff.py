"""How a JSON value is named in a message: short, whatever its size."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from mockserver.model.json import JSON, JSONObject

_LONGEST: Final = 60
_LARGEST: Final = 10**18


def describe_value(value: JSON) -> str:
    """The value itself where it is small, else what it is; never long and never slow."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) > _LARGEST:
            return "a very large integer"
        case str() if len(value) > _LONGEST:
            return f"{value[:_LONGEST]!r}… ({len(value)} characters)"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object of {len(value)} members"
        case _:
            return repr(value)


def member_path(path: str, name: str) -> str:
    """Lead from the object at `path` to its member."""
    short = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    return f"{path}.{short}" if path else short


_SHOWN: Final = 30
_DEEPEST: Final = 20

_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
_Pair: TypeAlias = tuple[JSON, JSON, _Trail]


class JSONDifference(NamedTuple):
    """`steps` lead to the place: names and list indexes. `message` compares what is there."""

    steps: tuple[str | int, ...]
    message: str


def path_of(steps: tuple[str | int, ...], start: str) -> str:
    """Write steps as a path from `start`, of a very deep place the beginning."""
    path = start
    for step in steps[:_DEEPEST]:
        path = f"{path}[{step}]" if isinstance(step, int) else member_path(path, step)
    return f"{path}…" if len(steps) > _DEEPEST else path


def json_difference(
    found: JSON, wanted: JSON, ignored: frozenset[str] = frozenset()
) -> JSONDifference | None:
    """The first place, in member order of `wanted`, where `found` is not the same.

    Members of an ignored name are not compared. Numbers are the same where they are equal; true is
    no number.
    """
    waiting: list[_Pair] = [(found, wanted, None)]
    while waiting:
        one, other, trail = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            unlike = _names_differ(one, other, ignored)
            if unlike is not None:
                name, message = unlike
                return JSONDifference(_steps((trail, name)), message)
            waiting.extend(
                (one[name], other[name], (trail, name))
                for name in reversed(other)
                if name not in ignored
            )
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pairs = zip(reversed(one), reversed(other), range(len(one) - 1, -1, -1), strict=True)
            waiting.extend((each, wish, (trail, index)) for each, wish, index in pairs)
        else:
            text = _leaves_differ(one, other)
            if text is not None:
                return JSONDifference(_steps(trail), text)
    return None


def _names_differ(
    one: JSONObject, other: JSONObject, ignored: frozenset[str]
) -> tuple[str, str] | None:
    for name in other:
        if name not in one and name not in ignored:
            return name, f"missing, {describe_value(other[name])} would be right"
    for name in one:
        if name not in other and name not in ignored:
            return name, f"found {describe_value(one[name])}, no such member would be right"
    return None


def _leaves_differ(one: JSON, other: JSON) -> str | None:
    if isinstance(one, str) and isinstance(other, str):
        return None if one == other else text_difference(one, other)
    nested = isinstance(one, (dict, list)) or isinstance(other, (dict, list))
    if not nested and isinstance(one, bool) == isinstance(other, bool) and one == other:
        return None
    return f"found {describe_value(one)}, {describe_value(other)} would be right"


def text_difference(found: str, wanted: str) -> str:
    """Say from where on two texts, which are not equal, differ."""
    low, high = 0, min(len(found), len(wanted))
    while low < high:
        middle = (low + high + 1) // 2
        if found[low:middle] == wanted[low:middle]:
            low = middle
        else:
            high = middle - 1
    if low == 0:
        return f"found {describe_value(found)}, {describe_value(wanted)} would be right"
    rest, other = found[low : low + _SHOWN], wanted[low : low + _SHOWN]
    return f"from character {low} on found {rest!r}, {other!r} would be right"


def _steps(trail: _Trail) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))
