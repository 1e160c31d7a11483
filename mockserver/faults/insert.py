"""The fault `insert`: an event, a comment or bytes more than the reply has."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.insertion import PAYLOAD_KEYS, Payload, woven
from mockserver.faults.place import PLACE, PlacedFault, is_streamed
from mockserver.faults.position import find_all
from mockserver.faults.syntax import FaultSpec, Key, Members, mapping
from mockserver.model.fault import FaultContext, FaultValueError
from mockserver.model.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert(PlacedFault):
    """At each place that a pattern matches. Bytes between two chunks are a chunk of their own, elsewhere in the body
    they are counted in the lengths around them."""

    payload: Payload

    @property
    def streamed(self) -> bool:
        return self.payload.streamed or is_streamed(self.place)

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        found, _ = woven(frames, find_all(self.place, frames, context), [self.payload.sent(context)])
        return found


_AT = Key("at", PLACE)


def _insert(found: Members) -> Insert:
    payload, place = found.one(PAYLOAD_KEYS), found[_AT]
    try:
        payload.check(place)
    except FaultValueError as error:
        raise FaultValueError("at", error.message) from None
    return Insert(place=place, payload=payload)


SPEC = FaultSpec(
    name="insert",
    example="insert: {comment: ping, at: PLACE} | {event: {data: {…}}, at: PLACE} | {bytes: ' ', at: PLACE}",
    about="send an event, a comment or bytes more at the place",
    syntax=mapping("{comment: ping, at: {after: 3}}", required=(_AT,), one_of=PAYLOAD_KEYS).map(_insert),
)
