"""The fault `linger`: the complete reply; its connection closes late or on the next request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.syntax import DURATION, FaultSpec, Key, choice, either, mapping
from mockserver.model.fault import Effect, FaultContext, FrameFault
from mockserver.model.frames import Close, EndOfReply, Frame, IdleClose, Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Linger(FrameFault):
    """Without `hang_up` the connection closes after `seconds`, 0 for at once; with it the
    connection ends in that way when the next request begins, so that none is answered."""

    seconds: float = 0.0
    hang_up: IdleClose | None = None

    effects: ClassVar[frozenset[str]] = frozenset({Effect.CLOSES})
    conflicts: ClassVar[Mapping[str, str]] = {
        Effect.INCOMPLETE: "'linger' needs a complete reply, but {earlier} cuts it short; use 'stall' with 'for'",
        Effect.CLOSES: "{earlier} decides when the connection closes; leave one of them out",
    }

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        *before, ending = frames
        whole = isinstance(ending, EndOfReply)
        if self.hang_up is not None:
            return (*before, EndOfReply(hang_up=self.hang_up) if whole else ending)
        return (*before, Wait(seconds=self.seconds), Close(complete=True) if whole else ending)


_UNTIL = Key("until", choice({"next": "next"}))
_THEN = Key("then", choice({"cut": IdleClose.FIN, "reset": IdleClose.RST}))

SPEC = FaultSpec(
    name="linger",
    example="linger: 1s",
    about=(
        "complete reply, late close; {until: next} closes an idle connection just as the next "
        "request comes, 'then: reset' with RST"
    ),
    syntax=either(
        DURATION.map(lambda seconds: Linger(seconds=seconds)),
        mapping("{until: next}", _THEN, required=(_UNTIL,)).map(
            lambda found: Linger(hang_up=found.get(_THEN) or IdleClose.FIN)
        ),
    ),
)
