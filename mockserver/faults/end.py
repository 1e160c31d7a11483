"""The fault `end`: the body ends at the place, properly terminated.

A chunk that was begun is closed at its true size and the last chunk follows, or `content-length`
states the true length; if the body ends with the connection, that is all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.faults.cut import STOPS_ONCE
from mockserver.faults.frame_edits import (
    CONTENT_LENGTH,
    body_length,
    header,
    is_chunked,
    open_chunk,
    set_chunk_size,
    set_header,
)
from mockserver.faults.place import PLACE, Place, PlacedFault, is_in_head
from mockserver.faults.position import Position, find, split
from mockserver.faults.syntax import FaultSpec
from mockserver.model.fault import Effect, FaultContext, FaultValueError
from mockserver.model.frames import Close, EndOfReply, Frame, Part, Send

IN_HEAD = "a reply cannot end properly inside its head; expected a place after it"


@dataclass(frozen=True, slots=True, kw_only=True)
class End(PlacedFault):
    """The place is after the head."""

    effects: ClassVar[frozenset[str]] = frozenset({Effect.STOPS})
    conflicts: ClassVar[Mapping[str, str]] = {
        Effect.STOPS: STOPS_ONCE,
        Effect.FALSE_LENGTH: "'end' states the true length and so undoes {earlier}; list it first",
    }

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        before, ending = ended(frames, find(self.place, frames, context))
        return (*before, *ending)


def ended(frames: Sequence[Frame], position: Position) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """The frames before a position with their framing corrected, and those that end the body."""
    before, _ = split(frames, position)
    if is_chunked(frames):
        last = Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK)
        return _with_closed_chunk(before), (last, EndOfReply())
    if header(before, CONTENT_LENGTH) is not None:
        return set_header(before, CONTENT_LENGTH, str(body_length(before))), (EndOfReply(),)
    return before, (Close(),)


def _with_closed_chunk(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The frames with the chunk closed that the last of them may have begun."""
    line = open_chunk(frames)
    if not line:
        return frames
    last = line[-1][0]
    sent = [frame for frame in frames[last + 1 :] if isinstance(frame, Send)]
    if not sent:  # an empty chunk would be the last one
        opened = {index for index, _ in line}
        return tuple(frame for index, frame in enumerate(frames) if index not in opened)
    size = sum(len(send.data) for send in sent)
    return (*set_chunk_size(frames, line, size), replace(sent[-1], data=b"\r\n", part=Part.CHUNK_END))


def _end(place: Place) -> End:
    if is_in_head(place):
        raise FaultValueError("", f"{place}: {IN_HEAD}")
    return End(place=place)


SPEC = FaultSpec(
    name="end",
    example="end: PLACE",
    about="stop at the place but terminate the HTTP body properly: a clean early end",
    syntax=PLACE.map(_end),
    truncates=True,
)
