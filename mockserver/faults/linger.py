"""The fault `linger`: the whole reply, and the connection closed only later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.core.duration import DURATION_SCHEMA
from mockserver.core.fault import Faults, Scene
from mockserver.core.frames import Close, Finish, Frame, Wait
from mockserver.core.jsontext import JSON
from mockserver.faults.reading import read_seconds
from mockserver.faults.spec import FaultSpec, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Linger:
    """0 seconds closes a connection that would have lived on."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    seconds: float

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
        *before, ending = frames
        closing = Close(complete=True) if isinstance(ending, Finish) else ending
        return (*before, Wait(seconds=self.seconds), closing)


def _build(value: JSON) -> Faults:
    return Faults(frames=(Linger(seconds=read_seconds(value, "linger")),))


SPEC = FaultSpec(
    name="linger",
    stages=(Stage.FRAMES,),
    written="linger: 1s",
    about="whole reply, late close",
    schema=DURATION_SCHEMA,
    build=_build,
)
