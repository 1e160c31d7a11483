"""Responses, whole and event by event, as values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.kit import (
    JSON,
    Audio,
    Compaction,
    CustomCall,
    ErrorDelivery,
    ErrorRef,
    ErrorShape,
    FinishReason,
    FunctionCall,
    Item,
    JSONObject,
    Output,
    RawItem,
    Reasoning,
    Refusal,
    Shape,
    StreamError,
    Text,
)
from tests.render import stage
from tests.render.stage import DIALECTS, IDS, OPENAI, output

RESPONSES = Shape.RESPONSES
ID = IDS.id("resp_")
# Items as they are without the forms of a dialect.
PLAIN = replace(OPENAI, items={}, responses=replace(OPENAI.responses, obfuscation=False))
USAGE: JSONObject = {
    "input_tokens": 2,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 2,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 4,
}
RUNNING: JSONObject = {
    "id": ID,
    "object": "response",
    "created_at": 1767225600,
    "status": "in_progress",
    "background": False,
    "completed_at": None,
    "error": None,
    "frequency_penalty": 0.0,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "model": "my-model",
    "moderation": None,
    "output": [],
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "auto",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "tool_usage": {
        "image_gen": {
            "input_tokens": 0,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "total_tokens": 0,
        },
        "web_search": {"num_requests": 0},
    },
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": None,
    "user": None,
    "metadata": {},
}
DONE: JSONObject = RUNNING | {"service_tier": "default"}
# What only a response that does not stream has.
WHOLE: JSONObject = {"billing": {"payer": "developer"}}


def message(text: str = "It is", place: int = 0, status: str = "completed") -> JSONObject:
    part: JSONObject = {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
    return {"id": IDS.id("msg_", place), "type": "message", "status": status, "content": [part], "role": "assistant"}


def completed(*items: JSON, usage: JSONObject = USAGE) -> JSONObject:
    return DONE | {"status": "completed", "completed_at": 1767225600, "output": list(items), "usage": usage}


def test_a_response() -> None:
    whole = stage.whole(output(Text(text="It is")), RESPONSES)
    assert whole.json == completed(message()) | WHOLE
    assert [name for name in stage.dig(whole.json) if name not in WHOLE] == list(RUNNING)


def test_a_complete_stream() -> None:
    at: JSONObject = {"item_id": IDS.id("msg_"), "output_index": 0, "content_index": 0}
    part: JSONObject = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
    added = message() | {"status": "in_progress", "content": []}
    expected: list[JSONObject] = [
        {"type": "response.created", "response": RUNNING},
        {"type": "response.in_progress", "response": RUNNING},
        {"type": "response.output_item.added", "output_index": 0, "item": added},
        {"type": "response.content_part.added", **at, "part": part},
        {"type": "response.output_text.delta", **at, "delta": "It", "logprobs": []},
        {"type": "response.output_text.delta", **at, "delta": " is", "logprobs": []},
        {"type": "response.output_text.done", **at, "text": "It is", "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part | {"text": "It is"}},
        {"type": "response.output_item.done", "output_index": 0, "item": message()},
        {"type": "response.completed", "response": completed(message())},
    ]
    stream = stage.streamed(output(Text(text="It is")), RESPONSES, PLAIN)
    assert [event.data for event in stream.events] == [
        {**event, "sequence_number": number} for number, event in enumerate(expected)
    ]
    assert [event.name for event in stream.events] == [event["type"] for event in expected]
    for event in stream.events:
        kind, *others = stage.dig(event.data)
        assert (kind, others) == ("type", sorted(others))
    assert not stream.closes
    assert stream.comment == ""


def spoken(*items: Item, chunks: str = "word") -> list[JSONObject]:
    """What is said of the items: no life of the response, no numbers, no ids of the items."""
    found: list[JSONObject] = []
    for event in stage.data(output(*items, chunks=chunks), RESPONSES, PLAIN)[2:-1]:
        data = stage.dig(event)
        found.append(
            {name: value for name, value in data.items() if name not in ("sequence_number", "item_id", "output_index")}
            | {"type": str(data["type"]).removeprefix("response.")}
        )
    return found


def item_of(kind: str, prefix: str, **members: JSON) -> tuple[JSONObject, JSONObject]:
    """Head and whole of an item."""
    head: JSONObject = {"id": IDS.id(prefix), "type": kind}
    return head, head | members


def lives(added: JSONObject, *between: JSONObject, done: JSONObject) -> list[JSONObject]:
    return [{"type": "output_item.added", "item": added}, *between, {"type": "output_item.done", "item": done}]


def part_of(kind: str, **members: JSON) -> JSONObject:
    return {"type": kind, "content_index": 0, **members}


def test_a_refusal() -> None:
    final = message() | {"content": [{"type": "refusal", "refusal": "no"}]}
    assert spoken(Refusal(text="no")) == lives(
        final | {"status": "in_progress", "content": []},
        part_of("content_part.added", part={"type": "refusal", "refusal": ""}),
        part_of("refusal.delta", delta="no"),
        part_of("refusal.done", refusal="no"),
        part_of("content_part.done", part={"type": "refusal", "refusal": "no"}),
        done=final,
    )


def test_text_with_annotations_logprobs_and_phase() -> None:
    note: JSONObject = {"type": "file_path", "file_id": "f", "index": 0}
    probable: JSONObject = {"token": "ab", "logprob": -1.0}
    part: JSONObject = {"type": "output_text", "annotations": [note], "logprobs": [probable], "text": "ab"}
    final = message() | {"content": [part], "phase": "commentary"}
    text = Text(text="ab", annotations=(note,), logprobs=(probable,), phase="commentary", chunks="char")
    assert spoken(text) == lives(
        final | {"status": "in_progress", "content": []},
        part_of("content_part.added", part=part | {"annotations": [], "logprobs": [], "text": ""}),
        part_of("output_text.delta", delta="ab", logprobs=[probable]),
        part_of("output_text.annotation.added", annotation_index=0, annotation=note),
        part_of("output_text.done", text="ab", logprobs=[probable]),
        part_of("content_part.done", part=part),
        done=final,
    )


def test_reasoning() -> None:
    head, final = item_of(
        "reasoning",
        "rs_",
        summary=[{"type": "summary_text", "text": "a b"}],
        content=[{"type": "reasoning_text", "text": "c"}],
        encrypted_content="gAAAA",
    )
    summary: JSONObject = {"summary_index": 0}
    assert spoken(Reasoning(summary=("a b",), content=("c",), encrypted="gAAAA")) == lives(
        head | {"summary": [], "content": [], "encrypted_content": "gAAAA"},
        {"type": "reasoning_summary_part.added", **summary, "part": {"type": "summary_text", "text": ""}},
        {"type": "reasoning_summary_text.delta", **summary, "delta": "a "},
        {"type": "reasoning_summary_text.delta", **summary, "delta": "b"},
        {"type": "reasoning_summary_text.done", **summary, "text": "a b"},
        {"type": "reasoning_summary_part.done", **summary, "part": {"type": "summary_text", "text": "a b"}},
        part_of("content_part.added", part={"type": "reasoning_text", "text": ""}),
        part_of("reasoning_text.delta", delta="c"),
        part_of("reasoning_text.done", text="c"),
        part_of("content_part.done", part={"type": "reasoning_text", "text": "c"}),
        done=final,
    )


def test_empty_reasoning_is_added_and_done() -> None:
    _, final = item_of("reasoning", "rs_", summary=[])
    assert spoken(Reasoning()) == lives(final, done=final)


def test_a_function_call() -> None:
    final: JSONObject = {
        "id": IDS.id("fc_"),
        "type": "function_call",
        "status": "completed",
        "arguments": '{"a": 1}',
        "call_id": IDS.id("call_"),
        "name": "f",
    }
    assert spoken(FunctionCall(name="f", arguments='{"a": 1}')) == lives(
        final | {"status": "in_progress", "arguments": ""},
        {"type": "function_call_arguments.delta", "delta": '{"a": '},
        {"type": "function_call_arguments.delta", "delta": "1}"},
        {"type": "function_call_arguments.done", "arguments": '{"a": 1}'},
        done=final,
    )


def test_a_custom_call() -> None:
    final: JSONObject = {
        "id": IDS.id("ctc_"),
        "type": "custom_tool_call",
        "status": "completed",
        "call_id": "mine",
        "input": "ls",
        "name": "sh",
    }
    assert spoken(CustomCall(name="sh", input="ls", call_id="mine", chunks="char")) == lives(
        final | {"status": "in_progress", "input": ""},
        {"type": "custom_tool_call_input.delta", "delta": "l"},
        {"type": "custom_tool_call_input.delta", "delta": "s"},
        {"type": "custom_tool_call_input.done", "input": "ls"},
        done=final,
    )


def test_a_compaction() -> None:
    _, final = item_of("compaction", "cmp_", encrypted_content="gAAAA")
    assert spoken(Compaction(encrypted="gAAAA")) == lives(final, done=final)


# --- items in the wire's own shape -------------------------------------------------------------

SEARCH: JSONObject = {"type": "search", "query": "x"}
MCP: JSONObject = {"server_label": "s", "name": "n"}
OPERATION: JSONObject = {"type": "update_file", "path": "p", "diff": "+a"}
PRINTED: JSONObject = {"stdout": "x", "stderr": "y", "outcome": {"type": "exit", "exit_code": 0}}


def steps(tool: str, *names: str) -> list[JSONObject]:
    return [{"type": f"{tool}.{name}"} for name in names]


# Type and id prefix, members, what is not as in the end when added (ABSENT: not there), steps.
ABSENT = "absent"
WIRE: dict[str, tuple[str, str, JSONObject, JSONObject, list[JSONObject]]] = {
    "a web search": (
        "web_search_call",
        "ws_",
        {"action": SEARCH, "status": "completed"},
        {"action": ABSENT, "status": "in_progress"},
        steps("web_search_call", "in_progress", "searching", "completed"),
    ),
    "a web search that failed": (
        "web_search_call",
        "ws_",
        {"action": SEARCH, "status": "failed"},
        {"action": ABSENT, "status": "in_progress"},
        steps("web_search_call", "in_progress", "searching"),
    ),
    "a file search": (
        "file_search_call",
        "fs_",
        {"queries": ["x"], "results": [{}], "status": "completed"},
        {"queries": [], "results": None, "status": "in_progress"},
        steps("file_search_call", "in_progress", "searching", "completed"),
    ),
    "code": (
        "code_interpreter_call",
        "ci_",
        {"code": "1", "container_id": "c", "outputs": [{}], "status": "completed"},
        {"code": "", "outputs": None, "status": "in_progress"},
        [
            *steps("code_interpreter_call", "in_progress"),
            {"type": "code_interpreter_call_code.delta", "delta": "1"},
            {"type": "code_interpreter_call_code.done", "code": "1"},
            *steps("code_interpreter_call", "interpreting", "completed"),
        ],
    ),
    "code that was cut": (
        "code_interpreter_call",
        "ci_",
        {"code": None, "container_id": "c", "outputs": None, "status": "incomplete"},
        {"code": "", "status": "in_progress"},
        [
            *steps("code_interpreter_call", "in_progress"),
            {"type": "code_interpreter_call_code.done", "code": ""},
            *steps("code_interpreter_call", "interpreting"),
        ],
    ),
    "tools of a server": (
        "mcp_list_tools",
        "mcpl_",
        {"server_label": "s", "tools": [{}]},
        {"tools": []},
        steps("mcp_list_tools", "in_progress", "completed"),
    ),
    "tools that did not come": (
        "mcp_list_tools",
        "mcpl_",
        {"server_label": "s", "tools": [], "error": "gone"},
        {"error": None},
        steps("mcp_list_tools", "in_progress", "failed"),
    ),
    "a call of a server": (
        "mcp_call",
        "mcp_",
        {**MCP, "arguments": "{}", "output": "x", "error": None, "status": "completed"},
        {"arguments": "", "output": None, "status": "in_progress"},
        [
            *steps("mcp_call", "in_progress"),
            {"type": "mcp_call_arguments.delta", "delta": "{}"},
            {"type": "mcp_call_arguments.done", "arguments": "{}"},
            *steps("mcp_call", "completed"),
        ],
    ),
    "a call of a server that failed": (
        "mcp_call",
        "mcp_",
        {**MCP, "arguments": "", "output": None, "error": None, "status": "failed"},
        {"status": "in_progress"},
        [
            *steps("mcp_call", "in_progress"),
            {"type": "mcp_call_arguments.done", "arguments": ""},
            *steps("mcp_call", "failed"),
        ],
    ),
    "a shell": (
        "shell_call",
        "sh_",
        {"call_id": "c", "action": {"commands": ["ls", 7], "x": 1}, "status": "completed"},
        {"action": {"commands": [], "x": 1}, "status": "in_progress"},
        [
            {"type": "shell_call_command.added", "command_index": 0, "command": ""},
            {"type": "shell_call_command.delta", "command_index": 0, "delta": "ls"},
            {"type": "shell_call_command.done", "command_index": 0, "command": "ls"},
            {"type": "shell_call_command.added", "command_index": 1, "command": ""},
            {"type": "shell_call_command.done", "command_index": 1, "command": ""},
        ],
    ),
    "a shell without an action": (
        "shell_call",
        "sh_",
        {"call_id": "c", "action": None, "status": "completed"},
        {"status": "in_progress"},
        [],
    ),
    "what a shell printed": (
        "shell_call_output",
        "sho_",
        {"call_id": "c", "output": [PRINTED, "odd"], "status": "completed"},
        {},
        [
            {"type": "shell_call_output_content.delta", "command_index": 0, "delta": {"stdout": "x", "stderr": "y"}},
            {"type": "shell_call_output_content.done", "command_index": 0, "output": [PRINTED]},
            {"type": "shell_call_output_content.done", "command_index": 1, "output": ["odd"]},
        ],
    ),
    "what a shell printed, of another type": (
        "shell_call_output",
        "sho_",
        {"call_id": "c", "output": "odd", "status": "completed"},
        {},
        [],
    ),
    "a patch": (
        "apply_patch_call",
        "apc_",
        {"call_id": "c", "operation": OPERATION, "status": "completed"},
        {"operation": OPERATION | {"diff": ""}, "status": "in_progress"},
        [
            {"type": "apply_patch_call_operation_diff.delta", "delta": "+a"},
            {"type": "apply_patch_call_operation_diff.done", "diff": "+a"},
        ],
    ),
    "a patch without a diff": (
        "apply_patch_call",
        "apc_",
        {"call_id": "c", "operation": {"type": "delete_file", "path": "p"}, "status": "completed"},
        {"status": "in_progress"},
        [],
    ),
    "a patch without an operation": (
        "apply_patch_call",
        "apc_",
        {"call_id": "c", "status": "completed"},
        {"status": "in_progress"},
        [],
    ),
    "a program": ("program", "cm_", {"call_id": "c", "code": "1"}, {"code": ""}, []),
    "an approval": ("mcp_approval_request", "mcpr_", {**MCP, "arguments": "{}"}, {}, []),
    "something of tomorrow": ("tomorrow_call", "tomorrow_call_", {"x": 1}, {}, []),
}


@pytest.mark.parametrize(("kind", "prefix", "members", "empty", "between"), WIRE.values(), ids=WIRE)
def test_raw_items(kind: str, prefix: str, members: JSONObject, empty: JSONObject, between: list[JSONObject]) -> None:
    _, final = item_of(kind, prefix, **members)
    added = {name: value for name, value in (final | empty).items() if value != ABSENT}
    said = RawItem(item={"type": kind, **members})
    assert spoken(said) == lives(added, *between, done=final)


def test_an_image_streams_in_partial_images() -> None:
    expected: JSONObject = {
        "type": "image_generation_call",
        "partial_images": ["A", "AB"],
        "result": "ABC",
        "size": "auto",
    }
    head, final = item_of("image_generation_call", "ig_", result="ABC", size="auto", status="completed")
    partial: JSONObject = {"type": "image_generation_call.partial_image", "size": "auto"}
    assert spoken(RawItem(item=expected)) == lives(
        head | {"status": "in_progress"},
        *steps("image_generation_call", "in_progress", "generating"),
        partial | {"partial_image_index": 0, "partial_image_b64": "A"},
        partial | {"partial_image_index": 1, "partial_image_b64": "AB"},
        *steps("image_generation_call", "completed"),
        done=final,
    )
    failed = RawItem(item={"type": "image_generation_call", "partial_images": 7, "status": "failed"})
    assert [event["type"] for event in spoken(failed)][1:-1] == [
        "image_generation_call.in_progress",
        "image_generation_call.generating",
    ]


def test_a_raw_message_streams_part_by_part() -> None:
    parts: list[JSON] = [
        {"type": "output_text", "text": "a"},
        {"type": "refusal", "refusal": "b"},
        {"type": "output_text", "text": 7, "logprobs": 7, "annotations": 7},
        "odd",
    ]
    said = RawItem(item={"type": "message", "id": "mine", "role": "assistant", "content": parts})
    found = spoken(said)
    assert [(event["type"], event.get("content_index")) for event in found] == [
        ("output_item.added", None),
        ("content_part.added", 0),
        ("output_text.delta", 0),
        ("output_text.done", 0),
        ("content_part.done", 0),
        ("content_part.added", 1),
        ("refusal.delta", 1),
        ("refusal.done", 1),
        ("content_part.done", 1),
        ("content_part.added", 2),
        ("output_text.done", 2),
        ("content_part.done", 2),
        ("output_item.done", None),
    ]
    assert found[1]["part"] == {"type": "output_text", "text": ""}
    assert found[-1]["item"] == {
        "id": "mine",
        "type": "message",
        "role": "assistant",
        "content": parts,
        "status": "completed",
    }
    assert spoken(RawItem(item={"type": "message", "id": "m", "content": "text"}))[1:-1] == []


def test_shell_commands_have_no_item_id_and_shell_output_no_padding() -> None:
    shell = RawItem(item={"type": "shell_call", "action": {"commands": ["ls"]}})
    printed = RawItem(item={"type": "shell_call_output", "output": [PRINTED]})
    by_type = {
        str(stage.dig(event)["type"]): stage.dig(event) for event in stage.data(output(shell, printed), RESPONSES)
    }
    assert "item_id" not in by_type["response.shell_call_command.delta"]
    assert "obfuscation" in by_type["response.shell_call_command.delta"]
    assert "item_id" in by_type["response.shell_call_output_content.delta"]
    assert "obfuscation" not in by_type["response.shell_call_output_content.delta"]


# --- ends --------------------------------------------------------------------------------------

FINISHES: dict[str, tuple[FinishReason | None, JSONObject]] = {
    "by itself": (None, {"status": "completed", "completed_at": 1767225600}),
    "stop": (FinishReason.STOP, {"status": "completed", "completed_at": 1767225600}),
    "tool calls": (FinishReason.TOOL_CALLS, {"status": "completed", "completed_at": 1767225600}),
    "length": (FinishReason.LENGTH, {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}),
    "filtered": (
        FinishReason.CONTENT_FILTER,
        {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
    ),
}


@pytest.mark.parametrize(("finish", "changes"), FINISHES.values(), ids=FINISHES)
def test_how_a_response_ends(finish: FinishReason | None, changes: JSONObject) -> None:
    said = output(Text(text="a"), Text(text="b"), finish=finish)
    status = str(changes["status"])
    expected: JSONObject = DONE | changes
    expected |= {"output": [message("a"), message("b", 1, status)]}
    expected |= {"usage": USAGE | {"output_tokens": 1, "total_tokens": 3}}
    assert stage.body(said, RESPONSES) == expected | WHOLE
    last = stage.dig(stage.data(said, RESPONSES)[-1])
    assert (last["type"], last["response"]) == (f"response.{status}", expected)


SERVER_ERROR: JSONObject = {"code": "server_error", "message": str(OPENAI.catalogue["server_error"].members["message"])}


def test_a_scripted_failure_has_the_general_error() -> None:
    expected = DONE | {"status": "failed", "error": SERVER_ERROR, "output": [message()]}
    said = output(Text(text="It is"), finish=FinishReason.FAILED)
    assert stage.body(said, RESPONSES) == expected | WHOLE
    assert stage.dig(stage.data(said, RESPONSES)[-1])["response"] == expected


def test_a_cancelled_stream_just_ends() -> None:
    said = output(Text(text="It is"), finish=FinishReason.CANCELLED)
    assert stage.body(said, RESPONSES) == DONE | WHOLE | {"status": "cancelled", "output": [message()]}
    assert stage.labels(said, RESPONSES)[-1] == "item[0].done"


QUOTA = ErrorRef(name="insufficient_quota")
FAILED: JSONObject = {"type": "response.failed"}
NESTED: JSONObject = {
    "type": "error",
    "error": {
        "type": "insufficient_quota",
        "code": "insufficient_quota",
        "message": str(OPENAI.catalogue["insufficient_quota"].members["message"]),
        "param": None,
    },
}
FLAT: JSONObject = {
    "type": "error",
    "code": "insufficient_quota",
    "message": str(OPENAI.catalogue["insufficient_quota"].members["message"]),
    "param": None,
}
FAILURES: dict[str, tuple[StreamError, list[JSONObject]]] = {
    "failed": (StreamError(error=QUOTA), [FAILED]),
    "event": (StreamError(error=QUOTA, form=ErrorDelivery.EVENT), [NESTED]),
    "event, flat": (StreamError(error=QUOTA, form=ErrorDelivery.EVENT, shape=ErrorShape.FLAT), [FLAT]),
    "both": (StreamError(error=QUOTA, form=ErrorDelivery.BOTH), [NESTED, FAILED]),
}


@pytest.mark.parametrize(("failure", "expected"), FAILURES.values(), ids=FAILURES)
def test_how_a_stream_fails(failure: StreamError, expected: list[JSONObject]) -> None:
    events = stage.data(output(Text(text="It is"), failure), RESPONSES, PLAIN)
    assert len(events) == 9 + len(expected)
    found = [stage.dig(event) for event in events[9:]]
    response = found[-1].get("response")
    assert [
        {name: value for name, value in one.items() if name not in ("sequence_number", "response")} for one in found
    ] == expected
    if response is not None:
        assert response == DONE | {
            "status": "failed",
            "error": {"code": "insufficient_quota", "message": FLAT["message"]},
            "output": [message()],
        }


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"code": "own"}, "own"),
        ({"code": None, "type": "by_type"}, "by_type"),
        ({"code": None, "type": None}, "server_error"),
    ],
)
def test_a_failed_response_always_has_a_code(members: JSONObject, code: str) -> None:
    body = stage.body(output(StreamError(error=ErrorRef(members=members))), RESPONSES)
    assert stage.dig(body, "error")["code"] == code


# --- style and identity ------------------------------------------------------------------------


def test_id_model_and_time_of_a_response_can_be_scripted() -> None:
    said = output(id="mine", model="m", created=7, fields={"more": 1, "user": "u"})
    changed: JSONObject = {"id": "mine", "model": "m", "created_at": 7, "more": 1, "user": "u"}
    found = completed(usage=USAGE | {"output_tokens": 0, "total_tokens": 2}) | changed
    found["completed_at"] = 7
    assert stage.body(said, RESPONSES) == found | WHOLE
    assert stage.dig(stage.data(said, RESPONSES)[0])["response"] == RUNNING | changed


def test_a_stream_with_done_and_without_event_lines() -> None:
    style = replace(OPENAI.responses, done=True, event_lines=False)
    stream = stage.streamed(output(), RESPONSES, replace(OPENAI, responses=style))
    assert [(event.name, event.text) for event in stream.events] == [
        (None, None),
        (None, None),
        (None, None),
        (None, "[DONE]"),
    ]
    assert stream.events[-1].label == "done"


def test_padding_is_on_deltas_unless_the_request_forbids_it() -> None:
    said = output(Text(text="a b"))
    padded = [
        str(stage.dig(event)["type"]) for event in stage.data(said, RESPONSES) if "obfuscation" in stage.dig(event)
    ]
    assert padded == ["response.output_text.delta"] * 2
    plain = stage.data(said, RESPONSES, stream_options={"include_obfuscation": False})
    assert plain == stage.data(said, RESPONSES, PLAIN)


# --- what the request says comes back ----------------------------------------------------------

TOOL: JSONObject = {"type": "function", "name": "f"}
FILLED: JSONObject = {"type": "function", "description": None, "name": "f", "output_schema": None}
ECHOES: dict[str, tuple[str, JSON, JSON]] = {
    "a number": ("temperature", 0.2, 0.2),
    "no number": ("temperature", "hot", 1.0),
    "a flag is no number": ("top_p", True, 1.0),
    "an integer": ("max_output_tokens", 16, 16),
    "no integer": ("max_output_tokens", 16.5, None),
    "a text": ("instructions", "be kind", "be kind"),
    "no text": ("instructions", ["be kind"], None),
    "a flag": ("store", False, False),
    "no flag": ("store", None, True),
    "metadata": ("metadata", {"a": "b"}, {"a": "b"}),
    "no metadata": ("metadata", None, {}),
    "reasoning": ("reasoning", {"effort": "low", "generate_summary": "auto"}, {"effort": "low", "summary": None}),
    "no reasoning": ("reasoning", 7, {"effort": None, "summary": None}),
    "a format": (
        "text",
        {"format": {"type": "json_object"}},
        {"format": {"type": "json_object"}, "verbosity": "medium"},
    ),
    "verbosity": ("text", {"verbosity": "low", "format": None}, {"format": {"type": "text"}, "verbosity": "low"}),
    "no format": ("text", "plain", {"format": {"type": "text"}, "verbosity": "medium"}),
    "a choice by word": ("tool_choice", "none", "none"),
    "a choice by name": ("tool_choice", TOOL, TOOL),
    "no choice": ("tool_choice", 7, "auto"),
    "a function of few words": ("tools", [TOOL], [FILLED | {"parameters": None, "strict": True}]),
    "a strict function": (
        "tools",
        [TOOL | {"parameters": {"type": "object"}, "description": "d"}],
        [
            FILLED
            | {"description": "d", "parameters": {"additionalProperties": False, "type": "object"}, "strict": True}
        ],
    ),
    "a function that is not strict": (
        "tools",
        [TOOL | {"parameters": {"type": "object"}, "strict": False}],
        [FILLED | {"parameters": {"type": "object"}, "strict": False}],
    ),
    "other tools": ("tools", [{"type": "shell"}, "odd"], [{"type": "shell"}, "odd"]),
    "no tools": ("tools", {}, []),
}


@pytest.mark.parametrize(("name", "given", "expected"), ECHOES.values(), ids=ECHOES)
def test_request_parameters_are_echoed(name: str, given: JSON, expected: JSON) -> None:
    changes: JSONObject = {name: given}
    events = stage.data(output(), RESPONSES, OPENAI, **changes)
    for event in events:
        assert stage.dig(event, "response")[name] == expected
    assert stage.body(output(), RESPONSES, OPENAI, **changes)[name] == expected


# --- other dialects ----------------------------------------------------------------------------

GATEWAYS: dict[str, tuple[str, JSONObject]] = {
    "visioncoder": (
        "visioncoder",
        {
            "id": ID,
            "object": "response",
            "created_at": 1767225600,
            "status": "completed",
            "model": "my-model",
            "output": [
                {
                    "id": IDS.id("msg_"),
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "a"}],
                },
                {
                    "id": IDS.id("fc_", 1),
                    "type": "function_call",
                    "call_id": IDS.id("call_", 1),
                    "name": "f",
                    "arguments": "{}",
                },
            ],
            "output_text": "a",
            "usage": {"input_tokens": 2, "output_tokens": 1, "total_tokens": 3},
        },
    ),
    "smartlink": (
        "smartlink",
        {
            "id": ID,
            "object": "response",
            "status": "completed",
            "model": "my-model",
            "output": [
                {
                    "id": IDS.id("msg_"),
                    "type": "message",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": "a"}],
                },
                {
                    "id": IDS.id("fc_", 1),
                    "type": "function_call",
                    "status": "completed",
                    "arguments": "{}",
                    "call_id": IDS.id("call_", 1),
                    "name": "f",
                },
            ],
            "usage": {
                "input_tokens": 2,
                "output_tokens": 1,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 3,
            },
        },
    ),
}


@pytest.mark.parametrize(("name", "expected"), GATEWAYS.values(), ids=GATEWAYS)
def test_a_dialect_sends_only_its_fields(name: str, expected: JSONObject) -> None:
    note: JSONObject = {"type": "file_path", "file_id": "f", "index": 0}
    said = Output(choices=((Text(text="a", annotations=(note,)), FunctionCall(name="f", arguments="{}")),))
    found = stage.body(said, RESPONSES, DIALECTS[name])
    assert found == expected
    assert list(found) == list(expected)
    events = [stage.dig(event) for event in stage.data(said, RESPONSES, DIALECTS[name])]
    assert events[3]["part"] == {"type": "output_text", "text": ""}
    assert "response.output_text.annotation.added" not in [event["type"] for event in events]


def test_output_text_is_empty_while_the_response_runs() -> None:
    events = stage.data(output(Text(text="a")), RESPONSES, DIALECTS["visioncoder"])
    assert stage.dig(events[0], "response")["output_text"] == ""


def test_output_text_is_the_text_of_all_messages() -> None:
    parts: list[JSON] = [
        {"type": "output_text", "text": "b"},
        {"type": "output_text", "text": 7},
        {"type": "refusal"},
        7,
    ]
    said = output(Text(text="a"), RawItem(item={"type": "message", "content": parts}), Reasoning())
    assert stage.body(said, RESPONSES, DIALECTS["visioncoder"])["output_text"] == "ab"


def test_items_that_are_open_at_the_same_time() -> None:
    tools: JSONObject = {"type": "mcp_list_tools", "server_label": "s", "tools": []}
    said = output(
        RawItem(item=tools),
        RawItem(item=tools, overlaps=True),
        RawItem(item={"type": "tomorrow"}, overlaps=True),
        Text(text=""),
    )
    found = [
        (str(stage.dig(event)["type"]).removeprefix("response."), stage.dig(event)["output_index"])
        for event in stage.data(said, RESPONSES)[2:-1]
    ]
    assert found[:9] == [
        ("output_item.added", 0),
        ("mcp_list_tools.in_progress", 0),
        ("output_item.added", 1),
        ("mcp_list_tools.in_progress", 1),
        ("output_item.added", 2),
        ("mcp_list_tools.completed", 0),
        ("mcp_list_tools.completed", 1),
        ("output_item.done", 0),
        ("output_item.done", 1),
    ]
    assert found[9:11] == [("output_item.done", 2), ("output_item.added", 3)]


def test_an_item_that_a_response_lacks_raises_type_error() -> None:
    with pytest.raises(TypeError, match="Audio"):
        stage.body(output(Audio(data=(), transcript="")), RESPONSES)
