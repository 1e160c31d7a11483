"""Where a fault strikes: the places of a reply, as values and as a scenario writes them.

| written | is |
|---|---|
| `after: 3` | after three events, `[DONE]` among them, comments not; 0 is after a flushed head |
| `after: LABEL` | after the event, its chunk closed; a repeated event's last copy counts |
| `before: LABEL` | after the wait that belongs to the event, before anything of it |
| `inside: {event: LABEL, byte: 9}` | after 9 bytes of the event's SSE text |
| `inside: {event: LABEL, char: 4}` | after 4 characters of it |
| `inside: {event: LABEL, at: string}` | inside the first such thing of it; see `anatomy.Inside` |
| `inside: {chunk_size: LABEL, byte: 1}` | inside the chunk-size line before the event |
| `inside: {part: status_line, byte: 9}` | inside the status line |
| `inside: {part: headers, byte: 20}` | inside the headers, counted from the first one |
| `inside: {part: body, at: key}` | inside the first such thing of a whole reply's JSON |
| `at: head` | before any byte, after the wait before a whole reply |
| `at: last_chunk` | after the last event's chunk, before the chunk that ends the body |
| `at_byte: 120` | after 120 bytes of the body, chunk framing not counted |
| `at_byte: 50%` | after that share of the body's bytes, rounded down |

Labels are those of the unfaulted stream, ours or the wire's. `after: 3` counts the events that
leave, so an omitted one is not counted and a repeated one twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mockserver.faults.landmarks import Landmark
from mockserver.faults.parsing import (
    FaultValueError,
    listed,
    read_choice,
    read_label,
    read_number,
    read_object,
)
from mockserver.model.json import JSON, JSONObject, write


class Unit(StrEnum):
    """What is counted inside an event."""

    BYTE = "byte"
    CHAR = "char"


class NamedPlace(StrEnum):
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
class InsideKind:
    """Inside the first thing of that kind in an event's SSE text, or, where `label` is None, in
    the JSON of a whole reply. It is found in the bytes that leave, whatever was asked."""

    kind: Landmark
    label: str | None = None

    def __str__(self) -> str:
        where = "part: body" if self.label is None else f"event: {self.label}"
        return f"inside: {{{where}, at: {self.kind}}}"


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

    spot: NamedPlace

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
    | InsideKind
    | InsideChunkSize
    | InsideHead
    | At
    | AtByte
    | AtShare
)

_ON_WHOLE_REPLIES = (InsideHead, AtByte, AtShare)


def is_streamed(place: Place) -> bool:
    """Whether a place lies among events, so that only a stream has it."""
    if isinstance(place, InsideKind):
        return place.label is not None
    return not (isinstance(place, _ON_WHOLE_REPLIES) or place == At(spot=NamedPlace.HEAD))


def is_in_head(place: Place) -> bool:
    """Whether a place lies before the end of the head."""
    return isinstance(place, InsideHead) or place == At(spot=NamedPlace.HEAD)


_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_AT = "at"
_BODY = "body"


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
    mapping = read_object(value, path, (*_WHERE, *_HOW), _EXAMPLE)
    where = [key for key in mapping if key in _WHERE]
    how = [key for key in mapping if key in _HOW]
    if len(where) != 1 or len(how) != 1:
        raise FaultValueError(path, f"{write(value)} is no place inside; write {_EXAMPLE}")
    [key], [by] = where, how
    if (key, by) not in _INSIDE_READERS:
        raise FaultValueError(
            f"{path}.{by}", f"only {_HAS[by]} has {_HOW[by]}; write 'byte' for {key}"
        )
    return _INSIDE_READERS[key, by](mapping, path)


def _count(mapping: JSONObject, path: str, unit: Unit) -> int:
    return read_number(mapping[unit], f"{path}.{unit}", least=0)


def _inside_event(unit: Unit) -> Callable[[JSONObject, str], Place]:
    def read(mapping: JSONObject, path: str) -> Place:
        label = read_label(mapping["event"], f"{path}.event")
        return InsideEvent(label=label, count=_count(mapping, path, unit), unit=unit)

    return read


def _inside_event_kind(mapping: JSONObject, path: str) -> Place:
    label = read_label(mapping["event"], f"{path}.event")
    return InsideKind(label=label, kind=_kind(mapping, path))


def _inside_chunk_size(mapping: JSONObject, path: str) -> Place:
    label = read_label(mapping["chunk_size"], f"{path}.chunk_size")
    return InsideChunkSize(label=label, byte=_count(mapping, path, Unit.BYTE))


def _inside_head(mapping: JSONObject, path: str) -> Place:
    part = HeadPart(read_choice(mapping["part"], f"{path}.part", HeadPart))
    return InsideHead(part=part, byte=_count(mapping, path, Unit.BYTE))


def _inside_body_kind(mapping: JSONObject, path: str) -> Place:
    read_choice(mapping["part"], f"{path}.part", [_BODY])
    return InsideKind(kind=_kind(mapping, path))


def _kind(mapping: JSONObject, path: str) -> Landmark:
    return Landmark(read_choice(mapping[_AT], f"{path}.{_AT}", Landmark))


def _at(value: JSON, path: str) -> Place:
    return At(spot=NamedPlace(read_choice(value, path, NamedPlace)))


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
_WHERE = ("event", "chunk_size", "part")
_HOW = {Unit.BYTE.value: "bytes", Unit.CHAR.value: "characters", _AT: "kinds of places"}
_HAS = {Unit.CHAR.value: "an event", _AT: "an event or the body"}
_EXAMPLE = "{event: LABEL, byte: 9}, {chunk_size: LABEL, byte: 1} or {part: headers, byte: 9}"
_INSIDE_READERS: Mapping[tuple[str, str], Callable[[JSONObject, str], Place]] = {
    ("event", Unit.BYTE): _inside_event(Unit.BYTE),
    ("event", Unit.CHAR): _inside_event(Unit.CHAR),
    ("event", _AT): _inside_event_kind,
    ("chunk_size", Unit.BYTE): _inside_chunk_size,
    ("part", Unit.BYTE): _inside_head,
    ("part", _AT): _inside_body_kind,
}

_COUNT: JSONObject = {"type": "integer", "minimum": 0}
_LABEL: JSONObject = {"type": "string", "minLength": 1}
_KIND: JSONObject = {"enum": [kind.value for kind in Landmark]}


def _inside_schema(key: str, value: JSONObject, how: Mapping[str, JSONObject]) -> JSONObject:
    return {
        "type": "object",
        "properties": {key: value, **how},
        "required": [key],
        "minProperties": 2,
        "maxProperties": 2,
        "additionalProperties": False,
    }


_INSIDE_SCHEMA: JSONObject = {
    "oneOf": [
        _inside_schema(
            "event", _LABEL, {Unit.BYTE.value: _COUNT, Unit.CHAR.value: _COUNT, _AT: _KIND}
        ),
        _inside_schema("chunk_size", _LABEL, {Unit.BYTE.value: _COUNT}),
        _inside_schema(
            "part", {"enum": [part.value for part in HeadPart]}, {Unit.BYTE.value: _COUNT}
        ),
        _inside_schema("part", {"const": _BODY}, {_AT: _KIND}),
    ]
}
_KEYS: Mapping[str, JSONObject] = {
    "after": {"oneOf": [_COUNT, _LABEL]},
    "before": _LABEL,
    "inside": _INSIDE_SCHEMA,
    "at": {"enum": [spot.value for spot in NamedPlace]},
    "at_byte": {"oneOf": [_COUNT, {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"}]},
}


def place_schema(others: Mapping[str, JSONObject] | None = None) -> JSONObject:
    """The JSON Schema of a mapping that holds one place and, where given, `others` beside it."""
    return {
        "type": "object",
        "properties": {**_KEYS, **(others or {})},
        "oneOf": [{"required": [key]} for key in _KEYS],
        "additionalProperties": False,
    }
