"""Parameters of the other endpoint get the error_text that leads to the right one."""

from __future__ import annotations

import pytest

from tests.contract.request_bodies import CHAT, CODEX, COMPACT, RESPONSES
from tests.contract.shipped_requests import (
    APIFOX,
    HELLO,
    OPENAI,
    SMARTLINK,
    VISIONCODER,
    Reported,
    chat,
    compact,
    errors,
    notices,
    responses,
    validate,
)
from tests.kit import JSON, Endpoint, JSONObject, RequestContract, compile_contract, write


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("messages", HELLO, "input"),
        ("max_tokens", 5, "max_output_tokens"),
        ("max_completion_tokens", 5, "max_output_tokens"),
        ("response_format", {"type": "text"}, "text.format"),
        ("functions", [], "tools"),
        ("function_call", "auto", "tool_choice"),
        ("reasoning_effort", "low", "reasoning.effort"),
        ("verbosity", "low", "text.verbosity"),
    ],
)
def test_a_chat_parameter_sent_to_responses_has_moved(name: str, value: JSON, place: str) -> None:
    (found,) = validate(responses(**{name: value}), Endpoint.RESPONSES)
    assert found.finding.rule == "request.foreign"
    assert (found.error.status, found.error.code, found.error.param) == (400, "unsupported_parameter", name)
    assert found.error.message.startswith(
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to '{place}'."
    )


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("input", "messages"), ("instructions", "messages"), ("max_output_tokens", "max_completion_tokens"),
        ("text", "response_format"), ("reasoning", "reasoning_effort"),
    ],
)  # fmt: skip
def test_a_responses_parameter_sent_to_chat_names_the_one_to_use(name: str, place: str) -> None:
    (found,) = validate(chat(**{name: None}), Endpoint.CHAT)
    assert (found.error.code, found.error.param) == ("unsupported_parameter", name)
    assert found.error.message == (
        f"Unsupported parameter: '{name}' is not supported with the Chat Completions API. Use '{place}' instead."
    )


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        *((Endpoint.RESPONSES, name) for name in ("n", "stop", "logprobs", "seed", "logit_bias")),
        *((Endpoint.CHAT, name) for name in ("previous_response_id", "include", "truncation")),
    ],
)
def test_a_parameter_without_a_counterpart_is_unknown(endpoint: Endpoint, name: str) -> None:
    body = {Endpoint.RESPONSES: responses, Endpoint.CHAT: chat}[endpoint](**{name: 1})
    assert errors(body, endpoint) == [("request.foreign", name, "unknown_parameter", name)]
    assert validate(body, endpoint)[0].error.message == f"Unknown parameter: '{name}'."


def test_parameters_of_another_endpoint_are_reported_first() -> None:
    found = errors({"model": "m", "temperature": 9, "messages": HELLO}, Endpoint.RESPONSES)
    assert [reported[0] for reported in found] == ["request.foreign", "request.range", "request.missing"]


def test_a_foreign_parameter_is_not_noticed_a_second_time() -> None:
    assert notices(responses(messages=HELLO, zest=1), Endpoint.RESPONSES) == ["zest"]


def test_compact_takes_no_part() -> None:
    assert errors(compact(max_output_tokens=5), Endpoint.COMPACT) == []
    assert notices(compact(max_output_tokens=5, stream=True), Endpoint.COMPACT) == ["max_output_tokens", "stream"]


@pytest.mark.parametrize("schema", [{}, {"properties": {"input": {}}}, {"additionalProperties": True}])
def test_what_a_dialect_names_or_welcomes_is_not_foreign(schema: JSON) -> None:
    contract = compile_contract(forms={"chat": "own"}, files={"own": schema})
    assert contract.judge(Endpoint.CHAT, {"input": "x"}, strict=True) == ()


C, R, K = Endpoint.CHAT, Endpoint.RESPONSES, Endpoint.COMPACT

