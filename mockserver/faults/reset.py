"""The fault `reset`: everything before the place arrives, then RST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.cut import STOPS_ONCE
from mockserver.faults.place import PlacedFault, at_place
from mockserver.faults.position import find, split
from mockserver.faults.syntax import FaultSpec
from mockserver.model.fault import Effect, FaultContext
from mockserver.model.frames import Frame
from mockserver.model.frames import Reset as ResetEnding


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(PlacedFault):
    """At the head, no byte is sent."""

    effects: ClassVar[frozenset[str]] = frozenset({Effect.STOPS, Effect.INCOMPLETE})
    conflicts: ClassVar[Mapping[str, str]] = {Effect.STOPS: STOPS_ONCE}

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        before, _ = split(frames, find(self.place, frames, context))
        return (*before, ResetEnding())


SPEC = FaultSpec(
    name="reset",
    example="reset: PLACE",
    about="stop at the place: everything before it arrives, then RST",
    syntax=at_place(lambda place: Reset(place=place)),
    truncates=True,
)
