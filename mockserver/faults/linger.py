"""The fault `linger`: the whole reply, its connection closed late, or when it is used again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from mockserver.faults.parsing import FaultValueError, read_choice, read_object, read_seconds
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.duration import DURATION_SCHEMA
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Close, EndOfReply, Frame, IdleClose, Wait
from mockserver.model.json import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Linger:
    """0 seconds closes a connection that would have lived on."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    seconds: float

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        *before, ending = frames
        closing = Close(complete=True) if isinstance(ending, EndOfReply) else ending
        return (*before, Wait(seconds=self.seconds), closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class LingerUntilNext:
    """The connection stays usable until it is used: no request after this one is answered."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    hang_up: IdleClose

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        *before, ending = frames
        return (
            *before,
            EndOfReply(hang_up=self.hang_up) if isinstance(ending, EndOfReply) else ending,
        )


class Then(StrEnum):
    """How the connection ends, as people call it."""

    CUT = "cut"
    RESET = "reset"


_ENDS: Mapping[Then, IdleClose] = {Then.CUT: IdleClose.FIN, Then.RESET: IdleClose.RST}
_EXAMPLE = "1s or {until: next}"


def _build(value: JSON) -> Faults:
    if not isinstance(value, dict):
        return Faults(frames=(Linger(seconds=read_seconds(value, "linger")),))
    mapping = read_object(value, "linger", ("until", "then"), _EXAMPLE)
    if "until" not in mapping:
        raise FaultValueError("linger", f"'until' is missing; write {_EXAMPLE}")
    read_choice(mapping["until"], "linger.until", ["next"])
    then = Then(read_choice(mapping.get("then", Then.CUT.value), "linger.then", Then))
    return Faults(frames=(LingerUntilNext(hang_up=_ENDS[then]),))


SPEC = FaultSpec(
    name="linger",
    stages=(Stage.FRAMES,),
    written="linger: 1s",
    about=(
        "whole reply, late close; {until: next} closes an idle connection just as the next request "
        "comes, 'then: reset' with RST"
    ),
    schema={
        "anyOf": [
            DURATION_SCHEMA,
            {
                "type": "object",
                "properties": {
                    "until": {"const": "next"},
                    "then": {"enum": [one.value for one in Then]},
                },
                "required": ["until"],
                "additionalProperties": False,
            },
        ]
    },
    build=_build,
)
