"""Bytes between the frames of a reply: an event, a comment or any bytes, counted in the framing around them, once or
again and again while a reply is held."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TypeAlias

from mockserver.faults.frame_edits import counted, is_chunked, joined, open_chunk
from mockserver.faults.place import AfterCount, AfterEvent, At, BeforeEvent, NamedPlace, Place
from mockserver.faults.position import Position, pieces, split
from mockserver.faults.syntax import DURATION, Field, Key, Members, any_members, either, mapping, pattern, text
from mockserver.model.fault import FaultContext, FaultValueError, PlaceNotFoundError
from mockserver.model.frames import Beat, Frame, Part, RawEvent, Send, Stall, Wait
from mockserver.model.json import JSONObject

_PAYLOAD_PARTS = (Part.EVENT, Part.BODY)
_MAX_REPEATS = 10_000
_LABEL = "inserted"


@dataclass(frozen=True, slots=True)
class Payload:
    """An event, a comment of that text, or bytes."""

    what: RawEvent | str | bytes

    @property
    def streamed(self) -> bool:
        """Whether it has a meaning in a stream only."""
        return not isinstance(self.what, bytes)

    def check(self, place: Place) -> None:
        """Raise FaultValueError if it cannot stand at a place."""
        last = place == At(name=NamedPlace.LAST_CHUNK)
        if self.streamed and not (isinstance(place, AfterCount | AfterEvent | BeforeEvent) or last):
            message = "an event or a comment stands between events: after or before one, or at: last_chunk; 'bytes'"
            raise FaultValueError("", f"{place}: {message} may stand anywhere")

    def sent(self, context: FaultContext) -> Insert:
        """What is sent; raises PlaceNotFoundError."""
        if isinstance(self.what, bytes):
            return Insert(self.what, is_event=False)
        context.need_text("an event or a comment that is inserted")
        if context.encode is None:
            raise PlaceNotFoundError("an event or a comment needs a stream, but this reply is one body")
        return Insert(context.encode(self.what), is_event=isinstance(self.what, RawEvent))


@dataclass(frozen=True, slots=True)
class Insert:
    data: bytes
    is_event: bool


Held: TypeAlias = Wait | Stall


def woven(
    frames: Sequence[Frame], positions: Sequence[Position], inserts: Sequence[Insert | Held]
) -> tuple[tuple[Frame, ...], int]:
    """The frames with all of `inserts` at each position, and how many frames follow the last of them."""
    whole = any(isinstance(frame, Send) and frame.part is Part.BODY for frame in frames)
    framing = _Framing(chunked=is_chunked(frames), part=Part.BODY if whole else Part.EVENT)
    found, *rest = pieces(frames, [_behind_inserts(position, frames) for position in positions])
    events = 0
    for number, piece in enumerate(rest):
        following = next((one for after in rest[number:] for one in after if isinstance(one, Send)), None)
        for insert in inserts:
            if not isinstance(insert, Insert):
                found = (*found, insert)
                continue
            label, nth = _LABEL, None
            if insert.is_event:
                # Numbered in its place below.
                events += 1
                label, nth = f"{_LABEL}[{events - 1}]", -events
            found = framing.put(found, following, Send(data=insert.data, part=framing.part, label=label, nth=nth))
        found = (*found, *piece)
    return (_renumbered(found) if events else found), len(rest[-1])


def _behind_inserts(position: Position, frames: Sequence[Frame]) -> Position:
    """Behind what is inserted at the position already, so that it is sent in the order of the list of faults."""
    index = position.index
    while not position.offset and index < len(frames) and _is_inserted(frames[index]):
        index += 1
    return Position(index, position.offset)


def _is_inserted(frame: Frame) -> bool:
    return isinstance(frame, Send) and frame.label is not None and frame.label.startswith(_LABEL)


@dataclass(frozen=True, slots=True)
class _Framing:
    """How the body of a reply is framed, and the part that its bytes are."""

    chunked: bool
    part: Part

    def put(self, before: tuple[Frame, ...], following: Send | None, send: Send) -> tuple[Frame, ...]:
        """Some frames with more bytes behind them, counted where a length is stated; `following` comes next."""
        previous = next((one for one in reversed(before) if isinstance(one, Send)), None)
        if previous is None or (previous.part is Part.HEAD and not _is_complete(before)):
            return (*before, replace(send, part=Part.HEAD))
        if following is not None and previous.part is following.part and previous.part not in _PAYLOAD_PARTS:
            # Between the bytes of one chunk-size line or the like.
            return (*before, replace(send, part=previous.part))
        if open_chunk(before):
            near = previous if previous.part in _PAYLOAD_PARTS else following or send
            counts = counted(before, len(before), len(send.data))
            return (*counts, replace(near, data=send.data))
        if self.chunked:
            size = replace(send, data=b"%x\r\n" % len(send.data), part=Part.CHUNK_SIZE)
            return (*before, size, send, replace(send, data=b"\r\n", part=Part.CHUNK_END))
        return (*counted(before, len(before), len(send.data)), send)


def _is_complete(head: Sequence[Frame]) -> bool:
    return joined(list(enumerate(one for one in head if isinstance(one, Send)))).endswith(b"\r\n\r\n")


def _renumbered(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The frames with the events numbered in the order in which they are sent."""
    numbers: dict[int, int] = {}
    return tuple(
        replace(frame, nth=numbers.setdefault(frame.nth, len(numbers)))
        if isinstance(frame, Send) and frame.nth is not None
        else frame
        for frame in frames
    )


