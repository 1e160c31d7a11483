"""The pairing rules of chat completions: tool turns, tools, and parameters that need each other."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.body_index import BodyIndex, objects, offer
from mockserver.contract.cross_field import CrossFieldRule, RuleViolation
from mockserver.contract.error_messages import MOST, clipped, quoted
from mockserver.contract.request_body import BodyKind
from mockserver.model.json import JSON

_CHAT = (BodyKind.CHAT,)
_MESSAGES = (BodyKind.CHAT, BodyKind.COMPACT_MESSAGES)
_RECORDED = "official API, recorded 400 replies"
_DOCUMENTED = "official API reference"


def _orphans(facts: BodyIndex) -> Iterator[RuleViolation]:
    for index in facts.chat.orphans:
        yield RuleViolation(
            path=f"messages[{index}].role",
            message=(
                "Invalid parameter: messages with role 'tool' must be a response to a preceding "
                "message with 'tool_calls'."
            ),
            param=f"messages.[{index}].role",
        )


def _answers_nothing(facts: BodyIndex) -> Iterator[RuleViolation]:
    for turn in facts.chat.turns:
        called = {call_id for call_id, _ in turn.calls}
        for call_id, index in turn.answers:
            if call_id not in called:
                yield RuleViolation(
                    path=f"messages[{index}].tool_call_id",
                    message=(
                        f"Invalid parameter: 'tool_call_id' of {quoted(call_id)} not found in "
                        "'tool_calls' of previous message."
                    ),
                    param=f"messages.[{index}].tool_call_id",
                )


def _unanswered(facts: BodyIndex) -> Iterator[RuleViolation]:
    for turn in facts.chat.turns:
        answered = {call_id for call_id, _ in turn.answers}
        missing = [call_id for call_id, _ in turn.calls if call_id not in answered]
        if missing:
            yield RuleViolation(
                path=f"messages[{turn.index}].tool_calls",
                message=(
                    "An assistant message with 'tool_calls' must be followed by tool messages "
                    "responding to each 'tool_call_id'. The following tool_call_ids did not have "
                    f"response messages: {', '.join(clipped(one) for one in missing[:MOST])}"
                ),
                param=f"messages.[{turn.end}].role",
            )


def _repeated_calls(facts: BodyIndex) -> Iterator[RuleViolation]:
    seen: set[str] = set()
    for turn in facts.chat.turns:
        for call_id, index in turn.calls:
            if call_id in seen:
                yield RuleViolation(
                    path=f"messages[{turn.index}].tool_calls[{index}].id",
                    message=f"Invalid parameter: duplicate tool call id {quoted(call_id)}.",
                    param=f"messages.[{turn.index}].tool_calls.[{index}].id",
                )
            seen.add(call_id)


def _repeated_answers(facts: BodyIndex) -> Iterator[RuleViolation]:
    for turn in facts.chat.turns:
        seen: set[str] = set()
        for call_id, index in turn.answers:
            if call_id in seen:
                yield RuleViolation(
                    path=f"messages[{index}].tool_call_id",
                    message=(
                        f"Invalid parameter: duplicate value for 'tool_call_id' of "
                        f"{quoted(call_id)}."
                    ),
                    param=f"messages.[{index}].tool_call_id",
                )
            seen.add(call_id)


def _says_nothing(facts: BodyIndex) -> Iterator[RuleViolation]:
    for index in facts.chat.silent:
        yield RuleViolation(
            path=f"messages[{index}].content",
            message="Invalid value for 'content': expected a string, got null.",
            param=f"messages.[{index}].content",
        )


def _choice_without_tools(facts: BodyIndex) -> Iterator[RuleViolation]:
    choice = facts.body["tool_choice"]
    tools = facts.body.get("tools")
    if choice is None or tools or (tools == [] and choice in ("auto", "none")):
        return
    yield RuleViolation(
        path="tool_choice",
        message=(
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
            "specified."
        ),
        param="tool_choice",
    )


def _choice_not_offered(facts: BodyIndex) -> Iterator[RuleViolation]:
    choice = facts.body["tool_choice"]
    if not isinstance(choice, dict) or not facts.body.get("tools"):
        return
    allowed = choice.get("allowed_tools")
    listed: JSON = allowed.get("tools") if isinstance(allowed, dict) else [choice]
    for _, tool in objects(listed):
        kind, name = offer(tool)
        if name and (kind, name) not in facts.offered:
            yield RuleViolation(
                path="tool_choice",
                message=(
                    f"Invalid value for 'tool_choice': no {kind} named {quoted(name)} was "
                    "specified in the 'tools' parameter."
                ),
                param="tool_choice",
            )


def _function_not_offered(facts: BodyIndex) -> Iterator[RuleViolation]:
    choice = facts.body["function_call"]
    names = [function.get("name") for _, function in objects(facts.body.get("functions"))]
    if choice is not None and not names:
        yield RuleViolation(
            path="function_call",
            message=(
                "Invalid value for 'function_call': 'function_call' is only allowed when "
                "'functions' are specified."
            ),
            param="function_call",
        )
    elif isinstance(choice, dict) and choice.get("name") not in names:
        yield RuleViolation(
            path="function_call",
            message=(
                f"Invalid value for 'function_call': no function named "
                f"{quoted(choice.get('name'))} was specified in the 'functions' parameter."
            ),
            param="function_call",
        )


def _both_generations(facts: BodyIndex) -> Iterator[RuleViolation]:
    for old, new in (("functions", "tools"), ("function_call", "tool_choice")):
        if facts.has(old) and facts.has(new):
            yield RuleViolation(
                path=old,
                message=(
                    f"Invalid parameter combination: {quoted(old)} cannot be used together with "
                    f"{quoted(new)}."
                ),
                param=old,
                code="invalid_parameter_combination",
            )


def _both_limits(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.has("max_tokens") and facts.has("max_completion_tokens"):
        yield RuleViolation(
            path="max_tokens",
            message=(
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not "
                "supported."
            ),
            param="max_tokens",
            code="invalid_parameter_combination",
        )


def _logprobs_off(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.has("top_logprobs") and facts.body.get("logprobs") is not True:
        yield RuleViolation(
            path="top_logprobs",
            message=(
                "Invalid value for 'top_logprobs': 'top_logprobs' is only allowed when 'logprobs' "
                "is enabled."
            ),
            param="top_logprobs",
        )


def _audio_undescribed(facts: BodyIndex) -> Iterator[RuleViolation]:
    modalities = facts.body["modalities"]
    if isinstance(modalities, list) and "audio" in modalities and not facts.has("audio"):
        yield RuleViolation(
            path="audio",
            message="Missing required parameter: 'audio'.",
            param="audio",
            code="missing_required_parameter",
        )


CHAT_CROSS_FIELD: tuple[CrossFieldRule, ...] = (
    CrossFieldRule(
        id="request.chat.tool_message_placed",
        meaning="a tool message follows an assistant message with tool calls",
        source=_RECORDED,
        forms=_MESSAGES,
        members=("messages",),
        find=_orphans,
    ),
    CrossFieldRule(
        id="request.chat.tool_message_answers",
        meaning="a tool message answers a call of the assistant message it follows",
        source=_RECORDED,
        forms=_MESSAGES,
        members=("messages",),
        find=_answers_nothing,
    ),
    CrossFieldRule(
        id="request.chat.calls_answered",
        meaning="every tool call is answered before the next message that is no tool message",
        source=_RECORDED,
        forms=_MESSAGES,
        members=("messages",),
        find=_unanswered,
    ),
    CrossFieldRule(
        id="request.chat.call_ids_unique",
        meaning="no two tool calls of a conversation share an id",
        source=_DOCUMENTED,
        forms=_MESSAGES,
        members=("messages",),
        find=_repeated_calls,
    ),
    CrossFieldRule(
        id="request.chat.answered_once",
        meaning="a tool call has one tool message",
        source=_DOCUMENTED,
        forms=_MESSAGES,
        members=("messages",),
        find=_repeated_answers,
    ),
    CrossFieldRule(
        id="request.chat.assistant_speaks",
        meaning="an assistant message has content unless it calls tools, refuses or is audio",
        source=_RECORDED,
        forms=_MESSAGES,
        members=("messages",),
        find=_says_nothing,
    ),
    CrossFieldRule(
        id="request.chat.tool_choice_with_tools",
        meaning="tool_choice comes with tools",
        source=_RECORDED,
        forms=_CHAT,
        members=("tool_choice",),
        find=_choice_without_tools,
    ),
    CrossFieldRule(
        id="request.chat.tool_choice_offered",
        meaning="tool_choice names tools that are offered",
        source=_DOCUMENTED,
        forms=_CHAT,
        members=("tool_choice",),
        find=_choice_not_offered,
    ),
    CrossFieldRule(
        id="request.chat.function_call_offered",
        meaning="function_call comes with functions and names one of them",
        source=_DOCUMENTED,
        forms=_CHAT,
        members=("function_call",),
        find=_function_not_offered,
    ),
    CrossFieldRule(
        id="request.chat.functions_exclude_tools",
        meaning="functions and tools, function_call and tool_choice exclude each other",
        source=_DOCUMENTED,
        forms=_CHAT,
        members=("functions", "function_call"),
        find=_both_generations,
    ),
    CrossFieldRule(
        id="request.chat.one_token_limit",
        meaning="max_tokens and max_completion_tokens exclude each other",
        source=_RECORDED,
        forms=_CHAT,
        members=("max_tokens",),
        find=_both_limits,
    ),
    CrossFieldRule(
        id="request.chat.top_logprobs_with_logprobs",
        meaning="top_logprobs needs logprobs: true",
        source=_DOCUMENTED,
        forms=_CHAT,
        members=("top_logprobs",),
        find=_logprobs_off,
    ),
    CrossFieldRule(
        id="request.chat.audio_described",
        meaning="the audio modality needs audio",
        source=_DOCUMENTED,
        forms=_CHAT,
        members=("modalities",),
        find=_audio_undescribed,
    ),
)
