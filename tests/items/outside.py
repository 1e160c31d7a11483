"""An output item from outside the package: `test_outside` runs this file in a fresh process."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import tests.items.forecast  # noqa: F401  # registers the item, before anything loads the contract
from mockserver import MockServer, ScenarioError
from tests.server.end_to_end import CHAT, RESPONSES, asking, post

ITEM = {"forecast": "{{request.user}}", "text": "sun and rain"}


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


def sent(server: MockServer, path: str, **members: object) -> str:
    return post(server.url, path, asking("Oslo", path, **members)).body.decode()


def test_it_is_streamed_event_by_event(server: MockServer) -> None:
    server.load({"stubs": [{"reply": {"output": [ITEM]}}]})
    body = sent(server, RESPONSES, stream=True)
    data = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: ")]
    assert [event["type"].removeprefix("response.") for event in data] == [
        "created", "in_progress", "output_item.added", "forecast.in_progress", *["forecast_text.delta"] * 3,
        "forecast_text.done", "output_item.done", "completed",
    ]  # fmt: skip
    added, done = data[2]["item"], data[8]["item"]
    assert done | {"id": ""} == {
        "id": "", "type": "forecast", "status": "completed", "city": "Oslo", "text": "sun and rain",
    }  # fmt: skip
    assert added == done | {"status": "in_progress", "text": ""}
    assert data[9]["response"]["output"] == [done]
    assert data[9]["response"]["usage"]["output_tokens"] == 3


def test_it_has_a_chat_form(server: MockServer) -> None:
    server.load({"stubs": [{"reply": {"output": [ITEM]}}]})
    message = json.loads(sent(server, CHAT))["choices"][0]["message"]
    assert message["content"] == "Oslo: sun and rain"


def test_its_labels_are_places_of_faults(server: MockServer) -> None:
    faults = [{"omit": "forecast.delta[1]"}]
    server.load({"stubs": [{"on": "responses", "reply": {"output": [ITEM], "faults": faults}}]})
    body = sent(server, RESPONSES, stream=True)
    assert [piece in body for piece in ('"sun"', '" and"', '" rain"')] == [True, False, True]


def test_its_grammar_is_validated(server: MockServer) -> None:
    from mockserver import judge  # loads the contract, after the registration

    faults = [{"omit": "response.forecast_text.done[0]"}]
    server.load({"stubs": [{"on": "responses", "reply": {"output": [ITEM], "faults": faults}}]})
    found = judge(sent(server, RESPONSES, stream=True).encode())
    assert [finding.rule for finding in found.findings] == ["responses.sequence", "responses.forecast.order"]


def test_its_form_is_checked(server: MockServer) -> None:
    with pytest.raises(ScenarioError, match="unknown key 'txt'; did you mean 'text'"):
        server.load({"stubs": [{"reply": {"output": [{"forecast": "Oslo", "txt": "x"}]}}]})
