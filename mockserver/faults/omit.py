"""The fault `omit`: events are not sent."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.position import event_indexes
from mockserver.faults.syntax import LABEL, FaultSpec
from mockserver.model.fault import EventFault, FaultContext
from mockserver.model.frames import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Omit(EventFault):
    """Every copy of a repeated event is omitted."""

    label: str

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        omitted = event_indexes(self.label, events, context)
        return tuple(event for index, event in enumerate(events) if index not in omitted)


SPEC = FaultSpec(
    name="omit", example="omit: LABEL", about="omit an event", syntax=LABEL.map(lambda label: Omit(label=label))
)
