"""The acts of a script: its frames with neighbouring sends joined into writes.

Frames that are due together leave in one write, because one write per event halves the speed of a
stream; each write ends where an event ends, because some readers forget half an event between two
reads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final, TypeAlias, cast

from mockserver.model.frames import Ending, Frame, Part, Send, Stall, Wait

# A write takes further events up to this size; a single event that is larger is one write.
WRITE_SIZE: Final = 16 * 1024

_COMPLETE_PARTS: Final = frozenset({Part.HEAD, Part.CHUNK_END, Part.LAST_CHUNK})


@dataclass(slots=True)  # not frozen: one is made for every exchange
class Write:
    """The bytes of `frames` neighbouring sends."""

    data: bytes
    frames: int


Act: TypeAlias = Write | Wait | Stall | Ending


def coalesce(frames: Sequence[Frame]) -> Iterator[Act]:
    """The frames with neighbouring sends joined into writes."""
    for kind, group in groupby(frames, type):
        if kind is Send:
            # The key says that all of them are; asking each again would cost a third of the time.
            yield from _writes(cast("list[Send]", list(group)))
        else:
            yield from cast("Iterator[Wait | Stall | Ending]", group)


def _writes(run: Sequence[Send]) -> Iterator[Write]:
    pieces = [send.data for send in run]
    if sum(map(len, pieces)) <= WRITE_SIZE:
        yield Write(data=b"".join(pieces), frames=len(pieces))
        return
    ends = list(accumulate(map(len, pieces)))
    begin = 0
    while begin < len(run):
        before = ends[begin - 1] if begin else 0
        fitting = bisect_right(ends, before + WRITE_SIZE, begin)
        end = _last_event_end(run, begin, fitting)
        yield Write(data=b"".join(pieces[begin:end]), frames=end - begin)
        begin = end


def _last_event_end(run: Sequence[Send], begin: int, fitting: int) -> int:
    """The last place up to `fitting` where an event ends, else the first one behind it."""
    for place in range(fitting, begin, -1):
        if place == len(run) or _event_ends_between(run[place - 1], run[place]):
            return place
    for place in range(fitting + 1, len(run)):
        if _event_ends_between(run[place - 1], run[place]):
            return place
    return len(run)


def _event_ends_between(one: Send, other: Send) -> bool:
    if one.part in _COMPLETE_PARTS:
        return True
    return one.part is other.part is Part.EVENT and one.event != other.event
