"""What the journal and the stubs' counts say about a test: complaints, none when all is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mockserver.core.board import Board, Miss, NearMiss
from mockserver.core.finding import Finding, Grade
from mockserver.core.journal import Entry, Journal
from mockserver.core.stub import Scenario, Stub, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A request that no stub answered."""

    entry: Entry
    near: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A request that broke the contract."""

    entry: Entry
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Miscounted:
    """A stub called too rarely; `got` is below `wanted.least`."""

    scenario: Scenario
    stub: Stub
    wanted: Times
    got: int


Complaint: TypeAlias = Unmatched | Breach | Miscounted


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`dropped` counts journal entries that the bounds pushed out before they were judged."""

    complaints: tuple[Complaint, ...] = ()
    dropped: int = 0

    def __bool__(self) -> bool:
        """Whether all is good."""
        return not self.complaints

    @property
    def unmatched(self) -> tuple[Unmatched, ...]:
        return tuple(one for one in self.complaints if isinstance(one, Unmatched))

    @property
    def breaches(self) -> tuple[Breach, ...]:
        return tuple(one for one in self.complaints if isinstance(one, Breach))

    @property
    def miscounted(self) -> tuple[Miscounted, ...]:
        return tuple(one for one in self.complaints if isinstance(one, Miscounted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leniency:
    """What a test allows: unmatched requests, contract findings, missing calls."""

    unmatched: bool = False
    findings: bool = False
    counts: bool = False


_NOTHING_ALLOWED = Leniency()


def judge(board: Board, journal: Journal, allowed: Leniency = _NOTHING_ALLOWED) -> Verdict:
    """Judge a sandbox as it stands; notices never count."""
    complaints: list[Complaint] = []
    for entry in journal:
        if isinstance(entry.choice, Miss) and not allowed.unmatched:
            complaints.append(Unmatched(entry=entry, near=entry.choice.near))
        if not allowed.findings:
            complaints.extend(
                Breach(entry=entry, finding=finding)
                for finding in entry.findings
                if finding.grade is Grade.ERROR
            )
    if not allowed.counts:
        complaints.extend(
            Miscounted(
                scenario=mounted.scenario, stub=mounted.stub, wanted=times, got=mounted.calls
            )
            for mounted in board.mounted
            if (times := mounted.stub.times) is not None and mounted.calls < times.least
        )
    return Verdict(complaints=tuple(complaints), dropped=journal.dropped)


__all__ = [
    "Breach",
    "Complaint",
    "Leniency",
    "Miscounted",
    "Unmatched",
    "Verdict",
    "judge",
]
