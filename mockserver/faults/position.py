"""Where the places of a reply are among its events and frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from mockserver.faults.frame_edits import Sends, body_length, body_sends, head_sends, joined, sends_of, sends_where
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
    InsideLandmark,
    Landmark,
    NamedPlace,
    Place,
    Unit,
)
from mockserver.faults.syntax import is_pattern, listed, nearest
from mockserver.model.fault import NO_BODY, FaultContext, PlaceNotFoundError, PlaceRemovedError
from mockserver.model.frames import Event, Frame, Part, Send


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Before frame `index`, or inside it after `offset` bytes."""

    index: int
    offset: int = 0


def event_indexes(label: str, events: Sequence[Event], context: FaultContext) -> list[int]:
    """The indexes of every copy of the events with a label, at least one; raises PlaceNotFoundError."""
    ordinals = ordinals_of(label, context)
    found = [index for index, event in enumerate(events) if event.ordinal in ordinals]
    if not found:
        raise _removed(label)
    return found


def sent_numbers(label: str, frames: Sequence[Frame], context: FaultContext) -> list[int]:
    """The numbers (`Send.nth`) of every copy of the events with a label among the events that are sent, at least
    one; raises PlaceNotFoundError."""
    ordinals = ordinals_of(label, context)
    sends = sends_where(frames, lambda send: send.event in ordinals)
    found = sorted({send.nth for _, send in sends if send.nth is not None})
    if not found:
        raise _removed(label)
    return found


def _removed(label: str) -> PlaceRemovedError:
    return PlaceRemovedError(f"an earlier fault removes event {label!r}")


def ordinals_of(label: str, context: FaultContext) -> tuple[int, ...]:
    """The ordinals of the events with a label, ours or the wire's, at least one: several only if it is a pattern. The
    wire's name without a number (`response.completed`) means its first event. Raises PlaceNotFoundError."""
    for names in (context.labels, context.wire_labels):
        for name in (label, f"{label}[0]"):
            if name in names:
                return (names.index(name),)
    if is_pattern(label) and (found := _matching(label, context)):
        return found
    if not context.labels:
        raise PlaceNotFoundError(f"no event {label!r}: this reply has no events")
    near = nearest(label, [*context.labels, *(name for name in context.wire_labels if name is not None)])
    hint = f"the nearest is {near!r}; " if near else ""
    message = f"no event {label!r} in this stream; {hint}its events are {listed(context.labels)}"
    raise PlaceNotFoundError(message, nearest=near, labels=context.labels)


def _matching(pattern: str, context: FaultContext) -> tuple[int, ...]:
    expression = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
    wire = (*context.wire_labels, *[None] * len(context.labels))
    return tuple(
        ordinal
        for ordinal, names in enumerate(zip(context.labels, wire, strict=False))
        if any(name is not None and expression.fullmatch(name) for name in names)
    )


def find(place: Place, frames: Sequence[Frame], context: FaultContext) -> Position:
    """Where a place is, the first position of one at a pattern. Raises PlaceNotFoundError."""
    return find_all(place, frames, context)[0]


def find_all(place: Place, frames: Sequence[Frame], context: FaultContext) -> tuple[Position, ...]:
    """Every position of a place in the order of the frames, at least one: several only if its label is a pattern, of
    whose events those count that have the place. Raises PlaceNotFoundError."""
    match place:
        case AfterEvent() | BeforeEvent() | InsideEvent() | InsideChunkSize() | InsideLandmark() if place.label:
            ordinals = ordinals_of(place.label, context)
        case _:
            return (_find(place, frames, context),)
    found: list[Position] = []
    errors: list[PlaceNotFoundError] = []
    stretches = _stretches(frames)
    for ordinal in ordinals:
        begin, end = stretches.get(ordinal, (0, 0))
        try:
            at = _find(replace(place, label=context.labels[ordinal]), frames[begin:end], context)
        except PlaceNotFoundError as error:
            errors.append(error)
        else:
            found.append(Position(begin + at.index, at.offset))
    if not found:
        raise next((error for error in errors if not isinstance(error, PlaceRemovedError)), errors[0])
    return tuple(sorted(found))


