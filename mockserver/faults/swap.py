"""The fault `swap`: two events change places."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.position import event_indexes
from mockserver.faults.syntax import LABEL, FaultSpec, is_pattern, list_of
from mockserver.model.fault import EventFault, FaultContext, FaultValueError
from mockserver.model.frames import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap(EventFault):
    one: str
    other: str

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        one = event_indexes(self.one, events, context)[0]
        other = event_indexes(self.other, events, context)[0]
        found = list(events)
        found[one], found[other] = found[other], found[one]
        return tuple(found)


def _swap(labels: tuple[str, ...]) -> Swap:
    one, other = labels
    pattern = next(filter(is_pattern, labels), None)
    if pattern is not None:
        raise FaultValueError("", f"two events change places; expected their labels, got the pattern {pattern!r}")
    if one == other:
        raise FaultValueError("", f"expected two different labels, got {one!r} twice")
    return Swap(one=one, other=other)


SPEC = FaultSpec(
    name="swap",
    example="swap: [LABEL, LABEL]",
    about="exchange two events",
    syntax=list_of(LABEL, "a list of two labels", least=2, most=2).map(_swap),
)
