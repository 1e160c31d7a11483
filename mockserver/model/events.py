"""One SSE event of a streamed reply, before it is serialized."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.model.json import JSON

DONE = "[DONE]"
"""The text of the event that ends a chat stream."""
TERMINATOR = "terminator"
"""The label of the event that ends a stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`data` is JSON; `text` is sent verbatim in its place (`[DONE]`, damaged JSON).

    `name` is the `event:` line, None for none. `label` is unique in its stream
    (`text.delta[3]`), `wire_label` is the same under the event's own type
    (`response.output_text.delta[3]`); in chat it is the role or finish that shares a chunk with
    another delta. `ordinal` is the position in the stream without faults, from 0.
    """

    label: str
    ordinal: int
    data: JSON
    text: str | None = None
    name: str | None = None
    wire_label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEvent:
    """An event before it has a label; see `Event` for the members."""

    data: JSON = None
    text: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SseFormat:
    """How events are serialized; the defaults are the upstream's.

    `newline` ends each line; `comment` is a comment block before each event; `id` writes the
    ordinal as `id:`; `retry_ms` goes with the first event; `split_data` spreads JSON over
    several `data:` lines; `space` follows each colon; `final_blank` is the empty line after the
    last event, without which readers drop it; `event_lines` are the `event:` lines.
    """

    newline: str = "\n"
    comment: str | None = None
    id: bool = False
    retry_ms: int | None = None
    split_data: bool = False
    space: bool = True
    final_blank: bool = True
    event_lines: bool = True


PLAIN = SseFormat()