# --- while a reply is held ---


@dataclass(frozen=True, slots=True)
class Keepalive:
    """A payload every so many seconds."""

    payload: Payload
    every_s: float

    def during(self, hold: Held, context: FaultContext) -> list[Insert | Held]:
        """A wait or stall that ends, with what is sent in it."""
        seconds, insert = hold.seconds or 0.0, self.payload.sent(context)
        # At the end of the wait the reply itself goes on.
        count = max(0, ceil(round(seconds / self.every_s, 6)) - 1)
        between: list[Insert | Held] = [replace(hold, seconds=self.every_s), insert]
        return [*between * count, replace(hold, seconds=seconds - count * self.every_s)]

    def endless(self, frames: Sequence[Frame], position: Position, context: FaultContext) -> Stall:
        """A stall without end at a position. Raises PlaceNotFoundError where a length is stated before it."""
        before, _ = split(frames, position)
        changed, tail = woven(frames, [position], [self.payload.sent(context)])
        added = changed[len(before) : len(changed) - tail]
        if changed[: len(before)] != before:
            raise PlaceNotFoundError(
                "a keepalive without end exceeds the length that is stated before it; add 'for', "
                "or frame the reply in chunks with framing: {chunked: true}"
            )
        data = b"".join(one.data for one in added if isinstance(one, Send))
        return Stall(beat=Beat(every_s=self.every_s, first_s=self.every_s, before=data))


def check_keepalive(keepalive: Keepalive | None, place: Place, seconds: float | None) -> None:
    """Raise FaultValueError for a keepalive that has no meaning at a place or in that time."""
    if keepalive is None:
        return
    try:
        keepalive.payload.check(place)
    except FaultValueError as error:
        raise FaultValueError("keepalive", error.message) from None
    if seconds is not None and seconds > keepalive.every_s * _MAX_REPEATS:
        message = f"expected at most {_MAX_REPEATS} of them, got {seconds / keepalive.every_s:.0f}"
        raise FaultValueError("keepalive.every", message)


# --- syntax ---


def _event(found: Members) -> Payload:
    data = found[_DATA]
    json, plain = (None, data) if isinstance(data, str) else (data, None)
    return Payload(RawEvent(data=json, text=plain, name=found.get(_NAME)))


def _decoded(found: Members) -> bytes:
    try:
        return b64decode(found[_BASE64], validate=True)
    except (Base64Error, ValueError) as error:
        raise FaultValueError("base64", f"expected base64: {str(error).lower()}") from None


def _every(seconds: float) -> float:
    if seconds <= 0:
        raise FaultValueError("", "expected a duration above 0")
    return seconds


_JSON: Field[JSONObject | str] = any_members("the data of an event, a mapping")
_DATA = Key("data", either(_JSON, text("its text")))
_NAME = Key("event", pattern(r"[^\x00\r\n]*", "the name of an event in one line", lambda name: name))
_BASE64 = Key("base64", text("base64"))

PAYLOAD_KEYS: tuple[Key[Payload], ...] = (
    Key(
        "event",
        either(
            text("the text of an event such as '[DONE]'").map(lambda data: Payload(RawEvent(text=data))),
            mapping("{data: {type: keepalive}, event: keepalive}", _NAME, required=(_DATA,)).map(_event),
        ),
    ),
    Key("comment", text("the text of a comment", least=0).map(Payload)),
    Key(
        "bytes",
        either(
            text("a text, sent as UTF-8").map(lambda sent: Payload(sent.encode("utf-8", "surrogatepass"))),
            mapping("{base64: AAEC}", required=(_BASE64,)).map(_decoded).map(Payload),
        ),
    ),
)
_EVERY = Key("every", DURATION.map(_every))
KEEPALIVE = Key(
    "keepalive",
    mapping("{comment: ping, every: 5s}", required=(_EVERY,), one_of=PAYLOAD_KEYS).map(
        lambda found: Keepalive(payload=found.one(PAYLOAD_KEYS), every_s=found[_EVERY])
    ),
)
