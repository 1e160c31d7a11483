"""The fault `end`: a clean early end, as if the reply had no more to say.

What HTTP owes is paid: a chunk that was begun is closed at its true size and the last chunk
follows, or `content-length` tells the true length; where closing ends the body, that is all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mockserver.faults.frame_edits import (
    CONTENT_LENGTH,
    body_length,
    header,
    is_chunked,
    set_chunk_size,
    set_header,
)
from mockserver.faults.parsing import FaultValueError
from mockserver.faults.place import Place, is_in_head, is_streamed, place_schema, read_place
from mockserver.faults.position import Position, find, split
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Close, EndOfReply, Frame, Part, Send
from mockserver.model.json import JSON

IN_HEAD = "a reply cannot end properly before its head is whole; write a place behind it"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The place lies behind the head."""

    always: ClassVar[bool] = True
    place: Place

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place)

    def apply(self, frames: tuple[Frame, ...], scene: FaultContext, /) -> tuple[Frame, ...]:
        before, closing = ended(frames, find(self.place, frames, scene))
        return (*before, *closing)


def ended(
    frames: Sequence[Frame], position: Position
) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """The frames before a position, mended, and those that end the body properly behind it."""
    before, _ = split(frames, position)
    if is_chunked(frames):
        last = Send(data=b"0\r\n\r\n", part=Part.LAST_CHUNK)
        return _closed(before), (last, EndOfReply())
    if header(before, CONTENT_LENGTH) is not None:
        return set_header(before, CONTENT_LENGTH, str(body_length(before))), (EndOfReply(),)
    return before, (Close(),)


def _closed(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The frames with the chunk closed that the last of them may have begun."""
    begun = [frame for frame in frames if isinstance(frame, Send) and frame.nth is not None]
    if not begun or begun[-1].part is Part.CHUNK_END:
        return frames
    open_one = begun[-1]
    size = sum(
        len(send.data) for send in begun if send.nth == open_one.nth and send.part is Part.EVENT
    )
    if size == 0:  # an empty chunk would be the last one
        return tuple(
            frame for frame in frames if not (isinstance(frame, Send) and frame.nth == open_one.nth)
        )
    end = Send(
        data=b"\r\n",
        part=Part.CHUNK_END,
        event=open_one.event,
        label=open_one.label,
        nth=open_one.nth,
    )
    return (*set_chunk_size(frames, end.nth, size), end)


def _build(value: JSON) -> Faults:
    place = read_place(value, "end")
    if is_in_head(place):
        raise FaultValueError("end", f"{place}: {IN_HEAD}")
    return Faults(frames=(End(place=place),))


SPEC = FaultSpec(
    name="end",
    stages=(Stage.FRAMES,),
    written="end: PLACE",
    about="stop at the place but end the HTTP body properly: a clean early end",
    schema=place_schema(),
    build=_build,
)
