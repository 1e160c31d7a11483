"""Requests that are derived from the conditions of stubs, and why some are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.kit import (
    AllOf,
    Call,
    Contains,
    Dialects,
    Endpoint,
    Equals,
    Matches,
    Not,
    Sample,
    Unasked,
    example,
    load_value,
    samples,
)
from tests.kit import MatchersOneOf as OneOf
from tests.recording.replay import asked

Wanted = dict[str, Any]
HELLO = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello, what can I do?"}]
ASKED = {"role": "user", "content": "What should I say?"}


def derived(when: object, on: str = "chat", recorded: tuple[Call, ...] = (), **stub: object) -> list[Any]:
    scenario = load_value({"stubs": [{"on": on, "when": when, "reply": "x"} | stub]}, "s", Dialects())
    return list(samples(scenario, scenario.stubs[0], recorded, None))


def request_of(when: Wanted, on: str = "chat") -> Call:
    [found] = derived({"stream": False} | when, on)
    assert isinstance(found, Sample), found
    return found.call


def test_an_endpoint_is_asked_in_each_mode_that_the_stub_answers() -> None:
    assert [(one.call.stream, one.path, one.shape) for one in derived({"user": "a"})] == [
        (False, "/v1/chat/completions", "chat"),
        (True, "/v1/chat/completions", "chat"),
    ]
    assert [one.call.stream for one in derived({"stream": True})] == [True]
    assert [(one.path, one.shape) for one in derived({"user": "a", "stream": False}, "compact")] == [
        ("/v1/responses/compact", "compaction")
    ]


def conversation(*messages: object) -> Wanted:
    return {"messages": list(messages)}


def offered(name: str) -> Wanted:
    return {
        "tools": [{"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}]
    }


def results(name: str, ident: str, text: str) -> Wanted:
    called = {"id": ident, "type": "function", "function": {"name": name, "arguments": "{}"}}
    return offered(name) | conversation(
        ASKED,
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": ident, "content": text},
    )


CHAT: list[tuple[Wanted, Wanted]] = [
    ({}, {}),
    ({"user": True}, conversation({"role": "user", "content": "sample"})),
    ({"user": False}, conversation()),
    ({"any_text": "z"}, conversation({"role": "user", "content": "z"})),
    ({"last": {"text": "z"}}, conversation({"role": "user", "content": "z"})),
    (
        {"system": "be kind", "model": "m"},
        conversation({"role": "system", "content": "be kind"}, ASKED) | {"model": "m"},
    ),
    ({"turn": 2}, conversation(*HELLO, *HELLO, ASKED)),
    ({"tool_result": True}, results("lookup", "call_sample00000000000000000", "done")),
    (
        {"tool_result": {"of": "f", "call_id": "call_1", "text": {"contains": "18"}}, "turn": 1},
        results("f", "call_1", "18"),
    ),
    ({"tool_result": False}, {}),
    ({"tool_choice": "required"}, offered("sample") | {"tool_choice": "required"}),
    ({"tool_choice": "f"}, offered("f") | {"tool_choice": {"type": "function", "function": {"name": "f"}}}),
    ({"tool": "g", "tool_choice": "auto"}, offered("g") | {"tool_choice": "auto"}),
    ({"tool": False, "tool_choice": "none"}, {"tool_choice": "none"}),
    ({"service_tier": "flex"}, {"service_tier": "flex"}),
    ({"any_of": [{"user": "a"}, {"user": "b"}]}, conversation({"role": "user", "content": "a"})),
    ({"none_of": [{"user": "a"}]}, {}),
    ({"body": {"stop": ["x"], "metadata": {"a": {"matches": "^b"}}}}, {"stop": ["x"], "metadata": {"a": "b"}}),
    (
        {"body": {"t": {"includes": "y"}, "u": {"includes": [1, 2]}, "v": {"equals": "z"}, "w": {"contains": "k"}}},
        {"t": ["y"], "u": [1, 2], "v": "z", "w": "k"},
    ),
    ({"body": {"n": {"not": "q"}, "o": {"one_of": ["x", "y"]}}}, {"n": "sample", "o": "x"}),
    (
        {"all_of": [{"body": {"metadata": {"a": "1"}}}, {"body": {"metadata": {"b": "2"}}}]},
        {"metadata": {"a": "1", "b": "2"}},
    ),
]


@pytest.mark.parametrize(("when", "members"), CHAT)
def test_a_chat_request_is_derived_from_conditions(when: Wanted, members: Wanted) -> None:
    assert request_of(when).body == {"model": "gpt-5.4", "messages": [ASKED]} | members


RESPONSES: list[tuple[Wanted, Wanted]] = [
    ({"previous_response": "resp_1"}, {"previous_response_id": "resp_1"}),
    ({"compaction_trigger": True}, {"input": [ASKED, {"type": "compaction_trigger"}]}),
    (
        {"tool_choice": "f"},
        {
            "tool_choice": {"type": "function", "name": "f"},
            "tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}],
        },
    ),
    (
        {"tool_result": {"of": "f"}, "tool": False},
        {
            "input": [
                ASKED,
                {"type": "function_call", "call_id": "call_sample00000000000000000", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "call_sample00000000000000000", "output": "done"},
            ]
        },
    ),
]


@pytest.mark.parametrize(("when", "members"), RESPONSES)
def test_a_request_for_a_response_is_derived_from_conditions(when: Wanted, members: Wanted) -> None:
    assert request_of(when, "responses").body == {"model": "gpt-5.4", "input": [ASKED]} | members


def test_no_model_headers_and_query_are_derived() -> None:
    assert request_of({"model": False}).body == {"messages": [ASKED]}
    call = request_of({"header": {"x-a": True, "x-b": "1", "x-c": False}, "query": {"q": {"contains": "v"}}})
    assert (call.headers, call.query) == ((("x-a", "sample"), ("x-b", "1")), (("q", "v"),))


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({"turn": 100000}, "no request is derived from turn: expected 100000, got 100"),
        ({"last": {"role": "assistant"}}, 'no request is derived from last.role: expected "assistant", got "user"'),
        ({"body": {"stream": True}}, "no request is derived from stream: expected false, got true"),
        (
            {"user": {"matches": "(?=a)b"}},
            'no request is derived from user: expected a text that matches "(?=a)b", got "sample"',
        ),
        ({"body": {"contains": "x"}}, 'no request is derived from body.contains: expected "x", got none'),
    ],
)
def test_conditions_that_no_request_is_derived_from_are_named(when: Wanted, reason: str) -> None:
    [found] = derived({"stream": False} | when)
    assert found.reason.startswith(reason)


def test_parameters_of_the_path_are_filled_in() -> None:
    value = {
        "dialect": "azure",
        "stubs": [{"on": "chat", "when": {"path": {"model": {"contains": "x"}}}, "reply": "x"}],
    }
    scenario = load_value(value, "s", Dialects())
    found = [one for one in samples(scenario, scenario.stubs[0], (), None) if isinstance(one, Sample)]
    assert [one.path for one in found] == ["/openai/deployments/x/chat/completions"] * 2


def test_a_request_that_another_stub_answers_is_named() -> None:
    stubs = [{"name": "all", "reply": "x"}, {"name": "hidden", "on": "chat", "when": {"user": "a"}, "reply": "x"}]
    scenario = load_value({"stubs": stubs}, "s", Dialects())
    hidden = scenario.stubs[1]
    assert [*samples(scenario, hidden, (), None)] == [Unasked(hidden, "its request is answered by 'all'")]


def test_recorded_requests_come_before_derived_ones() -> None:
    recorded = [Call(Endpoint.CHAT, json.loads(asked(text))) for text in ("other", "hi there", "hi again")]
    found = derived({"user": {"matches": "^hi"}}, recorded=tuple(recorded))
    assert [one.call.body["messages"] for one in found] == [
        recorded[1].body["messages"],
        [{"role": "user", "content": "hi"}],
    ]


@pytest.mark.parametrize(
    ("want", "text"),
    [
        (None, "sample"),
        (Equals("a"), "a"),
        (Contains("a"), "a"),
        (OneOf(("a", "b")), "a"),
        (Not(Equals("a")), "sample"),
        (AllOf((Contains("a"), Contains("ab"))), "ab"),
        (AllOf((Contains("a"), Contains("b"))), "a b"),
        (AllOf((Not(Equals("a")),)), "sample"),
        (Matches("^(one|two) [0-9]{3}$"), "one 000"),
        (Matches(r"(?i)\bhello\b"), "hello"),
        (Matches("(?:(?:a{1000}){1000}){1000}"), "sample"),
        (Matches("(" * 2000), "sample"),
    ],
)
def test_examples_of_matchers(want: Any, text: str) -> None:
    assert example(want) == text
