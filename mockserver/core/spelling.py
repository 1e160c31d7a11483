"""How the events of a stream are spelled: one of the many forms that the SSE format allows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The defaults are the upstream's own spelling.

    `newline` ends each line; `comment` is a comment block before each event; `id` writes the
    ordinal as `id:`; `retry_ms` goes with the first event; `split_data` spreads JSON over
    several `data:` lines; `space` follows each colon; `final_blank` is the empty line behind the
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


PLAIN = Spelling()
