"""The fault `swap`: two events change places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.parsing import FaultValueError, read_label
from mockserver.faults.position import places_of
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.json import JSON, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """The first copies of both."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    one: str
    other: str

    def apply(self, events: tuple[Event, ...], scene: FaultContext, /) -> tuple[Event, ...]:
        one = places_of(self.one, events, scene)[0]
        other = places_of(self.other, events, scene)[0]
        found = list(events)
        found[one], found[other] = found[other], found[one]
        return tuple(found)


def _build(value: JSON) -> Faults:
    if not isinstance(value, list) or len(value) != 2:
        raise FaultValueError("swap", f"{write(value)} is no list of two labels")
    one, other = (read_label(label, f"swap[{index}]") for index, label in enumerate(value))
    if one == other:
        raise FaultValueError("swap", f"{one!r} cannot change places with itself")
    return Faults(events=(Swap(one=one, other=other),))


SPEC = FaultSpec(
    name="swap",
    stages=(Stage.EVENTS,),
    written="swap: [LABEL, LABEL]",
    about="exchange two events",
    schema={
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 2,
        "maxItems": 2,
    },
    build=_build,
)
