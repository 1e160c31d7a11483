"""The fault `repeat`: an event leaves twice."""

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
class Repeat:
    """The copy follows at once, sequence number and all."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def alter(self, events: tuple[Event, ...], scene: Scene, /) -> tuple[Event, ...]:
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
