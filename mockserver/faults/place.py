"""The places of a reply, as values and as a scenario writes them.

| written | is |
|---|---|
| `after: 3` | after three events, `[DONE]` among them, comments not; 0 is after a flushed head |
| `after: LABEL` | after the event, its chunk closed; the last copy of a repeated event counts |
| `before: LABEL` | after the wait that belongs to the event, before anything of it |
| `inside: {event: LABEL, byte: 9}` | after 9 bytes of the event's SSE text |
| `inside: {event: LABEL, char: 4}` | after 4 characters of it |
| `inside: {event: LABEL, at: string}` | inside its first landmark of that kind; see `Landmark` |
| `inside: {chunk_size: LABEL, byte: 1}` | inside the chunk-size line before the event |
| `inside: {part: status_line, byte: 9}` | inside the status line |
| `inside: {part: headers, byte: 20}` | inside the headers, counted from the first one |
| `inside: {part: body, at: key}` | inside the first such landmark of a non-streaming JSON body |
| `inside: {part: body, char: 9}` | after 9 characters, or bytes, of a non-streaming body |
| `at: head` | before any byte, after the wait before a non-streaming reply |
| `at: last_chunk` | after the last event's chunk, before the chunk that ends the body |
| `at_byte: 120` | after 120 bytes of the body, chunk framing not counted |
| `at_byte: 50%` | after that share of the body's bytes, rounded down |

Labels are those of the unfaulted stream, ours or the wire's. `after: 3` counts the events that are
sent, so an omitted one is not counted and a repeated one twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from mockserver.faults.syntax import LABEL, Field, Key, Members, choice, either, mapping, pattern, whole
from mockserver.model.fault import FrameFault


class Unit(StrEnum):
    BYTE = "byte"
    CHAR = "char"


class NamedPlace(StrEnum):
    HEAD = "head"
    LAST_CHUNK = "last_chunk"


class HeadPart(StrEnum):
    STATUS_LINE = "status_line"
    HEADERS = "headers"


class Landmark(StrEnum):
    """What surrounds a place where a parser may fail."""

    EVENT_LINE = "event-line"
    BEFORE_DATA = "before-data"
    KEY = "key"
    STRING = "string"
    ESCAPE = "escape"
    CHARACTER = "character"
    TEXT = "text"
    CR_LF = "cr-lf"
    BEFORE_BLANK_LINE = "before-blank-line"


class _Written:
    """Has the text of a scenario for it: the format `written` of its fields."""

    __slots__ = ()
    written: ClassVar[str]

    def __str__(self) -> str:
        return self.written.format(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCount(_Written):
    """After so many events; 0 is after the head."""

    written = "after: {0.count}"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterEvent(_Written):
    written = "after: {0.label}"
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeEvent(_Written):
    written = "before: {0.label}"
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideEvent(_Written):
    """After so many bytes or characters of an event's SSE text or, if `label` is None, of a non-streaming body."""

    written = "inside: {{{0.where}, {0.unit}: {0.count}}}"
    count: int
    unit: Unit = Unit.BYTE
    label: str | None = None

    @property
    def where(self) -> str:
        return _where(self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideLandmark:
    """Inside the first landmark of that kind in an event's SSE text or, if `label` is None, in the JSON of a
    non-streaming reply. It is located in the bytes that are sent, which depend on the request."""

    kind: Landmark
    label: str | None = None

    def __str__(self) -> str:
        return f"inside: {{{_where(self.label)}, at: {self.kind}}}"


def _where(label: str | None) -> str:
    return "part: body" if label is None else f"event: {label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideChunkSize(_Written):
    written = "inside: {{chunk_size: {0.label}, byte: {0.byte}}}"
    label: str
    byte: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideHead(_Written):
    written = "inside: {{part: {0.part}, byte: {0.byte}}}"
    part: HeadPart
    byte: int


@dataclass(frozen=True, slots=True, kw_only=True)
class At(_Written):
    written = "at: {0.name}"
    name: NamedPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class AtByte(_Written):
    written = "at_byte: {0.byte}"
    byte: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtShare(_Written):
    """After a share of the body's bytes, in percent."""

    written = "at_byte: {0.percent:g}%"
    percent: float


Place: TypeAlias = (
    AfterCount
    | AfterEvent
    | BeforeEvent
    | InsideEvent
    | InsideLandmark
    | InsideChunkSize
    | InsideHead
    | At
    | AtByte
    | AtShare
)


def is_in_body(place: Place) -> bool:
    """Whether it is in the body of a reply that does not stream."""
    return isinstance(place, InsideLandmark | InsideEvent) and place.label is None


def is_streamed(place: Place) -> bool:
    return not (
        is_in_body(place) or isinstance(place, InsideHead | AtByte | AtShare) or place == At(name=NamedPlace.HEAD)
    )


def is_in_head(place: Place) -> bool:
    return isinstance(place, InsideHead) or place == At(name=NamedPlace.HEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFault(FrameFault):
    place: Place

    @property
    def streamed(self) -> bool:
        return is_streamed(self.place)

    @property
    def whole(self) -> bool:
        return is_in_body(self.place)


def _inside(members: Members) -> Place:
    label = members.get(_EVENT)
    if _AT in members:
        return InsideLandmark(label=label, kind=members[_AT])
    unit, count = (Unit.CHAR, _CHAR) if _CHAR in members else (Unit.BYTE, _BYTE)
    return InsideEvent(label=label, count=members[count], unit=unit)


def _share(written: str) -> Place | None:
    percent = float(written.rstrip("% "))
    return AtShare(percent=percent) if percent <= 100 else None


_COUNT = whole(0)
_EVENT = Key("event", LABEL)
_CHUNK_SIZE = Key("chunk_size", LABEL)
_HEAD_PART = Key("part", choice({part.value: part for part in HeadPart}))
BODY = Key("part", choice({"body": "body"}))
"""The body of a reply that does not stream."""
_BYTE = Key("byte", _COUNT)
_CHAR = Key("char", _COUNT)
_AT = Key("at", choice({kind.value: kind for kind in Landmark}))

_INSIDE: Field[Place] = either(
    mapping("{event: LABEL, byte: 9}", required=(_EVENT,), one_of=(_BYTE, _CHAR, _AT)).map(_inside),
    mapping("{chunk_size: LABEL, byte: 1}", required=(_CHUNK_SIZE, _BYTE)).map(
        lambda found: InsideChunkSize(label=found[_CHUNK_SIZE], byte=found[_BYTE])
    ),
    mapping("{part: headers, byte: 9}", required=(_HEAD_PART, _BYTE)).map(
        lambda found: InsideHead(part=found[_HEAD_PART], byte=found[_BYTE])
    ),
    mapping("{part: body, at: key}", required=(BODY,), one_of=(_BYTE, _CHAR, _AT)).map(_inside),
)

PLACE_KEYS: tuple[Key[Place], ...] = (
    Key(
        "after",
        either(_COUNT.map(lambda count: AfterCount(count=count)), LABEL.map(lambda label: AfterEvent(label=label))),
    ),
    Key("before", LABEL.map(lambda label: BeforeEvent(label=label))),
    Key("inside", _INSIDE),
    Key("at", choice({name.value: At(name=name) for name in NamedPlace})),
    Key(
        "at_byte",
        either(
            _COUNT.map(lambda count: AtByte(byte=count)), pattern(r"\d+(\.\d+)?\s*%", "a share such as '50%'", _share)
        ),
    ),
)


def place_and(*keys: Key[object], required: tuple[Key[object], ...] = ()) -> Field[Members]:
    """A mapping with one place and other keys; `place_of` has the place."""
    return mapping("{after: 3}", *keys, one_of=PLACE_KEYS, required=required)


def place_of(members: Members) -> Place:
    return members.one(PLACE_KEYS)


PLACE: Field[Place] = place_and().map(place_of)
"""A mapping with nothing but a place."""
