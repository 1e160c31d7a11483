"""Each pairing rule with a body that keeps it and one that breaks it; the answer word for word."""

from __future__ import annotations

import pytest

from tests.contract.shipped_requests import (
    OPENAI,
    SCHEMAS,
    VISIONCODER,
    chat,
    compact,
    errors,
    notices,
    responses,
    validate,
)
from tests.kit import CROSS_FIELD_RULES, JSON, Endpoint, JSONObject, Severity, compile_contract

C, R, K = Endpoint.CHAT, Endpoint.RESPONSES, Endpoint.COMPACT
USER: JSON = {"role": "user", "content": "hi"}
FUNCTIONS: JSON = [{"type": "function", "name": "f"}]
CHAT_FUNCTIONS: JSON = [{"type": "function", "function": {"name": "f"}}]
TOP = "message.output_text.logprobs"


def calls(*ids: str) -> JSON:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": one, "type": "function", "function": {"name": "f", "arguments": "{}"}} for one in ids],
    }


def answer(call_id: str) -> JSON:
    return {"role": "tool", "tool_call_id": call_id, "content": "18"}


def talk(*messages: JSON, **members: JSON) -> JSONObject:
    return chat(messages=[USER, *messages], **members)


def call(call_id: str, kind: str = "function_call", **members: JSON) -> JSON:
    reported: JSONObject = {"type": kind, "call_id": call_id}
    if kind == "function_call":
        reported |= {"name": "f", "arguments": "{}"}
    if kind == "custom_tool_call":
        reported |= {"name": "f", "input": "x"}
    return {**reported, **members}


def output(call_id: str, kind: str = "function_call_output", **members: JSON) -> JSON:
    return {"type": kind, "call_id": call_id, "output": "18", **members}


def items(*given: JSON, **members: JSON) -> JSONObject:
    return responses(input=[USER, *given], **members)


PATCH: JSON = call("p", "apply_patch_call", status="completed", operation={"type": "delete_file", "path": "a"})

