"""The registry of faults, and the reader of one element of a reply's list of faults.

An element is a mapping with the name of one fault and, for a fault that applies in some calls
only, `chance` next to it: `{cut: {after: 3}, chance: 0.2}`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockserver.faults import (
    cut,
    delay,
    dribble,
    end,
    framing,
    garble,
    insert,
    linger,
    omit,
    repeat,
    reset,
    rewrite,
    stall,
    swap,
    throttle,
)
from mockserver.faults.syntax import FaultSpec, listed, unexpected, unknown
from mockserver.model.fault import Faults, FaultValueError
from mockserver.model.json import JSON, JSONObject

CHANCE = "chance"

_OWN = (
    *(cut.SPEC, end.SPEC, reset.SPEC, stall.SPEC, delay.SPEC, dribble.SPEC, throttle.SPEC, linger.SPEC),
    *(omit.SPEC, repeat.SPEC, swap.SPEC, rewrite.SPEC, garble.SPEC, insert.SPEC, framing.SPEC),
)
FAULTS: dict[str, FaultSpec] = {spec.name: spec for spec in _OWN}
"""Every fault by name. A fault from elsewhere is added by its name as well."""


def truncating_faults() -> tuple[str, ...]:
    """The names of the faults that stop a reply at a place, `end` first: if the body ends with the
    connection, others send the same bytes as `end`, and a sweep keeps the first."""
    names = [name for name, spec in FAULTS.items() if spec.truncates]
    return tuple(sorted(names, key=lambda name: name != "end"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFault:
    name: str
    faults: Faults


def read_fault(element: JSON) -> ReadFault:
    """Read one element of a list of faults; raises FaultValueError."""
    if not isinstance(element, dict):
        raise unexpected("a fault such as {cut: {after: 3}}", element, "")
    for key in element:
        if key not in FAULTS and key != CHANCE:
            raise FaultValueError(key, unknown("fault", key, FAULTS))
    names = [key for key in element if key != CHANCE]
    if len(names) != 1:
        got = listed(names) if names else "none"
        raise FaultValueError("", f"expected exactly one fault in an element, got {got}")
    [name] = names
    faults = Faults.of(FAULTS[name].syntax.read(element[name], name))
    chance = element.get(CHANCE, 1)
    if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance <= 1:
        raise unexpected("a number above 0 and up to 1", chance, CHANCE)
    return ReadFault(name=name, faults=faults if chance == 1 else faults.with_chance(chance))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """`index` is the index of the later of two faults in the list."""

    index: int
    message: str


def find_conflicts(faults: Sequence[ReadFault]) -> tuple[Conflict, ...]:
    """Orders of faults that have no meaning: at most one conflict for each fault, with the first
    earlier fault that it conflicts with. Only faults of one stage can conflict, as those on events
    precede those on frames in any order. A fault with a chance conflicts with none."""
    found: list[Conflict] = []
    for index, later in enumerate(faults):
        for before, earlier in enumerate(faults[:index]):
            message = _conflict(earlier.faults, later.faults)
            if message is not None:
                text = message.format(earlier=f"faults[{before}] ({earlier.name!r})")
                found.append(Conflict(index=index, message=text))
                break
    return tuple(found)


def _conflict(earlier: Faults, later: Faults) -> str | None:
    effects = frozenset[str]().union(*(fault.effects for fault in earlier))
    messages = (message for fault in later for effect, message in fault.conflicts.items() if effect in effects)
    return next(messages, None)


def fault_schema() -> JSONObject:
    chance: JSONObject = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    properties: JSONObject = {name: spec.syntax.schema for name, spec in FAULTS.items()}
    return {
        "type": "object",
        "properties": {**properties, CHANCE: chance},
        "oneOf": [{"required": [name]} for name in FAULTS],
        "additionalProperties": False,
    }
