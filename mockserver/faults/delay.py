"""The fault `delay`: the reply waits before the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.place import PlacedFault, place_and, place_of
from mockserver.faults.position import find, split
from mockserver.faults.syntax import DURATION, FaultSpec, Key
from mockserver.model.fault import Effect, FaultContext
from mockserver.model.frames import Frame, Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(PlacedFault):
    """0 seconds only separates the writes at the place."""

    seconds: float

    effects: ClassVar[frozenset[str]] = frozenset({Effect.SEPARATE_WRITES})

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        before, after = split(frames, find(self.place, frames, context))
        return (*before, Wait(seconds=self.seconds), *after)


_FOR = Key("for", DURATION)

SPEC = FaultSpec(
    name="delay",
    example="delay: {PLACE, for: 200ms}",
    about="wait before the place, then continue",
    syntax=place_and(required=(_FOR,)).map(lambda found: Delay(place=place_of(found), seconds=found[_FOR])),
)
