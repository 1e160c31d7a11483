"""The scenarios of one sandbox with their counters; it chooses who answers a call.

Specification and state are apart: a `Mounted` holds the counter, the stub stays a value. Nothing
here waits, so that choosing and counting are one step for callers in parallel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.core.call import Call
from mockserver.core.mismatch import Mismatch
from mockserver.core.reply import Reply
from mockserver.core.stub import Scenario, Stub

_REPORTED = 3


@dataclass(slots=True)
class Mounted:
    """A stub in its place on the board and how often it has answered."""

    scenario: Scenario
    stub: Stub
    calls: int = 0

    @property
    def used_up(self) -> bool:
        capacity = self.stub.capacity
        return capacity is not None and self.calls >= capacity

    def differs(self, call: Call) -> tuple[Mismatch, ...]:
        """What differs between the stub's conditions and the call, its endpoint first."""
        stub = self.stub
        if call.endpoint not in stub.on:
            wanted = " or ".join(stub.on)
            return (Mismatch(path="on", wanted=wanted, got=call.endpoint.value),)
        shape = self.scenario.dialect.shape(call.endpoint, call.body)
        if shape not in stub.shapes:
            wanted = " or ".join(f"{call.endpoint} answered as {one}" for one in stub.shapes)
            return (Mismatch(path="on", wanted=wanted, got=f"answered as {shape}"),)
        return tuple(mismatch for condition in stub.when for mismatch in condition.differs(call))

    def holds(self, call: Call) -> bool:
        return (
            call.endpoint in self.stub.on
            and self.scenario.dialect.shape(call.endpoint, call.body) in self.stub.shapes
            and not any(condition.differs(call) for condition in self.stub.when)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`nth` counts the stub's calls from 0; `groups` are named groups of regex conditions."""

    scenario: Scenario
    stub: Stub
    reply: Reply
    nth: int
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A stub that did not answer: its mismatches, or none when it agrees but is used up.

    `conditions` counts what was asked, the endpoint included; `used` and `capacity` tell the
    state at that time.
    """

    scenario: Scenario
    stub: Stub
    mismatches: tuple[Mismatch, ...]
    conditions: int
    used: int
    capacity: int | None

    @property
    def used_up(self) -> bool:
        return self.capacity is not None and self.used >= self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Nobody answers; the nearest stubs, closest first."""

    near: tuple[NearMiss, ...]


class Board:
    """State of one sandbox's stubs. Not thread-safe: one loop owns it."""

    def __init__(self, scenarios: tuple[Scenario, ...] = ()) -> None:
        self._initial = scenarios
        self._scenarios: dict[str, Scenario] = {}
        self._stubs: dict[str, tuple[Mounted, ...]] = {}
        self._order: tuple[Mounted, ...] = ()
        self.reset()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        return tuple(self._scenarios.values())

    @property
    def mounted(self) -> tuple[Mounted, ...]:
        """Every stub in the order written."""
        return tuple(mounted for stubs in self._stubs.values() for mounted in stubs)

    @property
    def initial(self) -> tuple[Scenario, ...]:
        """The scenarios of creation, to which a reset returns."""
        return self._initial

    def restart(self, scenarios: tuple[Scenario, ...]) -> None:
        """Take other scenarios as those of creation and reset to them."""
        self._initial = scenarios
        self.reset()

    def load(self, *scenarios: Scenario) -> None:
        """Add scenarios; one of an equal name is replaced in its place, counters and all."""
        for scenario in scenarios:
            # An equal name keeps its place in both mappings.
            self._scenarios[scenario.name] = scenario
            self._stubs[scenario.name] = tuple(Mounted(scenario, stub) for stub in scenario.stubs)
        self._reorder()

    def unload(self, name: str) -> bool:
        """Take a scenario away; whether there was one."""
        if self._scenarios.pop(name, None) is None:
            return False
        del self._stubs[name]
        self._reorder()
        return True

    def reset(self) -> None:
        """Return to the scenarios of creation, nothing called."""
        self._scenarios = {}
        self._stubs = {}
        self.load(*self._initial)

    def find(self, call: Call) -> Mounted | None:
        """Who would answer: by priority, then as written, the first that matches and is not
        used up. Nothing is counted."""
        for mounted in self._order:
            if not mounted.used_up and mounted.holds(call):
                return mounted
        return None

    def take(self, mounted: Mounted, call: Call) -> Match:
        """Count a call of a stub that `find` gave, and hand out its reply."""
        nth = mounted.calls
        mounted.calls += 1
        stub = mounted.stub
        groups = {
            name: text for condition in stub.when for name, text in condition.groups(call).items()
        }
        return Match(
            scenario=mounted.scenario,
            stub=stub,
            reply=stub.reply(nth),
            nth=nth,
            groups=groups,
        )

    def miss(self, call: Call) -> Miss:
        """The nearest stubs to a call: those used up first, then by how few conditions differ."""
        near = [
            NearMiss(
                scenario=mounted.scenario,
                stub=mounted.stub,
                mismatches=mounted.differs(call),
                conditions=len(mounted.stub.when) + 1,
                used=mounted.calls,
                capacity=mounted.stub.capacity,
            )
            for mounted in self._order
        ]
        ranked = sorted(near, key=_distance)
        return Miss(near=tuple(ranked[:_REPORTED]))

    def _reorder(self) -> None:
        self._order = tuple(sorted(self.mounted, key=lambda one: -one.stub.priority))


def _distance(near: NearMiss) -> tuple[bool, int, int]:
    wrong_endpoint = any(mismatch.path == "on" for mismatch in near.mismatches)
    differing = {mismatch.path.partition(".")[0].partition("[")[0] for mismatch in near.mismatches}
    return (wrong_endpoint, len(differing), len(near.mismatches))