EXAMPLES: list[tuple[RequestContract, Endpoint, JSONObject]] = [
    (VISIONCODER, C, {"model": "gpt-5.4",
        "messages": [{"role": "user", "content": "Hello", "name": "<string>", "tool_call_id": "<string>"}],
        "temperature": 0.7, "top_p": 1, "n": 1, "max_tokens": 4096, "max_completion_tokens": 123, "stream": False,
        "stop": "<unknown>", "presence_penalty": 0, "frequency_penalty": 0, "seed": 123, "response_format": {},
        "tools": [{}], "tool_choice": "<unknown>", "user": "<string>"}),
    (VISIONCODER, R, {"model": "gpt-5.4", "input": "Introduce VisionCoder in one sentence", "instructions": "<string>",
        "reasoning": {"effort": "high"}, "max_output_tokens": 4096, "temperature": 1, "top_p": 123, "stream": False,
        "previous_response_id": "<string>", "store": True, "tools": [{}], "tool_choice": "<unknown>", "metadata": {}}),
    (VISIONCODER, K, {"model": "gpt-5.3-codex", "messages": [{"content": "<string>"}], "temperature": 123,
        "max_tokens": 123, "stream": False, "tools": [{}], "tool_choice": "<unknown>"}),
    (VISIONCODER, K, {"model": "gpt-5.3-codex", "messages": [{"role": "user", "content": "Refactor this function"}],
        "stream": True}),
    (SMARTLINK, R, {"model": "gpt-4.1", "instructions": "You are a concise assistant.",
        "input": "Explain what server-sent events are in one sentence."}),
    (APIFOX, R, {"model": "gpt-5.1",
        "input": [{"role": "user", "content": "Write a one-sentence bedtime story about a unicorn."}]}),
]  # fmt: skip


@pytest.mark.parametrize(("judge", "endpoint", "body"), EXAMPLES)
def test_the_example_of_a_page_passes(judge: RequestContract, endpoint: Endpoint, body: JSONObject) -> None:
    assert judge.judge(endpoint, body, strict=True) == ()


def typed(name: str) -> Reported:
    return ("request.type", name, "invalid_type", name)


def ranged(name: str, side: str) -> Reported:
    return ("request.range", name, f"decimal_{side}_value", name)


V_CHAT: JSONObject = {"model": "m", "messages": HELLO}
V_RESPONSES: JSONObject = {"model": "m", "input": "x"}
V_COMPACT: JSONObject = {"model": "m", "messages": HELLO}
S_RESPONSES: JSONObject = {"model": "m"}
A_RESPONSES: JSONObject = {}

