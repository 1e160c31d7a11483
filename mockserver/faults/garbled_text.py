"""Damage to the text of a body: JSON that does not parse, bytes that are no UTF-8, a mark first.

The framing around stays true: what is damaged is told apart from what is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import ClassVar

from mockserver.core.event import Event
from mockserver.core.fault import Scene
from mockserver.core.frames import Frame, Part
from mockserver.core.jsontext import write
from mockserver.faults.framed import (
    CONTENT_LENGTH,
    Sends,
    body_sends,
    edit,
    header,
    joined,
    sends_of,
    set_chunk_size,
    set_header,
)
from mockserver.faults.occurrence import places_of
from mockserver.faults.place import InsideEvent
from mockserver.faults.position import copies_of
from mockserver.faults.unknown_place import LostPlace

_BOM = b"\xef\xbb\xbf"
_NEVER_UTF8 = b"\xff"
# The text that a client shows is the best victim, then any other value that is text.
_SHOWN = re.compile(rb'"(?:delta|content|text|arguments|input|refusal)":"(?:[^"\\]|\\.)*')
_VALUE = re.compile(rb':"(?:[^"\\]|\\.)*')
_CHUNK_SIZE = re.compile(rb"[0-9a-f]+(?=\r\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleJson:
    """The data lacks its last character, so that an object or list stays open."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def alter(self, events: tuple[Event, ...], scene: Scene, /) -> tuple[Event, ...]:
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

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def alter(self, frames: tuple[Frame, ...], scene: Scene, /) -> tuple[Frame, ...]:
        for nth in copies_of(self.label, frames, scene):
            sends = sends_of(frames, nth, Part.EVENT)
            if not sends:
                place = InsideEvent(label=self.label, count=0)
                raise LostPlace(f"{place}: an earlier fault stops the reply before its text")
            text = joined(sends)
            found = _SHOWN.search(text) or _VALUE.search(text)
            place_in_text = found.end() if found else len(text.rstrip(b"\r\n"))
            frames = _inserted(frames, sends, place_in_text, _NEVER_UTF8)
        return frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Bom:
    """A byte order mark before the body, which readers of event streams must skip."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
        sends = body_sends(frames)
        if not sends:
            raise LostPlace("bom: this reply has no body")
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
