"""Paced replies by timers: one callback for each event instead of a task that wakes for each.

Only for replies that were filled in, which are writes, waits and a plain finish; with hundreds of
them at once the wake-ups would take more than the writing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from mockserver.model.frames import ClientDisconnected, Outcome, OutcomeKind, Wait
from mockserver.pipeline.coalesce import Act, Write
from mockserver.server.player import departure
from mockserver.server.seam import Seam

# How often a client is looked at that reads too slowly.
_POLL_S: Final = 0.005


async def pace(
    seam: Seam,
    told: Sequence[Act],
    *,
    time_scale: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Perform acts of which all but a plain finish are writes and waits; see `player.perform`."""
    pacer = _Pacer(seam, told, time_scale, clock)
    how = OutcomeKind.COMPLETE
    try:
        pacer.go()
        await seam.rest_until(pacer.done)
    except ClientDisconnected:
        how = departure(told[pacer.place :])
    finally:
        pacer.stop()
    return Outcome(
        how=how,
        frames=pacer.performed,
        sent=seam.sent,
        started_s=pacer.started,
        ended_s=clock(),
    )


class _Pacer:
    """`place` is that of the next act, `performed` counts frames; `done` is settled at the end."""

    def __init__(
        self, seam: Seam, told: Sequence[Act], scale: float, clock: Callable[[], float]
    ) -> None:
        self.place = 0
        self.performed = 0
        self.started = clock()
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()
        self._seam = seam
        self._told = told
        self._scale = scale
        self._clock = clock
        self._elapsed = 0.0  # script time
        self._resting = False
        self._timer: asyncio.Handle | None = None

    def go(self) -> None:
        """Perform what is due, and come back for the rest."""
        if self.done.done():
            return
        try:
            pause = self._due()
        except ClientDisconnected as error:
            self.done.set_exception(error)
            return
        if pause is None:
            self.done.set_result(None)
        elif pause <= 0:
            self._timer = self._loop.call_soon(self.go)
        else:
            self._timer = self._loop.call_later(pause, self.go)

    def _due(self) -> float | None:
        """Perform what is due; gives seconds to the next, None behind the last."""
        if self._resting:
            self._resting = False
            self.place += 1
            self.performed += 1
        for act in islice(self._told, self.place, None):
            if isinstance(act, Write):
                if not self._seam.hand_over(act.data):
                    return _POLL_S
                self.place += 1
                self.performed += act.frames
            elif isinstance(act, Wait):
                self._resting = True
                self._elapsed += act.seconds
                return self.started + self._elapsed * self._scale - self._clock()
            else:
                self.performed += 1
        return None

    def stop(self) -> None:
        """Come back no more."""
        if self._timer is not None:
            self._timer.cancel()
