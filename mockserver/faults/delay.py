"""The fault `delay`: the reply is held before the place, then goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.core.duration import DURATION_SCHEMA
from mockserver.core.fault import Faults, Scene
from mockserver.core.frames import Frame, Wait
from mockserver.core.jsontext import JSON
from mockserver.faults.place import Place, is_streamed
from mockserver.faults.place_reading import place_schema, read_place
from mockserver.faults.position import find, split
from mockserver.faults.reading import FaultValueError, read_seconds
from mockserver.faults.spec import FaultSpec, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """0 seconds only divides the writes at the place."""

    certain: ClassVar[bool] = True
    place: Place
    seconds: float

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place)

    def alter(self, frames: tuple[Frame, ...], scene: Scene, /) -> tuple[Frame, ...]:
        before, behind = split(frames, find(self.place, frames, scene))
        return (*before, Wait(seconds=self.seconds), *behind)


def _build(value: JSON) -> Faults:
    place = read_place(value, "delay", ("for",))
    if not isinstance(value, dict) or "for" not in value:
        raise FaultValueError("delay", "'for' is missing; write how long, as in for: 200ms")
    return Faults(frames=(Delay(place=place, seconds=read_seconds(value["for"], "delay.for")),))


_SCHEMA = place_schema({"for": DURATION_SCHEMA})

SPEC = FaultSpec(
    name="delay",
    stages=(Stage.FRAMES,),
    written="delay: {PLACE, for: 200ms}",
    about="hold before the place, then go on",
    schema={**_SCHEMA, "required": ["for"]},
    build=_build,
)
