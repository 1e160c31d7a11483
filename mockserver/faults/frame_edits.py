"""Reading and changing frames as HTTP: the head, the chunk sizes and ranges of bytes.

All functions accept sends that other faults have divided."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from mockserver.model.fault import PlaceRemovedError
from mockserver.model.frames import Frame, Part, Send

CONTENT_LENGTH = "content-length"
TRANSFER_ENCODING = "transfer-encoding"

Sends = list[tuple[int, Send]]

_CHUNK_SIZE = re.compile(rb"[0-9a-f]+(?=\r\n)")


def sends_where(frames: Sequence[Frame], matches: Callable[[Send], bool]) -> Sends:
    return [(index, frame) for index, frame in enumerate(frames) if isinstance(frame, Send) and matches(frame)]


def sends_of(frames: Sequence[Frame], nth: int | None, part: Part | None = None) -> Sends:
    """Sends of the event that is sent as number `nth`."""
    return sends_where(frames, lambda send: send.nth == nth and part in (None, send.part))


def head_sends(frames: Sequence[Frame]) -> Sends:
    return sends_where(frames, lambda send: send.part is Part.HEAD)


def body_sends(frames: Sequence[Frame]) -> Sends:
    """Sends of the body without its chunk framing."""
    return sends_where(frames, lambda send: send.part in (Part.EVENT, Part.BODY))


def joined(sends: Sends) -> bytes:
    return b"".join(send.data for _, send in sends)


def body_length(frames: Sequence[Frame]) -> int:
    return sum(len(send.data) for _, send in body_sends(frames))


def is_chunked(frames: Sequence[Frame]) -> bool:
    """Whether we send the body in chunks; exact bytes never count, whatever their head states."""
    parts = {frame.part for frame in frames if isinstance(frame, Send)}
    if parts & {Part.CHUNK_SIZE, Part.LAST_CHUNK} or Part.BODY in parts:
        return Part.CHUNK_SIZE in parts or Part.LAST_CHUNK in parts
    return (header(frames, TRANSFER_ENCODING) or "").lower() == "chunked"


def edit(frames: Sequence[Frame], sends: Sends, start: int, stop: int, new: bytes) -> tuple[Frame, ...]:
    """The frames with bytes `start` to `stop` of the joined `sends` replaced by `new`."""
    found = list(frames)
    begin = 0
    rest = new
    for index, send in sends:
        end = begin + len(send.data)
        inserted = b""
        if begin <= start <= end:
            inserted, rest = rest, b""
        kept_before = send.data[: max(0, start - begin)]
        found[index] = replace(send, data=kept_before + inserted + send.data[max(0, stop - begin) :])
        begin = end
    return tuple(frame for frame in found if not isinstance(frame, Send) or frame.data)


def open_chunk(frames: Sequence[Frame]) -> Sends:
    """The sends of the chunk-size line of the chunk that some frames leave open; none if there is no such chunk."""
    found: Sends = []
    for index in range(len(frames) - 1, -1, -1):
        frame = frames[index]
        if not isinstance(frame, Send):
            continue
        if frame.part is Part.CHUNK_SIZE:
            found.insert(0, (index, frame))
        elif found or frame.part not in (Part.EVENT, Part.BODY):
            break
    return found


def set_chunk_size(frames: Sequence[Frame], line: Sends, size: int) -> tuple[Frame, ...]:
    return edit(frames, line, 0, len(joined(line)), b"%x\r\n" % size)


def counted(frames: Sequence[Frame], index: int, more: int) -> tuple[Frame, ...]:
    """The frames with so many bytes more counted in the chunk that is open before frame `index`, or else in the
    content length; where neither is a number nothing changes."""
    line = open_chunk(frames[:index])
    if line:
        size = _CHUNK_SIZE.match(joined(line))
        return set_chunk_size(frames, line, int(size[0], 16) + more) if size else tuple(frames)
    length = header(frames, CONTENT_LENGTH)
    if length is None or not length.isdigit():
        return tuple(frames)
    return set_header(frames, CONTENT_LENGTH, str(int(length) + more))


def header(frames: Sequence[Frame], name: str) -> str | None:
    """The first value of a header."""
    found = _line(joined(head_sends(frames)), name)
    return found["value"].decode("latin-1") if found else None


def set_header(frames: Sequence[Frame], name: str, value: str, *, instead_of: str = "") -> tuple[Frame, ...]:
    """The frames with a header changed, or else put in the place of another or after the last one.

    Raises PlaceRemovedError if the head is not complete."""
    sends = head_sends(frames)
    head = joined(sends)
    found = _line(head, name)
    if found is not None:
        return edit(frames, sends, found.start("value"), found.end("value"), _bytes(value))
    line = _bytes(f"{name}: {value}\r\n")
    other = _line(head, instead_of) if instead_of else None
    if other is not None:
        return edit(frames, sends, other.start() + 2, other.end(), line)
    if not head.endswith(b"\r\n\r\n"):
        raise PlaceRemovedError(f"header {name!r}: this reply has no complete head")
    return edit(frames, sends, len(head) - 2, len(head) - 2, line)


def _line(head: bytes, name: str) -> re.Match[bytes] | None:
    return re.search(rb"\r\n%s:[ \t]*(?P<value>[^\r\n]*)\r\n" % re.escape(_bytes(name)), head, re.IGNORECASE)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")