def _stretches(frames: Sequence[Frame]) -> dict[int, tuple[int, int]]:
    """Where the frames of each event begin and end, by its ordinal."""
    found: dict[int, tuple[int, int]] = {}
    for index, frame in enumerate(frames):
        if isinstance(frame, Send) and frame.event is not None:
            begin, _ = found.get(frame.event, (index, index))
            found[frame.event] = (begin, index + 1)
    return found


def _find(  # noqa: C901  # one line for each place
    place: Place, frames: Sequence[Frame], context: FaultContext
) -> Position:
    match place:
        case AfterCount():
            return _after_count(place, frames, context)
        case AfterEvent():
            return _after_event(sent_numbers(place.label, frames, context)[-1], frames, place)
        case BeforeEvent():
            return Position(sends_of(frames, sent_numbers(place.label, frames, context)[0])[0][0])
        case InsideEvent():
            return _inside_event(place, frames, context)
        case InsideChunkSize():
            return _inside_chunk_size(place, frames, context)
        case InsideLandmark():
            return _inside_landmark(place, frames, context)
        case InsideHead():
            return _inside_head(place, frames)
        case At():
            return _before_head(frames) if place.name is NamedPlace.HEAD else _at_last_chunk(frames)
        case AtByte():
            return _at_byte(place.byte, place, frames)
        case AtShare():
            return _at_byte(int(body_length(frames) * place.percent / 100), place, frames)
        case _:
            assert_never(place)


def with_each_event(
    label: str,
    frames: tuple[Frame, ...],
    context: FaultContext,
    change: Callable[[tuple[Frame, ...], int], tuple[Frame, ...]],
) -> tuple[Frame, ...]:
    """The frames with those of every copy of the events with a label changed, which `change` gets with their number
    (`Send.nth`). Raises PlaceNotFoundError."""
    ends: dict[int, tuple[int, int]] = {}
    for index, frame in enumerate(frames):
        if isinstance(frame, Send) and frame.nth is not None:
            ends[frame.nth] = (ends.get(frame.nth, (index, 0))[0], index + 1)
    found: list[Frame] = []
    done = 0
    for nth in sorted(sent_numbers(label, frames, context), key=ends.__getitem__):
        begin, end = ends[nth]
        found += (*frames[done:begin], *change(frames[begin:end], nth))
        done = end
    return (*found, *frames[done:])


def pieces(frames: Sequence[Frame], positions: Sequence[Position]) -> list[tuple[Frame, ...]]:
    """The frames between some positions in their order, one piece more than there are positions."""
    found: list[tuple[Frame, ...]] = []
    rest = tuple(frames)
    for position in reversed(positions):
        rest, behind = split(rest, position)
        found.append(behind)
    return [rest, *reversed(found)]


def split(frames: Sequence[Frame], position: Position) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """The frames before and after a position; a send around the position is divided."""
    before, after = tuple(frames[: position.index]), tuple(frames[position.index :])
    if not position.offset:
        return before, after
    divided = after[0]
    if not isinstance(divided, Send):
        raise TypeError(f"{divided!r} has no bytes to divide")
    first = replace(divided, data=divided.data[: position.offset])
    second = replace(divided, data=divided.data[position.offset :])
    return (*before, first), (*((second,) if second.data else ()), *after[1:])


def _before_head(frames: Sequence[Frame]) -> Position:
    # Exact bytes need not begin with a head, so the first bytes of any kind count.
    for index, frame in enumerate(frames):
        if isinstance(frame, Send):
            return Position(index)
    raise PlaceRemovedError("at: head: an earlier fault stops the reply before its first byte")


def _after_head(frames: Sequence[Frame]) -> Position:
    sends = head_sends(frames)
    if not joined(sends).endswith(b"\r\n\r\n"):
        raise PlaceRemovedError("this reply has no complete head")
    return Position(sends[-1][0] + 1)


