"""The fault `cut`: what was written arrives, then FIN, without the ending HTTP owes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.place import Place, is_streamed, place_schema, read_place
from mockserver.faults.position import find, split
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Close, Frame
from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """At the head, not one byte is sent."""

    always: ClassVar[bool] = True
    place: Place

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place)

    def apply(self, frames: tuple[Frame, ...], scene: FaultContext, /) -> tuple[Frame, ...]:
        before, _ = split(frames, find(self.place, frames, scene))
        return (*before, Close())


def _build(value: JSON) -> Faults:
    return Faults(frames=(Cut(place=read_place(value, "cut")),))


SPEC = FaultSpec(
    name="cut",
    stages=(Stage.FRAMES,),
    written="cut: PLACE",
    about="stop at the place: what was written arrives, then FIN, without the ending HTTP owes",
    schema=place_schema(),
    build=_build,
)
