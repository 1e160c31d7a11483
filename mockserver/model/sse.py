"""Event streams as text: the parts that each hold one event, and what such a part says (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FIELD: Final = re.compile(r"(?:\ufeff)?(?:[\r\n]*:[^\r\n]*[\r\n]+|[\r\n])*(?:data|event|id|retry)(?::|[\r\n])")


class SseFields(NamedTuple):
    """`name` is None without an `event:` line, `data` None without a `data:` line."""

    name: str | None
    data: str | None


def is_stream(text: str) -> bool:
    """Whether a text begins like an event stream, after comments if there are any."""
    return _FIELD.match(text) is not None


def split_events(text: str) -> tuple[str, ...]:
    """The parts of a stream, which add up to it. Comments belong to the event that follows them, at the end to the
    last event; an unfinished event is a part of its own."""
    parts: list[str] = []
    start, has_data = 0, False
    for line in _LINE.finditer(text):
        if line[1].startswith(("data:", "event:")) or line[1] in ("data", "event"):
            has_data = True
        elif not line[1] and line[2] and has_data:
            parts.append(text[start : line.end()])
            start, has_data = line.end(), False
    rest = text[start:]
    if rest and (has_data or not parts):
        parts.append(rest)
    elif rest:
        parts[-1] += rest
    return tuple(parts)


def read_event(part: str) -> SseFields:
    """What one part of a stream says, whether or not a blank line ends it."""
    name: str | None = None
    lines: list[str] = []
    for line in _LINE.finditer(part.removeprefix("\ufeff")):
        field, _, text = line[1].partition(":")
        value = text.removeprefix(" ")
        if field == "data":
            lines.append(value)
        elif field == "event":
            name = value
    return SseFields(name or None, "\n".join(lines) if lines else None)
