"""The player: performs a script, act by act, and says how that ended.

Waits are held against the reply's start, so that being late once does not add up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from mockserver.model.frames import (
    ClientDisconnected,
    Ending,
    Outcome,
    OutcomeKind,
    ReplySink,
    Script,
    Stall,
    Wait,
)
from mockserver.pipeline.coalesce import WRITE_SIZE, Act, Write, coalesce

__all__ = ["WRITE_SIZE", "Act", "Stage", "Write", "coalesce", "departure", "perform", "play"]


class Stage(ReplySink, Protocol):
    """Where a script is performed; `sent` counts the bytes."""

    sent: int


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
                        await stage.sleep(None)
                    else:
                        elapsed += act.seconds
                        await stage.sleep(started + elapsed * time_scale - clock())
                case _:
                    how = await act.perform(stage)
            performed += 1
    except ClientDisconnected:
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
    """Whether a client that has disconnected misses it."""
    return act.matters_to_client if isinstance(act, Ending) else isinstance(act, Write)