# rule, endpoint, a body that keeps it, one that breaks it, and (path, param, code, message)
CASES: list[tuple[str, Endpoint, JSONObject, JSONObject, tuple[str, JSON, JSON, str]]] = [
    ("request.chat.tool_message_placed", C, talk(calls("a"), answer("a")), talk(answer("a")), ("messages[1].role",
        "messages.[1].role", None, ("Invalid parameter: messages with role 'tool' must be a response to a "
        "preceding message with 'tool_calls'."))),
    ("request.chat.tool_message_answers", C, talk(calls("a", "b"), answer("b"), answer("a")),
        talk(calls("a"), answer("a"), answer("z")), ("messages[3].tool_call_id", "messages.[3].tool_call_id", None,
        ("Invalid parameter: 'tool_call_id' of 'z' not found in 'tool_calls' of previous message."))),
    ("request.chat.calls_answered", C, talk(calls("a", "b"), answer("a"), answer("b"), USER),
        talk(calls("a", "b", "c"), answer("b"), USER), ("messages[1].tool_calls", "messages.[3].role", None,
        ("An assistant message with 'tool_calls' must be followed by tool messages "
        "responding to each 'tool_call_id'. The following tool_call_ids did not have " "response messages: a, c"))),
    ("request.chat.call_ids_unique", C, talk(calls("a"), answer("a"), calls("b"), answer("b")),
        talk(calls("a", "a"), answer("a")), ("messages[1].tool_calls[1].id",
        "messages.[1].tool_calls.[1].id", None, "Invalid parameter: duplicate tool call id 'a'.")),
    ("request.chat.answered_once", C, talk(calls("a"), answer("a")), talk(calls("a"), answer("a"), answer("a")),
        ("messages[3].tool_call_id", "messages.[3].tool_call_id", None,
        "Invalid parameter: duplicate value for 'tool_call_id' of 'a'.")),
    ("request.chat.assistant_speaks", C, talk({"role": "assistant", "content": ""},
        {"role": "assistant", "refusal": "no"}), talk({"role": "assistant", "content": None}), ("messages[1].content",
        "messages.[1].content", None, "Invalid value for 'content': expected a string, got null.")),
    ("request.chat.tool_choice_with_tools", C, chat(tool_choice="auto", tools=[]), chat(tool_choice="auto"),
        ("tool_choice", "tool_choice", None,
        ("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."))),
    ("request.chat.tool_choice_offered", C, chat(tool_choice={"type": "function", "function": {"name": "f"}},
        tools=CHAT_FUNCTIONS), chat(tool_choice={"type": "function", "function": {"name": "g"}}, tools=CHAT_FUNCTIONS),
        ("tool_choice", "tool_choice", None,
        ("Invalid value for 'tool_choice': no function named 'g' was specified in the 'tools' parameter."))),
    ("request.chat.function_call_offered", C, chat(function_call={"name": "f"}, functions=[{"name": "f"}]),
        chat(function_call={"name": "g"}, functions=[{"name": "f"}]), ("function_call", "function_call", None,
        ("Invalid value for 'function_call': no function named 'g' was specified in the 'functions' parameter."))),
    ("request.chat.functions_exclude_tools", C, chat(functions=[{"name": "f"}], function_call="auto"),
        chat(functions=[{"name": "f"}], tools=CHAT_FUNCTIONS),
        ("functions", "functions", "invalid_parameter_combination",
        "Invalid parameter combination: 'functions' cannot be used together with 'tools'.")),
    ("request.chat.one_token_limit", C, chat(max_tokens=5, max_completion_tokens=None),
        chat(max_tokens=5, max_completion_tokens=5), ("max_tokens", "max_tokens", "invalid_parameter_combination",
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")),
    ("request.chat.top_logprobs_with_logprobs", C, chat(top_logprobs=2, logprobs=True), chat(top_logprobs=2),
        ("top_logprobs", "top_logprobs", None,
        ("Invalid value for 'top_logprobs': 'top_logprobs' is only allowed when 'logprobs' is enabled."))),
    ("request.chat.audio_described", C, chat(modalities=["text", "audio"], audio={"voice": "alloy", "format": "mp3"}),
        chat(modalities=["text", "audio"]),
        ("audio", "audio", "missing_required_parameter", "Missing required parameter: 'audio'.")),
    ("request.input.outputs_answer", R, items(call("a"), output("a")),
        items(output("a"), call("a"), output("b", "custom_tool_call_output")),
        ("input[1].call_id", "input", None, "No tool call found for function call output with call_id a.")),
    ("request.input.calls_answered", R, items(call("a"), call("b", "custom_tool_call"),
        output("b", "custom_tool_call_output"), output("a")), items(call("a", "custom_tool_call")),
        ("input[1].call_id", "input", None, "No tool output found for custom tool call a.")),
    ("request.input.call_ids_unique", R, items(call("a"), output("a"), call("b"), output("b")),
        items(call("a"), call("a"), output("a"), output("a")),
        ("input[2].call_id", "input", None, "Duplicate function call found with call_id a.")),
    ("request.input.item_ids_unique", R, items(call("a", id="fc_1"), output("a", id="fco_1"),
        {"type": "item_reference", "id": "fc_1"}), items(call("a", id="fc_1"), output("a", id="fc_1")), ("input[2].id",
        "input", None, ("Duplicate item found with id fc_1. Remove duplicate items from your input and try again."))),
    ("request.one_history", R, responses(previous_response_id="resp_1", conversation=None),
        responses(previous_response_id="resp_1", conversation="conv_1"),
        ("previous_response_id", None, "mutually_exclusive_parameters",
        ("Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Provide only one of them."))),
    ("request.tool_choice_with_tools", R, responses(tool_choice="required", tools=FUNCTIONS),
        responses(tool_choice="required", tools=[]),
        ("tool_choice", "tool_choice", None, "Tool choice 'required' must be specified with 'tools' parameter.")),
    ("request.tool_choice_offered", R, responses(tool_choice={"type": "function", "name": "f"}, tools=FUNCTIONS),
        responses(tool_choice={"type": "custom", "name": "f"}, tools=FUNCTIONS),
        ("tool_choice", "tool_choice", None, "Tool choice 'custom' with name 'f' not found in 'tools' parameter.")),
    ("request.stream_options_with_stream", C, chat(stream=True, stream_options={"include_usage": True}),
        chat(stream_options={"include_usage": True}), ("stream_options", "stream_options", None,
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.")),
    ("request.stream_usage", R, responses(stream=True, stream_options={"include_obfuscation": False}),
        responses(stream=True, stream_options={"include_usage": True}), ("stream_options.include_usage",
        "stream_options.include_usage", "unknown_parameter", "Unknown parameter: 'stream_options.include_usage'.")),
    ("request.top_logprobs_included", R, responses(top_logprobs=2, include=[TOP]),
        responses(top_logprobs=2, include=[]),
        ("top_logprobs", "top_logprobs", None, f"'top_logprobs' has no effect unless 'include' has '{TOP}'.")),
    ("request.storage_said_once", R, responses(disable_response_storage=True, store=None),
        responses(disable_response_storage=True, store=True),
        ("disable_response_storage", None, "mutually_exclusive_parameters",
        ("Mutually exclusive parameters: 'store' and 'disable_response_storage'. Provide only one of them."))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "endpoint", "keeps", "breaks", "reported"), CASES)
def test_a_broken_cross_field_rule_is_rejected(
    rule: str, endpoint: Endpoint, keeps: JSONObject, breaks: JSONObject, reported: tuple[str, JSON, JSON, str]
) -> None:
    judge = VISIONCODER if rule == "request.storage_said_once" else OPENAI
    assert validate(keeps, endpoint, by=judge) == ()
    found = next(one for one in validate(breaks, endpoint, by=judge) if one.finding.rule == rule)
    assert (found.finding.path, found.error.param, found.error.code, found.finding.message) == reported
    assert (found.error.status, found.error.type) == (400, "invalid_request_error")
    assert found.error.message == found.finding.message


def test_every_cross_field_rule_has_a_case() -> None:
    assert [rule for rule, *_ in CASES] == [rule.rule.id for rule in CROSS_FIELD_RULES]


@pytest.mark.parametrize(
    "body",
    [
        items(output("a"), previous_response_id="resp_1"),
        items(output("a"), conversation="conv_1"),
        items({"type": "item_reference", "id": "fc_1"}, output("a")),
        items({"id": "fc_1"}, output("a")),
        items({"type": "compaction", "encrypted_content": "x"}, output("a")),
        items(call("a"), {"type": "item_reference", "id": "fco_1"}),
        items(call("a", "tool_search_call", arguments={})),
        items(call("a", "function_call", **{"async": True}), USER),
        items(
            call(
                "a",
                "shell_call",
                action={"commands": ["ls"]},
                environment={"type": "container_reference", "container_id": "cntr_1"},
            )
        ),
        items(PATCH, output("p", "apply_patch_call_output", status="completed")),
        items(call("l", "local_shell_call", action={"type": "exec", "command": ["ls"]}), output("l")),
    ],
)
def test_a_call_or_an_output_may_lie_outside_the_body(body: JSONObject) -> None:
    assert errors(body, R) == []


def test_a_history_to_compact_may_end_with_a_call_but_answers_only_what_was_called() -> None:
    assert errors(compact(input=[USER, call("a")]), K) == []
    assert errors(compact(input=[USER, output("a")]), K) == [
        ("request.input.outputs_answer", "input[1].call_id", None, "input")
    ]


def test_an_id_may_be_used_again_once_its_call_is_answered() -> None:
    assert errors(items(call("a"), output("a"), USER, call("a"), output("a")), R) == []
    assert errors(talk(calls("a"), answer("a"), USER, calls("a"), answer("a")), C) == []


def test_the_outputs_of_a_call_are_unique_too() -> None:
    found = errors(items(call("a"), output("a"), output("a")), R)
    assert found == [("request.input.call_ids_unique", "input[3].call_id", None, "input")]


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "custom", "name": "c"},
        {"type": "function", "name": "inner"},
        {"type": "web_search_preview"},
        {"type": "computer_use"},
        {"type": "mcp", "server_label": "deep"},
        {"type": "function", "name": "found"},
        {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "custom", "name": "c"}, {}]},
    ],
)
def test_tools_are_offered_in_many_ways(choice: JSON) -> None:
    offered: JSON = [
        {"type": "custom", "name": "c"},
        {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "inner"}]},
        {"type": "web_search"},
        {"type": "computer"},
        {"type": "mcp", "server_label": "deep"},
    ]
    late: JSON = {"type": "tool_search_output", "tools": [{"type": "function", "name": "found"}]}
    assert errors(items(late, tools=offered, tool_choice=choice), R) == []
    assert errors(items(tool_choice=choice, prompt={"id": "p"}), R) == []
    assert {reported[0] for reported in errors(items(tool_choice=choice), R)} == {"request.tool_choice_offered"}


