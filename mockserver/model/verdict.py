"""Verification of a sandbox: the problems found in its journal and its stubs' counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mockserver.model.findings import Finding, Severity
from mockserver.model.journal import Journal, Record
from mockserver.model.stub import Scenario, Stub, Times
from mockserver.model.stub_set import Miss, NearMiss, StubSet


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
    """`dropped` counts journal entries removed by the journal's limits before verification."""

    problems: tuple[VerdictProblem, ...] = ()
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
    for entry in journal:
        if isinstance(entry.choice, Miss) and not allowed.unmatched:
            problems.append(UnmatchedRequest(entry=entry, near=entry.choice.near))
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
    return Verdict(problems=tuple(problems), dropped=journal.dropped)


__all__ = [
    "AllowedFailures",
    "CallCountMismatch",
    "ContractViolation",
    "UnmatchedRequest",
    "Verdict",
    "VerdictProblem",
    "evaluate",
]
