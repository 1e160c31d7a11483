"""Damage to the text of a body: JSON that does not parse, bytes that are no UTF-8, a mark first.

The framing around stays true: what is damaged is told apart from what is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
from mockserver.faults.parsing import (
    FaultValueError,
    PlaceRemovedError,
    read_label,
    read_number,
    read_single,
    read_text,
    read_true,
)
from mockserver.faults.place import InsideEvent
from mockserver.faults.position import copies_of, places_of
from mockserver.faults.spec import FaultSpec, Stage
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext, Faults
from mockserver.model.frames import Close, EndOfReply, Frame, Part, Send
from mockserver.model.json import JSON, JSONObject, write

_BOM = b"\xef\xbb\xbf"
_NEVER_UTF8 = b"\xff"
# The text that a client shows is the best victim, then any other value that is text.
_SHOWN = re.compile(rb'"(?:delta|content|text|arguments|input|refusal)":"(?:[^"\\]|\\.)*')
_VALUE = re.compile(rb':"(?:[^"\\]|\\.)*')
_CHUNK_SIZE = re.compile(rb"[0-9a-f]+(?=\r\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleJson:
    """The data lacks its last character, so that an object or list stays open."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def apply(self, events: tuple[Event, ...], scene: FaultContext, /) -> tuple[Event, ...]:
        struck = places_of(self.label, events, scene)
        return tuple(
            replace(event, text=_text(event)[:-1]) if place in struck else event
            for place, event in enumerate(events)
        )


def _text(event: Event) -> str:
    return write(event.data) if event.text is None else event.text


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleUtf8:
    """A byte that never occurs in UTF-8, at the end of a text inside the event."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def apply(self, frames: tuple[Frame, ...], scene: FaultContext, /) -> tuple[Frame, ...]:
        for nth in copies_of(self.label, frames, scene):
            sends = sends_of(frames, nth, Part.EVENT)
            if not sends:
                place = InsideEvent(label=self.label, count=0)
                raise PlaceRemovedError(
                    f"{place}: an earlier fault stops the reply before its text"
                )
            text = joined(sends)
            found = _SHOWN.search(text) or _VALUE.search(text)
            place_in_text = found.end() if found else len(text.rstrip(b"\r\n"))
            frames = _inserted(frames, sends, place_in_text, _NEVER_UTF8)
        return frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Bom:
    """A byte order mark before the body, which readers of event streams must skip."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        sends = body_sends(frames)
        if not sends:
            raise PlaceRemovedError("bom: this reply has no body")
        return _inserted(frames, sends[:1], 0, _BOM)


def _inserted(frames: tuple[Frame, ...], sends: Sends, place: int, new: bytes) -> tuple[Frame, ...]:
    """More bytes in the body, with the framing that tells of them."""
    nth = sends[0][1].nth
    found = edit(frames, sends, place, place, new)
    size = _CHUNK_SIZE.match(joined(sends_of(frames, nth, Part.CHUNK_SIZE)))
    if nth is not None and size is not None:
        return set_chunk_size(found, nth, int(size[0], 16) + len(new))
    length = header(found, CONTENT_LENGTH)
    if length is not None and length.isdigit():
        return set_header(found, CONTENT_LENGTH, str(int(length) + len(new)))
    return found


_NO_SIZE = b"xyz\r\n"
_CHUNK_FRAMING = (Part.CHUNK_SIZE, Part.CHUNK_END, Part.LAST_CHUNK)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleChunkSize:
    """The chunk-size line before an event tells no number."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def apply(self, frames: tuple[Frame, ...], scene: FaultContext, /) -> tuple[Frame, ...]:
        for nth in copies_of(self.label, frames, scene):
            sends = sends_of(frames, nth, Part.CHUNK_SIZE)
            if not sends:
                raise PlaceRemovedError(
                    f"chunk_size: {self.label}: this reply is not sent in chunks"
                )
            frames = edit(frames, sends, 0, len(joined(sends)), _NO_SIZE)
        return frames


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleContentLength:
    """A length that was made up: `told` itself, or `told` more than the true one. Chunked framing
    gives way to it, and the connection closes behind the reply, as no length can be trusted."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    told: int
    is_offset: bool = False

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        stated = header(frames, CONTENT_LENGTH)
        true = int(stated) if stated is not None and stated.isdigit() else body_length(frames)
        length = true + self.told if self.is_offset else self.told
        bare = tuple(
            frame
            for frame in frames
            if not (isinstance(frame, Send) and frame.part in _CHUNK_FRAMING)
        )
        found = set_header(bare, CONTENT_LENGTH, str(length), instead_of=TRANSFER_ENCODING)
        return (*found[:-1], Close()) if isinstance(found[-1], EndOfReply) else found


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleContentType:
    """Another type than the body's."""

    always: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    type: str

    def apply(self, frames: tuple[Frame, ...], _: FaultContext, /) -> tuple[Frame, ...]:
        return set_header(frames, "content-type", self.type)


_OFFSET = re.compile(r"[+-]\d+")


def _json(value: JSON, path: str) -> Faults:
    return Faults(events=(GarbleJson(label=read_label(value, path)),))


def _utf8(value: JSON, path: str) -> Faults:
    return Faults(frames=(GarbleUtf8(label=read_label(value, path)),))


def _chunk_size(value: JSON, path: str) -> Faults:
    return Faults(frames=(GarbleChunkSize(label=read_label(value, path)),))


def _content_length(value: JSON, path: str) -> Faults:
    if not isinstance(value, str):
        told = read_number(value, path, least=0)
        return Faults(frames=(GarbleContentLength(told=told),))
    if not _OFFSET.fullmatch(value):
        message = f"{write(value)} is neither a number nor a quoted offset such as '+20'"
        raise FaultValueError(path, message)
    return Faults(frames=(GarbleContentLength(told=int(value), is_offset=True),))


def _content_type(value: JSON, path: str) -> Faults:
    said = read_text(value, path, "content type, such as 'text/html'")
    if not (said.isascii() and said.isprintable()):
        raise FaultValueError(path, f"{write(value)} does not fit into a header line")
    return Faults(frames=(GarbleContentType(type=said),))


def _bom(value: JSON, path: str) -> Faults:
    read_true(value, path)
    return Faults(frames=(Bom(),))


_KINDS: Mapping[str, Callable[[JSON, str], Faults]] = {
    "json": _json,
    "utf8": _utf8,
    "chunk_size": _chunk_size,
    "content_length": _content_length,
    "content_type": _content_type,
    "bom": _bom,
}


def _build(value: JSON) -> Faults:
    kind, said = read_single(value, "garble", _KINDS, "{json: LABEL}")
    return _KINDS[kind](said, f"garble.{kind}")


_LABEL: JSONObject = {"type": "string", "minLength": 1}
_LENGTH: JSONObject = {
    "oneOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"^[+-]\d+$"},
    ]
}

SPEC = FaultSpec(
    name="garble",
    stages=(Stage.EVENTS, Stage.FRAMES),
    written='garble: {json: LABEL} | {utf8: LABEL} | {chunk_size: LABEL} | {content_length: "+20"}'
    " | {content_type: text/html} | {bom: true}",
    about="damage of that kind",
    schema={
        "type": "object",
        "properties": {
            "json": _LABEL,
            "utf8": _LABEL,
            "chunk_size": _LABEL,
            "content_length": _LENGTH,
            "content_type": _LABEL,
            "bom": {"const": True},
        },
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    },
    build=_build,
)