def _after_count(place: AfterCount, frames: Sequence[Frame], context: FaultContext) -> Position:
    if place.count == 0:
        return _after_head(frames)
    count = len({frame.nth for frame in frames if isinstance(frame, Send)} - {None})
    if place.count <= count:
        return _after_event(place.count - 1, frames, place)
    kind = PlaceRemovedError if place.count <= len(context.labels) else PlaceNotFoundError
    raise kind(f"{place}: the stream has {count} events at this point")


def _after_event(nth: int, frames: Sequence[Frame], place: Place) -> Position:
    sends = sends_of(frames, nth)
    chunked = any(send.part is Part.CHUNK_SIZE for _, send in sends)
    if chunked and sends[-1][1].part is not Part.CHUNK_END:
        raise PlaceRemovedError(f"{place}: an earlier fault stops the reply inside that event")
    return Position(sends[-1][0] + 1)


def text_sends(label: str, nth: int, frames: Sequence[Frame]) -> Sends:
    """The sends of the SSE text of an event, at least one; raises PlaceRemovedError."""
    sends = sends_of(frames, nth, Part.EVENT)
    if not sends:
        raise PlaceRemovedError(f"an earlier fault stops the reply before the text of {label!r}")
    return sends


def chunk_size_sends(label: str, nth: int, frames: Sequence[Frame]) -> Sends:
    """The sends of the chunk-size line before an event, at least one; raises PlaceRemovedError."""
    sends = sends_of(frames, nth, Part.CHUNK_SIZE)
    if not sends:
        raise PlaceRemovedError(f"event {label!r} is not sent as a chunk")
    return sends


def _content_sends(label: str | None, frames: Sequence[Frame], context: FaultContext) -> Sends:
    """The sends of the SSE text of an event or, without a label, of a whole body, at least one."""
    if label is not None:
        return text_sends(label, sent_numbers(label, frames, context)[0], frames)
    sends = sends_where(frames, lambda send: send.part is Part.BODY)
    if not sends:
        raise PlaceNotFoundError(NO_BODY)
    return sends


def _inside_event(place: InsideEvent, frames: Sequence[Frame], context: FaultContext) -> Position:
    sends = _content_sends(place.label, frames, context)
    what = "the body" if place.label is None else "the event"
    count = place.count
    if place.unit is Unit.CHAR:
        context.need_text(place)
        # Invalid UTF-8 has characters too: each byte outside any character counts as one.
        text = joined(sends).decode("utf-8", "surrogateescape")
        if count > len(text):
            raise PlaceNotFoundError(f"{place}: {what} has {len(text)} characters")
        count = len(text[:count].encode("utf-8", "surrogateescape"))
    return _locate(count, sends, f"{place}: {what}")


def _inside_landmark(place: InsideLandmark, frames: Sequence[Frame], context: FaultContext) -> Position:
    context.need_text(place)
    sends = _content_sends(place.label, frames, context)
    found = landmarks_in_json(joined(sends)) if place.label is None else landmarks_in_event(joined(sends))
    if place.kind not in found:
        raise PlaceNotFoundError(f"{place}: the landmarks here are {listed(found) or 'none'}")
    return _locate(found[place.kind], sends, str(place))


def _inside_chunk_size(place: InsideChunkSize, frames: Sequence[Frame], context: FaultContext) -> Position:
    sends = chunk_size_sends(place.label, sent_numbers(place.label, frames, context)[0], frames)
    return _locate(place.byte, sends, f"{place}: the chunk-size line")


def _inside_head(place: InsideHead, frames: Sequence[Frame]) -> Position:
    sends = head_sends(frames)
    head = joined(sends)
    status_line = head.find(b"\r\n") + 2
    if status_line < 2:
        raise PlaceRemovedError(f"{place}: this reply has no complete status line")
    in_status_line = place.part is HeadPart.STATUS_LINE
    start, size = (0, status_line) if in_status_line else (status_line, len(head) - status_line)
    if place.byte > size:
        raise PlaceNotFoundError(f"{place}: it has {size} bytes")
    return _locate(start + place.byte, sends, str(place))


