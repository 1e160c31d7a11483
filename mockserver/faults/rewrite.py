"""The fault `rewrite`: members of an event by path, `choices.0.delta.content`, where a number is an
element of a list."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mockserver.faults.position import event_indexes
from mockserver.faults.syntax import LABEL, FaultSpec, Key, any_members, list_of, listed, mapping, nearest, text
from mockserver.model.fault import EventFault, FaultContext, PlaceNotFoundError
from mockserver.model.frames import Event
from mockserver.model.json import JSON, write


def with_member(data: JSON, path: str, value: JSON) -> JSON:
    """A copy with the member set; its last step may be a new member of an object. Raises PlaceNotFoundError."""
    found = copy.deepcopy(data)
    holder, step = _holder(found, path)
    if isinstance(holder, dict):
        holder[step] = copy.deepcopy(value)
    else:
        holder[_index(holder, step, path)] = copy.deepcopy(value)
    return found


def without_member(data: JSON, path: str) -> JSON:
    """A copy without the member. Raises PlaceNotFoundError."""
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
    *steps, last = path.split(".")
    value = data
    for step in steps:
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
    hint = f"the nearest is {near!r}" if near else f"its members are {listed(value)}"
    return PlaceNotFoundError(f"member {path!r}: no {step!r}; {hint}", nearest=near)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite(EventFault):
    """First the members of `changes` are set, then those of `removals` are removed, in every copy of the event."""

    label: str
    changes: Mapping[str, JSON]
    removals: tuple[str, ...] = ()

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        indexes = event_indexes(self.label, events, context)
        return tuple(self._rewritten(event) if index in indexes else event for index, event in enumerate(events))

    def _rewritten(self, event: Event) -> Event:
        if event.text is not None:
            raise PlaceNotFoundError(f"event {self.label!r} is the text {event.text!r}, which has no members")
        return replace(event, data=self.rewrite(event.data))

    def rewrite(self, data: JSON) -> JSON:
        for path, value in self.changes.items():
            data = with_member(data, path, value)
        for path in self.removals:
            data = without_member(data, path)
        return data


_EVENT = Key("event", LABEL)
_SET = Key("set", any_members("a mapping from paths of members to values"))
_REMOVE = Key("remove", list_of(text("the path of a member"), "a list of paths of members"))

SPEC = FaultSpec(
    name="rewrite",
    example='rewrite: {event: LABEL, set: {"choices.0.index": 3}, remove: [id]}',
    about="change members of an event; 'remove' removes them",
    syntax=mapping("{event: LABEL, set: {sequence_number: 7}}", required=(_EVENT,), any_of=(_SET, _REMOVE)).map(
        lambda found: Rewrite(label=found[_EVENT], changes=found.get(_SET) or {}, removals=found.get(_REMOVE) or ())
    ),
)
