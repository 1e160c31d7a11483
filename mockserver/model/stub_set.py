"""The stubs of one sandbox with their counters: which one replies to a call.

Specification and state are apart: a `MountedStub` holds the counter, the stub stays a value.
Nothing here waits, so that choosing and counting are one step for concurrent requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.findings import Mismatch
from mockserver.model.reply import Reply
from mockserver.model.stub import Scenario, Stub
from mockserver.model.stub_index import MountedStub, StubIndex

_REPORTED = 3
# Near stubs whose texts are compared, and the characters of each text that are.
_COMPARED = 50
_TEXT = 100
_SIMILAR = 0.5


@dataclass(slots=True)  # not frozen: one is made for every exchange
class Match:
    """`nth` counts the stub's calls from 0; `groups` are named groups of regular expressions;
    `among` are all stubs in the order tried, with counters that go on counting."""

    scenario: Scenario
    stub: Stub
    reply: Reply
    nth: int
    groups: Mapping[str, str] = field(default_factory=dict)
    static: bool = field(default=False, compare=False)
    among: tuple[MountedStub, ...] = field(default=(), compare=False, repr=False)


class NearMiss(NamedTuple):
    """A stub that was not chosen: its mismatches, or none when it matches but is used up.

    `conditions` counts its conditions, the endpoint included; `used` and `capacity` are the state
    at that time.
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


class Miss(NamedTuple):
    """No stub matches; the nearest stubs, closest first."""

    near: tuple[NearMiss, ...]


_NOTHING = StubIndex((), ())


