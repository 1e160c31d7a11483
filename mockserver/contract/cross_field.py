"""Rules between fields of a request body.

Values of the wrong type are skipped: the schema reports them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias, TypeVar

from mockserver.contract.body_index import CALLS, OUTPUTS, BodyIndex, objects_of, tool_name
from mockserver.contract.error_messages import MAX_FAULTS, clipped, quoted, rejection
from mockserver.model.dialect import Rejection
from mockserver.model.findings import Rule, Severity

_Value = TypeVar("_Value")

_Problem: TypeAlias = tuple[str, str, str | None]
"""The path of the field, the message, and the `param` of the answer."""

_Check: TypeAlias = Callable[[BodyIndex], Iterable[_Problem]]


class CrossFieldRule(NamedTuple):
    """`check` runs once for bodies of these `forms` that have one of the `members`."""

    rule: Rule
    forms: tuple[str, ...]
    members: tuple[str, ...]
    check: _Check
    code: str | None

    def findings(self, body: BodyIndex) -> Iterator[Rejection]:
        for path, message, param in self.check(body):
            yield rejection(self.rule.id, path, message, code=self.code, param=param, severity=self.rule.severity)


_RECORDED = "official API, recorded 400 replies"
_DOCUMENTED = "official API reference"
_VISIONCODER = "visioncoder, page of the responses endpoint"
_CHAT = ("chat",)
_MESSAGES = ("chat", "compact-messages")
_RESPONSES = ("responses",)
_ITEMS = ("responses", "compact")
_COMBINED = "invalid_parameter_combination"
_EXCLUSIVE = "mutually_exclusive_parameters"
CROSS_FIELD_RULES: list[CrossFieldRule] = []


def _rule(
    name: str, source: str, forms: tuple[str, ...], *members: str, code: str | None = None, notice: bool = False
) -> Callable[[_Check], _Check]:
    """Add the decorated function as the check of a rule; its docstring is the meaning."""

    def decorate(check: _Check) -> _Check:
        text = (check.__doc__ or "").rstrip(".")
        meaning = text[:1].lower() + text[1:]
        severity = Severity.NOTICE if notice else Severity.ERROR
        rule = Rule(id=f"request.{name}", meaning=meaning, source=source, severity=severity)
        CROSS_FIELD_RULES.append(CrossFieldRule(rule=rule, forms=forms, members=members, check=check, code=code))
        return check

    return decorate


def _about(name: str, message: str) -> _Problem:
    return name, message, name


def _in_messages(path: str, message: str) -> _Problem:
    """The answer's param has a dot before each index: `messages.[1].role`."""
    return path, message, path.replace("[", ".[")


def _in_input(index: int, name: str, message: str) -> _Problem:
    return f"input[{index}].{name}", message, "input"


def _repeated(pairs: Iterable[tuple[str, _Value]]) -> Iterator[tuple[str, _Value]]:
    seen: set[str] = set()
    for key, value in pairs:
        if key in seen:
            yield key, value
        seen.add(key)


@_rule("chat.tool_message_placed", _RECORDED, _MESSAGES, "messages")
def _misplaced_message(body: BodyIndex) -> Iterator[_Problem]:
    """A tool message follows an assistant message with tool calls."""
    text = "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
    for index in body.messages.orphans:
        yield _in_messages(f"messages[{index}].role", text)


@_rule("chat.tool_message_answers", _RECORDED, _MESSAGES, "messages")
def _message_without_call(body: BodyIndex) -> Iterator[_Problem]:
    """A tool message answers a call of the assistant message it follows."""
    for turn in body.messages.turns:
        called = {call_id for call_id, _ in turn.calls}
        for call_id, index in turn.answers:
            if call_id not in called:
                text = f"'tool_call_id' of {quoted(call_id)} not found in 'tool_calls' of previous message."
                yield _in_messages(f"messages[{index}].tool_call_id", f"Invalid parameter: {text}")


@_rule("chat.calls_answered", _RECORDED, _MESSAGES, "messages")
def _call_without_message(body: BodyIndex) -> Iterator[_Problem]:
    """Every tool call is answered before the next message that is no tool message."""
    for turn in body.messages.turns:
        answered = {call_id for call_id, _ in turn.answers}
        missing = [clipped(call_id) for call_id, _ in turn.calls if call_id not in answered]
        if missing:
            text = (
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                "'tool_call_id'. The following tool_call_ids did not have response messages: "
                f"{', '.join(missing[:MAX_FAULTS])}"
            )
            yield f"messages[{turn.index}].tool_calls", text, f"messages.[{turn.end}].role"


@_rule("chat.call_ids_unique", _DOCUMENTED, _MESSAGES, "messages")
def _repeated_calls(body: BodyIndex) -> Iterator[_Problem]:
    """No two tool calls of a message share an id."""
    for turn in body.messages.turns:
        for call_id, index in _repeated(turn.calls):
            text = f"Invalid parameter: duplicate tool call id {quoted(call_id)}."
            yield _in_messages(f"messages[{turn.index}].tool_calls[{index}].id", text)


