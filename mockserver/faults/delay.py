"""The fault `delay`: the reply is held before the place, then goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.parsing import FaultValueError, read_seconds
from mockserver.faults.place import Place, is_streamed, place_schema, read_place
from mockserver.faults.position import find, split
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.duration import DURATION_SCHEMA
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Frame, Wait
from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """0 seconds only divides the writes at the place."""

    always: ClassVar[bool] = True
    place: Place
    seconds: float

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place)

    def apply(self, frames: tuple[Frame, ...], scene: FaultContext, /) -> tuple[Frame, ...]:
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
