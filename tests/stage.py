"""A connection and an event loop with a clock of their own, on which the player plays in no time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from typing import Any

import pytest

from tests.kit import ClientDisconnected, GatedAct, IdleClose, Outcome, Player, Script, coalesce

START = 100.0
FOREVER = float("inf")


class _Timer:
    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class _Done:
    """A task that needed no waiting."""

    def done(self) -> bool:
        return True


class Stage:
    """Notes what is done and when, in seconds from the start. A write takes `cost_s`; the client
    leaves `leaves_at` seconds from the start."""

    def __init__(self, *, cost_s: float = 0.0, leaves_at: float = FOREVER) -> None:
        self.now = START
        self.sent = 0
        self.done: list[tuple[float, object]] = []
        self.held: list[str] = []
        self.outcome: Outcome | None = None
        self.player: Player | None = None
        self.cost_s = cost_s
        self.leaves_at = START + leaves_at
        self._timers: list[tuple[float, int, _Timer]] = []
        self._order = count()

    # --- the clock and the loop ---

    def clock(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object]) -> _Timer:
        timer = _Timer(callback)
        heapq.heappush(self._timers, (self.now + delay, next(self._order), timer))
        return timer

    def call_soon(self, callback: Callable[[], object]) -> _Timer:
        return self.call_later(0.0, callback)

    def create_task(self, coroutine: Coroutine[object, None, None]) -> _Done:
        with pytest.raises(StopIteration):
            coroutine.send(None)
        return _Done()

    def run(self) -> None:
        """Let time pass until nothing more is to come."""
        while self.outcome is None and self._timers:
            at, _, timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            if at >= self.leaves_at:
                break
            self.now = max(self.now, at)
            timer.callback()
        if self.outcome is None and self.leaves_at < FOREVER and self.player is not None:
            self.now = max(self.now, self.leaves_at)
            self.player.on_disconnect(lost=True)

    # --- the sink ---

    @property
    def client_finished(self) -> bool:
        return self.now >= self.leaves_at

    def note(self, what: object) -> None:
        if self.client_finished:
            raise ClientDisconnected
        self.done.append((round(self.now - START, 6), what))

    def write(self, data: bytes | memoryview) -> bool:
        self.note(bytes(data))
        self.sent += len(data)
        self.now += self.cost_s
        return True

    def on_writable(self, callback: Callable[[], object]) -> None:
        raise AssertionError("there is always room")

    async def send(self, data: bytes) -> None:
        self.write(data)

    async def sleep(self, seconds: float | None) -> None:
        raise AssertionError("no ending sleeps")

    async def close(self, *, close_notify: bool = True) -> None:
        self.note("close")

    async def reset(self) -> None:
        self.note("reset")

    async def close_on_next_request(self, how: IdleClose) -> None:
        self.note(how)


def start(stage: Stage, acts: Sequence[GatedAct], *, time_scale: float = 1.0) -> Player:
    """Begin to play, and go on until nothing more happens by itself."""

    def ended(outcome: Outcome) -> None:
        assert stage.outcome is None
        stage.outcome = outcome

    loop: Any = stage
    stage.player = Player(
        stage, acts, ended, number=7, on_hold=stage.held.append, time_scale=time_scale, clock=stage.clock, loop=loop
    )
    stage.player.play()
    stage.run()
    return stage.player


def play(stage: Stage, script: Script, *, time_scale: float = 1.0) -> Outcome:
    """Play a script to its end."""
    player = start(stage, tuple(coalesce(script.frames)), time_scale=time_scale)
    if stage.outcome is None:  # an endless stall, which a client has to end
        player.on_disconnect(lost=True)
    assert stage.outcome is not None
    return stage.outcome
