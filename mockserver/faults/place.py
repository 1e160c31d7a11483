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

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mockserver.faults.anatomy import Inside


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
class InsideKind:
    """Inside the first thing of that kind in an event's SSE text, or, where `label` is None, in
    the JSON of a whole reply. It is found in the bytes that leave, whatever was asked."""

    kind: Inside
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
    return not (isinstance(place, _ON_WHOLE_REPLIES) or place == At(spot=Spot.HEAD))


def is_in_head(place: Place) -> bool:
    """Whether a place lies before the end of the head."""
    return isinstance(place, InsideHead) or place == At(spot=Spot.HEAD)
