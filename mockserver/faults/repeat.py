"""The fault `repeat`: an event leaves twice."""

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
class Repeat:
    """The copy follows at once, sequence number and all."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def apply(self, events: tuple[Event, ...], scene: FaultContext, /) -> tuple[Event, ...]:
        place = places_of(self.label, events, scene)[0]
        return (*events[: place + 1], *events[place:])


def _build(value: JSON) -> Faults:
    return Faults(events=(Repeat(label=read_label(value, "repeat")),))


SPEC = FaultSpec(
    name="repeat",
    stages=(Stage.EVENTS,),
    written="repeat: LABEL",
    about="double an event",
    schema={"type": "string", "minLength": 1},
    build=_build,
)
