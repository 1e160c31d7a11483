"""Members of JSON by path: `choices.0.delta.content`, a number choosing an element of a list."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.faults.parsing import (
    FaultValueError,
    PlaceNotFoundError,
    listed,
    nearest,
    read_label,
    read_object,
    read_text,
)
from mockserver.faults.position import places_of
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.json import JSON, write


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
    raise PlaceNotFoundError(f"member {path!r}: {write(value)} has no members")


def _step(value: JSON, step: str, path: str) -> JSON:
    if isinstance(value, list):
        return value[_index(value, step, path)]
    if not isinstance(value, dict):
        raise PlaceNotFoundError(f"member {path!r}: {write(value)} has no members")
    if step not in value:
        raise _missing(value, step, path)
    return value[step]


def _index(value: list[JSON], step: str, path: str) -> int:
    if step.isascii() and step.isdigit() and int(step) < len(value):
        return int(step)
    raise PlaceNotFoundError(f"member {path!r}: no element {step!r} in a list of {len(value)}")


def _missing(value: dict[str, JSON], step: str, path: str) -> PlaceNotFoundError:
    near = nearest(step, value)
    hint = f"the nearest is {near!r}" if near else f"there are {listed(value)}"
    return PlaceNotFoundError(f"member {path!r}: no {step!r}; {hint}", nearest=near)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """First `put`, then `remove`, each in order, in every copy of the event."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str
    put: tuple[tuple[str, JSON], ...] = ()
    remove: tuple[str, ...] = ()

    def apply(self, events: tuple[Event, ...], scene: FaultContext, /) -> tuple[Event, ...]:
        struck = places_of(self.label, events, scene)
        return tuple(
            self._rewritten(event) if place in struck else event
            for place, event in enumerate(events)
        )

    def _rewritten(self, event: Event) -> Event:
        if event.text is not None:
            raise PlaceNotFoundError(
                f"event {self.label!r} is the text {event.text!r}, without members"
            )
        data = event.data
        for path, value in self.put:
            data = with_member(data, path, value)
        for path in self.remove:
            data = without_member(data, path)
        return replace(event, data=data)


def _build(value: JSON) -> Faults:
    example = "{event: LABEL, set: {sequence_number: 7}} or {event: LABEL, remove: [id]}"
    mapping = read_object(value, "rewrite", ("event", "set", "remove"), example)
    label = read_label(mapping.get("event"), "rewrite.event")
    put = mapping.get("set", {})
    if not isinstance(put, dict):
        raise FaultValueError("rewrite.set", f"{write(put)} is no mapping of member paths")
    remove = mapping.get("remove", [])
    if not isinstance(remove, list):
        raise FaultValueError("rewrite.remove", f"{write(remove)} is no list of member paths")
    if not put and not remove:
        raise FaultValueError("rewrite", f"nothing to change; write {example}")
    paths = tuple(
        read_text(path, f"rewrite.remove[{index}]", "path of a member")
        for index, path in enumerate(remove)
    )
    return Faults(events=(Rewrite(label=label, put=tuple(put.items()), remove=paths),))


SPEC = FaultSpec(
    name="rewrite",
    stages=(Stage.EVENTS,),
    written='rewrite: {event: LABEL, set: {"choices.0.index": 3}, remove: [id]}',
    about="change members of an event; 'remove' takes them away",
    schema={
        "type": "object",
        "properties": {
            "event": {"type": "string", "minLength": 1},
            "set": {"type": "object", "minProperties": 1},
            "remove": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "minItems": 1,
            },
        },
        "required": ["event"],
        "anyOf": [{"required": ["set"]}, {"required": ["remove"]}],
        "additionalProperties": False,
    },
    build=_build,
)
