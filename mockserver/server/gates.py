"""Gates: places at which the replies of a stub wait until a test lets them go on.

A gate belongs to a sandbox and lives on the server's loop. A reply that waits ends at once when
its client leaves or the server stops: it waits as the connection does between two frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Protocol

from mockserver.model.fault import FaultContext, PlaceNotFoundError
from mockserver.model.findings import Finding
from mockserver.model.frames import EndOfReply, Frame, Script

if TYPE_CHECKING:
    from mockserver.faults.place import Place
    from mockserver.faults.position import Position

PLACE_RULE = "gate.place"


class Waiting(Protocol):
    """Where a reply waits: `Seam`, or a stand-in in tests."""

    async def rest_until(self, released: asyncio.Future[None]) -> None:
        """Wait for a future; raises `ClientDisconnected` as soon as the peer is gone."""


class Gate:
    """Holds replies of the stubs named `stub` at `place`, until it is open."""

    def __init__(self, number: int, stub: str, place: Place) -> None:
        self.number = number
        self.stub = stub
        self.place = place
        self.open = False
        self._held: dict[int, asyncio.Future[None]] = {}

    @property
    def held(self) -> tuple[int, ...]:
        """Journal numbers of the exchanges that wait here, in order of arrival."""
        return tuple(self._held)

    async def hold(self, exchange: int, waiting: Waiting) -> None:
        """Let an exchange wait until it is released; raises what `waiting` raises."""
        released: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._held[exchange] = released
        try:
            await waiting.rest_until(released)
        finally:
            del self._held[exchange]

    def release(self, exchange: int) -> bool:
        """Let one exchange go on; whether it waited here."""
        released = self._held.get(exchange)
        if released is None:
            return False
        if not released.done():
            released.set_result(None)
        return True

    def release_all(self) -> tuple[int, ...]:
        """Let every exchange go on, those to come too; gives the numbers of those that waited."""
        self.open = True
        held = self.held
        for exchange in held:
            self.release(exchange)
        return held


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A gate in the way of one reply: it stands before that position among the frames."""

    gate: Gate
    position: Position


class Gates:
    """The gates of one sandbox; false while there are none."""

    def __init__(self) -> None:
        self._gates: dict[int, Gate] = {}
        self._numbers = count(1)

    def __len__(self) -> int:
        return len(self._gates)

    def __iter__(self) -> Iterator[Gate]:
        return iter(tuple(self._gates.values()))

    def get(self, number: int) -> Gate | None:
        return self._gates.get(number)

    def add(self, stub: str, place: Place) -> Gate:
        """Set up a closed gate."""
        gate = Gate(next(self._numbers), stub, place)
        self._gates[gate.number] = gate
        return gate

    def remove(self, number: int) -> tuple[int, ...] | None:
        """Open a gate for good and forget it; the exchanges that waited, None for no such gate."""
        gate = self._gates.pop(number, None)
        return None if gate is None else gate.release_all()

    def clear(self) -> tuple[int, ...]:
        """Open and forget all of them; the exchanges that waited."""
        released = [gate.release_all() for gate in self]
        self._gates.clear()
        return tuple(exchange for exchanges in released for exchange in exchanges)

    def holds(
        self, stub: str, script: Script, scene: FaultContext
    ) -> tuple[tuple[Hold, ...], tuple[Finding, ...]]:
        """What stands in the way of a reply of that stub, in its order, and a finding for each
        gate whose place this reply does not have."""
        from mockserver.faults.position import find  # noqa: PLC0415  # not before the first answer

        holds: list[Hold] = []
        findings: list[Finding] = []
        for gate in self:
            if gate.open or gate.stub != stub:
                continue
            try:
                holds.append(Hold(gate=gate, position=find(gate.place, script.frames, scene)))
            except PlaceNotFoundError as error:
                findings.append(Finding(rule=PLACE_RULE, path=str(gate.place), message=str(error)))
        holds.sort(key=lambda hold: (hold.position.index, hold.position.offset))
        return tuple(holds), tuple(findings)


def stretches(script: Script, holds: Sequence[Hold]) -> Iterator[tuple[Hold | None, Script]]:
    """The parts of a script between its holds, each a whole script; a part follows its hold."""
    from mockserver.faults.position import split  # noqa: PLC0415  # not before the first answer

    rest: tuple[Frame, ...] = script.frames
    found: list[tuple[Hold | None, Script]] = []
    for hold in reversed(holds):
        rest, behind = split(rest, hold.position)
        found.append((hold, Script(frames=behind)))
        rest = (*rest, EndOfReply())
    found.append((None, Script(frames=rest)))
    return reversed(found)
