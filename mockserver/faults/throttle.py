"""The fault `throttle`: no more than so many bytes per second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.core.fault import Faults, Scene
from mockserver.core.frames import Frame
from mockserver.core.jsontext import JSON
from mockserver.faults.reading import read_number
from mockserver.faults.slices import sliced
from mockserver.faults.spec import FaultSpec, Stage

# Slices a second: short enough to look like a slow line, long enough to be kept on time.
_RATE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Slow sending comes on top of the pace."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    bytes_per_s: int

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
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
