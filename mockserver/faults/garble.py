"""The fault `garble`: damage of one kind, such as JSON that does not parse or invalid UTF-8.

The framing around the damage stays true, so that damage can be distinguished from loss."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.faults.frame_edits import (
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    Sends,
    body_length,
    body_sends,
    counted,
    edit,
    header,
    is_chunked,
    joined,
    sends_where,
    set_header,
)
from mockserver.faults.insertion import Insert, woven
from mockserver.faults.place import BODY, PLACE, PlacedFault
from mockserver.faults.position import (
    chunk_size_sends,
    event_indexes,
    find_all,
    sent_numbers,
    text_sends,
    with_each_event,
)
from mockserver.faults.syntax import (
    LABEL,
    TRUE,
    FaultSpec,
    Field,
    Key,
    any_members,
    either,
    mapping,
    pattern,
    text,
    whole,
)
from mockserver.model.fault import (
    NO_BODY,
    AnyFault,
    Effect,
    EventFault,
    FaultContext,
    FaultValueError,
    FrameFault,
    PlaceNotFoundError,
    PlaceRemovedError,
)
from mockserver.model.frames import Close, EndOfReply, Event, Frame, Part, Send
from mockserver.model.headers import line_problem
from mockserver.model.json import JSONObject, write

_BOM = b"\xef\xbb\xbf"
_NEVER_UTF8 = b"\xff"
# JSON allows a control character nowhere, in a text or outside.
_NEVER_JSON = b"\x01"
# The text that a client shows is garbled if there is one, else any other value that is a text.
_SHOWN = re.compile(rb'"(?:delta|content|text|arguments|input|refusal)":"(?:[^"\\]|\\.)*')
_VALUE = re.compile(rb':"(?:[^"\\]|\\.)*')
_NO_SIZE = b"xyz\r\n"
_CHUNK_FRAMING = (Part.CHUNK_SIZE, Part.CHUNK_END, Part.LAST_CHUNK)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleJson(EventFault):
    """The data lacks its last character, so that an object or list is not closed."""

    label: str

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        indexes = event_indexes(self.label, events, context)
        return tuple(
            replace(event, text=_text(event)[:-1], sse=None) if index in indexes else event
            for index, event in enumerate(events)
        )


def _text(event: Event) -> str:
    return write(event.data) if event.text is None else event.text


@dataclass(frozen=True, slots=True, kw_only=True)
class _GarbledFrames(FrameFault):
    """At the events with a label, or in a whole body if it is None."""

    label: str | None

    @property
    def streamed(self) -> bool:
        return self.label is not None

    @property
    def whole(self) -> bool:
        return self.label is None


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleBodyJson(_GarbledFrames):
    """The body lacks its last character, so that an object or list is not closed."""

    label: None = None

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        context.need_text("json")
        sends = _whole_sends(frames, Part.BODY)
        return _changed(frames, sends, len(joined(sends).rstrip()) - 1, remove=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleUtf8(_GarbledFrames):
    """A byte that never occurs in UTF-8, at the end of a text inside."""

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        context.need_text("utf8")
        if self.label is None:
            return self._garbled(frames, _whole_sends(frames, Part.BODY))
        if not is_chunked(frames):  # the content length may have to be changed
            for nth in sent_numbers(self.label, frames, context):
                frames = self._garbled(frames, text_sends(self.label, nth, frames))
            return frames
        label = self.label
        return with_each_event(
            label, frames, context, lambda part, nth: self._garbled(part, text_sends(label, nth, part))
        )

    def _garbled(self, frames: tuple[Frame, ...], sends: Sends) -> tuple[Frame, ...]:
        text = joined(sends)
        found = _SHOWN.search(text) or _VALUE.search(text)
        offset = found.end() if found else len(text.rstrip(b"\r\n"))
        return _changed(frames, sends, offset, _NEVER_UTF8)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarblePlace(PlacedFault):
    """Bytes at the place, or at each that a pattern matches, that are not allowed there."""

    data: bytes

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        return woven(frames, find_all(self.place, frames, context), [Insert(self.data, is_event=False)])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleChunkSize(_GarbledFrames):
    effects: ClassVar[frozenset[str]] = frozenset({Effect.FALSE_CHUNK_SIZE})
    conflicts: ClassVar[Mapping[str, str]] = {
        Effect.FALSE_LENGTH: "{earlier} removes the chunks, so that none has a size"
    }

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        if self.label is None:
            sends = _whole_sends(frames, Part.CHUNK_SIZE)
            return edit(frames, sends, 0, len(joined(sends)), _NO_SIZE)
        label = self.label

        def garbled(part: tuple[Frame, ...], nth: int) -> tuple[Frame, ...]:
            sends = chunk_size_sends(label, nth, part)
            return edit(part, sends, 0, len(joined(sends)), _NO_SIZE)

        return with_each_event(label, frames, context, garbled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bom(FrameFault):
    """A byte order mark before the body, which readers of event streams must skip."""

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        sends = body_sends(frames)
        if not sends:
            raise PlaceRemovedError("bom: this reply has no body")
        return _changed(frames, sends[:1], 0, _BOM)


def _whole_sends(frames: Sequence[Frame], part: Part) -> Sends:
    """Sends of that part of a whole reply, at least one; raises PlaceNotFoundError."""
    bodies = sends_where(frames, lambda send: send.part is Part.BODY)
    if not bodies:
        raise PlaceNotFoundError(NO_BODY)
    sends = bodies if part is Part.BODY else sends_where(frames, lambda send: send.part is part)
    if not sends:
        raise PlaceNotFoundError(f"this reply has no {part}; add framing: {{chunked: true}}")
    return sends


def _changed(
    frames: tuple[Frame, ...], sends: Sends, offset: int, new: bytes = b"", *, remove: int = 0
) -> tuple[Frame, ...]:
    """The body with other bytes at an offset in some sends, counted in its framing."""
    found = edit(frames, sends, offset, offset + remove, new)
    return counted(found, sends[0][0], len(new) - remove)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleContentLength(FrameFault):
    """A false length: `length` itself, or `length` more than the true one if `is_offset`. It replaces chunked framing,
    and the connection closes after the reply, as the client cannot know where the reply ends."""

    length: int
    is_offset: bool = False

    effects: ClassVar[frozenset[str]] = frozenset({Effect.FALSE_LENGTH})
    conflicts: ClassVar[Mapping[str, str]] = {
        Effect.FALSE_CHUNK_SIZE: "a content length replaces the chunks and so undoes {earlier}"
    }

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        stated = header(frames, CONTENT_LENGTH)
        true = int(stated) if stated is not None and stated.isdigit() else body_length(frames)
        length = true + self.length if self.is_offset else self.length
        bare = tuple(frame for frame in frames if not (isinstance(frame, Send) and frame.part in _CHUNK_FRAMING))
        found = set_header(bare, CONTENT_LENGTH, str(length), instead_of=TRANSFER_ENCODING)
        return (*found[:-1], Close()) if isinstance(found[-1], EndOfReply) else found


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleHeaders(FrameFault):
    """Headers that say what is not so; those that the reply has are replaced."""

    headers: tuple[tuple[str, str], ...]

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        for name, value in self.headers:
            frames = set_header(frames, name, value)
        # The client cannot know where a reply ends that states it falsely.
        framed = any(name.lower() in (CONTENT_LENGTH, TRANSFER_ENCODING) for name, _ in self.headers)
        return (*frames[:-1], Close()) if framed and isinstance(frames[-1], EndOfReply) else frames


def _content_type(written: str) -> GarbleHeaders:
    if not (written.isascii() and written.isprintable()):
        raise FaultValueError("", f"expected printable ASCII for a header, got {write(written)}")
    return GarbleHeaders(headers=(("content-type", written),))


def _headers(written: JSONObject) -> GarbleHeaders:
    found: list[tuple[str, str]] = []
    for name, value in written.items():
        problem = line_problem(name, value) if isinstance(value, str) else f"expected a text, got {write(value)}"
        if problem is not None:
            raise FaultValueError(name, problem)
        found.append((name, str(value)))
    return GarbleHeaders(headers=tuple(found))


_LENGTH = either(
    whole(0).map(lambda length: GarbleContentLength(length=length)),
    pattern(
        r"[+-]\d+",
        "a quoted offset such as '+20'",
        lambda written: GarbleContentLength(length=int(written), is_offset=True),
    ),
)


def _target(label: Callable[[str], AnyFault], body: AnyFault, *, never: bytes = b"") -> Field[AnyFault]:
    """The label of events, a whole body, or a place for bytes that are never allowed."""
    whole_body: Field[AnyFault] = mapping("{part: body}", required=(BODY,)).map(lambda _: body)
    fields = [LABEL.map(label), whole_body]
    if never:
        fields.append(PLACE.map(lambda place: GarblePlace(place=place, data=never)))
    return either(*fields)


_KINDS: tuple[Key[AnyFault], ...] = (
    Key("json", _target(lambda label: GarbleJson(label=label), GarbleBodyJson(), never=_NEVER_JSON)),
    Key("utf8", _target(lambda label: GarbleUtf8(label=label), GarbleUtf8(label=None), never=_NEVER_UTF8)),
    Key("chunk_size", _target(lambda label: GarbleChunkSize(label=label), GarbleChunkSize(label=None))),
    Key("content_length", _LENGTH),
    Key("content_type", text("a content type such as 'text/html'").map(_content_type)),
    Key("headers", any_members("a mapping of header names and values").map(_headers)),
    Key("bom", TRUE.map(lambda _: Bom())),
)

SPEC = FaultSpec(
    name="garble",
    example='garble: {json: LABEL} | {utf8: PLACE} | {chunk_size: {part: body}} | {content_length: "+20"}'
    " | {content_type: text/html} | {headers: {trailer: x}} | {bom: true}",
    about="damage of that kind",
    syntax=mapping("{json: LABEL}", one_of=_KINDS).map(lambda found: found.one(_KINDS)),
)