FIELDS: list[tuple[RequestContract, Endpoint, JSONObject, str, JSON, JSON, Reported]] = [
    (VISIONCODER, C, V_CHAT, "model", "m", 1, typed("model")),
    (VISIONCODER, C, V_CHAT, "messages", [], [1], typed("messages[0]")),
    (VISIONCODER, C, V_CHAT, "temperature", 2, 2.1, ranged("temperature", "above_max")),
    (VISIONCODER, C, V_CHAT, "temperature", 0, -1, ranged("temperature", "below_min")),
    (VISIONCODER, C, V_CHAT, "top_p", 1, 1.1, ranged("top_p", "above_max")),
    (VISIONCODER, C, V_CHAT, "top_p", 0, -0.1, ranged("top_p", "below_min")),
    (VISIONCODER, C, V_CHAT, "n", 500, 1.5, typed("n")),
    (VISIONCODER, C, V_CHAT, "max_tokens", 0, "1", typed("max_tokens")),
    (VISIONCODER, C, V_CHAT, "max_completion_tokens", 1, "1", typed("max_completion_tokens")),
    (VISIONCODER, C, V_CHAT, "stream", True, 1, typed("stream")),
    (VISIONCODER, C, V_CHAT, "presence_penalty", -2, -3, ranged("presence_penalty", "below_min")),
    (VISIONCODER, C, V_CHAT, "presence_penalty", 2, 3, ranged("presence_penalty", "above_max")),
    (VISIONCODER, C, V_CHAT, "frequency_penalty", -2, -3, ranged("frequency_penalty", "below_min")),
    (VISIONCODER, C, V_CHAT, "frequency_penalty", 2, 3, ranged("frequency_penalty", "above_max")),
    (VISIONCODER, C, V_CHAT, "seed", 2**70, "1", typed("seed")),
    (VISIONCODER, C, V_CHAT, "response_format", {"type": "x"}, "json", typed("response_format")),
    (VISIONCODER, C, V_CHAT, "tools", [], ["f"], typed("tools[0]")),
    (VISIONCODER, C, V_CHAT, "user", "u", 1, typed("user")),
    (VISIONCODER, R, V_RESPONSES, "model", "m", 1, typed("model")),
    (VISIONCODER, R, V_RESPONSES, "input", [{}], 5, typed("input")),
    (VISIONCODER, R, V_RESPONSES, "instructions", "x", 1, typed("instructions")),
    (VISIONCODER, R, V_RESPONSES, "reasoning", {"effort": "any"}, "high", typed("reasoning")),
    (VISIONCODER, R, V_RESPONSES, "max_output_tokens", 1, "1", typed("max_output_tokens")),
    (VISIONCODER, R, V_RESPONSES, "temperature", 2, 3, ranged("temperature", "above_max")),
    (VISIONCODER, R, V_RESPONSES, "temperature", 0, -1, ranged("temperature", "below_min")),
    (VISIONCODER, R, V_RESPONSES, "top_p", 123, "1", typed("top_p")),
    (VISIONCODER, R, V_RESPONSES, "stream", True, "yes", typed("stream")),
    (VISIONCODER, R, V_RESPONSES, "previous_response_id", "r", 1, typed("previous_response_id")),
    (VISIONCODER, R, V_RESPONSES, "store", True, "yes", typed("store")),
    (VISIONCODER, R, V_RESPONSES, "disable_response_storage", True, 1, typed("disable_response_storage")),
    (VISIONCODER, R, V_RESPONSES, "tools", [{}], [1], typed("tools[0]")),
    (VISIONCODER, R, V_RESPONSES, "metadata", {"k": 1}, "k", typed("metadata")),
    (VISIONCODER, K, V_COMPACT, "model", "m", 1, typed("model")),
    (VISIONCODER, K, V_COMPACT, "messages", [{}], 1, typed("messages")),
    (VISIONCODER, K, V_COMPACT, "temperature", -5, "1", typed("temperature")),
    (VISIONCODER, K, V_COMPACT, "max_tokens", -5, 1.5, typed("max_tokens")),
    (VISIONCODER, K, V_COMPACT, "stream", False, "no", typed("stream")),
    (VISIONCODER, K, V_COMPACT, "tools", [{}], {}, typed("tools")),
    (SMARTLINK, R, S_RESPONSES, "model", "m", 1, typed("model")),
    (SMARTLINK, R, S_RESPONSES, "input", [{"role": "developer"}], 1, typed("input")),
    (SMARTLINK, R, S_RESPONSES, "instructions", "x", 1, typed("instructions")),
    (SMARTLINK, R, S_RESPONSES, "previous_response_id", "r", 1, typed("previous_response_id")),
    (SMARTLINK, R, S_RESPONSES, "conversation", {"id": "c"}, 1, typed("conversation")),
    (SMARTLINK, R, S_RESPONSES, "reasoning", {}, "high", typed("reasoning")),
    (SMARTLINK, R, S_RESPONSES, "text", {}, "json", typed("text")),
    (SMARTLINK, R, S_RESPONSES, "tools", [{}], [1], typed("tools[0]")),
    (SMARTLINK, R, S_RESPONSES, "parallel_tool_calls", True, 1, typed("parallel_tool_calls")),
    (SMARTLINK, R, S_RESPONSES, "max_output_tokens", 1, "1", typed("max_output_tokens")),
    (SMARTLINK, R, S_RESPONSES, "max_tool_calls", 0, "1", typed("max_tool_calls")),
    (SMARTLINK, R, S_RESPONSES, "stream", True, 1, typed("stream")),
    (SMARTLINK, R, {"model": "m", "stream": True}, "stream_options", {"x": 1}, 1, typed("stream_options")),
    (SMARTLINK, R, S_RESPONSES, "metadata", {"k": 1}, 1, typed("metadata")),
    (SMARTLINK, R, S_RESPONSES, "store", True, 1, typed("store")),
    (APIFOX, R, A_RESPONSES, "model", "m", 1, typed("model")),
    (APIFOX, R, A_RESPONSES, "input", [], "x", typed("input")),
    (APIFOX, R, A_RESPONSES, "input", [{}], [1], typed("input[0]")),
    (APIFOX, R, A_RESPONSES, "input", [{"role": "user"}], [{"role": 1}], typed("input[0].role")),
    (APIFOX, R, A_RESPONSES, "input", [{"content": "x"}], [{"content": []}], typed("input[0].content")),
]


