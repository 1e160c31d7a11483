"""Where a fault strikes: the places of a reply, as values and as a scenario writes them.

| written | is |
|---|---|
| `after: 3` | after three events, `[DONE]` among them, comments not; 0 is after a flushed head |
| `after: LABEL` | after the event, its chunk closed; a repeated event's last copy counts |
| `before: LABEL` | after the wait that belongs to the event, before anything of it |
| `inside: {event: LABEL, byte: 9}` | after 9 bytes of the event's SSE text |
| `inside: {event: LABEL, char: 4}` | after 4 characters of it |
| `inside: {chunk_size: LABEL, byte: 1}` | inside the chunk-size line before the event |
| `inside: {part: status_line, byte: 9}` | inside the status line |
| `inside: {part: headers, byte: 20}` | inside the headers, counted from the first one |
| `at: head` | before any byte, after the wait before a whole reply |
| `at: last_chunk` | after the last event's chunk, before the chunk that ends the body |
| `at_byte: 120` | after 120 bytes of the body, chunk framing not counted |
| `at_byte: 50%` | after that share of the body's bytes, rounded down |

Labels are those of the unfaulted stream, ours or the wire's. `after: 3` counts the events that
leave, so an omitted one is not counted and a repeated one twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mockserver.core.jsontext import JSON, Object, write
from mockserver.errors import MockServerError
from mockserver.faults.reading import (
    FaultValueError,
    listed,
    read_choice,
    read_label,
    read_number,
    read_object,
)

_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")


class UnknownPlace(MockServerError, ValueError):  # noqa: N818 - it names what is not there
    """A place that this reply does not have.

    `nearest` is the label most like the one that was named, `labels` are all of the unfaulted
    stream; both are empty where it was not a label that failed.
    """

    def __init__(
        self, message: str, *, nearest: str | None = None, labels: Sequence[str] = ()
    ) -> None:
        self.nearest = nearest
        self.labels = tuple(labels)
        super().__init__(message)


class LostPlace(UnknownPlace):
    """A place that the unfaulted reply has, and that an earlier fault or the framing took away."""


class Unit(StrEnum):
    """What is counted inside an event."""

    BYTE = "byte"
    CHAR = "char"


class Spot(StrEnum):
    """Places with a name of their own."""

    HEAD = "head"
    LAST_CHUNK = "last_chunk"


class HeadPart(StrEnum):
    """The two parts of a head."""

    STATUS_LINE = "status_line"
    HEADERS = "headers"


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCount:
    """After so many events; 0 is after the head."""

    count: int

    def __str__(self) -> str:
        return f"after: {self.count}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterEvent:
    """After an event."""

    label: str

    def __str__(self) -> str:
        return f"after: {self.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeEvent:
    """Before an event."""

    label: str

    def __str__(self) -> str:
        return f"before: {self.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideEvent:
    """After so many bytes or characters of an event's SSE text."""

    label: str
    count: int
    unit: Unit = Unit.BYTE

    def __str__(self) -> str:
        return f"inside: {{event: {self.label}, {self.unit}: {self.count}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideChunkSize:
    """After so many bytes of the chunk-size line before an event."""

    label: str
    byte: int

    def __str__(self) -> str:
        return f"inside: {{chunk_size: {self.label}, byte: {self.byte}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideHead:
    """After so many bytes of the status line or of the headers."""

    part: HeadPart
    byte: int

    def __str__(self) -> str:
        return f"inside: {{part: {self.part}, byte: {self.byte}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """At a place with a name of its own."""

    spot: Spot

    def __str__(self) -> str:
        return f"at: {self.spot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtByte:
    """After so many bytes of the body."""

    byte: int

    def __str__(self) -> str:
        return f"at_byte: {self.byte}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtShare:
    """After a share of the body's bytes, in percent."""

    percent: float

    def __str__(self) -> str:
        return f"at_byte: {self.percent:g}%"


Place: TypeAlias = (
    AfterCount
    | AfterEvent
    | BeforeEvent
    | InsideEvent
    | InsideChunkSize
    | InsideHead
    | At
    | AtByte
    | AtShare
)

_ON_WHOLE_REPLIES = (InsideHead, AtByte, AtShare)


def is_streamed(place: Place) -> bool:
    """Whether a place lies among events, so that only a stream has it."""
    return not (isinstance(place, _ON_WHOLE_REPLIES) or place == At(spot=Spot.HEAD))


def is_in_head(place: Place) -> bool:
    """Whether a place lies before the end of the head."""
    return isinstance(place, InsideHead) or place == At(spot=Spot.HEAD)


