"""The fault `stall`: silence at the place, with the connection open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from mockserver.faults.end import IN_HEAD, ended
from mockserver.faults.parsing import FaultValueError, read_choice, read_object, read_seconds
from mockserver.faults.place import Place, is_in_head, is_streamed, place_schema, read_place
from mockserver.faults.position import find, split
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.duration import DURATION_SCHEMA
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Close, Frame, Reset, Stall
from mockserver.model.json import JSON


class After(StrEnum):
    """How the connection ends when the silence is over."""

    CUT = "cut"
    RESET = "reset"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class StallFault:
    """`seconds` None lasts until the client leaves."""

    always: ClassVar[bool] = True
    place: Place
    seconds: float | None = None
    then: After = After.CUT

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place)

    def apply(self, frames: tuple[Frame, ...], scene: FaultContext, /) -> tuple[Frame, ...]:
        position = find(self.place, frames, scene)
        stall = Stall(seconds=self.seconds)
        if self.then is After.END:
            before, closing = ended(frames, position)
            return (*before, stall, *closing)
        before, _ = split(frames, position)
        return (*before, stall, Reset() if self.then is After.RESET else Close())


def _build(value: JSON) -> Faults:
    place = read_place(value, "stall", ("for", "then"))
    mapping = read_object(value, "stall", value if isinstance(value, dict) else (), "")
    seconds = read_seconds(mapping["for"], "stall.for") if "for" in mapping else None
    then = After(read_choice(mapping.get("then", After.CUT.value), "stall.then", After))
    if "then" in mapping and seconds is None:
        raise FaultValueError("stall.then", "nothing follows a stall without 'for'; write both")
    if then is After.END and is_in_head(place):
        raise FaultValueError("stall.then", f"{place}: {IN_HEAD}")
    return Faults(frames=(StallFault(place=place, seconds=seconds, then=then),))


SPEC = FaultSpec(
    name="stall",
    stages=(Stage.FRAMES,),
    written="stall: {PLACE, for: 5s, then: cut}",
    about=(
        "fall silent at the place, connection open; without 'for' until the client leaves; "
        "afterwards it closes like cut, or as 'then' says: reset, end"
    ),
    schema=place_schema({"for": DURATION_SCHEMA, "then": {"enum": [one.value for one in After]}}),
    build=_build,
)
