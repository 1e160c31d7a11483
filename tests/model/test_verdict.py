"""What the journal and the counts say about a test."""

from __future__ import annotations

import pytest

from mockserver.errors import Position
from tests.kit import (
    AllowedFailures,
    CallCountMismatch,
    ContractViolation,
    Dialect,
    Endpoint,
    ExchangeKind,
    Finding,
    Journal,
    Miss,
    Output,
    Record,
    Reply,
    Request,
    Scenario,
    Settings,
    Severity,
    Stub,
    StubSet,
    Times,
    UnmatchedRequest,
    Verdict,
    VerdictProblem,
    evaluate,
)

BAD = Finding(rule="request.role", path="messages[0].role", message="no role")
SLIGHT = Finding(rule="request.unknown", path="x", message="unknown", severity=Severity.NOTICE)
TWICE = Times(least=2, most=3)


def stub(name: str, times: Times | None) -> Stub:
    return Stub(
        name=name,
        on=(Endpoint.CHAT,),
        replies=(Reply(content=Output(choices=((),))),),
        times=times,
        origin=Position(file="test.yaml", line=1, column=1),
    )


SCENARIO = Scenario(
    name="test",
    stubs=(stub("expected", TWICE), stub("optional", None), stub("bounded", Times(most=1))),
    dialect=Dialect(name="test"),
)
MISS = Miss(near=())


def entry(number: int, choice: Miss | None = None, *findings: Finding) -> Record:
    request = Request(method="POST", target="/", path="/")
    return Record(number=number, kind=ExchangeKind.CALL, at_s=0.0, request=request, choice=choice, findings=findings)


ENTRIES = (entry(1, MISS, SLIGHT), entry(2, None, SLIGHT, BAD), entry(3))
UNMATCHED = UnmatchedRequest(entry=ENTRIES[0], near=())
BREACH = ContractViolation(entry=ENTRIES[1], finding=BAD)
MISCOUNTED = CallCountMismatch(scenario=SCENARIO, stub=SCENARIO.stubs[0], expected=TWICE, got=1)


def world() -> tuple[StubSet, Journal]:
    stubs, journal = StubSet((SCENARIO,)), Journal()
    stubs.mounted[0].calls = 1
    for one in ENTRIES:
        journal.add(one)
    return stubs, journal


CASES: dict[str, tuple[AllowedFailures, tuple[VerdictProblem, ...]]] = {
    "nothing allowed": (AllowedFailures(), (UNMATCHED, BREACH, MISCOUNTED)),
    "unmatched allowed": (AllowedFailures(unmatched=True), (BREACH, MISCOUNTED)),
    "findings allowed": (AllowedFailures(findings=True), (UNMATCHED, MISCOUNTED)),
    "counts allowed": (AllowedFailures(counts=True), (UNMATCHED, BREACH)),
    "all allowed": (AllowedFailures(unmatched=True, findings=True, counts=True), ()),
}


@pytest.mark.parametrize(("allowed", "problems"), CASES.values(), ids=CASES)
def test_problems_that_are_not_allowed_are_reported(
    allowed: AllowedFailures, problems: tuple[VerdictProblem, ...]
) -> None:
    verdict = evaluate(*world(), allowed)
    assert verdict == Verdict(problems=problems)
    assert bool(verdict) is (problems == ())


def test_problems_are_available_by_kind() -> None:
    verdict = evaluate(*world())
    assert verdict.unmatched == (UNMATCHED,)
    assert verdict.violations == (BREACH,)
    assert verdict.count_mismatches == (MISCOUNTED,)


def test_dropped_records_are_counted() -> None:
    journal = Journal(limit=1)
    for one in ENTRIES:
        journal.add(one)
    assert evaluate(StubSet(), journal) == Verdict(dropped=2)


def test_settings_are_strict_by_default() -> None:
    made = Settings()
    assert (made.contract, made.unmatched, made.strict, made.keys) == ("enforce", "fail", False, ())