def test_a_hosted_tool_is_named_by_its_type() -> None:
    (found,) = validate(responses(tool_choice={"type": "file_search"}), R)
    assert found.finding.message == "Tool choice 'file_search' not found in 'tools' parameter."


def test_allowed_tools_of_chat_are_looked_up_one_by_one() -> None:
    allowed: JSONObject = {
        "mode": "auto",
        "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "function", "function": {"name": "g"}}],
    }
    body = chat(tools=CHAT_FUNCTIONS, tool_choice={"type": "allowed_tools", "allowed_tools": allowed})
    assert errors(body, C) == [("request.chat.tool_choice_offered", "tool_choice", None, "tool_choice")]


def test_function_call_without_functions_is_rejected() -> None:
    (found,) = validate(chat(function_call="auto"), C)
    assert found.finding.message == (
        "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified."
    )
    assert [reported[0] for reported in errors(chat(function_call=None), C)] == ["request.type"]


def test_a_name_of_the_wrong_type_is_reported_by_its_type() -> None:
    body = chat(function_call={"name": [[]]}, functions=[{"name": "f"}])
    assert validate(body, C)[1].finding.message == (
        "Invalid value for 'function_call': no function named an array was specified in the 'functions' parameter."
    )


def test_a_rule_of_two_members_speaks_once() -> None:
    body = chat(functions=[{"name": "f"}], function_call="auto", tools=CHAT_FUNCTIONS, tool_choice="auto")
    assert [reported[1] for reported in errors(body, C)] == ["functions", "function_call"]


