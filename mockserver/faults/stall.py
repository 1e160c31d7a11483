"""The fault `stall`: nothing is sent after the place while the connection stays open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from mockserver.faults.cut import STOPS_ONCE
from mockserver.faults.end import IN_HEAD, End, ended
from mockserver.faults.place import PlacedFault, is_in_head, place_and, place_of
from mockserver.faults.position import find, split
from mockserver.faults.syntax import DURATION, FaultSpec, Key, Members, choice
from mockserver.model.fault import Effect, FaultContext, FaultValueError
from mockserver.model.frames import Close, Ending, EndOfReply, Frame, Reset
from mockserver.model.frames import Stall as StallFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(PlacedFault):
    """Without `seconds` it lasts until the client disconnects; then `ending` ends the reply."""

    effects: ClassVar[frozenset[str]] = frozenset({Effect.STOPS, Effect.INCOMPLETE})
    conflicts: ClassVar[Mapping[str, str]] = {Effect.STOPS: STOPS_ONCE}
    seconds: float | None = None
    ending: Ending = field(default_factory=Close)

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        before, _ = split(frames, find(self.place, frames, context))
        return (*before, StallFrame(seconds=self.seconds), self.ending)


@dataclass(frozen=True, slots=True, kw_only=True)
class StallThenEnd(PlacedFault):
    effects: ClassVar[frozenset[str]] = Stall.effects
    conflicts: ClassVar[Mapping[str, str]] = {**Stall.conflicts, **End.conflicts}
    seconds: float

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        before, ending = ended(frames, find(self.place, frames, context))
        return (*before, StallFrame(seconds=self.seconds), *ending)


_FOR = Key("for", DURATION)
_THEN = Key("then", choice({"cut": Close(), "reset": Reset(), "end": EndOfReply()}))


def _stall(members: Members) -> PlacedFault:
    place, seconds = place_of(members), members.get(_FOR)
    if _THEN not in members:
        return Stall(place=place, seconds=seconds)
    if seconds is None:
        raise FaultValueError("then", "a stall without 'for' has no end; add 'for' to use 'then'")
    ending = members[_THEN]
    if not isinstance(ending, EndOfReply):
        return Stall(place=place, seconds=seconds, ending=ending)
    if is_in_head(place):
        raise FaultValueError("then", f"{place}: {IN_HEAD}")
    return StallThenEnd(place=place, seconds=seconds)


SPEC = FaultSpec(
    name="stall",
    example="stall: {PLACE, for: 5s, then: cut}",
    about=(
        "send nothing after the place but keep the connection open, without 'for' until the client "
        "disconnects; then close it like cut, or with 'then' like reset or end"
    ),
    syntax=place_and(_FOR, _THEN).map(_stall),
    truncates=True,
)
