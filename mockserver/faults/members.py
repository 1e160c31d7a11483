"""Members of JSON by path: `choices.0.delta.content`, a number choosing an element of a list."""

from __future__ import annotations

import copy

from mockserver.core.jsontext import JSON, write
from mockserver.faults.reading import listed, nearest
from mockserver.faults.unknown_place import UnknownPlace


def with_member(data: JSON, path: str, value: JSON) -> JSON:
    """A copy with the member set; the last step may be new to its object. Raises UnknownPlace."""
    found = copy.deepcopy(data)
    holder, step = _holder(found, path)
    if isinstance(holder, dict):
        holder[step] = copy.deepcopy(value)
    else:
        holder[_index(holder, step, path)] = copy.deepcopy(value)
    return found


def without_member(data: JSON, path: str) -> JSON:
    """A copy without the member. Raises UnknownPlace."""
    found = copy.deepcopy(data)
    holder, step = _holder(found, path)
    if isinstance(holder, list):
        del holder[_index(holder, step, path)]
    elif step in holder:
        del holder[step]
    else:
        raise _missing(holder, step, path)
    return found


def _holder(data: JSON, path: str) -> tuple[dict[str, JSON] | list[JSON], str]:
    *way, last = path.split(".")
    value = data
    for step in way:
        value = _step(value, step, path)
    if isinstance(value, dict | list):
        return value, last
    raise UnknownPlace(f"member {path!r}: {write(value)} has no members")


def _step(value: JSON, step: str, path: str) -> JSON:
    if isinstance(value, list):
        return value[_index(value, step, path)]
    if not isinstance(value, dict):
        raise UnknownPlace(f"member {path!r}: {write(value)} has no members")
    if step not in value:
        raise _missing(value, step, path)
    return value[step]


def _index(value: list[JSON], step: str, path: str) -> int:
    if step.isascii() and step.isdigit() and int(step) < len(value):
        return int(step)
    raise UnknownPlace(f"member {path!r}: no element {step!r} in a list of {len(value)}")


def _missing(value: dict[str, JSON], step: str, path: str) -> UnknownPlace:
    near = nearest(step, value)
    hint = f"the nearest is {near!r}" if near else f"there are {listed(value)}"
    return UnknownPlace(f"member {path!r}: no {step!r}; {hint}", nearest=near)