def test_top_logprobs_without_include_is_only_noticed() -> None:
    assert errors(responses(top_logprobs=2), R) == []
    assert notices(responses(top_logprobs=2), R) == ["top_logprobs"]
    assert notices(responses(top_logprobs=0), R) == []


def test_messages_that_are_compacted_are_paired_like_those_of_a_chat() -> None:
    body = talk(answer("a"))
    assert errors(body, K) == errors(body, C)


def test_a_dialect_can_disable_a_cross_field_rule() -> None:
    body = chat(max_tokens=5, max_completion_tokens=5)
    assert errors(body, C, by=VISIONCODER) == []


def test_a_member_that_a_dialect_does_not_know_pairs_with_nothing() -> None:
    body = responses(disable_response_storage=True, store=True)
    assert errors(body, R) == []
    assert notices(body, R) == ["disable_response_storage"]


def test_a_schema_without_properties_keeps_every_cross_field_rule() -> None:
    contract = compile_contract(forms={"chat": "own"}, files={"own": {"type": "object"}})
    found = contract.judge(C, talk(answer("a")), strict=True)
    assert [one.finding.rule for one in found] == ["request.chat.tool_message_placed"]


def test_ids_of_any_length_make_short_messages() -> None:
    long = "x" * 100_000
    for endpoint, body in ((R, items(output(long))), (R, items(call(long))), (C, talk(calls(long)))):
        assert all(len(one.error.message) < 1000 for one in validate(body, endpoint))


def test_an_unknown_cross_field_rule_cannot_be_disabled() -> None:
    with pytest.raises(ValueError, match=r"no such cross-field rules: \['request.chat.nonsense'\]"):
        compile_contract(forms={"chat": "openai-chat.json"}, files=SCHEMAS, without=["request.chat.nonsense"])


@pytest.mark.parametrize("odd", [5, "x", True, {}, [5], [[]], [{"type": []}], [{"role": {}}]])
def test_members_of_the_wrong_type_are_left_to_the_schema(odd: JSON) -> None:
    members: JSONObject = dict.fromkeys(
        ("tools", "tool_choice", "stream_options", "functions", "function_call", "modalities", "include"), odd
    )
    for endpoint, body in (
        (C, chat(**{**members, "messages": odd, "top_logprobs": odd, "max_tokens": odd})),
        (R, responses(**{**members, "input": odd, "top_logprobs": odd})),
    ):
        rules = {one.finding.rule for one in validate(body, endpoint) if one.finding.severity is Severity.ERROR}
        assert rules & {"request.type", "request.missing", "request.length", "request.value"}


def test_calls_and_answers_without_ids_are_left_to_the_schema() -> None:
    nameless: JSONObject = talk({"role": "assistant", "tool_calls": [{"id": 1}]}, {"role": "tool"})
    assert "request.missing" in [reported[0] for reported in errors(nameless, C)]
    assert "request.missing" in [reported[0] for reported in errors(items({"type": "function_call"}), R)]
