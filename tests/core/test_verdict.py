"""What the journal and the counts say about a test."""

from __future__ import annotations

import pytest

from mockserver.core.board import Board, Miss
from mockserver.core.dialect import Dialect
from mockserver.core.endpoint import Endpoint
from mockserver.core.finding import Finding, Grade
from mockserver.core.journal import Entry, Journal, Kind
from mockserver.core.reply import Output, Reply
from mockserver.core.request import Request
from mockserver.core.settings import Settings
from mockserver.core.stub import Scenario, Stub, Times
from mockserver.core.verdict import (
    Breach,
    Complaint,
    Leniency,
    Miscounted,
    Unmatched,
    Verdict,
    judge,
)
from mockserver.errors import Position

BAD = Finding(rule="request.role", path="messages[0].role", message="no role")
SLIGHT = Finding(rule="request.unknown", path="x", message="unknown", grade=Grade.NOTICE)
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


def entry(number: int, choice: Miss | None = None, *findings: Finding) -> Entry:
    request = Request(method="POST", target="/", path="/")
    return Entry(
        number=number, kind=Kind.CALL, at_s=0.0, request=request, choice=choice, findings=findings
    )


ENTRIES = (entry(1, MISS, SLIGHT), entry(2, None, SLIGHT, BAD), entry(3))
UNMATCHED = Unmatched(entry=ENTRIES[0], near=())
BREACH = Breach(entry=ENTRIES[1], finding=BAD)
MISCOUNTED = Miscounted(scenario=SCENARIO, stub=SCENARIO.stubs[0], wanted=TWICE, got=1)


def world() -> tuple[Board, Journal]:
    board, journal = Board((SCENARIO,)), Journal()
    board.mounted[0].calls = 1
    for one in ENTRIES:
        journal.add(one)
    return board, journal


CASES: dict[str, tuple[Leniency, tuple[Complaint, ...]]] = {
    "nothing allowed": (Leniency(), (UNMATCHED, BREACH, MISCOUNTED)),
    "unmatched allowed": (Leniency(unmatched=True), (BREACH, MISCOUNTED)),
    "findings allowed": (Leniency(findings=True), (UNMATCHED, MISCOUNTED)),
    "counts allowed": (Leniency(counts=True), (UNMATCHED, BREACH)),
    "all allowed": (Leniency(unmatched=True, findings=True, counts=True), ()),
}


@pytest.mark.parametrize(("allowed", "complaints"), CASES.values(), ids=CASES)
def test_what_is_complained_about(allowed: Leniency, complaints: tuple[Complaint, ...]) -> None:
    verdict = judge(*world(), allowed)
    assert verdict == Verdict(complaints=complaints)
    assert bool(verdict) is (complaints == ())


def test_complaints_by_kind() -> None:
    verdict = judge(*world())
    assert verdict.unmatched == (UNMATCHED,)
    assert verdict.breaches == (BREACH,)
    assert verdict.miscounted == (MISCOUNTED,)


def test_entries_that_were_pushed_out_are_told() -> None:
    journal = Journal(limit=1)
    for one in ENTRIES:
        journal.add(one)
    assert judge(Board(), journal) == Verdict(dropped=2)


def test_settings_are_strict_by_themselves() -> None:
    told = Settings()
    assert (told.contract, told.unmatched, told.strict, told.keys) == ("enforce", "fail", False, ())