@_rule("chat.answered_once", _DOCUMENTED, _MESSAGES, "messages")
def _repeated_messages(body: BodyIndex) -> Iterator[_Problem]:
    """A tool call has one tool message."""
    for turn in body.messages.turns:
        for call_id, index in _repeated(turn.answers):
            text = f"Invalid parameter: duplicate value for 'tool_call_id' of {quoted(call_id)}."
            yield _in_messages(f"messages[{index}].tool_call_id", text)


@_rule("chat.assistant_speaks", _RECORDED, _MESSAGES, "messages")
def _without_content(body: BodyIndex) -> Iterator[_Problem]:
    """An assistant message has content, tool calls, a refusal or audio."""
    for index in body.messages.empty:
        yield _in_messages(f"messages[{index}].content", "Invalid value for 'content': expected a string, got null.")


@_rule("chat.tool_choice_with_tools", _RECORDED, _CHAT, "tool_choice")
def _chat_choice_without_tools(body: BodyIndex) -> Iterator[_Problem]:
    """Tool_choice comes with tools."""
    choice, tools = body.json["tool_choice"], body.json.get("tools")
    if choice is not None and not tools and not (tools == [] and choice in ("auto", "none")):
        text = "'tool_choice' is only allowed when 'tools' are specified."
        yield _about("tool_choice", f"Invalid value for 'tool_choice': {text}")


@_rule("chat.tool_choice_offered", _DOCUMENTED, _CHAT, "tool_choice")
def _chat_choice_not_offered(body: BodyIndex) -> Iterator[_Problem]:
    """Tool_choice names tools that are offered."""
    choice = body.json["tool_choice"]
    if isinstance(choice, dict) and body.json.get("tools"):
        allowed = choice.get("allowed_tools")
        for _, tool in objects_of(allowed.get("tools") if isinstance(allowed, dict) else [choice]):
            kind, name = tool_name(tool)
            if name and (kind, name) not in body.offered:
                text = f"no {kind} named {quoted(name)} was specified in the 'tools' parameter."
                yield _about("tool_choice", f"Invalid value for 'tool_choice': {text}")


@_rule("chat.function_call_offered", _DOCUMENTED, _CHAT, "function_call")
def _function_not_offered(body: BodyIndex) -> Iterator[_Problem]:
    """Function_call comes with functions and names one of them."""
    choice, start = body.json["function_call"], "Invalid value for 'function_call':"
    names = [function.get("name") for _, function in objects_of(body.json.get("functions"))]
    if choice is not None and not names:
        yield _about("function_call", f"{start} 'function_call' is only allowed when 'functions' are specified.")
    elif isinstance(choice, dict) and choice.get("name") not in names:
        text = f"{start} no function named {quoted(choice.get('name'))} was specified in the 'functions' parameter."
        yield _about("function_call", text)


@_rule("chat.functions_exclude_tools", _DOCUMENTED, _CHAT, "functions", "function_call", code=_COMBINED)
def _functions_and_tools(body: BodyIndex) -> Iterator[_Problem]:
    """Functions and tools, function_call and tool_choice exclude each other."""
    for old, new in (("functions", "tools"), ("function_call", "tool_choice")):
        if body.has(old) and body.has(new):
            yield _about(old, f"Invalid parameter combination: '{old}' cannot be used together with '{new}'.")


@_rule("chat.one_token_limit", _RECORDED, _CHAT, "max_tokens", code=_COMBINED)
def _two_token_limits(body: BodyIndex) -> Iterator[_Problem]:
    """Max_tokens and max_completion_tokens exclude each other."""
    if body.has("max_tokens") and body.has("max_completion_tokens"):
        text = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        yield _about("max_tokens", text)


@_rule("chat.top_logprobs_with_logprobs", _DOCUMENTED, _CHAT, "top_logprobs")
def _top_logprobs_alone(body: BodyIndex) -> Iterator[_Problem]:
    """Top_logprobs needs logprobs: true."""
    if body.has("top_logprobs") and body.json.get("logprobs") is not True:
        text = "'top_logprobs' is only allowed when 'logprobs' is enabled."
        yield _about("top_logprobs", f"Invalid value for 'top_logprobs': {text}")


@_rule("chat.audio_described", _DOCUMENTED, _CHAT, "modalities", code="missing_required_parameter")
def _audio_modality_alone(body: BodyIndex) -> Iterator[_Problem]:
    """The audio modality needs audio."""
    modalities = body.json["modalities"]
    if isinstance(modalities, list) and "audio" in modalities and not body.has("audio"):
        yield _about("audio", "Missing required parameter: 'audio'.")


@_rule("input.outputs_answer", _RECORDED, _ITEMS, "input")
def _output_without_call(body: BodyIndex) -> Iterator[_Problem]:
    """Every tool output answers an earlier call, unless that may lie outside the body."""
    if body.has("previous_response_id") or body.has("conversation") or body.items.opaque:
        return
    called: set[str] = set()
    for kind, call_id, index in body.items.links:
        if kind in CALLS:
            called.add(call_id)
        elif call_id not in called:
            text = f"No tool call found for {kind.replace('_', ' ')} with call_id {clipped(call_id)}."
            yield _in_input(index, "call_id", text)


