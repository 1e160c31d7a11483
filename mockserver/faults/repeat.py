"""The fault `repeat`: events are sent twice."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.position import event_indexes
from mockserver.faults.syntax import LABEL, FaultSpec
from mockserver.model.fault import EventFault, FaultContext
from mockserver.model.frames import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(EventFault):
    """Each copy follows at once, with the same sequence number."""

    label: str

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        firsts = {events[index].ordinal: index for index in reversed(event_indexes(self.label, events, context))}
        repeated = set(firsts.values())
        return tuple(event for index, event in enumerate(events) for _ in range(2 if index in repeated else 1))


SPEC = FaultSpec(
    name="repeat",
    example="repeat: LABEL",
    about="send an event twice",
    syntax=LABEL.map(lambda label: Repeat(label=label)),
)
