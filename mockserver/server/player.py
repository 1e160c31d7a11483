"""The player writes every reply: at once until the first wait, then from timers and gates.

Waits count from the start of the reply, so that one late write does not delay the next. What is not
known in advance is an act too: `Making` gives the acts to go on with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from mockserver.model.frames import (
    Beat,
    ClientDisconnected,
    Ending,
    EndOfReply,
    Outcome,
    OutcomeKind,
    ReplySink,
    Stall,
    Wait,
)
from mockserver.pipeline import Write
from mockserver.server.gates import Gate, GatedAct, GatePoint, Making

# What is written at once: the most that can pile up above the transport's own high-water mark.
_SLICE: Final = 256 * 1024


class PlayerSink(ReplySink, Protocol):
    """The connection as the player uses it; `sent` counts the bytes of this reply."""

    sent: int

    @property
    def client_finished(self) -> bool:
        """Whether the client has sent FIN or is gone. One that closed looks the same as one that
        only half closed, so a reply that would wait ends instead."""
        ...

    def write(self, data: bytes | memoryview) -> bool:
        """Write without waiting; False, and nothing is written, while the transport's buffer is
        above its mark. Raises `ClientDisconnected`."""
        ...

    def on_writable(self, callback: Callable[[], None]) -> None:
        """Call once, when `write` may be tried again."""
        ...


class Player:
    """Plays the acts of one reply and reports how that ended to `on_end`, once."""

    _place = 0
    _frames = 0
    # Beats sent in the present wait.
    _beats = 0
    # Bytes written of a large write.
    _offset = 0
    # Script time since `_zero`.
    _elapsed = 0.0
    # The wait is over when `play` is called again.
    _due = False
    # The wait ends early when the client finishes.
    _resting = False
    _timer: asyncio.TimerHandle | asyncio.Handle | None = None
    _task: asyncio.Task[None] | None = None
    _gate: Gate | None = None

    def __init__(
        self,
        sink: PlayerSink,
        acts: Sequence[GatedAct],
        on_end: Callable[[Outcome], None],
        *,
        number: int = 0,
        on_hold: Callable[[str], None] | None = None,
        time_scale: float = 1.0,
        clock: Callable[[], float],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """`number` is the exchange's in the journal, by which gates know it; `on_hold` is called
        with the place of each closed gate. `time_scale` stretches waits and stalls, 0 leaves them
        out. `clock` counts seconds."""
        self._sink = sink
        self._acts = acts
        self._on_end: Callable[[Outcome], None] | None = on_end
        self._number = number
        self._on_hold = on_hold
        self._scale = time_scale
        self._clock = clock
        self._loop = loop
        self._started = self._zero = clock()

    @property
    def rests(self) -> bool:
        """Whether it waits for time to pass or for a gate, not for the client to read."""
        return self._resting

    def play(self) -> None:
        """Perform what is due; a timer, the sink or a gate calls this again for the rest."""
        if self._on_end is None:
            return
        if self._due:
            self._resume()
        sink, acts = self._sink, self._acts
        try:
            while True:
                act = acts[self._place]
                if isinstance(act, Write):
                    if not self._write(act):
                        sink.on_writable(self.play)
                        return
                elif isinstance(act, EndOfReply) and act.hang_up is None:
                    self._frames += 1
                    self._end(OutcomeKind.COMPLETE)
                    return
                elif isinstance(act, Ending | Making):
                    self._perform(act)
                    return
                elif not self._wait(act):
                    return
        except ClientDisconnected:
            self._disconnected()

    def on_disconnect(self, *, lost: bool) -> None:
        """The client sent FIN, or the connection is `lost`: end the reply where that matters."""
        if self._resting or (lost and self._task is None):
            self._disconnected()

    def abort(self) -> None:
        """End the reply where it is, as the server stops."""
        self._end(OutcomeKind.CUT)

    def _write(self, act: Write) -> bool:
        data = act.data
        if len(data) <= _SLICE:
            if not self._sink.write(data):
                return False
        else:
            view = memoryview(data)
            while self._offset < len(data):
                if not self._sink.write(view[self._offset : self._offset + _SLICE]):
                    return False
                self._offset += _SLICE
            self._offset = 0
        self._frames += act.frames
        self._place += 1
        return True

    def _wait(self, act: Wait | Stall | GatePoint) -> bool:
        """Begin a wait; True where nothing is to be waited for."""
        loop = self._loop
        if isinstance(act, GatePoint):
            if act.gate.open:
                self._place += 1
                return True
            if self._on_hold is not None:
                self._on_hold(str(act.gate.place))
            self._rest()
            self._gate = act.gate
            act.gate.hold(self._number, partial(loop.call_soon, self.play))
            self._begin_beats(act.beat)
            return False
        if act.seconds is None:
            self._rest()
            if isinstance(act, Stall):
                self._begin_beats(act.beat)
            return False
        self._elapsed += act.seconds
        pause = self._zero + self._elapsed * self._scale - self._clock()
        if pause > 0:
            self._rest()
            self._timer = loop.call_later(pause, self.play)
        else:
            self._due = True
            self._timer = loop.call_soon(self.play)
        return False

    def _begin_beats(self, beat: Beat | None) -> None:
        """Have the beats of a wait sent when they are due; none is where time does not pass."""
        self._beats = 0
        if beat is not None and beat.every_s * self._scale > 0:
            self._timer = self._loop.call_later(beat.first_s * self._scale, partial(self._send_beat, beat))

    def _send_beat(self, beat: Beat) -> None:
        try:
            # A beat that finds no room is left out.
            self._beats += self._sink.write(beat.data(self._beats))
        except ClientDisconnected:
            self._disconnected()
        else:
            self._timer = self._loop.call_later(beat.every_s * self._scale, partial(self._send_beat, beat))

    def _rest(self) -> None:
        if self._sink.client_finished:
            raise ClientDisconnected
        self._due = self._resting = True

    def _resume(self) -> None:
        """Go on behind the wait that is over."""
        self._due = self._resting = False
        act = self._acts[self._place]
        self._place += 1
        if self._gate is None:
            self._timer = None
            self._frames += 1
        else:
            if self._timer is not None:
                self._timer.cancel()
            if self._beats and isinstance(act, GatePoint):
                self._acts = act.acts_after(self._beats)
            self._gate = None
            self._restart_clock()

    def _restart_clock(self) -> None:
        """Later waits count from here, where the reply goes on."""
        self._zero, self._elapsed = self._clock(), 0.0

    def _perform(self, act: Ending | Making) -> None:
        if isinstance(act, Making):
            self._rest()
            self._task = self._loop.create_task(self._make(act))
        else:
            self._task = self._loop.create_task(self._run_ending(act))

    async def _make(self, making: Making) -> None:
        try:
            self._acts = await making.make()
        except Exception:
            self._task = None
            self._end(OutcomeKind.CUT)
            raise
        self._task = None
        self._due = self._resting = False
        self._place = 0
        self._restart_clock()
        self.play()

    async def _run_ending(self, ending: Ending) -> None:
        """Perform the ending and record its outcome in the step that ends the reply: a client that
        sees FIN and then asks for the outcome finds it."""
        try:
            how = await ending.perform(self._sink)
        except ClientDisconnected:
            self._task = None
            self._disconnected()
        except Exception:
            self._task = None
            self._end(OutcomeKind.CUT)
            raise
        else:
            self._task = None
            if self._on_end is not None:
                self._frames += 1
                self._end(how)

    def _disconnected(self) -> None:
        self._end(disconnect_outcome(self._acts[self._place :]))

    def _end(self, how: OutcomeKind) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is None:
            return
        self._resting = False
        if self._timer is not None:
            self._timer.cancel()
        if self._gate is not None:
            self._gate.leave(self._number)
        if self._task is not None and not self._task.done():
            self._task.cancel()
        for act in self._acts[self._place :]:
            if isinstance(act, Making) and act.left is not None:
                act.left()
        on_end(
            Outcome(how=how, frames=self._frames, sent=self._sink.sent, started_s=self._started, ended_s=self._clock())
        )


def disconnect_outcome(unperformed: Sequence[GatedAct]) -> OutcomeKind:
    """How a reply ended whose client disconnected during the first of these acts.

    An endless stall lasts until the client leaves. Elsewhere a client that leaves is `client_left`,
    unless nothing that matters to it was to come.
    """
    first = unperformed[0] if unperformed else None
    if isinstance(first, Stall) and first.seconds is None:
        return OutcomeKind.STALLED
    missed = any(map(_matters, unperformed))
    return OutcomeKind.CLIENT_LEFT if missed else OutcomeKind.COMPLETE


def _matters(act: GatedAct) -> bool:
    return act.matters_to_client if isinstance(act, Ending) else isinstance(act, Write | Making)
