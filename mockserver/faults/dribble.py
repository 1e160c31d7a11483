"""The fault `dribble`: the same bytes, head included, in other writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.core.duration import DURATION_SCHEMA
from mockserver.core.fault import Faults, Scene
from mockserver.core.frames import Frame
from mockserver.core.jsontext import JSON, Object, write
from mockserver.faults.reading import (
    FaultValueError,
    listed,
    read_number,
    read_object,
    read_seconds,
    read_true,
)
from mockserver.faults.slices import coalesced, sliced, split_characters
from mockserver.faults.spec import FaultSpec, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Dribble:
    """Writes of `sizes` bytes in turn, `gap_s` seconds apart."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    sizes: tuple[int, ...]
    gap_s: float = 0.0

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
        return tuple(sliced(frames, self.sizes, self.gap_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitUtf8:
    """A write ends inside each character of several bytes."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    gap_s: float = 0.0

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
        return tuple(split_characters(frames, self.gap_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalesce:
    """Everything at once, when the last of it is due."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
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


_SIZE: Object = {"type": "integer", "minimum": 1}

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
