"""The fault `delay`: the reply waits before the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.insertion import KEEPALIVE, Keepalive, check_keepalive, woven
from mockserver.faults.place import PlacedFault, is_streamed, place_and, place_of
from mockserver.faults.position import find_all
from mockserver.faults.syntax import DURATION, FaultSpec, Key, Members
from mockserver.model.fault import Effect, FaultContext
from mockserver.model.frames import Frame, Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(PlacedFault):
    """At each place that a pattern matches; 0 seconds only separates the writes there."""

    effects: ClassVar[frozenset[str]] = frozenset({Effect.SEPARATE_WRITES})
    seconds: float
    keepalive: Keepalive | None = None

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place) or (self.keepalive is not None and self.keepalive.payload.streamed)

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        wait, keepalive = Wait(seconds=self.seconds), self.keepalive
        waits = [wait] if keepalive is None else keepalive.during(wait, context)
        return woven(frames, find_all(self.place, frames, context), waits)[0]


_FOR = Key("for", DURATION)


def _delay(found: Members) -> Delay:
    place, seconds, keepalive = place_of(found), found[_FOR], found.get(KEEPALIVE)
    check_keepalive(keepalive, place, seconds)
    return Delay(place=place, seconds=seconds, keepalive=keepalive)


SPEC = FaultSpec(
    name="delay",
    example="delay: {PLACE, for: 200ms, keepalive: {comment: ping, every: 50ms}}",
    about="wait before the place, then continue; 'keepalive' sends a comment, an event or bytes meanwhile",
    syntax=place_and(KEEPALIVE, required=(_FOR,)).map(_delay),
)
