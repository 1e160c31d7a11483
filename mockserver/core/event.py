"""One SSE message of a streamed reply, before it is spelled in bytes."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.jsontext import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`data` is JSON, or text that goes out as it stands (`[DONE]`, damaged JSON).

    `name` is the `event:` line, None for none. `label` is unique in its stream
    (`text.delta[3]`), `wire_label` the same counted under the wire's own name
    (`response.output_text.delta[3]`); in chat it is the role or finish that shares a chunk with
    something else. `ordinal` is the place in the unfaulted
    stream, from 0, and does not change behind a fault.
    """

    label: str
    ordinal: int
    data: JSON
    text: str | None = None
    name: str | None = None
    wire_label: str | None = None
