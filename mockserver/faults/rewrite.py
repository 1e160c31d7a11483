"""The fault `rewrite`: other members of an event's data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.core.event import Event
from mockserver.core.fault import Faults, Scene
from mockserver.core.jsontext import JSON, write
from mockserver.faults.members import with_member, without_member
from mockserver.faults.occurrence import places_of
from mockserver.faults.reading import FaultValueError, read_label, read_object, read_text
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.faults.unknown_place import UnknownPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """First `put`, then `remove`, each in order, in every copy of the event."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str
    put: tuple[tuple[str, JSON], ...] = ()
    remove: tuple[str, ...] = ()

    def alter(self, events: tuple[Event, ...], scene: Scene, /) -> tuple[Event, ...]:
        struck = places_of(self.label, events, scene)
        return tuple(
            self._rewritten(event) if place in struck else event
            for place, event in enumerate(events)
        )

    def _rewritten(self, event: Event) -> Event:
        if event.text is not None:
            raise UnknownPlace(f"event {self.label!r} is the text {event.text!r}, without members")
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
