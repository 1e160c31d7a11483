"""The table of faults, and the reading of one element of a reply's list of them.

An element is a mapping with the name of one fault and, if it is to strike in some calls only,
`chance` beside it: `{cut: {after: 3}, chance: 0.2}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.faults import (
    cut,
    delay,
    dribble,
    end,
    framing,
    garble,
    linger,
    omit,
    repeat,
    reset,
    rewrite,
    stall,
    swap,
    throttle,
)
from mockserver.faults.apply import probabilistic
from mockserver.faults.conflicts import FaultDecl
from mockserver.faults.parsing import FaultValueError, listed, nearest
from mockserver.faults.spec import FaultSpec
from mockserver.model.fault import Faults
from mockserver.model.json import JSON, JSONObject, write

CHANCE = "chance"

FAULTS: Mapping[str, FaultSpec] = {
    room.SPEC.name: room.SPEC
    for room in (
        cut,
        end,
        reset,
        stall,
        delay,
        dribble,
        throttle,
        linger,
        omit,
        repeat,
        swap,
        rewrite,
        garble,
        framing,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFault:
    """One element: as it was written, and what it does."""

    written: FaultDecl
    faults: Faults


def read_fault(element: JSON) -> ReadFault:
    """Read one element of a list of faults; raises FaultValueError."""
    if not isinstance(element, dict):
        message = f"{write(element)} is no fault; write a mapping such as {{cut: {{after: 3}}}}"
        raise FaultValueError("", message)
    for key in element:
        if key not in FAULTS and key != CHANCE:
            near = nearest(key, FAULTS)
            hint = f"the nearest is {near!r}" if near else f"there are {listed(FAULTS)}"
            raise FaultValueError(key, f"unknown fault {key!r}; {hint}")
    names = [key for key in element if key != CHANCE]
    if len(names) != 1:
        message = f"{len(names)} faults where one is wanted; each is an element of the list"
        raise FaultValueError("", message)
    [name] = names
    faults = FAULTS[name].build(element[name])
    if CHANCE not in element:
        return ReadFault(written=FaultDecl(name=name, value=element[name]), faults=faults)
    chance = element[CHANCE]
    if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance <= 1:
        raise FaultValueError(CHANCE, f"{write(chance)} is no share above 0 and up to 1")
    return ReadFault(
        written=FaultDecl(name=name, value=element[name], always=chance == 1),
        faults=probabilistic(faults, chance) if chance < 1 else faults,
    )


def fault_schema() -> JSONObject:
    """The JSON Schema of one element of a list of faults."""
    chance: JSONObject = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    properties: JSONObject = {name: spec.schema for name, spec in FAULTS.items()}
    return {
        "type": "object",
        "properties": {**properties, CHANCE: chance},
        "oneOf": [{"required": [name]} for name in FAULTS],
        "additionalProperties": False,
    }
