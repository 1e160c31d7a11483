"""The fault `cut`: everything before the place arrives, then FIN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from mockserver.faults.place import PlacedFault, place_and, place_of
from mockserver.faults.position import find, split
from mockserver.faults.syntax import FLAG, FaultSpec, Key
from mockserver.model.fault import Effect, FaultContext
from mockserver.model.frames import Close, Ending, Frame

STOPS_ONCE = "{earlier} stops the reply already; leave one of them out or give one a chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(PlacedFault):
    """At the head, no byte is sent."""

    effects: ClassVar[frozenset[str]] = frozenset({Effect.STOPS, Effect.INCOMPLETE})
    conflicts: ClassVar[Mapping[str, str]] = {Effect.STOPS: STOPS_ONCE}
    ending: Ending = field(default_factory=Close)

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        before, _ = split(frames, find(self.place, frames, context))
        return (*before, self.ending)


CLOSE_NOTIFY = Key("close_notify", FLAG)

SPEC = FaultSpec(
    name="cut",
    example="cut: PLACE",
    about=(
        "stop at the place: everything before it arrives, then FIN without the end of the body; over TLS behind a "
        "close_notify, with {…, close_notify: false} without one"
    ),
    syntax=place_and(CLOSE_NOTIFY).map(
        lambda found: Cut(place=place_of(found), ending=Close(close_notify=found.get(CLOSE_NOTIFY) is not False))
    ),
    truncates=True,
)