@pytest.mark.parametrize(("judge", "endpoint", "base", "name", "good", "bad", "reported"), FIELDS)
def test_a_documented_field_has_its_documented_type_and_range(
    judge: RequestContract, endpoint: Endpoint, base: JSONObject, name: str, good: JSON, bad: JSON, reported: Reported
) -> None:
    assert errors({**base, name: good}, endpoint, by=judge, strict=True) == []
    assert errors({**base, name: bad}, endpoint, by=judge)[:1] == [reported]


@pytest.mark.parametrize(
    ("judge", "endpoint", "body", "names"),
    [
        (VISIONCODER, C, {}, ["model", "messages"]),
        (VISIONCODER, R, {}, ["model", "input"]),
        (VISIONCODER, K, {}, ["model", "messages"]),
        (SMARTLINK, R, {}, ["model"]),
        (APIFOX, R, {}, []),
    ],
)
def test_a_gateway_requires_what_its_page_documents(
    judge: RequestContract, endpoint: Endpoint, body: JSONObject, names: list[str]
) -> None:
    assert [reported[1] for reported in errors(body, endpoint, by=judge)] == names


def test_an_endpoint_without_a_schema_has_nothing_to_say() -> None:
    assert SMARTLINK.judge(C, {}, strict=True) == SMARTLINK.judge(K, {}, strict=True) == ()


def test_one_form_of_compact_reads_whatever_comes_when_it_is_the_only_one() -> None:
    assert [reported[1] for reported in errors({"model": "m", "input": "x"}, K, by=VISIONCODER)] == ["messages"]


def test_messages_choose_the_chat_form_of_compact() -> None:
    assert errors({"model": "m", "messages": "x"}, K, by=OPENAI) == [typed("messages")]
    assert errors({"model": "m", "input": 5}, K, by=OPENAI) == [typed("input")]


JUDGES = {"openai": OPENAI, "visioncoder": VISIONCODER, "smartlink": SMARTLINK}


@pytest.mark.parametrize("dialect", JUDGES)
@pytest.mark.parametrize("body", RESPONSES.values(), ids=list(RESPONSES))
def test_a_responses_body_of_a_real_client_passes(dialect: str, body: JSONObject) -> None:
    assert JUDGES[dialect].judge(Endpoint.RESPONSES, body, strict=True) == ()


@pytest.mark.parametrize("dialect", ["openai", "visioncoder"])
@pytest.mark.parametrize("body", CHAT.values(), ids=list(CHAT))
def test_a_chat_body_of_a_real_client_passes(dialect: str, body: JSONObject) -> None:
    assert JUDGES[dialect].judge(Endpoint.CHAT, body, strict=True) == ()


@pytest.mark.parametrize("body", COMPACT.values(), ids=list(COMPACT))
def test_a_compact_body_of_a_real_client_passes(body: JSONObject) -> None:
    assert OPENAI.judge(Endpoint.COMPACT, body, strict=True) == ()


def test_the_agent_s_body_is_as_large_as_a_real_one() -> None:
    assert len(write(CODEX)) > 25_000
