"""The player: performs a script, act by act, and says how that ended.

Waits are held against the reply's start, so that being late once does not add up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

from mockserver.model.frames import (
    Close,
    EndOfReply,
    IdleClose,
    Outcome,
    OutcomeKind,
    Reset,
    Script,
    Stall,
    Wait,
)
from mockserver.pipeline.coalesce import WRITE_SIZE, Act, Write, coalesce
from mockserver.server.breach import PeerLeftError

__all__ = ["WRITE_SIZE", "Act", "Stage", "Write", "coalesce", "departure", "perform", "play"]


class Stage(Protocol):
    """Where a script is performed: `Seam`, or a recorder in tests.

    Every coroutine raises `PeerLeftError` when the peer is gone.
    """

    sent: int

    async def send(self, data: bytes) -> None:
        """Hand over one write and return when there is room for the next."""

    async def rest(self, seconds: float | None) -> None:
        """Let time pass, without end when None; at least give way once."""

    async def close(self) -> None:
        """FIN behind everything sent."""

    async def reset(self) -> None:
        """RST behind everything sent."""

    async def hang_up(self, how: IdleClose) -> None:
        """End the connection when a next request begins."""


async def play(
    stage: Stage,
    script: Script,
    *,
    time_scale: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Perform `script`; see `perform`."""
    told = tuple(coalesce(script.frames))
    return await perform(stage, told, time_scale=time_scale, clock=clock)


async def perform(
    stage: Stage,
    told: Sequence[Act],
    *,
    time_scale: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Perform the acts of a script; `time_scale` stretches its waits and stalls, 0 leaves them out.

    `clock` counts seconds and is read, never set. A stall without end lasts until the peer leaves,
    and that is then how the script ended; in every other place a peer that leaves is `client_left`,
    unless nothing but the finish was to come. Being cancelled is passed on.
    """
    started = clock()
    elapsed = 0.0  # script time
    performed = 0
    place = 0
    how = OutcomeKind.COMPLETE
    try:
        for place, act in enumerate(told):  # noqa: B007  # the place says where the peer left
            match act:
                case Write():
                    await stage.send(act.data)
                    performed += act.frames
                    continue
                case Wait() | Stall():
                    if act.seconds is None:
                        await stage.rest(None)
                    else:
                        elapsed += act.seconds
                        await stage.rest(started + elapsed * time_scale - clock())
                case EndOfReply():
                    if act.hang_up is not None:
                        await stage.hang_up(act.hang_up)
                    how = OutcomeKind.COMPLETE
                case Close():
                    await stage.close()
                    how = OutcomeKind.COMPLETE if act.complete else OutcomeKind.CUT
                case Reset():
                    await stage.reset()
                    how = OutcomeKind.RESET
                case _:
                    assert_never(act)
            performed += 1
    except PeerLeftError:
        how = departure(told[place:])
    return Outcome(how=how, frames=performed, sent=stage.sent, started_s=started, ended_s=clock())


def departure(unperformed: Sequence[Act]) -> OutcomeKind:
    """How a script ended whose peer left during the first of these acts."""
    match unperformed:
        case (Stall(seconds=None), *_):
            return OutcomeKind.STALLED
        case _:
            return (
                OutcomeKind.CLIENT_LEFT if any(map(_is_due, unperformed)) else OutcomeKind.COMPLETE
            )


def _is_due(act: Act) -> bool:
    """Whether a peer that has left misses it."""
    if isinstance(act, Close):
        return not act.complete
    return isinstance(act, Write | Reset)