def _at_last_chunk(frames: Sequence[Frame]) -> Position:
    sends = sends_where(frames, lambda send: send.part is Part.LAST_CHUNK)
    if not sends:
        raise PlaceRemovedError("at: last_chunk: this reply has no last chunk")
    return Position(sends[0][0])


def _at_byte(count: int, place: Place, frames: Sequence[Frame]) -> Position:
    if count == 0:
        return _after_head(frames)
    return _locate(count, body_sends(frames), f"{place}: the body")


def _locate(count: int, sends: Sends, what: str) -> Position:
    """After byte number `count` of some sends; before the first of them if 0."""
    rest = count
    for index, send in sends:
        if rest <= len(send.data):
            return Position(index, rest) if rest < len(send.data) else Position(index + 1)
        rest -= len(send.data)
    raise PlaceNotFoundError(f"{what} has {count - rest} bytes")


_EVENT_LINE = re.compile(rb"(?:^|[\r\n])event:")
_DATA = re.compile(rb"(?:^|[\r\n])data: ?")
_STRING = re.compile(rb'"(?P<inner>(?:[^"\\]|\\.)*)"(?P<colon>[ \t\r\n]*:)?')
_LETTER = re.compile(rb"\\u[0-9a-fA-F]{4}|\\.|[\x00-\x7f]|[\x80-\xff][\x80-\xbf]*", re.DOTALL)
_LINE_END = re.compile(rb"[\r\n]")
_BLANK_LINE = re.compile(rb"(?:\r\n|\r|\n)(?=(?:\r\n|\r(?!\n)|\n)\Z)")
# Members with the text that a client shows; a landmark in one of them is preferred.
_SHOWN = re.compile(rb'"(?:delta|content|text|arguments|input|refusal)":$')


def landmarks_in_event(text: bytes) -> dict[Landmark, int]:
    """The first landmark of each kind in the SSE text of an event, as a number of bytes from its start."""
    found: dict[Landmark, int] = {}
    line = _EVENT_LINE.search(text)
    if line is not None:
        found[Landmark.EVENT_LINE] = line.end()
    data = _DATA.search(text)
    if data is not None:
        found[Landmark.BEFORE_DATA] = data.end()
        found |= landmarks_in_json(text, data.end())
        ends = _LINE_END.search(text, data.end())
        if not (found.keys() & {Landmark.KEY, Landmark.STRING}) and ends is not None:
            found[Landmark.TEXT] = (data.end() + ends.start() + 1) // 2
    pair = text.find(b"\r\n")
    if pair >= 0:
        found[Landmark.CR_LF] = pair + 1
    blank = _BLANK_LINE.search(text)
    if blank is not None:
        found[Landmark.BEFORE_BLANK_LINE] = blank.end()
    return found


def landmarks_in_json(text: bytes, begin: int = 0) -> dict[Landmark, int]:
    """The first landmark of each kind in the JSON from `begin` on."""
    found: dict[Landmark, int] = {}
    strings = list(_STRING.finditer(text, begin))
    values = [string for string in strings if string["colon"] is None and string["inner"]]
    values.sort(key=lambda string: _SHOWN.search(text, 0, string.start()) is None)
    for string in strings:
        if string["colon"] is not None and string["inner"]:
            found[Landmark.KEY] = string.start("inner") + 1
            break
    if values:
        found[Landmark.STRING] = _inside(values[0])
    for kind, offset in _special_letters(values):
        found.setdefault(kind, offset)
    return found


def _inside(string: re.Match[bytes]) -> int:
    """After the first letter, so that a client receives part of the text."""
    first = _LETTER.match(string["inner"])
    return string.start("inner") + (first.end() if first else 0)


def _special_letters(strings: list[re.Match[bytes]]) -> Iterator[tuple[Landmark, int]]:
    for string in strings:
        for letter in _LETTER.finditer(string["inner"]):
            offset = string.start("inner") + letter.start() + 1
            if letter[0].startswith(b"\\"):
                yield Landmark.ESCAPE, offset
            elif len(letter[0]) > 1:
                yield Landmark.CHARACTER, offset
