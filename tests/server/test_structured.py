"""Replies given as data, validated against the schema of the request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.kit import ContractViolation, Finding, JSONObject
from tests.kit import judge_judge as judge
from tests.server.sandboxed import CHAT, RESPONSES, Answer, Played

SCHEMA: JSONObject = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "low": {"type": "number"}},
    "required": ["city", "low"],
    "additionalProperties": False,
}
FORMATS: dict[str, Any] = {
    CHAT: {
        "response_format": {"type": "json_schema", "json_schema": {"name": "weather", "strict": True, "schema": SCHEMA}}
    },
    RESPONSES: {"text": {"format": {"type": "json_schema", "name": "weather", "strict": True, "schema": SCHEMA}}},
}
GOOD = "stubs: [{reply: {json: {city: Oslo, low: -3.5}}}]"
BAD = "stubs:\n  - name: cold\n    reply: {json: {city: Oslo, low: cold}}"
WAYS = [(path, stream) for path in FORMATS for stream in (False, True)]


def text_of(result: Answer, path: str) -> str:
    """The text, whole or added up."""
    if not result.body.startswith((b"data:", b"event:")):
        return result.said
    if path == RESPONSES:
        return "".join(one["delta"] for one in result.events if one["type"].endswith("text.delta"))
    return "".join(
        choice["delta"].get("content") or "" for one in result.events if one != "[DONE]" for choice in one["choices"]
    )


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_data_goes_out_as_compact_json(path: str, stream: bool) -> None:
    found = Played(GOOD).ask(path, stream=stream, **FORMATS[path])
    assert found.status == 200
    assert text_of(found, path) == '{"city":"Oslo","low":-3.5}'
    assert found.entry.findings == ()
    assert judge(found.wire).findings == ()


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_data_that_violates_the_schema_is_a_500_and_a_finding(path: str, stream: bool) -> None:
    found = Played(BAD).ask(path, stream=stream, **FORMATS[path])
    said = "the data does not match the request's schema at low: 'cold' is not of type 'number'"
    message = f"s.yaml:2:5 'cold' cannot answer this request: {said}"
    assert found.status == 500
    assert found.json == {"error": {"message": message, "type": "mockserver_reply", "param": None, "code": None}}
    assert found.headers["x-should-retry"] == "false"
    assert found.entry.findings == (Finding(rule="reply.structured", path="low", message=said),)


def test_such_a_call_counts_and_fails_the_verdict() -> None:
    played = Played("stubs: [{replies: [{json: {}}, {json: {city: Oslo, low: 1}}], times: 2}]")
    statuses = [played.ask(**FORMATS[CHAT]).status for _ in range(2)]
    assert statuses == [500, 200]
    complaints = played.sandbox.verdict().problems
    assert [type(one) for one in complaints] == [ContractViolation, ContractViolation]
    assert [one.entry.number for one in complaints if isinstance(one, ContractViolation)] == [1, 1]


def test_every_place_is_a_finding() -> None:
    found = Played("stubs: [{reply: {json: {low: cold, more: 1}}}]").ask(**FORMATS[CHAT])
    assert [one.path for one in found.entry.findings] == ["", "", "low"]


def test_every_choice_is_validated_against_the_schema() -> None:
    text = "stubs: [{reply: {choices: [[{json: {city: a, low: 1}}], [{json: {city: b}}]]}}]"
    assert Played(text).ask(n=2, **FORMATS[CHAT]).status == 500
    assert Played(text.replace("city: b", "city: b, low: 2")).ask(n=2, **FORMATS[CHAT]).status == 200


@pytest.mark.parametrize("members", [{}, {"response_format": {"type": "json_object"}}], ids=["no format", "any object"])
def test_without_a_schema_any_data_goes_out(members: Any) -> None:
    assert json.loads(Played(BAD).ask(user="as json", **members).said) == {"city": "Oslo", "low": "cold"}


@pytest.mark.parametrize("reply", ["{output: [{text: 'no JSON'}]}", "{output: [{refusal: no}]}"])
def test_only_json_data_is_validated_against_the_schema(reply: str) -> None:
    assert Played(f"stubs: [{{reply: {reply}}}]").ask(**FORMATS[CHAT]).status == 200


def test_data_among_other_items_is_chunked_as_scripted() -> None:
    text = """
        stubs:
          - reply:
              output:
                - reasoning: {summary: hm}
                - json: [1, 2]
                  chunks: 2
                  phase: final_answer
        """
    found = Played(text).ask(RESPONSES, stream=True)
    deltas = [one["delta"] for one in found.events if one["type"] == "response.output_text.delta"]
    assert deltas == ["[1", ",2", "]"]
    assert found.events[-1]["response"]["output"][1]["phase"] == "final_answer"


def test_quoted_data_is_validated_against_the_schema() -> None:
    played = Played("stubs: [{reply: {json: {city: '{{request.user}}', low: 1}}}]")
    short: Any = json.loads(json.dumps(FORMATS[CHAT]))
    short["response_format"]["json_schema"]["schema"]["properties"]["city"]["maxLength"] = 5
    assert json.loads(played.ask(user='"o"', **short).said) == {"city": '"o"', "low": 1}
    found = played.ask(user="Longyearbyen", **short)
    assert (found.status, [one.path for one in found.entry.findings]) == (500, ["city"])