@_rule("input.calls_answered", _RECORDED, _RESPONSES, "input")
def _call_without_output(body: BodyIndex) -> Iterator[_Problem]:
    """Every call of a client tool has its output."""
    if body.items.opaque:
        return
    answered = {call_id for kind, call_id, _ in body.items.links if kind in OUTPUTS}
    for kind, call_id, index in body.items.links:
        if kind in CALLS and index not in body.items.free and call_id not in answered:
            yield _in_input(index, "call_id", f"No tool output found for {kind.replace('_', ' ')} {clipped(call_id)}.")


@_rule("input.call_ids_unique", _DOCUMENTED, _ITEMS, "input")
def _repeated_call_ids(body: BodyIndex) -> Iterator[_Problem]:
    """No call has the call_id of one that is not answered, and no call two outputs."""
    waiting, answered = set[str](), set[str]()
    for kind, call_id, index in body.items.links:
        again = call_id in waiting if kind in CALLS else call_id in answered - waiting
        if again:
            text = f"Duplicate {kind.replace('_', ' ')} found with call_id {clipped(call_id)}."
            yield _in_input(index, "call_id", text)
        elif kind in CALLS:
            waiting.add(call_id)
        else:
            waiting.discard(call_id)
            answered.add(call_id)


@_rule("input.item_ids_unique", _RECORDED, _ITEMS, "input")
def _repeated_ids(body: BodyIndex) -> Iterator[_Problem]:
    """No two items share an id."""
    for item_id, index in _repeated(body.items.ids):
        text = f"Duplicate item found with id {clipped(item_id)}. Remove duplicate items from your input and try again."
        yield _in_input(index, "id", text)


@_rule("one_history", _DOCUMENTED, _RESPONSES, "previous_response_id", code=_EXCLUSIVE)
def _two_histories(body: BodyIndex) -> Iterator[_Problem]:
    """Previous_response_id and conversation exclude each other."""
    if body.has("previous_response_id") and body.has("conversation"):
        names = "'previous_response_id' and 'conversation'"
        yield "previous_response_id", f"Mutually exclusive parameters: {names}. Provide only one of them.", None


@_rule("tool_choice_with_tools", _DOCUMENTED, _RESPONSES, "tool_choice")
def _choice_without_tools(body: BodyIndex) -> Iterator[_Problem]:
    """Tool_choice required comes with tools."""
    if body.json["tool_choice"] == "required" and not body.offered and not body.has("prompt"):
        yield _about("tool_choice", "Tool choice 'required' must be specified with 'tools' parameter.")


@_rule("tool_choice_offered", _DOCUMENTED, _RESPONSES, "tool_choice")
def _choice_not_offered(body: BodyIndex) -> Iterator[_Problem]:
    """Tool_choice names tools that are offered."""
    for kind, name in body.not_offered:
        named = f"{quoted(kind)} with name {quoted(name)}" if name else quoted(kind)
        yield _about("tool_choice", f"Tool choice {named} not found in 'tools' parameter.")


@_rule("stream_options_with_stream", _DOCUMENTED, ("chat", "responses"), "stream_options")
def _stream_options_alone(body: BodyIndex) -> Iterator[_Problem]:
    """Stream_options needs stream: true."""
    if body.json["stream_options"] is not None and body.json.get("stream") is not True:
        yield _about("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")


@_rule("stream_usage", _RECORDED, _RESPONSES, "stream_options", code="unknown_parameter")
def _include_usage(body: BodyIndex) -> Iterator[_Problem]:
    """A Responses stream always reports usage; stream_options.include_usage is chat's."""
    options, name = body.json["stream_options"], "stream_options.include_usage"
    if isinstance(options, dict) and "include_usage" in options:
        yield _about(name, f"Unknown parameter: '{name}'.")


@_rule("top_logprobs_included", _DOCUMENTED, _RESPONSES, "top_logprobs", notice=True)
def _top_logprobs_not_included(body: BodyIndex) -> Iterator[_Problem]:
    """Top_logprobs on responses needs the logprobs in include."""
    include, name = body.json.get("include"), "message.output_text.logprobs"
    if body.json["top_logprobs"] and not (isinstance(include, list) and name in include):
        yield _about("top_logprobs", f"'top_logprobs' has no effect unless 'include' has '{name}'.")


@_rule("storage_said_once", _VISIONCODER, _RESPONSES, "disable_response_storage", code=_EXCLUSIVE)
def _store_and_disable(body: BodyIndex) -> Iterator[_Problem]:
    """Store and disable_response_storage exclude each other."""
    if body.has("store"):
        names = "'store' and 'disable_response_storage'"
        yield "disable_response_storage", f"Mutually exclusive parameters: {names}. Provide only one of them.", None
