from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import Golden
from tests.kit import (
    AllowedFailures,
    ContractViolation,
    Endpoint,
    ExchangeKind,
    Journal,
    Miss,
    OutcomeKind,
    Record,
    Scenario,
    StubSet,
    UnmatchedRequest,
    Verdict,
    evaluate,
    miss_text,
    verdict_document,
    verdict_text,
)
from tests.report.weather import ASKS, BREACH, NOTICE, SAYS_GOODBYE, SCRIPT, TELLS, WEATHER, World, chat, request_of


def report(world: World, allowed: AllowedFailures | None = None) -> str:
    verdict = evaluate(world.stubs, world.journal, allowed or AllowedFailures())
    return verdict_text(verdict, sandbox="weather")


def test_an_unmatched_request_has_the_nearest_stubs_and_their_mismatches(golden: Golden) -> None:
    world = World(WEATHER)
    world.ask(chat("weather in Paris?"))
    world.ask(chat("weather in Oslo?"))
    world.ask(chat("what is the weather?", stream=True))
    golden("report/miss.txt", report(world))


FOREMOST = """\
1 unmatched request; 1 expected call is missing.

#2  POST /v1/chat/completions  stream   weather sandbox
    closest  weather.yaml:20 "tells the weather" — 1 of 1 conditions differs
      tool_result                expected a tool result of "get_weather"   got none
    also     weather.yaml:8 "asks for the weather" — matches, but exhausted (2/2 calls)

never called  weather.yaml:31 "says goodbye"   expected 1.., got 0"""


def test_a_stub_that_may_still_answer_comes_before_one_that_is_used_up() -> None:
    goodbye = replace(SAYS_GOODBYE, on=(Endpoint.RESPONSES,))
    world = World(replace(WEATHER, stubs=(ASKS, TELLS, goodbye)))
    entry = world.ask(chat("the weather in Paris?"))
    assert entry.call is not None
    world.stubs.claim(world.stubs.mounted[0], entry.call)
    world.ask(chat("and the weather in Oslo?", stream=True))
    assert report(world) == FOREMOST


def test_every_kind_of_problem_has_its_place(golden: Golden) -> None:
    world = World(WEATHER)
    world.ask(chat("the weather, please"), BREACH, NOTICE)
    world.ask(chat("and bad"), BREACH)
    world.ask(chat("compact?"), endpoint=Endpoint.COMPACT)
    golden("report/all_complaints.txt", report(world))


def test_several_problems_are_counted_in_the_plural(golden: Golden) -> None:
    world = World(WEATHER)
    world.ask(chat("one"), BREACH)
    world.ask(chat("two"), BREACH, BREACH)
    golden("report/plural.txt", report(world))


def test_long_values_are_truncated_in_the_middle(golden: Golden) -> None:
    world = World(WEATHER)
    world.ask(chat("x" * 500 + "\n" + "y" * 500))
    golden("report/long_values.txt", report(world, AllowedFailures(counts=True)))


def test_entries_that_were_dropped_are_mentioned(golden: Golden) -> None:
    world = World(WEATHER)
    for _ in range(7):
        world.ask(chat("weather"), how=OutcomeKind.CUT)
    golden("report/dropped.txt", report(world))


def test_the_text_of_one_miss_is_the_text_of_the_verdict() -> None:
    world = World(WEATHER)
    entry = world.ask(chat("no match"))
    assert isinstance(entry.choice, Miss)
    text = miss_text(entry.number, entry.request, entry.call, entry.choice.near, sandbox="weather")
    assert text == report(world, AllowedFailures(counts=True))


def test_no_ambient_header_is_shown() -> None:
    world = World(WEATHER)
    world.ask(chat("no match"))
    assert "noise" not in report(world)


def test_a_credential_that_differs_is_masked() -> None:
    world = World(WEATHER)
    world.ask(chat("bye"))
    text = report(world)
    assert "header.authorization" in text
    assert "sk-secret-abcd" not in text


def test_a_result_without_problems_is_ok() -> None:
    assert verdict_text(Verdict()) == "OK: no problems."


