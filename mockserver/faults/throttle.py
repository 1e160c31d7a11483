"""The fault `throttle`: no more than so many bytes per second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.dribble import sliced
from mockserver.faults.parsing import read_number
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Frame
from mockserver.model.json import JSON

# Slices a second: short enough to look like a slow line, long enough to be kept on time.
_RATE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Slow sending comes on top of the pace."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    bytes_per_s: int

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        size = max(1, self.bytes_per_s // _RATE)
        return tuple(sliced(frames, (size,), size / self.bytes_per_s, over_waits=True))


def _build(value: JSON) -> Faults:
    return Faults(frames=(Throttle(bytes_per_s=read_number(value, "throttle", least=1)),))


SPEC = FaultSpec(
    name="throttle",
    stages=(Stage.FRAMES,),
    written="throttle: 2000",
    about="bytes per second",
    schema={"type": "integer", "minimum": 1},
    build=_build,
)
