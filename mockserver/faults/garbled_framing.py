"""Damage to what HTTP says of a body: a chunk's size, its length, its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mockserver.core.fault import Scene
from mockserver.core.frames import Close, Finish, Frame, Part, Send
from mockserver.faults.framed import (
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    body_length,
    edit,
    header,
    joined,
    sends_of,
    set_header,
)
from mockserver.faults.position import copies_of
from mockserver.faults.unknown_place import LostPlace

_NO_SIZE = b"xyz\r\n"
_CHUNK_FRAMING = (Part.CHUNK_SIZE, Part.CHUNK_END, Part.LAST_CHUNK)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleChunkSize:
    """The chunk-size line before an event tells no number."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = True
    label: str

    def alter(self, frames: tuple[Frame, ...], scene: Scene, /) -> tuple[Frame, ...]:
        for nth in copies_of(self.label, frames, scene):
            sends = sends_of(frames, nth, Part.CHUNK_SIZE)
            if not sends:
                raise LostPlace(f"chunk_size: {self.label}: this reply is not sent in chunks")
            frames = edit(frames, sends, 0, len(joined(sends)), _NO_SIZE)
        return frames


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleContentLength:
    """A length that was made up: `told` itself, or `told` more than the true one. Chunked framing
    gives way to it, and the connection closes behind the reply, as no length can be trusted."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    told: int
    is_offset: bool = False

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
        stated = header(frames, CONTENT_LENGTH)
        true = int(stated) if stated is not None and stated.isdigit() else body_length(frames)
        length = true + self.told if self.is_offset else self.told
        bare = tuple(
            frame
            for frame in frames
            if not (isinstance(frame, Send) and frame.part in _CHUNK_FRAMING)
        )
        found = set_header(bare, CONTENT_LENGTH, str(length), instead_of=TRANSFER_ENCODING)
        return (*found[:-1], Close()) if isinstance(found[-1], Finish) else found


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbleContentType:
    """Another type than the body's."""

    certain: ClassVar[bool] = True
    streamed: ClassVar[bool] = False
    type: str

    def alter(self, frames: tuple[Frame, ...], _: Scene, /) -> tuple[Frame, ...]:
        return set_header(frames, "content-type", self.type)
