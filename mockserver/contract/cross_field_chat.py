"""Rules between the fields of chat requests: tool calls and outputs, tools, related options."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.cross_field import BodyIndex, Reject, RuleTable, objects, tool_name
from mockserver.contract.error_messages import MAX_FAULTS, clipped, quoted
from mockserver.model.dialect import Rejection
from mockserver.model.json import JSON

_CHAT = ("chat",)
_MESSAGES = ("chat", "compact-messages")
_RECORDED = "official API, recorded 400 replies"
_DOCUMENTED = "official API reference"
_TABLE = RuleTable()


@_TABLE.rule("chat.tool_message_placed", _RECORDED, _MESSAGES, "messages")
def _misplaced(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """A tool message follows an assistant message with tool calls."""
    for index in body.messages.orphans:
        yield reject(
            f"messages[{index}].role",
            "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
            param=f"messages.[{index}].role",
        )


@_TABLE.rule("chat.tool_message_answers", _RECORDED, _MESSAGES, "messages")
def _output_without_call(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """A tool message answers a call of the assistant message it follows."""
    for turn in body.messages.turns:
        called = {call_id for call_id, _ in turn.calls}
        for call_id, index in turn.answers:
            if call_id not in called:
                yield reject(
                    f"messages[{index}].tool_call_id",
                    f"Invalid parameter: 'tool_call_id' of {quoted(call_id)} not found in "
                    "'tool_calls' of previous message.",
                    param=f"messages.[{index}].tool_call_id",
                )


@_TABLE.rule("chat.calls_answered", _RECORDED, _MESSAGES, "messages")
def _call_without_output(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Every tool call is answered before the next message that is no tool message."""
    for turn in body.messages.turns:
        answered = {call_id for call_id, _ in turn.answers}
        missing = [call_id for call_id, _ in turn.calls if call_id not in answered]
        if missing:
            yield reject(
                f"messages[{turn.index}].tool_calls",
                "An assistant message with 'tool_calls' must be followed by tool messages "
                "responding to each 'tool_call_id'. The following tool_call_ids did not have "
                f"response messages: {', '.join(clipped(one) for one in missing[:MAX_FAULTS])}",
                param=f"messages.[{turn.end}].role",
            )


@_TABLE.rule("chat.call_ids_unique", _DOCUMENTED, _MESSAGES, "messages")
def _repeated_calls(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """No two tool calls of a conversation share an id."""
    seen: set[str] = set()
    for turn in body.messages.turns:
        for call_id, index in turn.calls:
            if call_id in seen:
                yield reject(
                    f"messages[{turn.index}].tool_calls[{index}].id",
                    f"Invalid parameter: duplicate tool call id {quoted(call_id)}.",
                    param=f"messages.[{turn.index}].tool_calls.[{index}].id",
                )
            seen.add(call_id)


@_TABLE.rule("chat.answered_once", _DOCUMENTED, _MESSAGES, "messages")
def _repeated_outputs(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """A tool call has one tool message."""
    for turn in body.messages.turns:
        seen: set[str] = set()
        for call_id, index in turn.answers:
            if call_id in seen:
                yield reject(
                    f"messages[{index}].tool_call_id",
                    f"Invalid parameter: duplicate value for 'tool_call_id' of {quoted(call_id)}.",
                    param=f"messages.[{index}].tool_call_id",
                )
            seen.add(call_id)


@_TABLE.rule("chat.assistant_speaks", _RECORDED, _MESSAGES, "messages")
def _without_content(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """An assistant message has content, tool calls, a refusal or audio."""
    for index in body.messages.empty:
        yield reject(
            f"messages[{index}].content",
            "Invalid value for 'content': expected a string, got null.",
            param=f"messages.[{index}].content",
        )


@_TABLE.rule("chat.tool_choice_with_tools", _RECORDED, _CHAT, "tool_choice")
def _choice_without_tools(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Tool_choice comes with tools."""
    choice = body.json["tool_choice"]
    tools = body.json.get("tools")
    if choice is None or tools or (tools == [] and choice in ("auto", "none")):
        return
    yield reject(
        "tool_choice",
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        param="tool_choice",
    )


@_TABLE.rule("chat.tool_choice_offered", _DOCUMENTED, _CHAT, "tool_choice")
def _choice_not_offered(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Tool_choice names tools that are offered."""
    choice = body.json["tool_choice"]
    if not isinstance(choice, dict) or not body.json.get("tools"):
        return
    allowed = choice.get("allowed_tools")
    listed: JSON = allowed.get("tools") if isinstance(allowed, dict) else [choice]
    for _, tool in objects(listed):
        kind, name = tool_name(tool)
        if name and (kind, name) not in body.offered:
            yield reject(
                "tool_choice",
                f"Invalid value for 'tool_choice': no {kind} named {quoted(name)} was "
                "specified in the 'tools' parameter.",
                param="tool_choice",
            )


@_TABLE.rule("chat.function_call_offered", _DOCUMENTED, _CHAT, "function_call")
def _function_not_offered(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Function_call comes with functions and names one of them."""
    choice = body.json["function_call"]
    names = [function.get("name") for _, function in objects(body.json.get("functions"))]
    if choice is not None and not names:
        yield reject(
            "function_call",
            "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified.",
            param="function_call",
        )
    elif isinstance(choice, dict) and choice.get("name") not in names:
        yield reject(
            "function_call",
            f"Invalid value for 'function_call': no function named "
            f"{quoted(choice.get('name'))} was specified in the 'functions' parameter.",
            param="function_call",
        )


@_TABLE.rule("chat.functions_exclude_tools", _DOCUMENTED, _CHAT, "functions", "function_call")
def _functions_and_tools(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Functions and tools, function_call and tool_choice exclude each other."""
    for old, new in (("functions", "tools"), ("function_call", "tool_choice")):
        if body.has(old) and body.has(new):
            yield reject(
                old,
                f"Invalid parameter combination: {quoted(old)} cannot be used together with {quoted(new)}.",
                param=old,
                code="invalid_parameter_combination",
            )


@_TABLE.rule("chat.one_token_limit", _RECORDED, _CHAT, "max_tokens")
def _two_token_limits(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Max_tokens and max_completion_tokens exclude each other."""
    if body.has("max_tokens") and body.has("max_completion_tokens"):
        yield reject(
            "max_tokens",
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            param="max_tokens",
            code="invalid_parameter_combination",
        )


@_TABLE.rule("chat.top_logprobs_with_logprobs", _DOCUMENTED, _CHAT, "top_logprobs")
def _top_logprobs_alone(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Top_logprobs needs logprobs: true."""
    if body.has("top_logprobs") and body.json.get("logprobs") is not True:
        yield reject(
            "top_logprobs",
            "Invalid value for 'top_logprobs': 'top_logprobs' is only allowed when 'logprobs' is enabled.",
            param="top_logprobs",
        )


@_TABLE.rule("chat.audio_described", _DOCUMENTED, _CHAT, "modalities")
def _audio_modality_alone(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """The audio modality needs audio."""
    modalities = body.json["modalities"]
    if isinstance(modalities, list) and "audio" in modalities and not body.has("audio"):
        yield reject("audio", "Missing required parameter: 'audio'.", param="audio", code="missing_required_parameter")


CHAT_CROSS_FIELD = tuple(_TABLE.rules)
