"""The fault `dribble`: the same bytes in other writes.

A wait between two sends keeps them in separate writes, even a wait of 0."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.faults.syntax import DURATION, TRUE, FaultSpec, Key, Members, list_of, mapping, whole
from mockserver.model.fault import Effect, FaultContext, FaultValueError, FrameFault
from mockserver.model.frames import Frame, Part, Send, Stall, Wait

_BODY = (Part.EVENT, Part.BODY)


def sliced(frames: Iterable[Frame], sizes: Sequence[int], gap_s: float, *, over_waits: bool = False) -> Iterator[Frame]:
    """Writes of `sizes` bytes in turn, repeated to the end of the reply, `gap_s` apart.

    A wait of the reply ends a write early, unless writes go `over_waits`."""
    turns = itertools.cycle(sizes)
    room = size = next(turns)
    for frame in frames:
        if not isinstance(frame, Send):
            if room < size and not over_waits:
                room = size = next(turns)
            yield frame
            continue
        begin = 0
        while begin < len(frame.data):
            if room == 0:
                yield Wait(seconds=gap_s)
                room = size = next(turns)
            piece = frame.data[begin : begin + room]
            yield frame if len(piece) == len(frame.data) else replace(frame, data=piece)
            begin += len(piece)
            room -= len(piece)


def split_characters(frames: Iterable[Frame], gap_s: float) -> Iterator[Frame]:
    """Each multi-byte character of the body in two writes, divided after its first byte."""
    for frame in frames:
        if not isinstance(frame, Send) or frame.part not in _BODY:
            yield frame
            continue
        begin = 0
        for end, byte in enumerate(frame.data, start=1):
            if byte >= 0xC0 and end < len(frame.data):
                yield replace(frame, data=frame.data[begin:end])
                yield Wait(seconds=gap_s)
                begin = end
        yield replace(frame, data=frame.data[begin:])


def coalesced(frames: Iterable[Frame]) -> Iterator[Frame]:
    """As few writes as possible, after the sum of the waits between them."""
    seconds = 0.0
    sends: list[Send] = []
    for frame in frames:
        if isinstance(frame, Send):
            sends.append(frame)
        elif isinstance(frame, Wait):
            seconds += frame.seconds
        else:  # stalls and endings stay where they are
            if seconds > 0:
                yield Wait(seconds=seconds)
            yield from sends
            if isinstance(frame, Stall):
                seconds, sends = 0.0, []
            yield frame


class _Writes(FrameFault):
    __slots__ = ()

    effects: ClassVar[frozenset[str]] = frozenset({Effect.SEPARATE_WRITES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dribble(_Writes):
    """Writes of `sizes` bytes in turn, `gap_s` seconds apart."""

    sizes: tuple[int, ...]
    gap_s: float = 0.0

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return tuple(sliced(frames, self.sizes, self.gap_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitUtf8(_Writes):
    """A write ends inside each multi-byte character."""

    gap_s: float = 0.0

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return tuple(split_characters(frames, self.gap_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalesce(_Writes):
    """One write, at the time of the last one."""

    conflicts: ClassVar[Mapping[str, str]] = {
        Effect.SEPARATE_WRITES: "'coalesce' undoes {earlier}; leave one of them out"
    }

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return tuple(coalesced(frames))


_BYTES = Key("bytes", whole(1))
_SIZES = Key("sizes", list_of(whole(1), "a list of sizes such as [3, 7]"))
_SPLIT_UTF8 = Key("split_utf8", TRUE)
_COALESCE = Key("coalesce", TRUE)
_GAP = Key("gap", DURATION)


def _dribble(members: Members) -> _Writes:
    gap_s = members.get(_GAP) or 0.0
    if _COALESCE in members:
        if _GAP in members:
            raise FaultValueError("gap", "one write has no gap; leave 'gap' out")
        return Coalesce()
    if _SPLIT_UTF8 in members:
        return SplitUtf8(gap_s=gap_s)
    return Dribble(sizes=members.get(_SIZES) or (members[_BYTES],), gap_s=gap_s)


SPEC = FaultSpec(
    name="dribble",
    example="dribble: {bytes: 1, gap: 1ms}",
    about="divide the same bytes into other writes",
    syntax=mapping("{bytes: 1, gap: 1ms}", _GAP, one_of=(_BYTES, _SIZES, _SPLIT_UTF8, _COALESCE)).map(_dribble),
)
