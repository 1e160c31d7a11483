"""A reply performed in stretches, with a gate before each but the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from mockserver.model.frames import ClientDisconnected, Outcome, OutcomeKind, Script
from mockserver.server.gates import Hold, Waiting, stretches
from mockserver.server.player import Stage, play


class HeldStage(Stage, Waiting, Protocol):
    """Where a script is performed and may be held: `Seam`."""


async def play_held(
    stage: HeldStage,
    script: Script,
    holds: Sequence[Hold],
    *,
    exchange: int,
    notice: Callable[[Hold], None],
    time_scale: float,
    clock: Callable[[], float],
) -> Outcome:
    """Perform `script` as the player does, stopping at the gates that are closed when it comes
    there; `notice` is told of each. Waits count from where the reply went on."""
    started = clock()
    frames = 0
    outcome = Outcome(
        how=OutcomeKind.COMPLETE, frames=0, sent=0, started_s=started, ended_s=started
    )
    for hold, stretch in stretches(script, holds):
        if hold is not None:
            # The finish that ended the stretch before is no frame of the script.
            frames -= 1
            if not hold.gate.open:
                notice(hold)
                try:
                    await hold.gate.hold(exchange, stage)
                except ClientDisconnected:
                    outcome = replace(outcome, how=OutcomeKind.CLIENT_LEFT, sent=stage.sent)
                    break
        outcome = await play(stage, stretch, time_scale=time_scale, clock=clock)
        frames += outcome.frames
        if outcome.how is not OutcomeKind.COMPLETE:
            break
    return replace(outcome, frames=frames, started_s=started, ended_s=clock())
