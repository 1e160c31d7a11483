"""Verification of a sandbox: the problems found in its journal and its stubs' counters; and the stubs
that matched a call but were not chosen, with the reason.

A match refers to all stubs in the order tried; their counters at that time are reconstructed from the
journal, backwards from now, only when a report needs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mockserver.model.findings import Finding, Severity
from mockserver.model.journal import Journal, Record
from mockserver.model.stub import Scenario, Stub, Times
from mockserver.model.stub_index import MountedStub
from mockserver.model.stub_set import Match, Miss, NearMiss, StubSet


class ShadowReason(StrEnum):
    """Why another matching stub was chosen."""

    PRIORITY = "priority"
    ORDER = "order"
    USED_UP = "used up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowedStub:
    """A stub that matched a call but was not chosen; `used` is its count at that time."""

    scenario: Scenario
    stub: Stub
    why: ShadowReason
    used: int


def shadowed_stubs(entries: Sequence[Record], numbers: Container[int]) -> Mapping[int, tuple[ShadowedStub, ...]]:
    """The shadowed stubs of the exchanges with these numbers; exchanges without are left out.

    `entries` are all entries of the journal from the first of these to the end.
    """
    found: dict[int, tuple[ShadowedStub, ...]] = {}
    since: Counter[int] = Counter()
    for entry in reversed(entries):
        choice = entry.choice
        if not isinstance(choice, Match):
            continue
        chosen = next((one for one in choice.among if one.stub is choice.stub), None)
        if chosen is None:
            continue
        since[id(chosen)] += 1
        if entry.number in numbers:
            others = tuple(_others(entry, choice, chosen, since))
            if others:
                found[entry.number] = others
    return found


def _others(entry: Record, match: Match, chosen: MountedStub, since: Mapping[int, int]) -> Iterator[ShadowedStub]:
    is_before = True
    call = entry.call
    if call is None:
        return
    for one in match.among:
        if one is chosen:
            is_before = False
            continue
        used = one.calls - since.get(id(one), 0)
        capacity = one.stub.capacity
        used_up = capacity is not None and used >= capacity
        # A stub tried before the chosen one was passed over because it was used up; one that comes
        # later and was used up as well did not lose by its place.
        if used_up is not is_before or not one.matches(call):
            continue
        why = ShadowReason.USED_UP
        if not is_before:
            same = one.stub.priority == chosen.stub.priority
            why = ShadowReason.ORDER if same else ShadowReason.PRIORITY
        yield ShadowedStub(scenario=one.scenario, stub=one.stub, why=why, used=used)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedRequest:
    """A request that no stub matched."""

    entry: Record
    near: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractViolation:
    """A request that violates the contract."""

    entry: Record
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCountMismatch:
    """A stub called too rarely; `got` is below `expected.least`."""

    scenario: Scenario
    stub: Stub
    expected: Times
    got: int


VerdictProblem: TypeAlias = UnmatchedRequest | ContractViolation | CallCountMismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`dropped` counts journal entries removed by the journal's limits before verification;
    `fallbacks` are the calls that fallback stubs answered, which are no problems."""

    problems: tuple[VerdictProblem, ...] = ()
    fallbacks: tuple[Record, ...] = ()
    dropped: int = 0

    def __bool__(self) -> bool:
        """Whether there are no problems."""
        return not self.problems

    @property
    def unmatched(self) -> tuple[UnmatchedRequest, ...]:
        return tuple(one for one in self.problems if isinstance(one, UnmatchedRequest))

    @property
    def violations(self) -> tuple[ContractViolation, ...]:
        return tuple(one for one in self.problems if isinstance(one, ContractViolation))

    @property
    def count_mismatches(self) -> tuple[CallCountMismatch, ...]:
        return tuple(one for one in self.problems if isinstance(one, CallCountMismatch))


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedFailures:
    """The kinds of problem that a test waives: unmatched requests, contract findings, counts."""

    unmatched: bool = False
    findings: bool = False
    counts: bool = False


_NOTHING_ALLOWED = AllowedFailures()


def evaluate(stubs: StubSet, journal: Journal, allowed: AllowedFailures = _NOTHING_ALLOWED) -> Verdict:
    """Verify a sandbox in its present state; notices are no problems."""
    problems: list[VerdictProblem] = []
    fallbacks: list[Record] = []
    for entry in journal:
        if isinstance(entry.choice, Miss) and not allowed.unmatched:
            problems.append(UnmatchedRequest(entry=entry, near=entry.choice.near))
        if isinstance(entry.choice, Match) and entry.choice.stub.fallback:
            fallbacks.append(entry)
        if not allowed.findings:
            problems.extend(
                ContractViolation(entry=entry, finding=finding)
                for finding in entry.findings
                if finding.severity is Severity.ERROR
            )
    if not allowed.counts:
        problems.extend(
            CallCountMismatch(scenario=mounted.scenario, stub=mounted.stub, expected=times, got=mounted.calls)
            for mounted in stubs.mounted
            if (times := mounted.stub.times) is not None and mounted.calls < times.least
        )
    return Verdict(problems=tuple(problems), fallbacks=tuple(fallbacks), dropped=journal.dropped)
