"""Gates: places at which the replies of a stub wait until a test lets them go on.

A gate belongs to a sandbox and is used on the server's loop only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mockserver.model.fault import FaultContext, PlaceNotFoundError
from mockserver.model.findings import Finding
from mockserver.model.frames import Beat, Frame, Script
from mockserver.pipeline import Act, coalesce

if TYPE_CHECKING:
    from mockserver.faults.place import Place
    from mockserver.faults.position import Position
    from mockserver.pipeline.keepalive import Held, Planned

PLACE_RULE = "gate.place"


class Gate:
    """Holds replies of the stubs named `stub` at `place`, until it is open."""

    def __init__(self, number: int, stub: str, place: Place) -> None:
        self.number = number
        self.stub = stub
        self.place = place
        self.open = False
        self._held: dict[int, Callable[[], object]] = {}

    @property
    def held(self) -> tuple[int, ...]:
        """Journal numbers of the exchanges that wait here, in order of arrival."""
        return tuple(self._held)

    def hold(self, exchange: int, resume: Callable[[], object]) -> None:
        """Let an exchange wait; `resume` is called when it is released."""
        self._held[exchange] = resume

    def leave(self, exchange: int) -> None:
        """Forget an exchange that waits no more, as its client disconnected."""
        self._held.pop(exchange, None)

    def release(self, exchange: int) -> bool:
        """Let one exchange go on; whether it waited here."""
        resume = self._held.pop(exchange, None)
        if resume is None:
            return False
        resume()
        return True

    def release_all(self) -> tuple[int, ...]:
        """Let every exchange go on, also those to come; gives the numbers of those that waited."""
        self.open = True
        held = self.held
        for exchange in held:
            self.release(exchange)
        return held


class GatePoint(NamedTuple):
    """An act: wait at the gate, before the frame at that position. `beat` is sent meanwhile; `acts_after` gives
    all acts of the reply after so many of them, the same as before up to this one."""

    gate: Gate
    position: Position
    beat: Beat | None = None
    acts_after: Callable[[int], Sequence[GatedAct]] = lambda _: ()


class Making(NamedTuple):
    """An act: wait until the acts of the reply are made, and go on with them. `left` is called where the reply ends
    before they are."""

    make: Callable[[], Awaitable[Sequence[GatedAct]]]
    left: Callable[[], None] | None = None


GatedAct: TypeAlias = Act | GatePoint | Making


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
        """Add a closed gate."""
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

    def before_head(self, stub: str) -> tuple[GatePoint, ...]:
        """The closed gates before any byte of a reply of that stub, in order of creation."""
        from mockserver.faults.place import At, NamedPlace  # noqa: PLC0415  # not before the first answer
        from mockserver.faults.position import Position  # noqa: PLC0415  # not before the first answer

        closed = (gate for gate in self if not gate.open and gate.stub == stub)
        return tuple(GatePoint(gate, Position(index=0)) for gate in closed if gate.place == At(name=NamedPlace.HEAD))

    def points(
        self, stub: str, script: Script, context: FaultContext, passed: Sequence[GatePoint] = ()
    ) -> tuple[tuple[GatePoint, ...], tuple[Finding, ...]]:
        """The gates in the way of a reply of that stub, in its order, but for those `passed`, at each place
        that a pattern matches; and a finding for each gate whose place this reply does not have."""
        from mockserver.faults.position import find_all  # noqa: PLC0415  # not before the first answer

        points: list[GatePoint] = []
        findings: list[Finding] = []
        behind = {point.gate for point in passed}
        for gate in self:
            if gate.open or gate.stub != stub or gate in behind:
                continue
            try:
                positions = find_all(gate.place, script.frames, context)
            except PlaceNotFoundError as error:
                findings.append(Finding(rule=PLACE_RULE, path=str(gate.place), message=str(error)))
            else:
                points += (GatePoint(gate=gate, position=position) for position in positions)
        points.sort(key=lambda point: (point.position.index, point.position.offset))
        return tuple(points), tuple(findings)


def segments(
    script: Script, points: Sequence[GatePoint], planned: Planned | None = None, held: Held = ()
) -> tuple[GatedAct, ...]:
    """The acts of a script with each gate point before what it holds back. A script with `planned` keepalives has them
    at gates too; `held` are those that were sent there."""
    from mockserver.faults.position import split  # noqa: PLC0415  # not before the first answer

    rest: tuple[Frame, ...] = script.frames if not held or planned is None else planned.numbered(held)
    acts: tuple[GatedAct, ...] = ()
    for point in reversed(points):
        rest, behind = split(rest, point.position)
        acts = (_kept_alive(point, script, points, planned, held), *coalesce(behind), *acts)
    return (*coalesce(rest), *acts)


def _kept_alive(
    point: GatePoint, script: Script, points: Sequence[GatePoint], planned: Planned | None, held: Held
) -> GatePoint:
    index, offset = point.position.index, point.position.offset
    if planned is None or offset:
        return point
    earlier = tuple(one for one in held if one[0] <= index)
    return point._replace(
        beat=planned.beat_at(index, earlier),
        acts_after=lambda beats: segments(script, points, planned, (*held, (index, beats))),
    )
