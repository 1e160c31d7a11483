"""The same bytes in other writes: a wait between two sends keeps them apart, even one of 0."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.faults.parsing import (
    FaultValueError,
    listed,
    read_number,
    read_object,
    read_seconds,
    read_true,
)
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.duration import DURATION_SCHEMA
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Frame, Part, Send, Stall, Wait
from mockserver.model.json import JSON, JSONObject, write

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Dribble:
    """Writes of `sizes` bytes in turn, `gap_s` seconds apart."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    sizes: tuple[int, ...]
    gap_s: float = 0.0

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return tuple(sliced(frames, self.sizes, self.gap_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitUtf8:
    """A write ends inside each character of several bytes."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    gap_s: float = 0.0

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return tuple(split_characters(frames, self.gap_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalesce:
    """Everything at once, when the last of it is due."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return tuple(coalesced(frames))


_WAYS = ("bytes", "sizes", "split_utf8", "coalesce")
_EXAMPLE = "{bytes: 1, gap: 1ms}, {sizes: [3, 7]}, {split_utf8: true} or {coalesce: true}"


def _build(value: JSON) -> Faults:
    mapping = read_object(value, "dribble", (*_WAYS, "gap"), _EXAMPLE)
    ways = [way for way in _WAYS if way in mapping]
    if len(ways) != 1:
        raise FaultValueError("dribble", f"{len(ways)} of {listed(_WAYS)} where one is wanted")
    [way] = ways
    path, said = f"dribble.{way}", mapping[way]
    gap_s = read_seconds(mapping.get("gap", 0), "dribble.gap")
    if way == "bytes":
        return Faults(frames=(Dribble(sizes=(read_number(said, path, least=1),), gap_s=gap_s),))
    if way == "sizes":
        return Faults(frames=(Dribble(sizes=_sizes(said, path), gap_s=gap_s),))
    read_true(said, path)
    if way == "split_utf8":
        return Faults(frames=(SplitUtf8(gap_s=gap_s),))
    if "gap" in mapping:
        raise FaultValueError("dribble.gap", "one write has no gap; leave it out")
    return Faults(frames=(Coalesce(),))


def _sizes(value: JSON, path: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise FaultValueError(path, f"{write(value)} is no list of sizes such as [3, 7]")
    return tuple(read_number(size, f"{path}[{index}]", least=1) for index, size in enumerate(value))


_SIZE: JSONObject = {"type": "integer", "minimum": 1}

SPEC = FaultSpec(
    name="dribble",
    stages=(Stage.FRAMES,),
    written="dribble: {bytes: 1, gap: 1ms}",
    about="re-slice the same bytes into other writes",
    schema={
        "type": "object",
        "properties": {
            "bytes": _SIZE,
            "sizes": {"type": "array", "items": _SIZE, "minItems": 1},
            "split_utf8": {"const": True},
            "coalesce": {"const": True},
            "gap": DURATION_SCHEMA,
        },
        "oneOf": [{"required": [way]} for way in _WAYS],
        "additionalProperties": False,
    },
    build=_build,
)
