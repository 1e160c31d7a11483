"""Parameters of the other endpoint get the complaint that leads to the right one."""

from __future__ import annotations

import pytest

from mockserver.contract.request_body import BodyKind
from mockserver.contract.request_contract import compile_contract
from mockserver.model.endpoint import Endpoint
from mockserver.model.json import JSON
from tests.contract.requests.shipped import HELLO, asked, chat, compact, errors, notices, responses


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
    (found,) = asked(responses(**{name: value}), Endpoint.RESPONSES)
    assert found.finding.rule == "request.foreign"
    assert (found.error.status, found.error.code, found.error.param) == (
        400,
        "unsupported_parameter",
        name,
    )
    assert found.error.message.startswith(
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
        f"'{place}'."
    )


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("input", "messages"),
        ("instructions", "messages"),
        ("max_output_tokens", "max_completion_tokens"),
        ("text", "response_format"),
        ("reasoning", "reasoning_effort"),
    ],
)
def test_a_responses_parameter_sent_to_chat_names_the_one_to_use(name: str, place: str) -> None:
    (found,) = asked(chat(**{name: None}), Endpoint.CHAT)
    assert (found.error.code, found.error.param) == ("unsupported_parameter", name)
    assert found.error.message == (
        f"Unsupported parameter: '{name}' is not supported with the Chat Completions API. "
        f"Use '{place}' instead."
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
    assert asked(body, endpoint)[0].error.message == f"Unknown parameter: '{name}'."


def test_the_wrong_door_is_told_of_before_anything_else() -> None:
    found = errors({"model": "m", "temperature": 9, "messages": HELLO}, Endpoint.RESPONSES)
    assert [said[0] for said in found] == ["request.foreign", "request.range", "request.missing"]


def test_a_foreign_parameter_is_not_noticed_a_second_time() -> None:
    assert notices(responses(messages=HELLO, zest=1), Endpoint.RESPONSES) == ["zest"]


def test_compact_takes_no_part() -> None:
    assert errors(compact(max_output_tokens=5), Endpoint.COMPACT) == []
    assert notices(compact(max_output_tokens=5, stream=True), Endpoint.COMPACT) == [
        "max_output_tokens",
        "stream",
    ]


@pytest.mark.parametrize(
    "schema", [{}, {"properties": {"input": {}}}, {"additionalProperties": True}]
)
def test_what_a_dialect_names_or_welcomes_is_not_foreign(schema: JSON) -> None:
    contract = compile_contract(forms={BodyKind.CHAT: "own"}, files={"own": schema})
    assert contract.judge(Endpoint.CHAT, {"input": "x"}, strict=True) == ()
