"""The fault `stall`: nothing of the reply is sent after the place while the connection stays open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.cut import CLOSE_NOTIFY, STOPS_ONCE
from mockserver.faults.end import IN_HEAD, End, ended
from mockserver.faults.insertion import KEEPALIVE, Keepalive, check_keepalive, woven
from mockserver.faults.place import PlacedFault, is_in_head, is_streamed, place_and, place_of
from mockserver.faults.position import Position, find, split
from mockserver.faults.syntax import DURATION, FaultSpec, Key, Members, choice
from mockserver.model.fault import Effect, FaultContext, FaultValueError
from mockserver.model.frames import Close, Ending, EndOfReply, Frame, Reset
from mockserver.model.frames import Stall as StallFrame

_CLOSE, _END = Close(), EndOfReply()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(PlacedFault):
    """Without `seconds` it lasts until the client disconnects; then `ending` ends the reply."""

    effects: ClassVar[frozenset[str]] = frozenset({Effect.STOPS, Effect.INCOMPLETE})
    conflicts: ClassVar[Mapping[str, str]] = {Effect.STOPS: STOPS_ONCE}
    seconds: float | None = None
    ending: Ending = _CLOSE
    keepalive: Keepalive | None = None

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place) or (self.keepalive is not None and self.keepalive.payload.streamed)

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        position, keepalive = find(self.place, frames, context), self.keepalive
        if self.seconds is None:
            stall = StallFrame() if keepalive is None else keepalive.endless(frames, position, context)
            return (*split(frames, position)[0], stall, self.ending)
        stall = StallFrame(seconds=self.seconds)
        stalls = [stall] if keepalive is None else keepalive.during(stall, context)
        if isinstance(self.ending, EndOfReply):
            before, ending = ended(frames, position)
            return woven((*before, *ending), [Position(len(before))], stalls)[0]
        found, tail = woven(frames, [position], stalls)
        return (*found[: len(found) - tail], self.ending)


@dataclass(frozen=True, slots=True, kw_only=True)
class StallThenEnd(Stall):
    """The body is terminated properly at the end."""

    conflicts: ClassVar[Mapping[str, str]] = {**Stall.conflicts, **End.conflicts}
    ending: Ending = _END


_FOR = Key("for", DURATION)
_THEN = Key("then", choice({"cut": _CLOSE, "reset": Reset(), "end": _END}))


def _stall(members: Members) -> Stall:
    place, seconds, keepalive = place_of(members), members.get(_FOR), members.get(KEEPALIVE)
    check_keepalive(keepalive, place, seconds)
    ending: Ending = members.get(_THEN) or _CLOSE
    if CLOSE_NOTIFY in members:
        if seconds is None or not isinstance(ending, Close):
            raise FaultValueError("close_notify", "only a stall with 'for' that ends in 'cut' closes the connection")
        ending = Close(close_notify=members[CLOSE_NOTIFY])
    if seconds is None and _THEN in members:
        raise FaultValueError("then", "a stall without 'for' has no end; add 'for' to use 'then'")
    if not isinstance(ending, EndOfReply):
        return Stall(place=place, seconds=seconds, ending=ending, keepalive=keepalive)
    if is_in_head(place):
        raise FaultValueError("then", f"{place}: {IN_HEAD}")
    return StallThenEnd(place=place, seconds=seconds, keepalive=keepalive)


SPEC = FaultSpec(
    name="stall",
    example="stall: {PLACE, for: 5s, then: cut, keepalive: {comment: ping, every: 1s}}",
    about=(
        "send nothing after the place but keep the connection open, without 'for' until the client "
        "disconnects; then close it like cut, or with 'then' like reset or end; 'keepalive' sends a comment, an event "
        "or bytes meanwhile"
    ),
    syntax=place_and(_FOR, _THEN, KEEPALIVE, CLOSE_NOTIFY).map(_stall),
    truncates=True,
)
