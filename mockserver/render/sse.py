"""An event as the bytes of a `text/event-stream` body (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mockserver.model.events import PLAIN, Event, SseFormat
from mockserver.model.json import write

_LINE_END = re.compile("\r\n|\r|\n")


def spell(
    event: Event, spelling: SseFormat = PLAIN, *, first: bool = False, last: bool = False
) -> bytes:
    """The SSE text of one event; `first` and `last` tell its place in the stream, on which
    `retry_ms` and `final_blank` depend."""
    lines = [
        f"{name}:{_value(text, spelling)}" for name, text in _fields(event, spelling, first=first)
    ]
    if spelling.comment is not None:
        lines = [f":{_value(text, spelling)}" for text in _LINE_END.split(spelling.comment)] + [
            "",
            *lines,
        ]
    if spelling.final_blank or not last:
        lines.append("")
    # A lone surrogate in a text that goes out as it stands must not stop the reply.
    return "".join(line + spelling.newline for line in lines).encode("utf-8", "surrogatepass")


def spell_all(events: Sequence[Event], spelling: SseFormat = PLAIN) -> tuple[bytes, ...]:
    """The SSE text of each event of a whole stream."""
    final = len(events) - 1
    return tuple(
        spell(event, spelling, first=index == 0, last=index == final)
        for index, event in enumerate(events)
    )


def _fields(event: Event, spelling: SseFormat, *, first: bool) -> Iterator[tuple[str, str]]:
    if first and spelling.retry_ms is not None:
        yield "retry", str(spelling.retry_ms)
    if spelling.id:
        yield "id", str(event.ordinal)
    if event.name is not None and spelling.event_lines:
        yield "event", event.name
    for line in _data_lines(event, spelling):
        yield "data", line


def _data_lines(event: Event, spelling: SseFormat) -> Sequence[str]:
    if event.text is not None:
        return _LINE_END.split(event.text)
    text = write(event.data)
    if spelling.split_data and text[0] in "{[":
        # Readers join the lines by newlines, which JSON takes for white space here.
        return text[0], text[1:-1], text[-1]
    return (text,)


def _value(text: str, spelling: SseFormat) -> str:
    # One leading space belongs to the format, so a text's own needs another before it.
    return f" {text}" if spelling.space or text.startswith(" ") else text