class StubSet:
    """State of one sandbox's stubs.

    One thread finds and counts. Others may load at the same time, one at a time: the index is
    replaced by a single assignment.
    """

    def __init__(self, scenarios: tuple[Scenario, ...] = ()) -> None:
        self._initial = scenarios
        self._scenarios: dict[str, Scenario] = {}
        self._stubs: dict[str, tuple[MountedStub, ...]] = {}
        self._uploaded: set[str] = set()
        self.index = _NOTHING
        if scenarios:
            self.load(*scenarios)

    def __contains__(self, scenario: str) -> bool:
        return scenario in self._scenarios

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        return tuple(self._scenarios.values())

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """The dialects of its scenarios, each once, in their order."""
        return self.index.dialects

    @property
    def mounted(self) -> tuple[MountedStub, ...]:
        """Every stub in the order of the files."""
        return tuple(mounted for stubs in self._stubs.values() for mounted in stubs)

    @property
    def initial(self) -> tuple[Scenario, ...]:
        """The scenarios to which a reset returns."""
        return self._initial

    def replace_initial(self, scenarios: tuple[Scenario, ...]) -> None:
        """Replace the initial scenarios and reset to them."""
        self._initial = scenarios
        self.reset()

    def load(self, *scenarios: Scenario) -> None:
        """Add scenarios. One of the same name is replaced in its place, with new counters."""
        for scenario in scenarios:
            # A name keeps its place in both mappings.
            self._scenarios[scenario.name] = scenario
            self._stubs[scenario.name] = tuple(MountedStub(scenario, stub) for stub in scenario.stubs)
        self._reorder()

    def upload(self, scenario: Scenario) -> None:
        """Load a scenario whose stubs are tried before those of the initial scenarios. The first
        upload removes the fallback stubs of the initial scenarios, until a reset."""
        if not self._uploaded:
            for name, stubs in (*self._stubs.items(),):
                self._stubs[name] = tuple(one for one in stubs if not one.stub.fallback)
                if stubs and not self._stubs[name]:
                    del self._scenarios[name], self._stubs[name]
        self._uploaded.add(scenario.name)
        self.load(scenario)

    def unload(self, name: str) -> bool:
        """Remove a scenario; whether there was one."""
        if self._scenarios.pop(name, None) is None:
            return False
        del self._stubs[name]
        self._reorder()
        return True

    def reset(self) -> None:
        """Return to the initial scenarios, with new counters."""
        self._scenarios = {}
        self._stubs = {}
        self._uploaded = set()
        self.load(*self._initial)

    def find(self, call: Call) -> MountedStub | None:
        """The stub for a call: the first that matches and is not used up; see `_rank`. Nothing is counted."""
        index = self.index
        endpoint, body = call.endpoint, call.body
        return index.find(call, tuple([one.shape(endpoint, body) for one in index.dialects]))

    def claim(self, mounted: MountedStub, call: Call) -> Match:
        """Count a call of a stub returned by `find`, and return its reply."""
        nth = mounted.calls
        mounted.calls += 1
        stub, path = mounted.stub, mounted.path
        if path is not None:
            call.parameters = path.parameters(call) or call.parameters
        groups: dict[str, str] = {}
        for condition in mounted.capturing:
            groups |= condition.captures(call)
        return Match(mounted.scenario, stub, stub.reply(nth), nth, groups, mounted.static, self.index.order)

    def miss(self, call: Call) -> Miss:
        """The nearest stubs to a call, closest first.

        A stub that is not used up and agrees in at least half of its conditions comes first; the
        others follow by the share of conditions that agree, and among equal ones by how similar
        expected and received texts are. Stubs of other endpoints are reported only where there are
        no others.
        """
        near = [
            NearMiss(
                scenario=mounted.scenario,
                stub=mounted.stub,
                mismatches=mounted.mismatches(call),
                conditions=len(mounted.stub.when) + 1,
                used=mounted.calls,
                capacity=mounted.stub.capacity,
            )
            for mounted in self.index.order
        ]
        ranked = sorted(near, key=_distance)
        ranked[:_COMPARED] = sorted(ranked[:_COMPARED], key=lambda one: (*_distance(one), -_similarity(one)))
        hint = next((one for one in ranked if _is_best_hint(one)), None)
        if hint is not None:
            ranked.remove(hint)
            ranked.insert(0, hint)
        here = [one for one in ranked if not _is_elsewhere(one)]
        return Miss(near=tuple((here or ranked)[:_REPORTED]))

    def _reorder(self) -> None:
        dialects = tuple(dict.fromkeys([one.dialect for one in self._scenarios.values()]))
        if dialects == self.index.dialects:
            # Head caches are keyed by the identity of the dialects.
            dialects = self.index.dialects
        self.index = StubIndex(tuple(sorted(self.mounted, key=self._rank)), dialects)

    def _rank(self, mounted: MountedStub) -> tuple[bool, int, bool]:
        """Fallback stubs last, then by priority, then what was uploaded first; the rest in the order written."""
        stub = mounted.stub
        return (stub.fallback, -stub.priority, mounted.scenario.name not in self._uploaded)


def _distance(near: NearMiss) -> tuple[bool, bool, float]:
    return (_is_elsewhere(near), _has_other_path(near), len(_differing(near)) / near.conditions)


def _similarity(near: NearMiss) -> float:
    """The greatest similarity of an expected text and the one received, to 1; 0 for unlike ones."""
    pairs = [(one.expected[:_TEXT], one.got[:_TEXT]) for one in near.mismatches]
    best = max((SequenceMatcher(None, *pair).ratio() for pair in pairs), default=0.0)
    return best if best >= _SIMILAR else 0.0


def _is_elsewhere(near: NearMiss) -> bool:
    return any(mismatch.path == "on" for mismatch in near.mismatches)


def _has_other_path(near: NearMiss) -> bool:
    return any(mismatch.path == "path" for mismatch in near.mismatches)


def _is_best_hint(near: NearMiss) -> bool:
    near_enough = 2 * len(_differing(near)) <= near.conditions
    return near_enough and not (near.used_up or _is_elsewhere(near) or _has_other_path(near))


def _differing(near: NearMiss) -> set[str]:
    return {condition_of(mismatch.path) for mismatch in near.mismatches}


def condition_of(path: str) -> str:
    """`body.messages[0].role` belongs to the condition `body`; each header is a condition."""
    place = path.partition(".")[0].partition("[")[0]
    return path if place in ("header", "query", "path") else place
