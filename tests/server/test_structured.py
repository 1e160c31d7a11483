"""Replies given as data, held against the schema that the request asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.contract.judge import judge
from mockserver.model.findings import Finding
from mockserver.model.json import JSONObject
from mockserver.model.verdict import ContractViolation
from tests.server.sandboxed import CHAT, RESPONSES, Played, Told

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


def text_of(told: Told, path: str) -> str:
    """The text, whole or added up."""
    if not told.body.startswith((b"data:", b"event:")):
        return told.said
    if path == RESPONSES:
        return "".join(one["delta"] for one in told.events if one["type"].endswith("text.delta"))
    return "".join(
        choice["delta"].get("content") or "" for one in told.events if one != "[DONE]" for choice in one["choices"]
    )


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_data_goes_out_as_compact_json(path: str, stream: bool) -> None:
    told = Played(GOOD).ask(path, stream=stream, **FORMATS[path])
    assert told.status == 200
    assert text_of(told, path) == '{"city":"Oslo","low":-3.5}'
    assert told.entry.findings == ()
    assert judge(told.wire).findings == ()


@pytest.mark.parametrize(("path", "stream"), WAYS)
def test_data_unlike_the_schema_is_a_clear_500_and_a_finding(path: str, stream: bool) -> None:
    told = Played(BAD).ask(path, stream=stream, **FORMATS[path])
    said = "the data does not match the request's schema at low: 'cold' is not of type 'number'"
    message = f"s.yaml:2:5 'cold' cannot answer this request: {said}"
    assert told.status == 500
    assert told.json == {"error": {"message": message, "type": "mockserver_reply", "param": None, "code": None}}
    assert told.headers["x-should-retry"] == "false"
    assert told.entry.findings == (Finding(rule="reply.structured", path="low", message=said),)


def test_such_a_call_counts_and_fails_the_verdict() -> None:
    played = Played("stubs: [{replies: [{json: {}}, {json: {city: Oslo, low: 1}}], times: 2}]")
    statuses = [played.ask(**FORMATS[CHAT]).status for _ in range(2)]
    assert statuses == [500, 200]
    complaints = played.sandbox.verdict().problems
    assert [type(one) for one in complaints] == [ContractViolation, ContractViolation]
    assert [one.entry.number for one in complaints if isinstance(one, ContractViolation)] == [1, 1]


def test_every_place_is_a_finding() -> None:
    told = Played("stubs: [{reply: {json: {low: cold, more: 1}}}]").ask(**FORMATS[CHAT])
    assert [one.path for one in told.entry.findings] == ["", "", "low"]


def test_every_choice_is_held_against_the_schema() -> None:
    text = "stubs: [{reply: {choices: [[{json: {city: a, low: 1}}], [{json: {city: b}}]]}}]"
    assert Played(text).ask(n=2, **FORMATS[CHAT]).status == 500
    assert Played(text.replace("city: b", "city: b, low: 2")).ask(n=2, **FORMATS[CHAT]).status == 200


@pytest.mark.parametrize("members", [{}, {"response_format": {"type": "json_object"}}], ids=["no format", "any object"])
def test_without_a_schema_any_data_goes_out(members: Any) -> None:
    assert json.loads(Played(BAD).ask(**members).said) == {"city": "Oslo", "low": "cold"}


@pytest.mark.parametrize("reply", ["{output: [{text: 'no JSON'}]}", "{output: [{refusal: no}]}"])
def test_what_is_not_given_as_data_is_not_held_against_the_schema(reply: str) -> None:
    assert Played(f"stubs: [{{reply: {reply}}}]").ask(**FORMATS[CHAT]).status == 200


def test_data_may_stand_among_other_items_cut_as_asked() -> None:
    text = """
        stubs:
          - reply:
              output:
                - reasoning: {summary: hm}
                - json: [1, 2]
                  chunks: 2
                  phase: final_answer
        """
    told = Played(text).ask(RESPONSES, stream=True)
    deltas = [one["delta"] for one in told.events if one["type"] == "response.output_text.delta"]
    assert deltas == ["[1", ",2", "]"]
    assert told.events[-1]["response"]["output"][1]["phase"] == "final_answer"


def test_what_is_quoted_is_held_against_the_schema_as_well() -> None:
    played = Played("stubs: [{reply: {json: {city: '{{request.user}}', low: 1}}}]")
    short: Any = json.loads(json.dumps(FORMATS[CHAT]))
    short["response_format"]["json_schema"]["schema"]["properties"]["city"]["maxLength"] = 5
    assert json.loads(played.ask(user='"o"', **short).said) == {"city": '"o"', "low": 1}
    told = played.ask(user="Longyearbyen", **short)
    assert (told.status, [one.path for one in told.entry.findings]) == (500, ["city"])
