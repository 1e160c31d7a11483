"""A reply on the wire as a value: frames, one timed act each, and the script they make.

Nothing here knows sockets or clocks. A script is comparable and printable; the player performs
it, the faults rewrite it, the referee in the tests reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Part(StrEnum):
    """What a stretch of wire bytes is."""

    HEAD = "head"
    CHUNK_SIZE = "chunk-size"
    EVENT = "event"
    BODY = "body"
    CHUNK_END = "chunk-end"
    LAST_CHUNK = "last-chunk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Bytes for the peer. `event` is the ordinal of the event they belong to, counted in the
    unfaulted stream, `label` its label, `nth` its place among the events that leave, from 0 (a
    repeated event has two); all None outside events."""

    data: bytes
    part: Part
    event: int | None = None
    label: str | None = None
    nth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Let `seconds` of script time pass. Waits add up from the start of the reply, so that a late
    frame does not delay the ones behind it. A wait of 0 only keeps its neighbours in two writes."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """Keep silent with the connection open for `seconds`, or until the peer leaves when None."""

    seconds: float | None = None


class IdleClose(StrEnum):
    """How a connection ends that its client takes for usable."""

    FIN = "fin"
    RST = "rst"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfReply:
    """The reply is whole; the connection lives on if HTTP and the request allow it. It lives no
    longer than to the first byte of a next request where `hang_up` says how it ends then."""

    hang_up: IdleClose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Deliver what was written, then FIN. `complete` says that the reply was whole all the same,
    as a body is whose end is the connection's."""

    complete: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """Deliver what was written, then RST."""


Ending: TypeAlias = EndOfReply | Close | Reset
Frame: TypeAlias = Send | Wait | Stall | EndOfReply | Close | Reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The whole reply: frames in order, of which exactly the last is an ending."""

    frames: tuple[Frame, ...]

    @property
    def wire(self) -> bytes:
        """Every byte the peer would receive."""
        return b"".join(frame.data for frame in self.frames if isinstance(frame, Send))


class OutcomeKind(StrEnum):
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

    how: OutcomeKind
    frames: int
    sent: int
    started_s: float
    ended_s: float
