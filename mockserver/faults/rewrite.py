"""The fault `rewrite`: members of events or of a whole reply by path, `choices.0.delta.content`, where a number is an
element of a list."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from mockserver.faults.place import BODY
from mockserver.faults.position import event_indexes
from mockserver.faults.syntax import (
    LABEL,
    FaultSpec,
    Key,
    Members,
    any_members,
    is_pattern,
    list_of,
    listed,
    mapping,
    nearest,
    text,
)
from mockserver.model.fault import BodyFault, EventFault, FaultContext, PlaceNotFoundError
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
class _Changes:
    """First the members of `changes` are set, then those of `removals` are removed."""

    changes: Mapping[str, JSON]
    removals: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Callable[[JSON], JSON], ...]:
        """The changes one by one; each raises PlaceNotFoundError."""
        setting = (partial(with_member, path=path, value=value) for path, value in self.changes.items())
        return (*setting, *(partial(without_member, path=path) for path in self.removals))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite(EventFault):
    """Every copy of the event is changed. Of the events of a pattern those are that have the member, at least one."""

    label: str
    change: _Changes

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        indexes = event_indexes(self.label, events, context)
        found = list(events)
        for step in self.change.steps:
            errors: list[PlaceNotFoundError] = []
            for index in indexes:
                try:
                    found[index] = _rewritten(found[index], step)
                except PlaceNotFoundError as error:
                    errors.append(error)
            if errors and (len(errors) == len(indexes) or not is_pattern(self.label)):
                raise errors[0]
        return tuple(found)


def _rewritten(event: Event, step: Callable[[JSON], JSON]) -> Event:
    if event.text is not None:
        raise PlaceNotFoundError(f"event {event.label!r} is the text {event.text!r}, which has no members")
    return replace(event, data=step(event.data), sse=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteBody(BodyFault):
    change: _Changes

    def apply(self, body: JSON, _: FaultContext, /) -> JSON:
        for step in self.change.steps:
            body = step(body)
        return body


_EVENT = Key("event", LABEL)
_SET = Key("set", any_members("a mapping from paths of members to values"))
_REMOVE = Key("remove", list_of(text("the path of a member"), "a list of paths of members"))


def _rewrite(found: Members) -> Rewrite | RewriteBody:
    change = _Changes(changes=found.get(_SET) or {}, removals=found.get(_REMOVE) or ())
    return RewriteBody(change=change) if BODY in found else Rewrite(label=found[_EVENT], change=change)


SPEC = FaultSpec(
    name="rewrite",
    example='rewrite: {event: LABEL, set: {"choices.0.index": 3}, remove: [id]}, rewrite: {part: body, remove: [id]}',
    about="change members of events or of a whole reply; 'remove' removes them",
    syntax=mapping("{event: LABEL, set: {sequence_number: 7}}", one_of=(_EVENT, BODY), any_of=(_SET, _REMOVE)).map(
        _rewrite
    ),
)
