"""The fault `omit`: an event does not leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.core.event import Event
from mockserver.core.fault import Faults, Scene
from mockserver.core.jsontext import JSON
from mockserver.faults.occurrence import places_of
from mockserver.faults.reading import read_label
from mockserver.faults.spec import FaultSpec, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Omit:
    """Every copy of a repeated event."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def alter(self, events: tuple[Event, ...], scene: Scene, /) -> tuple[Event, ...]:
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
