"""Every member that the official description has: accepted with its values and null, refused with others."""

from __future__ import annotations

import pytest

from tests.contract.request_facts import FACTS, Fact
from tests.kit import CHAT, COMPACT, JSON, RESPONSES, BodyCheck, JSONObject, RequestTable

TABLES = {"chat": CHAT, "responses": RESPONSES, "compact": COMPACT}
BODIES: dict[str, JSONObject] = {
    "chat": {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
    "responses": {"model": "m", "input": "hi"},
    "compact": {"model": "m"},
}
# What goes with a member, and what excludes it.
WITH: dict[tuple[str, str], JSONObject] = {
    ("chat", "top_logprobs"): {"logprobs": True},
    ("chat", "parallel_tool_calls"): {"tools": [{"type": "function", "function": {"name": "f"}}]},
    ("chat", "tool_choice"): {"tools": [{"type": "function", "function": {"name": "f"}}]},
    ("chat", "function_call"): {"functions": [{"name": "f"}]},
    ("chat", "stream_options"): {"stream": True},
    ("responses", "stream_options"): {"stream": True},
}
WRONG: dict[str, JSON] = {"s": "x", "i": 1, "d": 1.5, "b": True, "l": [], "o": {}, "0": None}
# Members that take any value, errors, which were strings once, and efforts, which may be numbers.
OPAQUE = {
    ("chat", "reasoning_effort"),
    ("item.tool_search_call", "arguments"),
    ("item.mcp_list_tools", "error"),
    ("item.mcp_call", "error"),
}


def placed(kind: str, members: JSONObject) -> tuple[RequestTable, JSONObject, str]:
    """A body with the object in its place, and the path of that place."""
    family, _, tag = kind.partition(".")
    if not tag:
        return TABLES[kind], {**BODIES[kind], **members}, ""
    value: JSONObject = {"type": tag, **members}
    body = dict(BODIES["chat" if family == "chat_part" else "responses"])
    match family:
        case "chat_part":
            body["messages"] = [{"role": "user", "content": [value]}]
            return CHAT, body, "messages[0].content[0]."
        case "part":
            body["input"] = [{"role": "user", "content": [value]}]
            return RESPONSES, body, "input[0].content[0]."
        case "item":
            body["input"] = [value, {"role": "assistant", "content": "x"}]
            return RESPONSES, body, "input[0]."
        case "tool":
            body["tools"] = [value]
            return RESPONSES, body, "tools[0]."
    body["tool_choice"] = value
    body["prompt"] = {"id": "pmpt_1"}  # may have the tools
    return RESPONSES, body, "tool_choice."


def found(kind: str, members: JSONObject) -> list[tuple[JSON, JSON, str]]:
    table, body, _ = placed(kind, members)
    return [(one.error.param, one.error.code, one.error.message) for one in BodyCheck(table, body).run()]


def required(kind: str) -> JSONObject:
    return {one.name: one.sample for one in FACTS[kind] if one.required}


def each(types: str = "") -> list[Fact]:
    return [one for facts in FACTS.values() for one in facts if not types or set(types) <= set(one.types)]


@pytest.mark.parametrize("kind", FACTS)
def test_an_object_with_all_its_members_is_accepted(kind: str) -> None:
    members = {one.name: one.sample for one in FACTS[kind]}
    if kind == "responses":
        del members["conversation"]  # excludes previous_response_id
    if kind == "chat":
        del members["max_tokens"]  # excludes max_completion_tokens
        del members["functions"], members["function_call"]
    assert found(kind, members) == []


@pytest.mark.parametrize("kind", FACTS)
def test_an_object_with_its_required_members_is_accepted(kind: str) -> None:
    assert found(kind, required(kind)) == []


@pytest.mark.parametrize("one", each("0"), ids=lambda one: f"{one.kind}.{one.name}")
def test_null_is_accepted(one: Fact) -> None:
    assert found(one.kind, {**required(one.kind), one.name: None}) == []


@pytest.mark.parametrize("one", [one for one in each("s") if one.values], ids=lambda one: f"{one.kind}.{one.name}")
def test_every_value_is_accepted_and_no_other(one: Fact) -> None:
    more = WITH.get((one.kind, one.name), {})
    for value in one.values:
        assert found(one.kind, {**required(one.kind), **more, one.name: value}) == []
    param, code, message = found(one.kind, {**required(one.kind), **more, one.name: "bogus"})[0]
    assert param == placed(one.kind, {})[2] + one.name
    assert code == "invalid_value"
    assert message.startswith("Invalid value: 'bogus'. Supported values are: ")


@pytest.mark.parametrize("one", each(), ids=lambda one: f"{one.kind}.{one.name}")
def test_a_value_of_another_type_is_refused(one: Fact) -> None:
    if (one.kind, one.name) in OPAQUE:
        return
    path = placed(one.kind, {})[2] + one.name
    for mark, value in WRONG.items():
        if mark in one.types or mark == "0" or (mark == "i" and "d" in one.types):
            continue
        refused = [(param, code) for param, code, _ in found(one.kind, {**required(one.kind), one.name: value})]
        assert (path, "invalid_type") in refused, mark


@pytest.mark.parametrize("one", [one for one in each() if one.required], ids=lambda one: f"{one.kind}.{one.name}")
def test_what_the_api_requires_is_missed_once(one: Fact) -> None:
    members = required(one.kind)
    del members[one.name]
    table, body, path = placed(one.kind, members)
    if not path:
        body.pop(one.name)
    codes = [(each.error.param, each.error.code) for each in BodyCheck(table, body).run()]
    # The description requires more of what replies hold than the API asks for in requests.
    assert codes in ([], [(path + one.name, "missing_required_parameter")], [(None, None)])
