"""The fault `throttle`: a limit of bytes per second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.dribble import sliced
from mockserver.faults.syntax import FaultSpec, whole
from mockserver.model.fault import Effect, FaultContext, FrameFault
from mockserver.model.frames import Frame

# Writes per second: enough to look like a slow line, few enough to be on time.
_RATE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle(FrameFault):
    """The time of sending is added to the pace of the reply."""

    bytes_per_s: int

    effects: ClassVar[frozenset[str]] = frozenset({Effect.SEPARATE_WRITES})

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        size = max(1, self.bytes_per_s // _RATE)
        return tuple(sliced(frames, (size,), size / self.bytes_per_s, over_waits=True))


SPEC = FaultSpec(
    name="throttle",
    example="throttle: 2000",
    about="bytes per second",
    syntax=whole(1).map(lambda rate: Throttle(bytes_per_s=rate)),
)
