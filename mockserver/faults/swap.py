"""The fault `swap`: two events change places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.core.event import Event
from mockserver.core.fault import Faults, Scene
from mockserver.core.jsontext import JSON, write
from mockserver.faults.occurrence import places_of
from mockserver.faults.reading import FaultValueError, read_label
from mockserver.faults.spec import FaultSpec, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """The first copies of both."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    one: str
    other: str

    def alter(self, events: tuple[Event, ...], scene: Scene, /) -> tuple[Event, ...]:
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
