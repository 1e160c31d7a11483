"""The pairing rules of responses, of compact with items, and of both endpoints' streams."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.body_index import CALLS, OUTPUTS, BodyIndex, objects, offer
from mockserver.contract.cross_field import CrossFieldRule, RuleViolation
from mockserver.contract.error_messages import clipped, quoted
from mockserver.contract.request_body import BodyKind
from mockserver.model.findings import Severity
from mockserver.model.json import JSON, JSONObject

_RESPONSES = (BodyKind.RESPONSES,)
_ITEMS = (BodyKind.RESPONSES, BodyKind.COMPACT)
_RECORDED = "official API, recorded 400 replies"
_DOCUMENTED = "official API reference"
_LOGPROBS = "message.output_text.logprobs"


def _answers_nothing(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.elsewhere:
        return
    called: set[str] = set()
    for kind, call_id, index in facts.items.links:
        if kind in CALLS:
            called.add(call_id)
        elif call_id not in called:
            yield RuleViolation(
                path=f"input[{index}].call_id",
                message=(
                    f"No tool call found for {OUTPUTS[kind]} with call_id {clipped(call_id)}."
                ),
                param="input",
            )


def _unanswered(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.items.hidden:
        return
    answered = {call_id for kind, call_id, _ in facts.items.links if kind in OUTPUTS}
    for kind, call_id, index in facts.items.links:
        # A search among deferred tools may run on the upstream's side.
        if kind in CALLS and kind != "tool_search_call" and call_id not in answered:
            yield RuleViolation(
                path=f"input[{index}].call_id",
                message=f"No tool output found for {CALLS[kind]} {clipped(call_id)}.",
                param="input",
            )


def _repeated_calls(facts: BodyIndex) -> Iterator[RuleViolation]:
    for kinds in (CALLS, OUTPUTS):
        seen: set[str] = set()
        for kind, call_id, index in facts.items.links:
            if kind in kinds:
                if call_id in seen:
                    yield RuleViolation(
                        path=f"input[{index}].call_id",
                        message=f"Duplicate {kinds[kind]} found with call_id {clipped(call_id)}.",
                        param="input",
                    )
                seen.add(call_id)


def _repeated_items(facts: BodyIndex) -> Iterator[RuleViolation]:
    seen: set[str] = set()
    for item_id, index in facts.items.ids:
        if item_id in seen:
            yield RuleViolation(
                path=f"input[{index}].id",
                message=(
                    f"Duplicate item found with id {clipped(item_id)}. Remove duplicate items "
                    "from your input and try again."
                ),
                param="input",
            )
        seen.add(item_id)


def _two_histories(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.has("previous_response_id") and facts.has("conversation"):
        yield RuleViolation(
            path="previous_response_id",
            message=(
                "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. "
                "Provide only one of them."
            ),
            code="mutually_exclusive_parameters",
        )


def _choice_without_tools(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.body["tool_choice"] == "required" and not facts.offered and not facts.has("prompt"):
        yield RuleViolation(
            path="tool_choice",
            message="Tool choice 'required' must be specified with 'tools' parameter.",
            param="tool_choice",
        )


def _choice_not_offered(facts: BodyIndex) -> Iterator[RuleViolation]:
    choice = facts.body["tool_choice"]
    if not isinstance(choice, dict) or facts.has("prompt"):
        return
    listed: JSON = choice.get("tools") if choice.get("type") == "allowed_tools" else [choice]
    for _, tool in objects(listed):
        if not _offered(tool, facts):
            yield RuleViolation(
                path="tool_choice",
                message=f"Tool choice {_named(tool)} not found in 'tools' parameter.",
                param="tool_choice",
            )


def _offered(tool: JSONObject, facts: BodyIndex) -> bool:
    kind, name = offer(tool)
    if not kind:
        return True
    return (kind, name) in facts.offered


def _named(tool: JSONObject) -> str:
    kind, name = offer(tool)
    return f"{quoted(kind)} with name {quoted(name)}" if name else quoted(kind)


def _stream_off(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.body["stream_options"] is not None and facts.body.get("stream") is not True:
        yield RuleViolation(
            path="stream_options",
            message="The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )


def _usage_in_stream(facts: BodyIndex) -> Iterator[RuleViolation]:
    options = facts.body["stream_options"]
    if isinstance(options, dict) and "include_usage" in options:
        yield RuleViolation(
            path="stream_options.include_usage",
            message="Unknown parameter: 'stream_options.include_usage'.",
            param="stream_options.include_usage",
            code="unknown_parameter",
        )


def _logprobs_left_out(facts: BodyIndex) -> Iterator[RuleViolation]:
    include = facts.body.get("include")
    included = isinstance(include, list) and _LOGPROBS in include
    if facts.body["top_logprobs"] and not included:
        yield RuleViolation(
            path="top_logprobs",
            message=f"'top_logprobs' has no effect unless 'include' has '{_LOGPROBS}'.",
            param="top_logprobs",
        )


def _storage_twice(facts: BodyIndex) -> Iterator[RuleViolation]:
    if facts.has("store"):
        yield RuleViolation(
            path="disable_response_storage",
            message=(
                "Mutually exclusive parameters: 'store' and 'disable_response_storage'. "
                "Provide only one of them."
            ),
            code="mutually_exclusive_parameters",
        )


RESPONSES_CROSS_FIELD: tuple[CrossFieldRule, ...] = (
    CrossFieldRule(
        id="request.input.outputs_answer",
        meaning="every tool output answers an earlier call, unless that may lie outside the body",
        source=_RECORDED,
        forms=_ITEMS,
        members=("input",),
        find=_answers_nothing,
    ),
    CrossFieldRule(
        id="request.input.calls_answered",
        meaning="every call of a tool of the client's has its output",
        source=_RECORDED,
        forms=_RESPONSES,
        members=("input",),
        find=_unanswered,
    ),
    CrossFieldRule(
        id="request.input.call_ids_unique",
        meaning="no two calls and no two outputs share a call_id",
        source=_DOCUMENTED,
        forms=_ITEMS,
        members=("input",),
        find=_repeated_calls,
    ),
    CrossFieldRule(
        id="request.input.item_ids_unique",
        meaning="no two items share an id",
        source=_RECORDED,
        forms=_ITEMS,
        members=("input",),
        find=_repeated_items,
    ),
    CrossFieldRule(
        id="request.one_history",
        meaning="previous_response_id and conversation exclude each other",
        source=_DOCUMENTED,
        forms=_RESPONSES,
        members=("previous_response_id",),
        find=_two_histories,
    ),
    CrossFieldRule(
        id="request.tool_choice_with_tools",
        meaning="tool_choice required comes with tools",
        source=_DOCUMENTED,
        forms=_RESPONSES,
        members=("tool_choice",),
        find=_choice_without_tools,
    ),
    CrossFieldRule(
        id="request.tool_choice_offered",
        meaning="tool_choice names tools that are offered",
        source=_DOCUMENTED,
        forms=_RESPONSES,
        members=("tool_choice",),
        find=_choice_not_offered,
    ),
    CrossFieldRule(
        id="request.stream_options_with_stream",
        meaning="stream_options needs stream: true",
        source=_DOCUMENTED,
        forms=(BodyKind.CHAT, BodyKind.RESPONSES),
        members=("stream_options",),
        find=_stream_off,
    ),
    CrossFieldRule(
        id="request.stream_usage",
        meaning="a Responses stream always reports usage; stream_options.include_usage is chat's",
        source=_RECORDED,
        forms=_RESPONSES,
        members=("stream_options",),
        find=_usage_in_stream,
    ),
    CrossFieldRule(
        id="request.top_logprobs_included",
        meaning="top_logprobs on responses wants include to have the logprobs",
        source=_DOCUMENTED,
        forms=_RESPONSES,
        members=("top_logprobs",),
        find=_logprobs_left_out,
        severity=Severity.NOTICE,
    ),
    CrossFieldRule(
        id="request.storage_said_once",
        meaning="store and disable_response_storage exclude each other",
        source="visioncoder, page of the responses endpoint",
        forms=_RESPONSES,
        members=("disable_response_storage",),
        find=_storage_twice,
    ),
)
