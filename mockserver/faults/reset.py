"""The fault `reset`: what was written arrives, then RST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.place import Place, is_streamed, place_schema, read_place
from mockserver.faults.position import find, split
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Frame
from mockserver.model.frames import Reset as ResetFrame
from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """At the head, not one byte is sent."""

    always: ClassVar[bool] = True
    place: Place

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place)

    def apply(self, frames: tuple[Frame, ...], scene: FaultContext, /) -> tuple[Frame, ...]:
        before, _ = split(frames, find(self.place, frames, scene))
        return (*before, ResetFrame())


def _build(value: JSON) -> Faults:
    return Faults(frames=(Reset(place=read_place(value, "reset")),))


SPEC = FaultSpec(
    name="reset",
    stages=(Stage.FRAMES,),
    written="reset: PLACE",
    about="stop at the place: what was written arrives, then RST",
    schema=place_schema(),
    build=_build,
)
