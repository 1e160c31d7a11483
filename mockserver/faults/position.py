"""Finding a labelled event among those that leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from mockserver.faults.frame_edits import (
    Sends,
    body_length,
    body_sends,
    head_sends,
    joined,
    sends_of,
    sends_where,
)
from mockserver.faults.landmarks import places_in_event, places_in_json
from mockserver.faults.parsing import PlaceNotFoundError, PlaceRemovedError, listed, nearest
from mockserver.faults.place import (
    AfterCount,
    AfterEvent,
    At,
    AtByte,
    AtShare,
    BeforeEvent,
    HeadPart,
    InsideChunkSize,
    InsideEvent,
    InsideHead,
    InsideKind,
    NamedPlace,
    Place,
    Unit,
)
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext
from mockserver.model.frames import Frame, Part, Send


def places_of(label: str, events: Sequence[Event], scene: FaultContext) -> list[int]:
    """Where the copies of an event are, at least one; raises UnknownPlace."""
    ordinal = ordinal_of(label, scene)
    found = [place for place, event in enumerate(events) if event.ordinal == ordinal]
    if not found:
        raise PlaceRemovedError(f"event {label!r} does not leave: an earlier fault omits it")
    return found


@dataclass(frozen=True, slots=True)
class Position:
    """Before frame `index`, or inside it after `offset` bytes."""

    index: int
    offset: int = 0


def ordinal_of(label: str, scene: FaultContext) -> int:
    """The ordinal of the event that a label names, ours or the wire's; the wire's name alone
    (`response.completed`) names its first event. Raises UnknownPlace."""
    for names in (scene.labels, scene.wire_labels):
        for wanted in (label, f"{label}[0]"):
            if wanted in names:
                return names.index(wanted)
    if not scene.labels:
        raise PlaceNotFoundError(f"no event {label!r}: this reply has no events")
    every = [*scene.labels, *(name for name in scene.wire_labels if name is not None)]
    near = nearest(label, every)
    hint = f"the nearest is {near!r}" if near else "none is like it"
    message = f"no event {label!r} in this stream; {hint}; there are {listed(scene.labels)}"
    raise PlaceNotFoundError(message, nearest=near, labels=scene.labels)


def find(place: Place, frames: Sequence[Frame], scene: FaultContext) -> Position:
    """Where a place is among these frames; raises UnknownPlace."""
    match place:
        case AfterCount() | AfterEvent() | BeforeEvent() | InsideEvent() | InsideChunkSize():
            return _among_events(place, frames, scene)
        case InsideKind():
            return _inside_kind(place, frames, scene)
        case InsideHead():
            return _inside_head(place, frames)
        case At():
            return _before_head(frames) if place.spot is NamedPlace.HEAD else _at_last_chunk(frames)
        case AtByte():
            return _at_byte(place.byte, place, frames)
        case AtShare():
            total = body_length(frames)
            return _at_byte(int(total * place.percent / 100), place, frames)
        case _:
            assert_never(place)


def _among_events(
    place: AfterCount | AfterEvent | BeforeEvent | InsideEvent | InsideChunkSize,
    frames: Sequence[Frame],
    scene: FaultContext,
) -> Position:
    match place:
        case AfterCount():
            return _after_count(place, frames, scene)
        case AfterEvent():
            return _behind(copies_of(place.label, frames, scene)[-1], frames, place)
        case BeforeEvent():
            return Position(sends_of(frames, copies_of(place.label, frames, scene)[0])[0][0])
        case InsideEvent():
            return _inside_event(place, frames, scene)
        case InsideChunkSize():
            return _inside_chunk_size(place, frames, scene)
        case _:
            assert_never(place)


def split(
    frames: Sequence[Frame], position: Position
) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """The frames before and behind a position; a send in whose middle it lies is divided."""
    before, behind = tuple(frames[: position.index]), tuple(frames[position.index :])
    if not position.offset:
        return before, behind
    struck = behind[0]
    if not isinstance(struck, Send):
        raise TypeError(f"{struck!r} has no bytes to divide")
    first = replace(struck, data=struck.data[: position.offset])
    second = replace(struck, data=struck.data[position.offset :])
    return (*before, first), (*((second,) if second.data else ()), *behind[1:])


def copies_of(label: str, frames: Sequence[Frame], scene: FaultContext) -> list[int]:
    """The places among the events that leave of every copy of an event, at least one."""
    ordinal = ordinal_of(label, scene)
    sends = sends_where(frames, lambda send: send.event == ordinal)
    found = sorted({send.nth for _, send in sends if send.nth is not None})
    if not found:
        raise PlaceRemovedError(f"event {label!r} does not leave: an earlier fault took it away")
    return found


def _before_head(frames: Sequence[Frame]) -> Position:
    # Exact bytes need not begin with a head, so that the first of any bytes counts.
    for index, frame in enumerate(frames):
        if isinstance(frame, Send):
            return Position(index)
    raise PlaceRemovedError("at: head: an earlier fault stops the reply before any byte")


def _behind_head(frames: Sequence[Frame]) -> Position:
    sends = head_sends(frames)
    if not joined(sends).endswith(b"\r\n\r\n"):
        raise PlaceRemovedError("this reply has no whole head")
    return Position(sends[-1][0] + 1)


def _after_count(place: AfterCount, frames: Sequence[Frame], scene: FaultContext) -> Position:
    if place.count == 0:
        return _behind_head(frames)
    count = len({frame.nth for frame in frames if isinstance(frame, Send)} - {None})
    if place.count <= count:
        return _behind(place.count - 1, frames, place)
    kind = PlaceRemovedError if place.count <= len(scene.labels) else PlaceNotFoundError
    raise kind(f"{place}: the stream has {count} events here")


def _behind(nth: int, frames: Sequence[Frame], place: Place) -> Position:
    sends = sends_of(frames, nth)
    chunked = any(send.part is Part.CHUNK_SIZE for _, send in sends)
    if chunked and sends[-1][1].part is not Part.CHUNK_END:
        raise PlaceRemovedError(f"{place}: an earlier fault stops the reply inside that event")
    return Position(sends[-1][0] + 1)


def _inside_event(place: InsideEvent, frames: Sequence[Frame], scene: FaultContext) -> Position:
    nth = copies_of(place.label, frames, scene)[0]
    sends = sends_of(frames, nth, Part.EVENT)
    if not sends:
        raise PlaceRemovedError(f"{place}: an earlier fault stops the reply before its text")
    count = place.count
    if place.unit is Unit.CHAR:
        # Damaged UTF-8 has characters too: each byte that belongs to none counts as one.
        text = joined(sends).decode("utf-8", "surrogateescape")
        if count > len(text):
            raise PlaceNotFoundError(f"{place}: the event has {len(text)} characters")
        count = len(text[:count].encode("utf-8", "surrogateescape"))
    return _locate(count, sends, f"{place}: the event")


def _inside_kind(place: InsideKind, frames: Sequence[Frame], scene: FaultContext) -> Position:
    if place.label is None:
        sends = sends_where(frames, lambda send: send.part is Part.BODY)
        found = places_in_json(joined(sends))
    else:
        nth = copies_of(place.label, frames, scene)[0]
        sends = sends_of(frames, nth, Part.EVENT)
        found = places_in_event(joined(sends))
    if place.kind not in found:
        there = f"there are {listed(found)}" if found else "there is no such thing"
        raise PlaceNotFoundError(f"{place}: {there}")
    return _locate(found[place.kind], sends, str(place))


def _inside_chunk_size(
    place: InsideChunkSize, frames: Sequence[Frame], scene: FaultContext
) -> Position:
    sends = sends_of(frames, copies_of(place.label, frames, scene)[0], Part.CHUNK_SIZE)
    if not sends:
        raise PlaceRemovedError(f"{place}: this reply is not sent in chunks")
    return _locate(place.byte, sends, f"{place}: the chunk-size line")


def _inside_head(place: InsideHead, frames: Sequence[Frame]) -> Position:
    sends = head_sends(frames)
    head = joined(sends)
    status_line = head.find(b"\r\n") + 2
    if status_line < 2:
        raise PlaceRemovedError(f"{place}: this reply has no whole status line")
    begin, size = (
        (0, status_line)
        if place.part is HeadPart.STATUS_LINE
        else (status_line, len(head) - status_line)
    )
    if place.byte > size:
        raise PlaceNotFoundError(f"{place}: there are {size} bytes")
    return _locate(begin + place.byte, sends, str(place))


def _at_last_chunk(frames: Sequence[Frame]) -> Position:
    sends = sends_where(frames, lambda send: send.part is Part.LAST_CHUNK)
    if not sends:
        raise PlaceRemovedError("at: last_chunk: this reply has no last chunk")
    return Position(sends[0][0])


def _at_byte(count: int, place: Place, frames: Sequence[Frame]) -> Position:
    if count == 0:
        return _behind_head(frames)
    return _locate(count, body_sends(frames), f"{place}: the body")


def _locate(count: int, sends: Sends, what: str) -> Position:
    """Right behind byte number `count` of some sends; before the first of them when 0."""
    rest = count
    for index, send in sends:
        if rest <= len(send.data):
            return Position(index, rest) if rest < len(send.data) else Position(index + 1)
        rest -= len(send.data)
    raise PlaceNotFoundError(f"{what} has {count - rest} bytes")
