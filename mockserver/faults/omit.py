"""The fault `omit`: an event does not leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.parsing import read_label
from mockserver.faults.position import places_of
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Omit:
    """Every copy of a repeated event."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def apply(self, events: tuple[Event, ...], scene: FaultContext, /) -> tuple[Event, ...]:
        gone = places_of(self.label, events, scene)
        return tuple(event for place, event in enumerate(events) if place not in gone)


def _build(value: JSON) -> Faults:
    return Faults(events=(Omit(label=read_label(value, "omit")),))


SPEC = FaultSpec(
    name="omit",
    stages=(Stage.EVENTS,),
    written="omit: LABEL",
    about="drop an event",
    schema={"type": "string", "minLength": 1},
    build=_build,
)
