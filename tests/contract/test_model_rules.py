"""Model rules: which models reject which members, and whose rules they are."""

from __future__ import annotations

import re

import pytest

from tests.kit import (
    CHAT,
    JSON,
    MODEL_RULES,
    RESPONSES,
    BodyCheck,
    Endpoint,
    JSONObject,
    ModelRule,
    ModelRules,
    ModelRulesPolicy,
    compile_contract,
    effort_of,
    members_of,
    model_rejections,
)

USER: JSONObject = {"role": "user", "content": "hi"}
OFFICIAL = compile_contract(forms={"chat": "official", "responses": "official"}, files={})


def first(form: str, model: str, members: JSONObject) -> tuple[str | None, JSON, JSON, str] | None:
    if form == "chat":
        found = BodyCheck(CHAT, {"model": model, "messages": [USER], **members}).run()
    else:
        found = BodyCheck(RESPONSES, {"model": model, "input": "hi", **members}).run()
    error = found[0].error if found else None
    return None if error is None else (found[0].finding.rule, error.param, error.code, error.message)


UNSUPPORTED = "Unsupported parameter: '{}' is not supported with this model."
MAX_TOKENS = UNSUPPORTED.format("max_tokens") + " Use 'max_completion_tokens' instead."


@pytest.mark.parametrize(
    "model", ["gpt-5.6-terra", "gpt-5", "gpt-5-nano", "gpt-5-mini-2025-08-07", "o1", "o3-mini", "o4-mini"]
)
def test_reasoning_models_name_the_parameter_in_place_of_max_tokens(model: str) -> None:
    found = first("chat", model, {"max_tokens": 5})
    assert found == ("request.model", "max_tokens", "unsupported_parameter", MAX_TOKENS)


@pytest.mark.parametrize("role", ["system", "developer"])
def test_o1_mini_takes_no_instructions(role: str) -> None:
    messages: JSON = [USER, {"role": role, "content": "be terse"}]
    message = f"Unsupported value: 'messages[1].role' does not support '{role}' with this model."
    found = first("chat", "o1-mini-2024-09-12", {"messages": messages})
    assert found == ("request.model", "messages[1].role", "unsupported_value", message)
    assert first("chat", "o1", {"messages": messages}) is None


@pytest.mark.parametrize(
    ("form", "model", "members"),
    [
        ("chat", "gpt-5.4", {"temperature": 0.2, "max_tokens": 5, "stop": "x", "logprobs": True}),
        ("chat", "gpt-5.4-nano", {"temperature": 0.2}),
        ("chat", "gpt-4.1", {"temperature": 0.2, "max_tokens": 5, "logprobs": True, "stop": ["x"]}),
        ("chat", "gpt-5-chat-latest", {"temperature": 0.2}),
        ("chat", "my-model", {"temperature": 0.2, "max_tokens": 5}),
        ("chat", "gpt-5-invented", {"temperature": 0.2, "max_tokens": 5}),
        ("chat", "o3-mini", {"stop": ["x"]}),
        ("chat", "gpt-5.6-terra", {"stop": [], "temperature": 1.0, "max_tokens": None, "logprobs": False}),
        ("responses", "gpt-5.6-sol", {"temperature": 0.2, "reasoning": {"effort": "none"}}),
        ("responses", "gpt-5.4", {"temperature": 0.2, "top_p": 0.5}),
        ("responses", "gpt-5.2", {"top_p": 0.5, "include": ["message.output_text.logprobs"]}),
    ],
)
def test_what_no_rule_names_is_accepted(form: str, model: str, members: JSONObject) -> None:
    assert first(form, model, members) is None


def test_the_model_is_checked_before_values_and_the_content_of_messages() -> None:
    members: JSONObject = {"max_tokens": 0, "temperature": -0.5, "messages": [{"role": "user", "content": None}]}
    found = first("chat", "gpt-5-nano", members)
    assert found is not None
    assert found[1] == "max_tokens"


@pytest.mark.parametrize(
    ("model", "body", "effort"),
    [
        ("gpt-5.4", {}, "none"),
        ("gpt-5.2-2025-12-11", {}, "none"),
        ("gpt-5.6-sol", {}, "medium"),
        ("o3", {}, "medium"),
        ("gpt-4o", {}, None),
        ("gpt-5.4", {"reasoning": {"effort": "high"}}, "high"),
        ("gpt-5.6-sol", {"reasoning_effort": "none"}, "none"),
        ("gpt-5.6-sol", {"reasoning": {"effort": None}}, "medium"),
    ],
)
def test_the_effort_is_the_one_asked_for_or_that_of_the_model(model: str, body: JSONObject, effort: str | None) -> None:
    assert effort_of(body, model) == effort


def test_every_shipped_rule_has_a_dated_source() -> None:
    assert all(re.search(r"20\d\d-\d\d", one.source) for one in MODEL_RULES.rules)


OWN = ModelRules(
    [
        ModelRule(
            models="my-.*",
            form="chat",
            member="tools[].function.strict",
            rejected=(True,),
            message="No {value} at {path} of {model}.",
            code=None,
            source="a scenario",
        )
    ]
)
EMPTY: JSON = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
BODY: JSONObject = {
    "model": "my-model",
    "messages": [USER],
    "tools": [
        {"type": "function", "function": {"name": "f"}},
        {"type": "function", "function": {"name": "g", "strict": True, "parameters": EMPTY}},
    ],
}


def test_a_rule_may_look_into_lists_and_quotes_the_request() -> None:
    [found] = model_rejections(BODY, "chat", (OWN,))
    assert found.error.message == "No true at tools[1].function.strict of my-model."
    assert (found.error.param, found.error.code) == ("tools[1].function.strict", None)
    assert members_of(BODY, "tools[].function.name") == [
        ("tools[0].function.name", "f"),
        ("tools[1].function.name", "g"),
    ]


@pytest.mark.parametrize("policy", [ModelRulesPolicy.ON, ModelRulesPolicy.OFF])
def test_rules_of_a_scenario_hold_whatever_the_policy(policy: ModelRulesPolicy) -> None:
    [found] = OFFICIAL.judge(Endpoint.CHAT, BODY, strict=False, model_rules=policy, own_rules=OWN)
    assert found.finding.rule == "request.model"


def test_rules_of_a_scenario_hold_for_a_body_with_a_json_schema() -> None:
    contract = compile_contract(forms={"chat": "own.json"}, files={"own.json": {"type": "object"}})
    assert contract.judge(Endpoint.CHAT, BODY, strict=False) == ()
    [found] = contract.judge(Endpoint.CHAT, BODY, strict=False, own_rules=OWN)
    assert found.error.param == "tools[1].function.strict"


def test_model_rules_can_be_switched_off() -> None:
    body: JSONObject = {"model": "gpt-5.6-terra", "messages": [USER], "max_tokens": 5}
    off = OFFICIAL.judge(Endpoint.CHAT, body, strict=False, model_rules=ModelRulesPolicy.OFF)
    assert off == ()
    assert OFFICIAL.judge(Endpoint.CHAT, body, strict=False) != ()


def test_any_number_of_models_may_be_looked_up() -> None:
    rules = ModelRules(MODEL_RULES.rules)
    found = [rules.of(name, "chat") for name in ("o3", *(f"m{number}" for number in range(2000)), "o3")]
    assert found[0] == found[-1] != ()
