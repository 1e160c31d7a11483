"""The same bytes in other writes: a wait between two sends keeps them apart, even one of 0."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mockserver.core.frames import Frame, Part, Send, Stall, Wait

_BODY = (Part.EVENT, Part.BODY)


def sliced(
    frames: Iterable[Frame], sizes: Sequence[int], gap_s: float, *, over_waits: bool = False
) -> Iterator[Frame]:
    """Writes of the given sizes in turn, over and over, `gap_s` apart, from the first byte on.

    A wait that is there already ends its slice, unless slices go `over_waits`.
    """
    turns = itertools.cycle(sizes)
    room = whole = next(turns)
    for frame in frames:
        if not isinstance(frame, Send):
            if room < whole and not over_waits:
                room = whole = next(turns)
            yield frame
            continue
        begin = 0
        while begin < len(frame.data):
            if room == 0:
                yield Wait(seconds=gap_s)
                room = whole = next(turns)
            piece = frame.data[begin : begin + room]
            yield frame if len(piece) == len(frame.data) else replace(frame, data=piece)
            begin += len(piece)
            room -= len(piece)


def split_characters(frames: Iterable[Frame], gap_s: float) -> Iterator[Frame]:
    """Each character of the body that has several bytes in two writes, divided after its first."""
    for frame in frames:
        if not isinstance(frame, Send) or frame.part not in _BODY:
            yield frame
            continue
        begin = 0
        for place, byte in enumerate(frame.data, start=1):
            if byte >= 0xC0 and place < len(frame.data):
                yield replace(frame, data=frame.data[begin:place])
                yield Wait(seconds=gap_s)
                begin = place
        yield replace(frame, data=frame.data[begin:])


def coalesced(frames: Iterable[Frame]) -> Iterator[Frame]:
    """As few writes as possible: all that was waited between them is waited before."""
    seconds = 0.0
    sends: list[Send] = []
    for frame in frames:
        if isinstance(frame, Send):
            sends.append(frame)
        elif isinstance(frame, Wait):
            seconds += frame.seconds
        else:  # silence and endings stay where they are
            if seconds > 0:
                yield Wait(seconds=seconds)
            yield from sends
            if isinstance(frame, Stall):
                seconds, sends = 0.0, []
            yield frame
