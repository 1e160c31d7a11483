"""When the events of a stream leave: the wait before each, in seconds."""

from __future__ import annotations

from mockserver.model.ids import IdGenerator
from mockserver.model.reply import Pace

_STEPS = 1_000_000


def waits(pace: Pace, count: int, mint: IdGenerator) -> tuple[float, ...]:
    """One wait per event; the jitter of each is drawn from the mint, so that it repeats."""
    if pace.per_event_s:
        given = pace.per_event_s[:count]
        return given + (0.0,) * (count - len(given))
    plain = ((pace.first_s, *(pace.gap_s,) * (count - 1)))[:count]
    if not pace.jitter_s:
        return plain
    return tuple(
        wait + pace.jitter_s * mint.number(f"jitter/{place}", _STEPS) / _STEPS
        for place, wait in enumerate(plain)
    )


def first(pace: Pace) -> float:
    """The wait before the head of a whole reply."""
    return pace.per_event_s[0] if pace.per_event_s else pace.first_s
