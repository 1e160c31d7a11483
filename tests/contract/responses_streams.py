"""Responses streams as an upstream sends them, built step by step so that a case can mutate one."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Final

from tests.kit import JSON, Event, JSONObject

CREATED_AT: Final = 1767225600

USAGE: Final[JSONObject] = {
    "input_tokens": 12, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 17,
}  # fmt: skip

RUNNING: Final[JSONObject] = {
    "id": "resp_1", "object": "response", "created_at": CREATED_AT, "completed_at": None, "status": "in_progress",
    "background": False, "error": None, "incomplete_details": None, "instructions": None, "max_output_tokens": None,
    "metadata": {}, "model": "gpt-5.4", "output": [], "parallel_tool_calls": True, "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None}, "service_tier": "auto", "store": True, "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"}, "tool_choice": "auto", "tools": [], "top_p": 1.0,
    "truncation": "disabled", "usage": None, "user": None,
}  # fmt: skip


def completed(*items: JSONObject, **changes: JSON) -> JSONObject:
    """A whole response that has completed with these items."""
    ended: JSONObject = {"completed_at": CREATED_AT + 2, "status": "completed", "usage": USAGE}
    return deepcopy({**RUNNING, **ended, "output": list(items), **changes})


def stream(*datas: JSONObject) -> list[Event]:
    """Events that carry these objects, numbered and named; a number that is there stays."""
    events = []
    for number, data in enumerate(deepcopy(datas)):
        data.setdefault("sequence_number", number)
        name = data.get("type")
        events.append(
            Event(label=f"{name}#{number}", ordinal=number, data=data, name=name if isinstance(name, str) else None)
        )
    return events


def marker(ordinal: int = 99) -> Event:
    """The `[DONE]` event."""
    return Event(label="terminator", ordinal=ordinal, data=None, text="[DONE]")


def live(
    *bodies: Iterable[JSONObject], end: str = "completed", begin: bool = True, **changes: JSON
) -> list[JSONObject]:
    """The objects of a stream: created, in_progress, the bodies, the end with their items."""
    given = [data for body in bodies for data in body]
    done = sorted(
        (data for data in given if data["type"] == "response.output_item.done"),
        key=lambda data: int(str(data["output_index"])),
    )
    response = completed(*(data["item"] for data in done), status=end, **changes)  # type: ignore[arg-type]
    opening: list[JSONObject] = [
        {"type": "response.created", "response": deepcopy(RUNNING)},
        {"type": "response.in_progress", "response": deepcopy(RUNNING)},
    ]
    closing: JSONObject = {"type": f"response.{end}", "response": response}
    # One copy each: what two events share must not be mutated in both.
    return [deepcopy(data) for data in (*(opening if begin else []), *given, closing)]


def _event(kind: str, **members: JSON) -> JSONObject:
    return {"type": kind, **members}


def _item_events(index: int, added: JSONObject, done: JSONObject, *between: JSONObject) -> list[JSONObject]:
    return [
        {"type": "response.output_item.added", "output_index": index, "item": added},
        *({**data, "output_index": index} for data in between),
        {"type": "response.output_item.done", "output_index": index, "item": done},
    ]


def message(
    *deltas: str, index: int = 0, annotations: Iterable[JSONObject] = (), status: str = "completed"
) -> list[JSONObject]:
    """A message of one text part."""
    name = f"msg_{index}"
    listed: list[JSON] = list(annotations)
    text = "".join(deltas)
    place: JSONObject = {"item_id": name, "content_index": 0}
    empty: JSONObject = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    part: JSONObject = {**empty, "text": text, "annotations": listed}
    base: JSONObject = {"id": name, "type": "message", "role": "assistant"}
    return _item_events(
        index,
        {**base, "status": "in_progress", "content": []},
        {**base, "status": status, "content": [part]},
        {**place, "type": "response.content_part.added", "part": empty},
        *({**place, "type": "response.output_text.delta", "delta": delta, "logprobs": []} for delta in deltas),
        *(
            {
                **place,
                "type": "response.output_text.annotation.added",
                "annotation_index": number,
                "annotation": annotation,
            }
            for number, annotation in enumerate(listed)
        ),
        {**place, "type": "response.output_text.done", "text": text, "logprobs": []},
        {**place, "type": "response.content_part.done", "part": part},
    )


def refusal(text: str, index: int = 0) -> list[JSONObject]:
    """A message of one refusal part."""
    name = f"msg_{index}"
    place: JSONObject = {"item_id": name, "content_index": 0}
    part: JSONObject = {"type": "refusal", "refusal": text}
    base: JSONObject = {"id": name, "type": "message", "role": "assistant"}
    return _item_events(
        index,
        {**base, "status": "in_progress", "content": []},
        {**base, "status": "completed", "content": [part]},
        {**place, "type": "response.content_part.added", "part": {**part, "refusal": ""}},
        {**place, "type": "response.refusal.delta", "delta": text},
        {**place, "type": "response.refusal.done", "refusal": text},
        {**place, "type": "response.content_part.done", "part": part},
    )


def reasoning(*summaries: str, thought: str | None = None, index: int = 0) -> list[JSONObject]:
    """A reasoning item with summaries, and its own text where there is one."""
    name = f"rs_{index}"
    between: list[JSONObject] = []
    for number, summary in enumerate(summaries):
        place: JSONObject = {"item_id": name, "summary_index": number}
        part: JSONObject = {"type": "summary_text", "text": summary}
        kind = "response.reasoning_summary"
        between += [
            {**place, "type": f"{kind}_part.added", "part": {**part, "text": ""}},
            {**place, "type": f"{kind}_text.delta", "delta": summary},
            {**place, "type": f"{kind}_text.done", "text": summary},
            {**place, "type": f"{kind}_part.done", "part": part},
        ]
    base: JSONObject = {"id": name, "type": "reasoning", "encrypted_content": None}
    done: JSONObject = {**base, "summary": [{"type": "summary_text", "text": summary} for summary in summaries]}
    if thought is not None:
        place = {"item_id": name, "content_index": 0}
        part = {"type": "reasoning_text", "text": thought}
        between += [
            {**place, "type": "response.content_part.added", "part": {**part, "text": ""}},
            {**place, "type": "response.reasoning_text.delta", "delta": thought},
            {**place, "type": "response.reasoning_text.done", "text": thought},
            {**place, "type": "response.content_part.done", "part": part},
        ]
        done["content"] = [part]
    return _item_events(index, {**base, "summary": []}, done, *between)


def _told(kind: str, word: str, member: str, pieces: tuple[str, ...], base: JSONObject, index: int) -> list[JSONObject]:
    place: JSONObject = {"item_id": base["id"]}
    text = "".join(pieces)
    return _item_events(
        index,
        {**base, "type": kind, member: "", "status": "in_progress"},
        {**base, "type": kind, member: text, "status": "completed"},
        *({**place, "type": f"response.{word}.delta", "delta": piece} for piece in pieces),
        {**place, "type": f"response.{word}.done", member: text},
    )


def function_call(*pieces: str, index: int = 0) -> list[JSONObject]:
    """A function call whose arguments come in pieces."""
    base: JSONObject = {"id": f"fc_{index}", "call_id": f"call_{index}", "name": "get_weather"}
    word = "function_call_arguments"
    return _told("function_call", word, "arguments", pieces, base, index)


def custom_call(*pieces: str, index: int = 0) -> list[JSONObject]:
    """A call of a custom tool whose input comes in pieces."""
    base: JSONObject = {"id": f"ctc_{index}", "call_id": f"call_{index}", "name": "shell"}
    return _told("custom_tool_call", "custom_tool_call_input", "input", pieces, base, index)


def _steps(name: str, kind: str, *steps: str) -> list[JSONObject]:
    return [{"type": f"response.{kind}.{step}", "item_id": name} for step in steps]


def web_search(index: int = 0) -> list[JSONObject]:
    """A web search."""
    base: JSONObject = {"id": f"ws_{index}", "type": "web_search_call"}
    action: JSONObject = {"type": "search", "query": "weather", "queries": ["weather"]}
    return _item_events(
        index,
        {**base, "status": "in_progress"},
        {**base, "status": "completed", "action": action},
        *_steps(f"ws_{index}", "web_search_call", "in_progress", "searching", "completed"),
    )


def file_search(index: int = 0) -> list[JSONObject]:
    """A file search."""
    base: JSONObject = {"id": f"fs_{index}", "type": "file_search_call", "results": None}
    return _item_events(
        index,
        {**base, "status": "in_progress", "queries": []},
        {**base, "status": "completed", "queries": ["terms"]},
        *_steps(f"fs_{index}", "file_search_call", "in_progress", "searching", "completed"),
    )


def code_interpreter(*pieces: str, index: int = 0) -> list[JSONObject]:
    """A run of code that comes in pieces."""
    name, kind = f"ci_{index}", "code_interpreter_call"
    base: JSONObject = {"id": name, "type": kind, "container_id": "cntr_1", "outputs": None}
    code = "".join(pieces)
    word = "response.code_interpreter_call_code"
    return _item_events(
        index,
        {**base, "status": "in_progress", "code": ""},
        {**base, "status": "completed", "code": code},
        *_steps(name, kind, "in_progress"),
        *(_event(f"{word}.delta", item_id=name, delta=piece) for piece in pieces),
        {"type": f"{word}.done", "item_id": name, "code": code},
        *_steps(name, kind, "interpreting", "completed"),
    )


def image(partials: int = 1, index: int = 0) -> list[JSONObject]:
    """An image with some partial ones before it."""
    name, kind = f"ig_{index}", "image_generation_call"
    base: JSONObject = {"id": name, "type": kind}
    return _item_events(
        index,
        {**base, "status": "in_progress"},
        {**base, "status": "completed", "result": "aGk=", "size": "1024x1024"},
        *_steps(name, kind, "in_progress", "generating"),
        *(
            _event(f"response.{kind}.partial_image", item_id=name, partial_image_index=number, partial_image_b64="aGk=")
            for number in range(partials)
        ),
        *_steps(name, kind, "completed"),
    )


def mcp_list(index: int = 0, end: str = "completed") -> list[JSONObject]:
    """The tools of a remote server."""
    name, kind = f"mcpl_{index}", "mcp_list_tools"
    base: JSONObject = {"id": name, "type": kind, "server_label": "docs"}
    tool: JSONObject = {"name": "read", "input_schema": {"type": "object"}}
    return _item_events(
        index,
        {**base, "tools": []},
        {**base, "tools": [tool] if end == "completed" else []},
        *_steps(name, kind, "in_progress", end),
    )


_MCP_ERROR: Final[JSONObject] = {"type": "mcp_protocol_error", "code": -32000, "message": "no such page"}


def mcp_call(*pieces: str, index: int = 0, end: str = "completed") -> list[JSONObject]:
    """A call of a remote tool."""
    name, kind = f"mcp_{index}", "mcp_call"
    base: JSONObject = {"id": name, "type": kind, "server_label": "docs", "name": "read"}
    empty: JSONObject = {"arguments": "", "output": None, "error": None, "status": "in_progress"}
    text = "".join(pieces)
    word = "response.mcp_call_arguments"
    given: JSONObject = {"output": "18"} if end == "completed" else {"error": dict(_MCP_ERROR)}
    return _item_events(
        index,
        {**base, **empty},
        {**base, **empty, **given, "arguments": text, "status": end},
        *_steps(name, kind, "in_progress"),
        *(_event(f"{word}.delta", item_id=name, delta=piece) for piece in pieces),
        {"type": f"{word}.done", "item_id": name, "arguments": text},
        *_steps(name, kind, end),
    )


def shell(*commands: str, index: int = 0) -> list[JSONObject]:
    """A shell call, each of whose commands comes in one piece."""
    base: JSONObject = {"id": f"sh_{index}", "type": "shell_call", "call_id": f"call_{index}", "environment": None}
    action: JSONObject = {"commands": [], "timeout_ms": None, "max_output_length": None}
    word = "response.shell_call_command"
    return _item_events(
        index,
        {**base, "status": "in_progress", "action": action},
        {**base, "status": "completed", "action": {**action, "commands": list(commands)}},
        *(
            {**data, "command_index": number}
            for number, command in enumerate(commands)
            for data in (
                _event(f"{word}.added", command=""),
                _event(f"{word}.delta", delta=command),
                _event(f"{word}.done", command=command),
            )
        ),
    )


def shell_output(count: int = 1, index: int = 0) -> list[JSONObject]:
    """The output of a shell call with so many commands."""
    name = f"sho_{index}"
    base: JSONObject = {"id": name, "type": "shell_call_output", "call_id": "call_0", "max_output_length": None}
    chunk: JSONObject = {"stdout": "ok", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}
    word = "response.shell_call_output_content"
    return _item_events(
        index,
        {**base, "status": "completed", "output": []},
        {**base, "status": "completed", "output": [chunk] * count},
        *(
            {**data, "item_id": name, "command_index": number}
            for number in range(count)
            for data in (
                _event(f"{word}.delta", delta={"stdout": "ok", "stderr": ""}),
                _event(f"{word}.done", output=[chunk]),
            )
        ),
    )


def patch(*pieces: str, index: int = 0) -> list[JSONObject]:
    """A patch whose diff comes in pieces."""
    name = f"apc_{index}"
    base: JSONObject = {"id": name, "type": "apply_patch_call", "call_id": f"call_{index}"}
    operation: JSONObject = {"type": "update_file", "path": "a.txt", "diff": ""}
    text = "".join(pieces)
    word = "response.apply_patch_call_operation_diff"
    return _item_events(
        index,
        {**base, "status": "in_progress", "operation": operation},
        {**base, "status": "completed", "operation": {**operation, "diff": text}},
        *(_event(f"{word}.delta", item_id=name, delta=piece) for piece in pieces),
        {"type": f"{word}.done", "item_id": name, "diff": text},
    )


def compaction(index: int = 0) -> list[JSONObject]:
    """A compaction in the middle of a response."""
    item: JSONObject = {"id": f"cmp_{index}", "type": "compaction", "encrypted_content": "gAAAAA"}
    event: JSONObject = {"type": "response.compaction.compacting", "item_id": f"cmp_{index}"}
    return _item_events(index, item, item, event)


def other(kind: str, index: int = 0, **members: JSON) -> list[JSONObject]:
    """An item of which only added and done are given."""
    item: JSONObject = {"id": f"x_{index}", "type": kind, **members}
    return _item_events(index, item, item)
