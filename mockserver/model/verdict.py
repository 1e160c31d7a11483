"""What the journal and the stubs' counts say about a test: complaints, none when all is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mockserver.model.findings import Finding, Severity
from mockserver.model.journal import Journal, Record
from mockserver.model.stub import Scenario, Stub, Times
from mockserver.model.stub_set import Miss, NearMiss, StubSet


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedRequest:
    """A request that no stub answered."""

    entry: Record
    near: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractViolation:
    """A request that broke the contract."""

    entry: Record
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCountMismatch:
    """A stub called too rarely; `got` is below `wanted.least`."""

    scenario: Scenario
    stub: Stub
    expected: Times
    got: int


VerdictProblem: TypeAlias = UnmatchedRequest | ContractViolation | CallCountMismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`dropped` counts journal entries that the bounds pushed out before they were judged."""

    complaints: tuple[VerdictProblem, ...] = ()
    dropped: int = 0

    def __bool__(self) -> bool:
        """Whether all is good."""
        return not self.complaints

    @property
    def unmatched(self) -> tuple[UnmatchedRequest, ...]:
        return tuple(one for one in self.complaints if isinstance(one, UnmatchedRequest))

    @property
    def breaches(self) -> tuple[ContractViolation, ...]:
        return tuple(one for one in self.complaints if isinstance(one, ContractViolation))

    @property
    def miscounted(self) -> tuple[CallCountMismatch, ...]:
        return tuple(one for one in self.complaints if isinstance(one, CallCountMismatch))


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedFailures:
    """What a test allows: unmatched requests, contract findings, missing calls."""

    unmatched: bool = False
    findings: bool = False
    counts: bool = False


_NOTHING_ALLOWED = AllowedFailures()


def evaluate(
    board: StubSet, journal: Journal, allowed: AllowedFailures = _NOTHING_ALLOWED
) -> Verdict:
    """Judge a sandbox as it stands; notices never count."""
    complaints: list[VerdictProblem] = []
    for entry in journal:
        if isinstance(entry.choice, Miss) and not allowed.unmatched:
            complaints.append(UnmatchedRequest(entry=entry, near=entry.choice.near))
        if not allowed.findings:
            complaints.extend(
                ContractViolation(entry=entry, finding=finding)
                for finding in entry.findings
                if finding.severity is Severity.ERROR
            )
    if not allowed.counts:
        complaints.extend(
            CallCountMismatch(
                scenario=mounted.scenario, stub=mounted.stub, expected=times, got=mounted.calls
            )
            for mounted in board.mounted
            if (times := mounted.stub.times) is not None and mounted.calls < times.least
        )
    return Verdict(complaints=tuple(complaints), dropped=journal.dropped)


__all__ = [
    "AllowedFailures",
    "CallCountMismatch",
    "ContractViolation",
    "UnmatchedRequest",
    "Verdict",
    "VerdictProblem",
    "evaluate",
]
