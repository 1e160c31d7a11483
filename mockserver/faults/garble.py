"""The fault `garble`: damage of one kind, such as JSON that does not parse or invalid UTF-8.

The framing around the damage stays true, so that damage can be distinguished from loss."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.faults.frame_edits import (
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    Sends,
    body_length,
    body_sends,
    edit,
    header,
    joined,
    sends_of,
    set_chunk_size,
    set_header,
)
from mockserver.faults.position import chunk_size_sends, event_indexes, sent_numbers, text_sends
from mockserver.faults.syntax import LABEL, TRUE, FaultSpec, Key, either, mapping, pattern, text, whole
from mockserver.model.fault import (
    AnyFault,
    Effect,
    EventFault,
    FaultContext,
    FaultValueError,
    FrameFault,
    PlaceRemovedError,
)
from mockserver.model.frames import Close, EndOfReply, Event, Frame, Part, Send
from mockserver.model.json import write

_BOM = b"\xef\xbb\xbf"
_NEVER_UTF8 = b"\xff"
# The text that a client shows is garbled if there is one, else any other value that is a text.
_SHOWN = re.compile(rb'"(?:delta|content|text|arguments|input|refusal)":"(?:[^"\\]|\\.)*')
_VALUE = re.compile(rb':"(?:[^"\\]|\\.)*')
_CHUNK_SIZE = re.compile(rb"[0-9a-f]+(?=\r\n)")
_NO_SIZE = b"xyz\r\n"
_CHUNK_FRAMING = (Part.CHUNK_SIZE, Part.CHUNK_END, Part.LAST_CHUNK)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleJson(EventFault):
    """The data lacks its last character, so that an object or list is not closed."""

    label: str

    def apply(self, events: tuple[Event, ...], context: FaultContext, /) -> tuple[Event, ...]:
        indexes = event_indexes(self.label, events, context)
        return tuple(
            replace(event, text=_text(event)[:-1]) if index in indexes else event for index, event in enumerate(events)
        )


def _text(event: Event) -> str:
    return write(event.data) if event.text is None else event.text


@dataclass(frozen=True, slots=True, kw_only=True)
class _GarbledFrames(FrameFault):
    label: str

    @property
    def streamed(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleUtf8(_GarbledFrames):
    """A byte that never occurs in UTF-8, at the end of a text inside the event."""

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        for nth in sent_numbers(self.label, frames, context):
            sends = text_sends(self.label, nth, frames)
            text = joined(sends)
            found = _SHOWN.search(text) or _VALUE.search(text)
            offset = found.end() if found else len(text.rstrip(b"\r\n"))
            frames = _with_bytes(frames, sends, offset, _NEVER_UTF8)
        return frames


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleChunkSize(_GarbledFrames):
    effects: ClassVar[frozenset[str]] = frozenset({Effect.FALSE_CHUNK_SIZE})
    conflicts: ClassVar[Mapping[str, str]] = {
        Effect.FALSE_LENGTH: "{earlier} removes the chunks, so that none has a size"
    }

    def apply(self, frames: tuple[Frame, ...], context: FaultContext, /) -> tuple[Frame, ...]:
        for nth in sent_numbers(self.label, frames, context):
            sends = chunk_size_sends(self.label, nth, frames)
            frames = edit(frames, sends, 0, len(joined(sends)), _NO_SIZE)
        return frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Bom(FrameFault):
    """A byte order mark before the body, which readers of event streams must skip."""

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        sends = body_sends(frames)
        if not sends:
            raise PlaceRemovedError("bom: this reply has no body")
        return _with_bytes(frames, sends[:1], 0, _BOM)


def _with_bytes(frames: tuple[Frame, ...], sends: Sends, offset: int, new: bytes) -> tuple[Frame, ...]:
    """More bytes in the body, counted in its framing."""
    nth = sends[0][1].nth
    found = edit(frames, sends, offset, offset, new)
    size = _CHUNK_SIZE.match(joined(sends_of(frames, nth, Part.CHUNK_SIZE)))
    if nth is not None and size is not None:
        return set_chunk_size(found, nth, int(size[0], 16) + len(new))
    length = header(found, CONTENT_LENGTH)
    if length is not None and length.isdigit():
        return set_header(found, CONTENT_LENGTH, str(int(length) + len(new)))
    return found


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
class GarbleContentType(FrameFault):
    type: str

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return set_header(frames, "content-type", self.type)


def _content_type(written: str) -> GarbleContentType:
    if not (written.isascii() and written.isprintable()):
        raise FaultValueError("", f"expected printable ASCII for a header, got {write(written)}")
    return GarbleContentType(type=written)


_LENGTH = either(
    whole(0).map(lambda length: GarbleContentLength(length=length)),
    pattern(
        r"[+-]\d+",
        "a quoted offset such as '+20'",
        lambda written: GarbleContentLength(length=int(written), is_offset=True),
    ),
)
_KINDS: tuple[Key[AnyFault], ...] = (
    Key("json", LABEL.map(lambda label: GarbleJson(label=label))),
    Key("utf8", LABEL.map(lambda label: GarbleUtf8(label=label))),
    Key("chunk_size", LABEL.map(lambda label: GarbleChunkSize(label=label))),
    Key("content_length", _LENGTH),
    Key("content_type", text("a content type such as 'text/html'").map(_content_type)),
    Key("bom", TRUE.map(lambda _: Bom())),
)

SPEC = FaultSpec(
    name="garble",
    example='garble: {json: LABEL} | {utf8: LABEL} | {chunk_size: LABEL} | {content_length: "+20"}'
    " | {content_type: text/html} | {bom: true}",
    about="damage of that kind",
    syntax=mapping("{json: LABEL}", one_of=_KINDS).map(lambda found: found.one(_KINDS)),
)
