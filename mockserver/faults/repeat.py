"""The fault `repeat`: an event is sent twice."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.position import event_indexes
from mockserver.faults.syntax import LABEL, FaultSpec
from mockserver.model.fault import EventFault, FaultContext
from mockserver.model.frames import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(EventFault):
    """The copy follows at once, with the same sequence number."""

    label: str

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        index = event_indexes(self.label, events, context)[0]
        return (*events[: index + 1], *events[index:])


SPEC = FaultSpec(
    name="repeat",
    example="repeat: LABEL",
    about="send an event twice",
    syntax=LABEL.map(lambda label: Repeat(label=label)),
)
