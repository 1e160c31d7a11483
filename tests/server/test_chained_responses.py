"""Conversations that are continued by `previous_response_id`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver import MockServer
from tests.server.end_to_end import Answer, post, send

CALL = {"output": [{"call": "f", "arguments": {"a": 1}}]}


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer() as started:
        started.stub(on="responses", name="calls", when={"turn": 0, "user": "call"}, reply=CALL)
        started.stub(on="responses", name="first", when={"turn": 0}, reply="one")
        started.stub(on="responses", name="done", when={"turn": 1, "tool_result": {"of": "f"}}, reply="done")
        started.stub(on="responses", name="second", when={"turn": 1, "any_text": {"contains": "a"}}, reply="two")
        started.stub(on="responses", name="third", when={"turn": 2, "system": False}, reply="three")
        yield started


def create(server: MockServer, given: object, previous: str | None = None, **members: Any) -> Answer:
    body = {"model": "gpt-5.4", "input": given} | members
    return post(server.base_url, "/responses", body if previous is None else body | {"previous_response_id": previous})


def said(answer: Answer) -> Any:
    return answer.json["output"][0]["content"][0]["text"]


def refused(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.error["message"], answer.error["param"], answer.error["code"]


def test_conditions_see_the_whole_conversation(server: MockServer) -> None:
    first = create(server, "a", instructions="be brief").json
    second = create(server, "b", first["id"]).json
    third = create(server, "c", second["id"])
    assert said(third) == "three"
    assert third.json["previous_response_id"] == second["id"]
    counts = [one["usage"]["input_tokens"] for one in (second, third.json)]
    assert counts[0] < counts[1]
    items = send(server.base_url, "GET", f"/responses/{third.json['id']}/input_items").json["data"]
    assert [one["content"][0]["text"] for one in items] == ["c", "two", "b", "one", "a"]
    again = send(server.base_url, "GET", f"/responses/{third.json['id']}")
    assert again.json == third.json


def test_a_response_is_continued_more_than_once_also_when_it_is_deleted(server: MockServer) -> None:
    first = create(server, "a").json["id"]
    forks = [create(server, text, first) for text in ("b", "c")]
    assert [said(one) for one in forks] == ["two", "two"]
    send(server.base_url, "DELETE", f"/responses/{first}")
    assert said(create(server, "d", forks[0].json["id"])) == "three"
    code = "previous_response_not_found"
    expected = (400, f"Previous response with id '{first}' not found.", "previous_response_id", code)
    assert refused(create(server, "e", first)) == expected


def test_an_output_answers_the_call_of_the_response_before(server: MockServer) -> None:
    first = create(server, "call").json
    call_id = first["output"][0]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "18"}
    assert said(create(server, [output], first["id"])) == "done"
    message = f"No tool output found for function call {call_id}."
    assert refused(create(server, "and now?", first["id"])) == (400, message, "input", None)
    message = "No tool call found for function call output with call_id call_x."
    other = {**output, "call_id": "call_x"}
    assert refused(create(server, [output, other], first["id"])) == (400, message, "input", None)
    assert [*server.last.findings] == ["request.input.outputs_answer"]


@pytest.mark.parametrize(
    "when",
    [
        {"previous_response": "resp_mine"},
        {"previous_response": True},
        {"body": {"previous_response_id": "resp_mine"}},
        {"any_of": [{"previous_response": "resp_mine"}, {"user": "z"}]},
        {"none_of": [{"previous_response": "resp_other"}]},
        {"schema": {"required": ["previous_response_id"]}},
    ],
)
def test_a_stub_that_names_the_id_answers_one_that_is_not_stored(server: MockServer, when: dict[str, Any]) -> None:
    assert create(server, "b", "resp_mine").status == 400
    server.stub(on="responses", when=when, reply="mine", priority=9)
    assert said(create(server, "b", "resp_mine")) == "mine"


def test_without_a_contract_an_unknown_id_is_ignored() -> None:
    for settings in ({"contract": "off"}, {"state": "off"}, {"contract": "report"}):
        with MockServer(**settings) as server:  # type: ignore[arg-type]
            server.stub(on="responses", when={"turn": 0}, reply="hi")
            assert said(create(server, "b", "resp_mine")) == "hi"
            found = ["input.previous_response" in one for one in server.last.findings]
            assert found == ([True] if settings.get("contract") == "report" else [])


def test_what_is_not_stored_is_not_continued(server: MockServer) -> None:
    hidden = create(server, "a", store=False).json["id"]
    assert create(server, "b", hidden).status == 400
    child = create(server, "b", create(server, "a").json["id"], store=False)
    assert said(child) == "two"


def test_a_compaction_continues_too(server: MockServer) -> None:
    server.stub(on="compact", when={"turn": 1}, reply="smaller")
    first = create(server, "a").json["id"]
    body = {"model": "gpt-5.4", "input": [], "previous_response_id": first}
    assert post(server.base_url, "/responses/compact", body).status == 200
