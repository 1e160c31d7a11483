from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.conftest import Golden
from tests.kit import (
    ExchangeKind,
    JSONObject,
    Record,
    entry_document,
    evaluate,
    scenario_document,
    shadowed_stubs,
    verdict_document,
)
from tests.report.weather import BREACH, WEATHER, World, chat, request_of


def pretty(document: JSONObject) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def test_a_matched_exchange_has_every_field(golden: Golden) -> None:
    entry = World(WEATHER).ask(chat("weather in Zürich?", stream=True))
    golden("report/entry_match.json", pretty(entry_document(entry)))


def test_shadowed_stubs_are_listed() -> None:
    world = World(WEATHER, replace(WEATHER, name="again"))
    entry = world.ask(chat("weather in Zürich?"))
    others = shadowed_stubs([entry], {1})[1]
    document = entry_document(entry, others=others)
    assert document["passed_over"] == [
        {
            "scenario": "again", "stub": "asks for the weather", "file": "weather.yaml", "line": 8, "why": "order",
            "priority": 0, "used": 0, "capacity": 2,
        }
    ]  # fmt: skip
    assert str(document["report"]).endswith(
        '\n    also     weather.yaml:8 "asks for the weather" — matches, but a stub before it won'
    )


def test_an_unmatched_exchange_has_its_near_misses(golden: Golden) -> None:
    entry = World(WEATHER).ask(chat("bye bye"), BREACH, how=None)
    golden("report/entry_miss.json", pretty(entry_document(entry)))


def test_a_verification_result_is_text_and_data(golden: Golden) -> None:
    world = World(WEATHER)
    world.ask(chat("no match"), BREACH)
    verdict = evaluate(world.stubs, world.journal)
    golden("report/verdict.json", pretty(verdict_document(verdict, sandbox="weather")))


def test_a_scenario_has_its_counts(golden: Golden) -> None:
    calls = [(stub, count) for count, stub in enumerate(WEATHER.stubs)]
    golden("report/scenario.json", pretty(scenario_document(WEATHER, calls)))


def entry_of(body: bytes) -> Record:
    return Record(number=1, kind=ExchangeKind.CALL, at_s=0.0, request=request_of(body))


@pytest.mark.parametrize(
    ("body", "text", "encoding", "parsed"),
    [
        (b"", "", "utf-8", None), (b"{", "{", "utf-8", None), (b'{"a": 1}', '{"a": 1}', "utf-8", {"a": 1}),
        ("ü".encode(), "ü", "utf-8", None), (b"\xff\x00", "/wA=", "base64", None),
    ],
)  # fmt: skip
def test_a_body_is_text_or_base64_and_parsed_where_it_can_be(
    body: bytes, text: str, encoding: str, parsed: object
) -> None:
    document = entry_document(entry_of(body))
    request = document["request"]
    assert isinstance(request, dict)
    assert (request["body"], request["encoding"]) == (text, encoding)
    assert document["json"] == parsed


def test_credentials_are_readable_only_when_asked_for() -> None:
    masked = pretty(entry_document(entry_of(b"")))
    assert "sk-secret-abcd" not in masked
    assert "sk-1" not in masked
    revealed = pretty(entry_document(entry_of(b""), reveal=True))
    assert "Bearer sk-secret-abcd" in revealed
    assert "api_key=sk-1" in revealed
