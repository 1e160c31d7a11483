"""How the performance of one script ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """`client_left` means the peer went away before the script had ended by itself."""

    COMPLETE = "complete"
    CUT = "cut"
    RESET = "reset"
    STALLED = "stalled"
    CLIENT_LEFT = "client_left"


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for every exchange
class Outcome:
    """`frames` were performed and `sent` bytes handed to the transport; the times are seconds of
    a monotonic clock, comparable within one process."""

    how: How
    frames: int
    sent: int
    started_s: float
    ended_s: float
