"""For every rule of a Responses stream, one that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.contract.cases import Case
from tests.contract.mutations import Mutation, all_of, append, before, double, drop, lose, put
from tests.contract.responses_streams import (
    RUNNING,
    code_interpreter,
    compaction,
    custom_call,
    file_search,
    function_call,
    image,
    live,
    marker,
    mcp_call,
    mcp_list,
    message,
    other,
    patch,
    reasoning,
    refusal,
    shell,
    shell_output,
    stream,
    web_search,
)
from tests.kit import JSON, OPENAI, Event, Finding, JSONObject, ReplyContract, Shape, judge_stream

Events = Callable[[list[Event]], list[Event]]

_ERROR: Final[JSONObject] = {
    "type": "error",
    "error": {"type": "server_error", "code": None, "message": "sorry", "param": None},
}
_FAILURE: Final[JSONObject] = {"code": "server_error", "message": "sorry"}
_CITATION: Final[JSONObject] = {
    "type": "url_citation", "url": "https://example.org", "title": "Example", "start_index": 0, "end_index": 2,
}  # fmt: skip
_WITH_DONE: Final = ReplyContract.from_data({"responses": {"done": "required"}}, OPENAI)
_BARE: Final = ReplyContract.from_data(
    {"kinds": {"response": {"absent": ["output_text"]}}, "responses": {"sequence": "required"}}, OPENAI
)


def plain() -> list[JSONObject]:
    """A text, given in two deltas."""
    return live(message("Hel", "lo"))


def tools() -> list[JSONObject]:
    """A reasoning, then a function call."""
    return live(reasoning("first", "second", thought="hm"), function_call('{"a"', ":1}", index=1))


def failing() -> list[JSONObject]:
    """An error in the middle of a text, then response.failed."""
    given = live(message("Hel", "lo"), end="failed", error=_FAILURE, usage=None, output=[])
    return [*given[:5], dict(_ERROR), given[-1]]


def judged(events: list[Event], contract: ReplyContract = OPENAI) -> tuple[Finding, ...]:
    return judge_stream(events, shape=Shape.RESPONSES, contract=contract)


def _spoilt(
    rule: str,
    mutate: Mutation,
    base: Callable[[], list[JSONObject]] = plain,
    contract: ReplyContract = OPENAI,
    note: str = "",
) -> Case:
    def broken() -> tuple[Finding, ...]:
        datas = base()
        mutate(datas)
        return judged(stream(*datas), contract)

    return Case(rule=rule, kept=lambda: judged(stream(*base()), contract), broken=broken, note=note)


def _respelt(rule: str, change: Events, contract: ReplyContract = OPENAI, keep: Events | None = None) -> Case:
    def kept() -> tuple[Finding, ...]:
        events = stream(*plain())
        return judged(keep(events) if keep else events, contract)

    return Case(rule=rule, kept=kept, broken=lambda: judged(change(stream(*plain())), contract))


def _with(number: int, **changes: object) -> Events:
    def change(events: list[Event]) -> list[Event]:
        events[number] = replace(events[number], **changes)  # type: ignore[arg-type]
        return events

    return change


def _and_marker(events: list[Event]) -> list[Event]:
    return [*events, marker()]


def unnumbered(events: list[Event]) -> list[Event]:
    """The same without sequence numbers, as streams of earlier years."""
    bare = []
    for event in events:
        assert isinstance(event.data, dict)
        rest = {name: one for name, one in event.data.items() if name != "sequence_number"}
        bare.append(replace(event, data=rest))
    return bare


def _one(body: list[JSONObject]) -> Callable[[], list[JSONObject]]:
    return lambda: live(body)


def _cut() -> list[JSONObject]:
    details: JSON = {"reason": "max_output_tokens"}
    return live(message("Hel", status="incomplete"), end="incomplete", incomplete_details=details)


_TEXT_DELTA: Final = "response.output_text.delta"
_ADDED: Final = "response.output_item.added"
_DONE: Final = "response.output_item.done"
_PART_DONE: Final = "response.content_part.done"
_COMPLETED: Final = "response.completed"
_SUMMARY: Final = "response.reasoning_summary"

FRAMING: Final = (
    _respelt("responses.event.json", _with(4, data=None, text='{"type":"respon')),
    _respelt("responses.event.object", _with(4, data=["response"])),
    _spoilt("responses.event.type", lose(_TEXT_DELTA, "type")),
    _spoilt("responses.event.type", put(_TEXT_DELTA, "type", to=7), note="no string"),
    _spoilt("responses.event.unknown", before(_TEXT_DELTA, {"type": "response.surprise"})),
    _spoilt("responses.event.unknown", before(_TEXT_DELTA, {"type": "ping"}), note="foreign"),
    _respelt("responses.event.name", _with(4, name="response.output_text.done")),
    _respelt("responses.event.line", _with(4, name=None)),
    _spoilt("responses.sequence", put(_TEXT_DELTA, "sequence_number", to=9)),
    _spoilt("responses.sequence", put("response.created", "sequence_number", to=1), note="first"),
    _respelt("responses.sequence", lambda events: [*unnumbered(events[:1]), *events[1:]]),
    _respelt("responses.sequence", lambda events: [*events[:1], *unnumbered(events[1:])]),
    _respelt("responses.sequence", unnumbered, _BARE),
)

LIFE: Final = (
    _spoilt("responses.created.first", drop("response.created")),
    _spoilt("responses.created.first", before("response.created", _ERROR), note="error"),
    _spoilt("responses.life.order", double("response.in_progress")),
    _spoilt("responses.life.order", double("response.created"), note="created"),
    _spoilt("responses.in_progress.missing", drop("response.in_progress")),
    _spoilt("responses.terminal.missing", drop(_COMPLETED)),
    _spoilt("responses.terminal.missing", lambda datas: datas.clear(), note="nothing"),
    _respelt("responses.terminal.missing", lambda events: [*events[:5], marker()], _WITH_DONE, _and_marker),
    _spoilt("responses.terminal.one", double(_COMPLETED)),
    _spoilt("responses.terminal.last", append({"type": "response.in_progress", "response": RUNNING})),
    _spoilt("responses.running.status", put("response.created", "response", "status", to="completed")),
    _spoilt("responses.running.status", put("response.in_progress", "response", "status", to="queued"), note="queued"),
    _spoilt("responses.running.empty", put("response.created", "response", "output", to=[message("x")[-1]["item"]]),
        note="output"),
    _spoilt("responses.running.empty", put("response.in_progress", "response", "completed_at", to=1),
        note="completed_at"),
    _spoilt("responses.running.empty", put("response.in_progress", "response", "output_text", to="Hello"),
        note="output_text"),
    _spoilt("responses.id.same", put(_COMPLETED, "response", "id", to="resp_2")),
    _spoilt("responses.created_at.same", put(_COMPLETED, "response", "created_at", to=7)),
    _spoilt("responses.terminal.status", put(_COMPLETED, "response", "status", to="failed")),
    _spoilt("responses.error.shape", lose("error", "error"), failing),
    _spoilt("responses.completed.after_error", before(_COMPLETED, _ERROR)),
    _spoilt("responses.error.last", append({"type": "response.in_progress", "response": RUNNING}),
        lambda: failing()[:-1]),
    _respelt("responses.done.forbidden", _and_marker),
    _respelt("responses.done.missing", lambda events: events, _WITH_DONE, _and_marker),
    _respelt("responses.done.last", lambda events: [*events, marker(), marker()], _WITH_DONE, _and_marker),
)  # fmt: skip

STATUS: Final = (
    _spoilt("responses.completed.clean", put(_COMPLETED, "response", "error", to=_FAILURE)),
    _spoilt("responses.usage.set", put(_COMPLETED, "response", "usage", to=None)),
    _spoilt("responses.usage.set", lose(_COMPLETED, "response", "usage"), note="no member"),
    _spoilt("responses.usage.sum", put(_COMPLETED, "response", "usage", "total_tokens", to=18)),
    _spoilt(
        "responses.usage.bounds", put(_COMPLETED, "response", "usage", "input_tokens_details", "cached_tokens", to=13)
    ),
    _spoilt("responses.incomplete.reason", put("response.incomplete", "response", "incomplete_details", to=None), _cut),
    _spoilt("responses.failed.error", put("response.failed", "response", "error", to=None), failing),
)

ITEMS: Final = (
    _spoilt("responses.output_index.order", put(_ADDED, "output_index", to=1)),
    _spoilt("responses.output_index.order", double(_ADDED), note="twice"),
    _spoilt("responses.item.unopened", drop(_ADDED)),
    _spoilt("responses.item.closed", double(_DONE), note="done"),
    _spoilt(
        "responses.item.closed",
        all_of(
            append(
                {
                    "type": _TEXT_DELTA, "item_id": "msg_0", "output_index": 0, "content_index": 0, "delta": "!",
                    "logprobs": [],
                }
            ),
            lambda datas: datas.append(datas.pop(-2)),
        ),
        note="delta",
    ),
    _spoilt("responses.item.unclosed", drop(_DONE)),
    _spoilt("responses.item.overlap", lambda datas: datas.insert(3, dict(message("x", index=1)[0]))),
    _spoilt("responses.item_id.same", put(_TEXT_DELTA, "item_id", to="msg_9")),
    _spoilt("responses.item.id", put(_ADDED, "item", "id", to="rs_0", nth=1), tools),
    _spoilt("responses.item.same", put(_DONE, "item", "call_id", to="call_9", nth=1), tools),
    _spoilt("responses.item.empty", put(_ADDED, "item", "arguments", to="{}", nth=1), tools, note="arguments"),
    _spoilt(
        "responses.item.empty",
        put(_ADDED, "item", "content", to=message("x")[-1]["item"]["content"]),  # type: ignore[index,call-overload]
        note="content",
    ),
    _spoilt("responses.item.status.added", put(_ADDED, "item", "status", to="completed"),
        _one(function_call("{}"))),
    _spoilt("responses.item.status.done", put(_DONE, "item", "status", to="in_progress")),
    _spoilt("responses.item.status.done", put(_DONE, "item", "status", to="completed"),
        _one(mcp_call("{}", end="failed")), note="of a failed call"),
    _spoilt("responses.content_index.order", put("response.content_part.added", "content_index", to=1)),
    _spoilt("responses.content_index.order", put(_TEXT_DELTA, "content_index", to=1), note="delta"),
    _spoilt("responses.summary_index.order", put(f"{_SUMMARY}_part.added", "summary_index", to=0, nth=1), tools),
    _spoilt("responses.annotation_index.order", put("response.output_text.annotation.added", "annotation_index", to=1),
        _one(message("Hi", annotations=[_CITATION]))),
    _spoilt("responses.partial_image_index.order",
        put("response.image_generation_call.partial_image", "partial_image_index", to=1), _one(image())),
    _spoilt("responses.command_index.order", put("response.shell_call_command.added", "command_index", to=0, nth=1),
        _one(shell("ls", "pwd"))),
    _spoilt("responses.command_index.order", put("response.shell_call_output_content.delta", "command_index", to=0,
        nth=1), _one(shell_output(2)), note="output"),
    _spoilt("responses.part.empty", put("response.content_part.added", "part", "text", to="Hello")),
    _spoilt("responses.part.same", put(_PART_DONE, "part", to={"type": "refusal", "refusal": "no"})),
    _spoilt("responses.part.same", put(_DONE, "item", "content", to=[]), note="none"),
    _spoilt("responses.part.same", put(_DONE, "item", "content", 0, "annotations", to=[_CITATION]), note="annotations"),
    _spoilt("responses.text.same", put("response.output_text.done", "text", to="Help"), note="done"),
    _spoilt("responses.text.same", put(_PART_DONE, "part", "text", to="Help"), note="part"),
    _spoilt("responses.text.same", put(_DONE, "item", "content", 0, "text", to="Help"), note="item"),
    _spoilt("responses.text.same", put(_COMPLETED, "response", "output", 0, "content", 0, "text", to="Help"),
        note="final"),
    _spoilt("responses.refusal.same", put("response.refusal.done", "refusal", to="yes"), _one(refusal("no"))),
    _spoilt("responses.reasoning.same", put("response.reasoning_text.done", "text", to="ah"), tools),
    _spoilt("responses.summary.same", put(f"{_SUMMARY}_part.done", "part", "text", to="1st"), tools),
    _spoilt("responses.summary.same", put(_COMPLETED, "response", "output", 0, "summary", 1, "text", to="2nd"), tools,
        note="final"),
    _spoilt("responses.arguments.same", put("response.function_call_arguments.done", "arguments", to="{}"), tools),
    _spoilt("responses.arguments.same", put(_DONE, "item", "arguments", to="{}", nth=1), tools, note="item"),
    _spoilt("responses.arguments.same", put(_COMPLETED, "response", "output", 1, "arguments", to="{}"), tools,
        note="final"),
    _spoilt("responses.input.same", put("response.custom_tool_call_input.done", "input", to="pwd"),
        _one(custom_call("l", "s"))),
    _spoilt("responses.code.same", put("response.code_interpreter_call_code.done", "code", to="2"),
        _one(code_interpreter("1", "+1"))),
    _spoilt("responses.command.same", put("response.shell_call_command.done", "command", to="pwd"), _one(shell("ls"))),
    _spoilt("responses.command.same", put(_DONE, "item", "action", "commands", to=["pwd"]), _one(shell("ls")),
        note="item"),
    _spoilt("responses.diff.same", put(_DONE, "item", "operation", "diff", to="-a"), _one(patch("+", "a"))),
    _spoilt("responses.annotations.same", put(_PART_DONE, "part", "annotations", to=[]),
        _one(message("Hi", annotations=[_CITATION]))),
    _spoilt("responses.output.same", put(_COMPLETED, "response", "output", to=[message("x")[-1]["item"]] * 2),
        note="one more"),
    _spoilt("responses.output.sparse", put(_COMPLETED, "response", "output", to=[])),
    _spoilt("responses.output.same", put(_COMPLETED, "response", "output", 1, "name", to="set_weather"), tools,
        note="name"),
    _spoilt("responses.output.same", put("response.failed", "response", "output", to=[message("x")[-1]["item"]]),
        failing, note="failed"),
)  # fmt: skip

ORDER: Final = (
    _spoilt("responses.message.order", drop("response.output_text.done")),
    _spoilt("responses.message.order", drop("response.content_part.added"), note="no part"),
    _spoilt("responses.reasoning.order", drop(f"{_SUMMARY}_text.done"), tools),
    _spoilt("responses.function_call.order", drop("response.function_call_arguments.done"), tools),
    _spoilt("responses.custom_tool_call.order", drop("response.custom_tool_call_input.done"), _one(custom_call("ls"))),
    _spoilt("responses.web_search_call.order", drop("response.web_search_call.searching"), _one(web_search())),
    _spoilt("responses.file_search_call.order", drop("response.file_search_call.completed"), _one(file_search())),
    _spoilt("responses.code_interpreter_call.order", drop("response.code_interpreter_call.interpreting"),
        _one(code_interpreter("1"))),
    _spoilt("responses.image_generation_call.order", drop("response.image_generation_call.generating"), _one(image())),
    _spoilt("responses.mcp_list_tools.order", drop("response.mcp_list_tools.completed"), _one(mcp_list())),
    _spoilt("responses.mcp_call.order", drop("response.mcp_call_arguments.done"), _one(mcp_call("{}"))),
    _spoilt("responses.shell_call.order", drop("response.shell_call_command.done"), _one(shell("ls"))),
    _spoilt("responses.shell_call_output.order", drop("response.shell_call_output_content.done"), _one(shell_output())),
    _spoilt("responses.apply_patch_call.order", drop("response.apply_patch_call_operation_diff.done"),
        _one(patch("+a"))),
    _spoilt("responses.compaction.order", double("response.compaction.compacting"), _one(compaction())),
    _spoilt("responses.other.order", before(_DONE,
        {"type": "response.mcp_call.in_progress", "item_id": "x_0", "output_index": 0}), _one(other("acme:thing"))),
)  # fmt: skip

SCHEMA: Final = (
    _spoilt("responses.schema.required", lose(_TEXT_DELTA, "item_id")),
    _spoilt("responses.schema.required", lose("response.created", "response", "model"), note="deep"),
    _spoilt("responses.schema.required", lose(_DONE, "item", "action"), _one(web_search()), note="final"),
    _spoilt("responses.schema.type", put(_TEXT_DELTA, "output_index", to="0")),
    _spoilt("responses.schema.value", put(_ADDED, "item", "role", to="user")),
    _spoilt("responses.schema.value", put(_TEXT_DELTA, "output_index", to=-1), note="below 0"),
    _spoilt("responses.schema.unknown", put(_DONE, "item", "content", 0, "type", to="poem"), note="family"),
    _spoilt("responses.schema.absent", put("response.created", "response", "output_text", to=""), contract=_BARE),
    _spoilt("responses.schema.unknown", put(_TEXT_DELTA, "surprise", to=1)),
)

CASES: Final = (*FRAMING, *LIFE, *STATUS, *ITEMS, *ORDER, *SCHEMA)


def _interleaved(one: list[JSONObject], two: list[JSONObject]) -> list[JSONObject]:
    given = live(one, two)
    items = [one[0], one[1], two[0], two[1], one[2], two[2], one[3], two[3]]
    return [*given[:2], *items, given[-1]]


def _swapped(datas: list[JSONObject], one: int, two: int) -> list[JSONObject]:
    datas[one], datas[two] = datas[two], datas[one]
    return datas


def _failed_search(status: str = "failed") -> list[JSONObject]:
    search = web_search()
    put(_DONE, "item", "status", to=status)(search)
    return live([search[0], search[1], search[-1]])


def _drawn() -> list[JSONObject]:
    drawn = image()
    put(_DONE, "item", "svg_usage", to={"model": "m", "input_tokens": 1, "total_tokens": 1})(drawn)
    put(_DONE, "item", "error", to={"message": "no", "type": "t", "code": None, "param": None})(drawn)
    return live(drawn)


def _inserted(datas: list[JSONObject], place: int, data: JSONObject) -> list[JSONObject]:
    datas.insert(place, data)
    return datas


def _named(datas: list[JSONObject]) -> list[JSONObject]:
    put("response.function_call_arguments.done", "name", to="get_weather")(datas)
    return datas


def _renamed(datas: list[JSONObject]) -> list[JSONObject]:
    for data in datas:
        data["type"] = str(data["type"]).replace("reasoning_text", "reasoning")
    return datas


def _reencrypted(datas: list[JSONObject]) -> list[JSONObject]:
    put(_COMPLETED, "response", "output", 0, "encrypted_content", to="gAAAAA")(datas)
    return datas


def _counted(datas: list[JSONObject]) -> list[JSONObject]:
    details: JSON = {"cached_tokens": 4, "cache_write_tokens": 8}
    put(_COMPLETED, "response", "usage", "input_tokens_details", to=details)(datas)
    return datas


def _with_logprobs(datas: list[JSONObject]) -> list[JSONObject]:
    """Log probabilities everywhere but in the event that ends the part."""
    listed: JSON = [{"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []}]
    for kind, *steps in (
        (_TEXT_DELTA, "logprobs"),
        ("response.output_text.done", "logprobs"),
        (_DONE, "item", "content", 0, "logprobs"),
        (_COMPLETED, "response", "output", 0, "content", 0, "logprobs"),
    ):
        put(str(kind), *steps, to=listed)(datas)
    return datas


def _kept_alive(datas: list[JSONObject]) -> list[JSONObject]:
    for place in range(len(datas) - 1, 1, -1):
        datas.insert(place, {"type": "keepalive"})
    return datas


def _unfinished(**members: JSON) -> list[JSONObject]:
    """A call that is in progress in each of its snapshots."""
    kind = str(members.pop("type"))
    item: JSONObject = {"id": "i_1", "type": kind, "status": "in_progress", "call_id": "call_1", **members}
    return live([{"type": _ADDED, "output_index": 0, "item": item}, {"type": _DONE, "output_index": 0, "item": item}])


def _by_program(datas: list[JSONObject]) -> list[JSONObject]:
    for kind, *steps in ((_DONE, "item"), (_COMPLETED, "response", "output", 0)):
        put(str(kind), *steps, "caller", to={"type": "program", "caller_id": "call_9"})(datas)
        put(str(kind), *steps, "status", to="in_progress")(datas)
    return datas


def _program() -> list[JSONObject]:
    datas = live(other("program", call_id="call_1", code="1", fingerprint="abc"))
    put(_COMPLETED, "response", "output", 0, "fingerprint", to="xyz")(datas)
    return datas


def _steered() -> list[JSONObject]:
    return live(message("Hi"), end="incomplete", incomplete_details={"reason": "steered"}, completed_at=None)


def _ended_with(*steps: str | int, **members: JSON) -> list[JSONObject]:
    """A text whose terminal response has these members at the end of the steps."""
    datas = plain()
    for name, value in members.items():
        put(_COMPLETED, "response", *steps, name, to=value)(datas)
    return datas


def _cache_details() -> list[JSONObject]:
    details: JSON = {
        "cache_write_tokens": 8,
        "cached_tokens": 0,
        "cache_write_tokens_details": {"ttl_12h_tokens": 0, "ttl_30m_tokens": 8},
    }
    return _ended_with("usage", input_tokens_details=details)


def _passed_through() -> list[JSONObject]:
    datas = plain()
    for kind, *steps in ((_ADDED, "item"), (_DONE, "item"), (_COMPLETED, "response", "output", 0)):
        for name in ("metadata", "internal_chat_message_metadata_passthrough"):
            put(str(kind), *steps, name, to={"turn_id": "t"})(datas)
    return datas


def _misaligned() -> list[JSONObject]:
    datas = failing()
    error: JSON = {
        "code": "misalignment_policy_violation",
        "message": "stopped",
        "misalignment": {"error_type": "other", "review_target": "t", "steer": {"message": "ask first"}},
    }
    put("response.failed", "response", "error", to=error)(datas)
    return datas


# Streams that an upstream may send and that a narrower reading would refuse.
LEGAL: Final[dict[str, Callable[[], list[JSONObject]]]] = {
    "a text in two deltas": plain,
    "an empty message": _one(message()),
    "nothing at all": live,
    "reasoning and a function call": tools,
    "reasoning without a word": lambda: live(reasoning(), message("Hi", index=1)),
    "a refusal": _one(refusal("no")),
    "two messages": lambda: live(message("a"), message("b", index=1)),
    "annotations": _one(message("Hi", annotations=[_CITATION, _CITATION])),
    "a text cut by length": _cut,
    "a failure after an error": failing,
    "an error at the end": lambda: failing()[:-1],
    "a failure before in_progress": lambda: [failing()[0], failing()[-1]],
    "a flat error event": lambda: [*failing()[:5],
        {"type": "error", "code": "server_error", "message": "sorry", "param": None}, failing()[-1]],
    "a queued response": lambda: [{"type": "response.created", "response": {**RUNNING, "status": "queued"}},
        {"type": "response.queued", "response": {**RUNNING, "status": "queued"}}, *plain()[1:]],
    "rate limits behind the end": lambda: [*plain(), {"type": "response.rate_limits.updated"}],
    "every tool": lambda: live(custom_call("ls"), web_search(1), file_search(2), code_interpreter("1", "+1", index=3),
        image(2, 4), mcp_list(5), mcp_call("{", "}", index=6), mcp_call("{}", index=7, end="failed"),
        shell("ls", "pwd", index=8), shell_output(2, 9), patch("+", "a", index=10), compaction(11)),
    "items that are only added and done": lambda: live(other("mcp_approval_request", server_label="docs", name="read",
        arguments="{}"), other("acme:thing", 1)),
    "tool lists beside each other": lambda: _interleaved(mcp_list(), mcp_list(1, end="failed")),
    "arguments ahead of in_progress": lambda: _swapped(live(mcp_call("{}")), 3, 4),
    "a search that failed": _failed_search,
    "the name at the end of arguments": lambda: _named(tools()),
    "reasoning as Open Responses names it": lambda: _renamed(tools()),
    "other encrypted content at the end": lambda: _reencrypted(live(reasoning("a"))),
    "audio beside the items": lambda: [*plain()[:2], {"type": "response.audio.delta", "delta": "aGk="}, *plain()[2:]],
    "usage with cache writes": lambda: _counted(plain()),
    "usage with cache writes by time to live": _cache_details,
    "no logprobs in the event that ends a part": lambda: _with_logprobs(live(message("Hi"))),
    "keepalives from in_progress on": lambda: _kept_alive(tools()),
    "a call by a program that stays in progress": lambda: _by_program(live(function_call("{}"))),
    "a computer call that stays in progress": lambda: _unfinished(type="computer_call",
        pending_safety_checks=[], action={"type": "screenshot"}),
    "the output of a hosted shell that stays in progress": lambda: _unfinished(type="shell_call_output",
        output=[], max_output_length=None),
    "another fingerprint of a program at the end": _program,
    "a second in_progress after an approval": lambda: _inserted(live(mcp_call("{}")), 5,
        {"type": "response.mcp_call.in_progress", "item_id": "mcp_0", "output_index": 0}),
    "a steered response": _steered,
    "a search that is incomplete": lambda: _failed_search("incomplete"),
    "items with metadata of the client": _passed_through,
    "a misalignment error": _misaligned,
    "prompt cache diagnostics": lambda: _ended_with(prompt_cache_diagnostics={"type": "cache_miss",
        "cache_missed_tokens": 9, "reason": "tools_changed"}),
    "prompt cache diagnostics that are unavailable": lambda: _ended_with(
        prompt_cache_diagnostics={"type": "unavailable"}),
    "an image with its use of tokens": _drawn,
    "an unknown kind of prompt cache diagnostics": lambda: _ended_with(
        prompt_cache_diagnostics={"type": "tomorrow"}),
    "input transformations": lambda: _ended_with(input_transformations=[{"id": "rs_1",
        "type": "reasoning", "action": "removed", "reason": "model_mismatch"}]),
    "programs and images": lambda: _ended_with(access_programs={"cyber": "standard"},
        image={"context_compression": "enabled"}, moderation=None),
    "an answer to steering": lambda: _inserted(plain(), 3, {"type": "response.steer.accepted",
        "steer": {"id": "s", "previous_response_id": "resp_0"}}),
}  # fmt: skip


def _lists_left_open() -> list[JSONObject]:
    """Three tool lists side by side, of which only the last is done, and a message."""
    lists = [mcp_list(index) for index in range(3)]
    rest = [event for one in lists for event in one[1:-1]]
    begun = [*(one[0] for one in lists), *rest, lists[2][-1], *message("Hi", index=3)]
    datas = live(begun)
    output = [one[-1]["item"] for one in (*lists, message("Hi", index=3))]
    put(_COMPLETED, "response", "output", to=output)(datas)
    return datas


def _searched_again() -> list[JSONObject]:
    base: JSONObject = {"execution": "client", "arguments": {}, "status": "completed"}
    datas = live(other("tool_search_call", 0, call_id="call_1", **base))
    put(_ADDED, "item", "call_id", to="call_2")(datas)
    return datas


def _done_at_once() -> list[JSONObject]:
    datas = live(message("Hi"))
    put(_ADDED, "item", "status", to="completed")(datas)
    return datas


def _without_output() -> list[JSONObject]:
    datas = plain()
    lose(_COMPLETED, "response", "output")(datas)
    return datas


def _part_of_tomorrow(
    item: list[JSONObject], member: str = "content", word: str = "response.content_part"
) -> list[JSONObject]:
    """Another type of the item's only part, with an event of its own in place of those for its text."""
    added, done = item[0], item[-1]
    part: JSONObject = {"type": "hologram", "depth": 3}
    place: JSONObject = {"item_id": added["item"]["id"], "output_index": 0, "content_index": 0}  # type: ignore[call-overload,index]
    put(_DONE, "item", member, to=[part])(item)
    between: list[JSONObject] = [
        {"type": f"{word}.added", **place, "part": {"type": "hologram"}},
        {"type": "response.hologram.delta", **place, "delta": 3},
        {"type": f"{word}.done", **place, "part": part},
    ]
    return live([added, *between, done])