def read_place(value: JSON, path: str, others: tuple[str, ...] = ()) -> Place:
    """The place of a mapping that may have `others` beside it; raises FaultValueError."""
    mapping = read_object(value, path, (*_READERS, *others), "a place, such as {after: 3}")
    found = [key for key in mapping if key in _READERS]
    if len(found) != 1:
        count = "no place" if not found else f"{len(found)} places"
        raise FaultValueError(path, f"{count} where one is wanted: one of {listed(_READERS)}")
    return _READERS[found[0]](mapping[found[0]], f"{path}.{found[0]}")


def _after(value: JSON, path: str) -> Place:
    if isinstance(value, str):
        return AfterEvent(label=read_label(value, path))
    return AfterCount(count=read_number(value, path, least=0))


def _before(value: JSON, path: str) -> Place:
    return BeforeEvent(label=read_label(value, path))


def _inside(value: JSON, path: str) -> Place:
    example = "{event: LABEL, byte: 9}, {chunk_size: LABEL, byte: 1} or {part: headers, byte: 9}"
    keys = (*_INSIDE_READERS, *Unit)
    mapping = read_object(value, path, keys, example)
    found = [key for key in mapping if key in _INSIDE_READERS]
    units = [unit for unit in Unit if unit in mapping]
    if len(found) != 1 or len(units) != 1:
        raise FaultValueError(path, f"{write(value)} is no place inside; write {example}")
    [key], [unit] = found, units
    if unit is Unit.CHAR and key != "event":
        raise FaultValueError(
            f"{path}.char", f"only an event has characters; write 'byte' for {key}"
        )
    count = read_number(mapping[unit], f"{path}.{unit}", least=0)
    return _INSIDE_READERS[key](mapping[key], f"{path}.{key}", count, unit)


def _inside_event(value: JSON, path: str, count: int, unit: Unit) -> Place:
    return InsideEvent(label=read_label(value, path), count=count, unit=unit)


def _inside_chunk_size(value: JSON, path: str, count: int, _: Unit) -> Place:
    return InsideChunkSize(label=read_label(value, path), byte=count)


def _inside_head(value: JSON, path: str, count: int, _: Unit) -> Place:
    return InsideHead(part=HeadPart(read_choice(value, path, HeadPart)), byte=count)


def _at(value: JSON, path: str) -> Place:
    return At(spot=Spot(read_choice(value, path, Spot)))


def _at_byte(value: JSON, path: str) -> Place:
    if not isinstance(value, str):
        return AtByte(byte=read_number(value, path, least=0))
    share = _SHARE.fullmatch(value)
    if share is None or (percent := float(share[1])) > 100:
        message = f"{write(value)} is neither a number of bytes nor a share such as '50%'"
        raise FaultValueError(path, message)
    return AtShare(percent=percent)


_READERS: Mapping[str, Callable[[JSON, str], Place]] = {
    "after": _after,
    "before": _before,
    "inside": _inside,
    "at": _at,
    "at_byte": _at_byte,
}
_INSIDE_READERS: Mapping[str, Callable[[JSON, str, int, Unit], Place]] = {
    "event": _inside_event,
    "chunk_size": _inside_chunk_size,
    "part": _inside_head,
}

_COUNT: Object = {"type": "integer", "minimum": 0}
_LABEL: Object = {"type": "string", "minLength": 1}


def _inside_schema(key: str, value: Object, *units: Unit) -> Object:
    return {
        "type": "object",
        "properties": {key: value, **{unit.value: _COUNT for unit in units}},
        "required": [key],
        "minProperties": 2,
        "maxProperties": 2,
        "additionalProperties": False,
    }


_INSIDE_SCHEMA: Object = {
    "oneOf": [
        _inside_schema("event", _LABEL, Unit.BYTE, Unit.CHAR),
        _inside_schema("chunk_size", _LABEL, Unit.BYTE),
        _inside_schema("part", {"enum": [part.value for part in HeadPart]}, Unit.BYTE),
    ]
}
_KEYS: Mapping[str, Object] = {
    "after": {"oneOf": [_COUNT, _LABEL]},
    "before": _LABEL,
    "inside": _INSIDE_SCHEMA,
    "at": {"enum": [spot.value for spot in Spot]},
    "at_byte": {"oneOf": [_COUNT, {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"}]},
}


def place_schema(others: Mapping[str, Object] | None = None) -> Object:
    """The JSON Schema of a mapping that holds one place and, where given, `others` beside it."""
    return {
        "type": "object",
        "properties": {**_KEYS, **(others or {})},
        "oneOf": [{"required": [key]} for key in _KEYS],
        "additionalProperties": False,
    }