def test_fallbacks_that_replied_are_named_and_are_no_problem() -> None:
    rest = replace(ASKS, name="anything", when=(), times=None, fallback=True)
    world = World(replace(WEATHER, stubs=(ASKS, rest)))
    for text in ("weather", "a", "b"):
        world.ask(chat(text))
    verdict = evaluate(world.stubs, world.journal, AllowedFailures(counts=True))
    assert verdict_text(verdict) == (
        'OK: no problems.\n\n2 requests were answered by a fallback: weather.yaml:8 "anything" (#2, #3)'
    )
    assert verdict_document(verdict)["fallbacks"] == [
        {"number": number, "scenario": "weather", "stub": "anything", "file": "weather.yaml", "line": 8}
        for number in (2, 3)
    ]
    assert verdict_text(replace(verdict, fallbacks=verdict.fallbacks[:1] * 21)).endswith("#2, …)")


def test_one_dropped_record_is_counted_in_the_singular() -> None:
    assert verdict_text(Verdict(dropped=1)) == (
        "OK: no problems.\n\n1 older journal entry was dropped by the journal's limit and not verified."
    )


def test_a_sandbox_without_stubs_has_a_line_of_its_own() -> None:
    world = World(Scenario(name="empty", stubs=(), dialect=WEATHER.dialect))
    world.ask(chat("hello"))
    assert verdict_text(evaluate(world.stubs, world.journal)) == (
        "1 unmatched request.\n\n#1  POST /v1/chat/completions\n    no stubs are loaded"
    )


def test_a_path_without_an_endpoint_is_reported() -> None:
    text = miss_text(4, request_of(b"", "/v1/embeddings"), None, ())
    assert text == ("1 unmatched request.\n\n#4  POST /v1/embeddings\n    no endpoint has this path")


def test_problems_are_grouped_by_request_in_order() -> None:
    entries = [
        Record(number=n, kind=ExchangeKind.CALL, at_s=0.0, request=request_of(b""), source=SCRIPT) for n in (1, 2)
    ]
    verdict = Verdict(
        problems=(
            UnmatchedRequest(entry=entries[0], near=()),
            ContractViolation(entry=entries[1], finding=BREACH),
            ContractViolation(entry=entries[0], finding=BREACH),
        )
    )
    assert verdict_text(verdict) == (
        "1 unmatched request; 2 requests violate the contract.\n\n"
        "#1  POST /v1/chat/completions\n"
        "    no endpoint has this path\n"
        "    breaks   request.role   messages[0].role: 'usr' is no role\n\n"
        "#2  POST /v1/chat/completions\n"
        "    breaks   request.role   messages[0].role: 'usr' is no role"
    )


@pytest.mark.parametrize(
    "allowed",
    [
        pytest.param(AllowedFailures(unmatched=True, counts=True), id="unmatched and counts"),
        pytest.param(AllowedFailures(unmatched=True, counts=True, findings=True), id="all"),
    ],
)
def test_allowed_problems_are_not_reported(allowed: AllowedFailures) -> None:
    world = World(WEATHER)
    world.ask(chat("no match"))
    assert report(world, allowed) == "OK: no problems."


def test_a_stub_that_is_called_too_rarely_has_both_counts() -> None:
    world = World(WEATHER)
    world.ask(chat("weather"))
    lines = report(world).splitlines()
    assert lines == [
        "2 expected calls are missing.",
        "",
        'too few calls weather.yaml:8 "asks for the weather"   expected 2, got 1',
        'never called  weather.yaml:31 "says goodbye"   expected 1.., got 0',
    ]


def test_an_unused_sandbox_has_no_problems() -> None:
    assert evaluate(StubSet(), Journal()) == Verdict()


def test_of_many_unmatched_requests_the_first_are_listed() -> None:
    entry = Record(number=1, kind=ExchangeKind.CALL, at_s=0.0, request=request_of(b""))
    misses = [UnmatchedRequest(entry=replace(entry, number=n), near=()) for n in range(1, 31)]
    blocks = verdict_text(Verdict(problems=tuple(misses))).split("\n\n")
    assert blocks[0] == "30 unmatched requests."
    assert blocks[20].startswith("#20 ")
    assert blocks[21:] == ["… and 10 more requests."]


def test_a_stub_of_another_endpoint_has_that_mismatch_only(golden: Golden) -> None:
    world = World(replace(WEATHER, stubs=(ASKS,)))
    for _ in range(2):
        world.ask(chat("weather"))
    world.ask(chat("other"))
    world.ask(chat("weather"), endpoint=Endpoint.COMPACT)
    golden("report/elsewhere.txt", report(world, AllowedFailures(counts=True)))