# Streams of the API with what its documentation does not allow, and the rules that report it.
NOTICED: Final[dict[str, tuple[Callable[[], list[JSONObject]], set[str]]]] = {
    "tool lists that are not done": (
        _lists_left_open, {"responses.item.overlap", "responses.item.unclosed"}
    ),
    "another call_id of a search of tools": (_searched_again, {"responses.item.same"}),
    "a message that is completed when added": (_done_at_once, {"responses.item.status.added"}),
    "no output in the terminal response": (_without_output, {"responses.output.sparse"}),
    "an event of tomorrow": (
        lambda: _inserted(plain(), 3, {"type": "response.tomorrow"}), {"responses.event.unknown"}
    ),
    "a member of tomorrow": (lambda: _ended_with(tomorrow=1), {"responses.schema.unknown"}),
    "an annotation of tomorrow": (
        _one(message("Hi", annotations=[{"type": "map_citation", "place": "x"}])), {"responses.schema.unknown"}
    ),
    "a part of tomorrow": (
        lambda: _part_of_tomorrow(message("Hi")), {"responses.schema.unknown", "responses.event.unknown"}
    ),
    "a part of reasoning of tomorrow": (
        lambda: _part_of_tomorrow(reasoning(thought="hm")), {"responses.schema.unknown", "responses.event.unknown"}
    ),
}  # fmt: skip
