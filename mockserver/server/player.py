"""The player: performs a script, frame by frame, and says how that ended.

Frames that are due together leave in one write, because one write per event halves the speed of a
stream; each write ends where an event ends, because some readers forget half an event between two
reads. Waits are held against the reply's start, so that being late once does not add up.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final, Protocol, TypeAlias, assert_never, cast

from mockserver.core.frames import (
    Close,
    Ending,
    Finish,
    Frame,
    HangUp,
    Part,
    Reset,
    Script,
    Send,
    Stall,
    Wait,
)
from mockserver.core.outcome import How, Outcome
from mockserver.server.protocol import PeerLeftError

# A write takes further events up to this size; a single event that is larger is one write.
WRITE_SIZE: Final = 16 * 1024

_COMPLETE_PARTS: Final = frozenset({Part.HEAD, Part.CHUNK_END, Part.LAST_CHUNK})


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

    async def hang_up(self, how: HangUp) -> None:
        """End the connection when a next request begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """The bytes of `frames` neighbouring sends."""

    data: bytes
    frames: int


Act: TypeAlias = Write | Wait | Stall | Ending


def acts(frames: Sequence[Frame]) -> Iterator[Act]:
    """The frames with neighbouring sends joined into writes."""
    for kind, group in groupby(frames, type):
        if kind is Send:
            # The key says that all of them are; asking each again would cost a third of the time.
            yield from _writes(cast("list[Send]", list(group)))
        else:
            yield from cast("Iterator[Wait | Stall | Ending]", group)


async def play(
    stage: Stage,
    script: Script,
    *,
    time_scale: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Perform `script`; `time_scale` stretches its waits and stalls, 0 leaves them out.

    `clock` counts seconds and is read, never set. A stall without end lasts until the peer leaves,
    and that is then how the script ended; in every other place a peer that leaves is `client_left`,
    unless nothing but the finish was to come. Being cancelled is passed on.
    """
    started = clock()
    elapsed = 0.0  # script time
    performed = 0
    act: Act = Finish()
    how = How.COMPLETE
    try:
        for act in acts(script.frames):
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
                case Finish():
                    if act.hang_up is not None:
                        await stage.hang_up(act.hang_up)
                    how = How.COMPLETE
                case Close():
                    await stage.close()
                    how = How.COMPLETE if act.complete else How.CUT
                case Reset():
                    await stage.reset()
                    how = How.RESET
                case _:
                    assert_never(act)
            performed += 1
    except PeerLeftError:
        how = _departure(act, script.frames[performed:])
    return Outcome(how=how, frames=performed, sent=stage.sent, started_s=started, ended_s=clock())


def _departure(during: Act, unperformed: Sequence[Frame]) -> How:
    if isinstance(during, Stall) and during.seconds is None:
        return How.STALLED
    return How.CLIENT_LEFT if any(map(_is_due, unperformed)) else How.COMPLETE


def _is_due(frame: Frame) -> bool:
    """Whether a peer that has left misses it."""
    if isinstance(frame, Close):
        return not frame.complete
    return isinstance(frame, Send | Reset)


def _writes(run: Sequence[Send]) -> Iterator[Write]:
    pieces = [send.data for send in run]
    if sum(map(len, pieces)) <= WRITE_SIZE:
        yield Write(data=b"".join(pieces), frames=len(pieces))
        return
    ends = list(accumulate(map(len, pieces)))
    begin = 0
    while begin < len(run):
        before = ends[begin - 1] if begin else 0
        fitting = bisect_right(ends, before + WRITE_SIZE, begin)
        end = _last_event_end(run, begin, fitting)
        yield Write(data=b"".join(pieces[begin:end]), frames=end - begin)
        begin = end


def _last_event_end(run: Sequence[Send], begin: int, fitting: int) -> int:
    """The last place up to `fitting` where an event ends, else the first one behind it."""
    for place in range(fitting, begin, -1):
        if place == len(run) or _event_ends_between(run[place - 1], run[place]):
            return place
    for place in range(fitting + 1, len(run)):
        if _event_ends_between(run[place - 1], run[place]):
            return place
    return len(run)


def _event_ends_between(one: Send, other: Send) -> bool:
    if one.part in _COMPLETE_PARTS:
        return True
    return one.part is other.part is Part.EVENT and one.event != other.event
