"""Rules between the fields of Responses and compact requests."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.cross_field import CALLS, OUTPUTS, BodyIndex, Reject, RuleTable, objects, tool_name
from mockserver.contract.error_messages import clipped, quoted
from mockserver.model.dialect import Rejection
from mockserver.model.findings import Severity
from mockserver.model.json import JSON, JSONObject

_RESPONSES = ("responses",)
_ITEMS = ("responses", "compact")
_RECORDED = "official API, recorded 400 replies"
_DOCUMENTED = "official API reference"
_TABLE = RuleTable()
_LOGPROBS = "message.output_text.logprobs"


@_TABLE.rule("input.outputs_answer", _RECORDED, _ITEMS, "input")
def _output_without_call(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Every tool output answers an earlier call, unless that may lie outside the body."""
    if body.has_history:
        return
    called: set[str] = set()
    for kind, call_id, index in body.items.links:
        if kind in CALLS:
            called.add(call_id)
        elif call_id not in called:
            yield reject(
                f"input[{index}].call_id",
                f"No tool call found for {OUTPUTS[kind]} with call_id {clipped(call_id)}.",
                param="input",
            )


@_TABLE.rule("input.calls_answered", _RECORDED, _RESPONSES, "input")
def _call_without_output(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Every call of a client tool has its output."""
    if body.items.opaque:
        return
    answered = {call_id for kind, call_id, _ in body.items.links if kind in OUTPUTS}
    for kind, call_id, index in body.items.links:
        # A search among deferred tools may run on the upstream's side.
        if kind in CALLS and kind != "tool_search_call" and call_id not in answered:
            yield reject(
                f"input[{index}].call_id", f"No tool output found for {CALLS[kind]} {clipped(call_id)}.", param="input"
            )


@_TABLE.rule("input.call_ids_unique", _DOCUMENTED, _ITEMS, "input")
def _repeated_calls(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """No two calls and no two outputs share a call_id."""
    for kinds in (CALLS, OUTPUTS):
        seen: set[str] = set()
        for kind, call_id, index in body.items.links:
            if kind in kinds:
                if call_id in seen:
                    yield reject(
                        f"input[{index}].call_id",
                        f"Duplicate {kinds[kind]} found with call_id {clipped(call_id)}.",
                        param="input",
                    )
                seen.add(call_id)


@_TABLE.rule("input.item_ids_unique", _RECORDED, _ITEMS, "input")
def _repeated_ids(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """No two items share an id."""
    seen: set[str] = set()
    for item_id, index in body.items.ids:
        if item_id in seen:
            yield reject(
                f"input[{index}].id",
                f"Duplicate item found with id {clipped(item_id)}. Remove duplicate items "
                "from your input and try again.",
                param="input",
            )
        seen.add(item_id)


@_TABLE.rule("one_history", _DOCUMENTED, _RESPONSES, "previous_response_id")
def _two_histories(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Previous_response_id and conversation exclude each other."""
    if body.has("previous_response_id") and body.has("conversation"):
        yield reject(
            "previous_response_id",
            "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Provide only one of them.",
            code="mutually_exclusive_parameters",
        )


@_TABLE.rule("tool_choice_with_tools", _DOCUMENTED, _RESPONSES, "tool_choice")
def _choice_without_tools(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Tool_choice required comes with tools."""
    if body.json["tool_choice"] == "required" and not body.offered and not body.has("prompt"):
        yield reject(
            "tool_choice", "Tool choice 'required' must be specified with 'tools' parameter.", param="tool_choice"
        )


@_TABLE.rule("tool_choice_offered", _DOCUMENTED, _RESPONSES, "tool_choice")
def _choice_not_offered(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Tool_choice names tools that are offered."""
    choice = body.json["tool_choice"]
    if not isinstance(choice, dict) or body.has("prompt"):
        return
    listed: JSON = choice.get("tools") if choice.get("type") == "allowed_tools" else [choice]
    for _, tool in objects(listed):
        if not _offered(tool, body):
            yield reject(
                "tool_choice", f"Tool choice {_named(tool)} not found in 'tools' parameter.", param="tool_choice"
            )


def _offered(tool: JSONObject, body: BodyIndex) -> bool:
    kind, name = tool_name(tool)
    if not kind:
        return True
    return (kind, name) in body.offered


def _named(tool: JSONObject) -> str:
    kind, name = tool_name(tool)
    return f"{quoted(kind)} with name {quoted(name)}" if name else quoted(kind)


@_TABLE.rule("stream_options_with_stream", _DOCUMENTED, ("chat", "responses"), "stream_options")
def _stream_options_alone(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Stream_options needs stream: true."""
    if body.json["stream_options"] is not None and body.json.get("stream") is not True:
        yield reject(
            "stream_options",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )


@_TABLE.rule("stream_usage", _RECORDED, _RESPONSES, "stream_options")
def _include_usage(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """A Responses stream always reports usage; stream_options.include_usage is chat's."""
    options = body.json["stream_options"]
    if isinstance(options, dict) and "include_usage" in options:
        yield reject(
            "stream_options.include_usage",
            "Unknown parameter: 'stream_options.include_usage'.",
            param="stream_options.include_usage",
            code="unknown_parameter",
        )


@_TABLE.rule("top_logprobs_included", _DOCUMENTED, _RESPONSES, "top_logprobs", severity=Severity.NOTICE)
def _top_logprobs_not_included(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Top_logprobs on responses needs the logprobs in include."""
    include = body.json.get("include")
    included = isinstance(include, list) and _LOGPROBS in include
    if body.json["top_logprobs"] and not included:
        yield reject(
            "top_logprobs", f"'top_logprobs' has no effect unless 'include' has '{_LOGPROBS}'.", param="top_logprobs"
        )


@_TABLE.rule("storage_said_once", "visioncoder, page of the responses endpoint", _RESPONSES, "disable_response_storage")
def _store_and_disable(body: BodyIndex, reject: Reject) -> Iterator[Rejection]:
    """Store and disable_response_storage exclude each other."""
    if body.has("store"):
        yield reject(
            "disable_response_storage",
            "Mutually exclusive parameters: 'store' and 'disable_response_storage'. Provide only one of them.",
            code="mutually_exclusive_parameters",
        )


RESPONSES_CROSS_FIELD = tuple(_TABLE.rules)
