"""How an output item is spoken: the events between its `added` and its `done`, by type.

Each function reads the item's final form and yields steps; a step lacks what the stream adds to
every event (sequence number, item id, output index). Orders and members follow the event
reference of the Responses API and recorded streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.model.json import JSON, JSONObject
from mockserver.render.chunking import align_logprobs

PARTIAL_IMAGES = "partial_images"

Cutter: TypeAlias = Callable[[str], tuple[str, ...]]
Animate: TypeAlias = Callable[[JSONObject, Cutter], Iterator["ItemEvent"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEvent:
    """One event to be: `members` follow the item's id and indexes; `bare` has no item id."""

    type: str
    members: JSONObject = field(default_factory=dict)
    bare: bool = False


def _texts(value: JSON, member: str) -> list[tuple[JSONObject, str]]:
    """The parts of a list with their texts; what is not such a part is passed over."""
    return [
        (part, text)
        for part in (value if isinstance(value, list) else [])
        if isinstance(part, dict) and isinstance(text := part.get(member), str)
    ]


def _objects(value: JSON) -> list[JSONObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text_of(item: JSONObject, member: str) -> str:
    value = item.get(member)
    return value if isinstance(value, str) else ""


def text(part: JSONObject, pieces: tuple[str, ...], *, index: int) -> Iterator[ItemEvent]:
    """A part of type output_text; where it has logprobs they set the deltas."""
    at: JSONObject = {"content_index": index}
    lists: JSONObject = {name: [] for name in ("annotations", "logprobs") if name in part}
    empty: JSONObject = part | lists | {"text": ""}
    yield ItemEvent(type="response.content_part.added", members=at | {"part": empty})
    logprobs = _objects(part.get("logprobs"))
    for piece, probable in align_logprobs(_text_of(part, "text"), logprobs, pieces):
        yield _delta("response.output_text", at | {"delta": piece, "logprobs": probable})
    annotations = part.get("annotations")
    for number, annotation in enumerate(annotations if isinstance(annotations, list) else []):
        members = at | {"annotation_index": number, "annotation": annotation}
        yield ItemEvent(type="response.output_text.annotation.added", members=members)
    done = at | {"text": part.get("text"), "logprobs": list(logprobs)}
    yield ItemEvent(type="response.output_text.done", members=done)
    yield ItemEvent(type="response.content_part.done", members=at | {"part": part})


def refusal(part: JSONObject, pieces: tuple[str, ...], *, index: int) -> Iterator[ItemEvent]:
    """A part of type refusal."""
    at: JSONObject = {"content_index": index}
    empty: JSONObject = part | {"refusal": ""}
    yield ItemEvent(type="response.content_part.added", members=at | {"part": empty})
    for piece in pieces:
        yield _delta("response.refusal", at | {"delta": piece})
    yield ItemEvent(type="response.refusal.done", members=at | {"refusal": part.get("refusal")})
    yield ItemEvent(type="response.content_part.done", members=at | {"part": part})


def _delta(kind: str, members: JSONObject) -> ItemEvent:
    return ItemEvent(type=f"{kind}.delta", members=members)


def text_deltas(kind: str, member: str, whole: str, pieces: tuple[str, ...]) -> Iterator[ItemEvent]:
    """One text in deltas and whole: call arguments, tool input, code."""
    for piece in pieces:
        yield _delta(kind, {"delta": piece})
    yield ItemEvent(type=f"{kind}.done", members={member: whole})


def message(item: JSONObject, cutter: Cutter) -> Iterator[ItemEvent]:
    """A message in the wire's own shape."""
    content = item.get("content")
    for index, part in enumerate(content if isinstance(content, list) else []):
        if not isinstance(part, dict):
            continue
        if part.get("type") == "refusal":
            yield from refusal(part, cutter(_text_of(part, "refusal")), index=index)
        else:
            yield from text(part, cutter(_text_of(part, "text")), index=index)


def reasoning(item: JSONObject, cutter: Cutter) -> Iterator[ItemEvent]:
    """Summary parts, then reasoning text."""
    for index, (part, whole) in enumerate(_texts(item.get("summary"), "text")):
        at: JSONObject = {"summary_index": index}
        kind = "response.reasoning_summary"
        yield ItemEvent(type=f"{kind}_part.added", members=at | {"part": part | {"text": ""}})
        for piece in cutter(whole):
            yield _delta(f"{kind}_text", at | {"delta": piece})
        yield ItemEvent(type=f"{kind}_text.done", members=at | {"text": whole})
        yield ItemEvent(type=f"{kind}_part.done", members=at | {"part": part})
    for index, (part, whole) in enumerate(_texts(item.get("content"), "text")):
        at = {"content_index": index}
        yield ItemEvent(
            type="response.content_part.added", members=at | {"part": part | {"text": ""}}
        )
        for piece in cutter(whole):
            yield _delta("response.reasoning_text", at | {"delta": piece})
        yield ItemEvent(type="response.reasoning_text.done", members=at | {"text": whole})
        yield ItemEvent(type="response.content_part.done", members=at | {"part": part})


def _saying(kind: str, member: str) -> Animate:
    def animate(item: JSONObject, cutter: Cutter) -> Iterator[ItemEvent]:
        whole = _text_of(item, member)
        yield from text_deltas(kind, member, whole, cutter(whole))

    return animate


def _searching(kind: str) -> Animate:
    """The stages of a search."""

    def animate(item: JSONObject, _cutter: Cutter) -> Iterator[ItemEvent]:
        yield ItemEvent(type=f"response.{kind}.in_progress")
        yield ItemEvent(type=f"response.{kind}.searching")
        yield from _completed(f"response.{kind}", item)

    return animate


def _completed(kind: str, item: JSONObject) -> Iterator[ItemEvent]:
    """The stage that only a tool reaches which has done its work; no event tells of another end."""
    if item.get("status") not in ("failed", "incomplete"):
        yield ItemEvent(type=f"{kind}.completed")


def code_interpreter(item: JSONObject, cutter: Cutter) -> Iterator[ItemEvent]:
    """Code is written, then run."""
    kind = "response.code_interpreter_call"
    whole = _text_of(item, "code")
    yield ItemEvent(type=f"{kind}.in_progress")
    yield from text_deltas(f"{kind}_code", "code", whole, cutter(whole))
    yield ItemEvent(type=f"{kind}.interpreting")
    yield from _completed(kind, item)


def image_generation(item: JSONObject, _cutter: Cutter) -> Iterator[ItemEvent]:
    """Partial images come from `PARTIAL_IMAGES`, a list that is no member of the wire's item."""
    kind = "response.image_generation_call"
    yield ItemEvent(type=f"{kind}.in_progress")
    yield ItemEvent(type=f"{kind}.generating")
    partials = item.get(PARTIAL_IMAGES)
    extras: JSONObject = {
        name: item[name]
        for name in ("size", "quality", "background", "output_format")
        if name in item
    }
    for index, image in enumerate(partials if isinstance(partials, list) else []):
        members: JSONObject = {"partial_image_index": index, "partial_image_b64": image}
        yield ItemEvent(type=f"{kind}.partial_image", members=members | extras)
    yield from _completed(kind, item)


def _mcp_end(kind: str, item: JSONObject) -> ItemEvent:
    failed = item.get("error") is not None or item.get("status") == "failed"
    return ItemEvent(type=f"response.{kind}.{'failed' if failed else 'completed'}")


def mcp_list_tools(item: JSONObject, _cutter: Cutter) -> Iterator[ItemEvent]:
    """Tools are asked for, and come or do not."""
    yield ItemEvent(type="response.mcp_list_tools.in_progress")
    yield _mcp_end("mcp_list_tools", item)


def mcp_call(item: JSONObject, cutter: Cutter) -> Iterator[ItemEvent]:
    """Arguments are written, then the server is called."""
    whole = _text_of(item, "arguments")
    yield ItemEvent(type="response.mcp_call.in_progress")
    yield from text_deltas("response.mcp_call_arguments", "arguments", whole, cutter(whole))
    yield _mcp_end("mcp_call", item)


def shell_call(item: JSONObject, cutter: Cutter) -> Iterator[ItemEvent]:
    """Commands one after another; their events carry no item id."""
    action = item.get("action")
    commands = action.get("commands") if isinstance(action, dict) else None
    kind = "response.shell_call_command"
    for index, command in enumerate(commands if isinstance(commands, list) else []):
        at: JSONObject = {"command_index": index}
        whole = command if isinstance(command, str) else ""
        yield ItemEvent(type=f"{kind}.added", members=at | {"command": ""}, bare=True)
        for piece in cutter(whole):
            yield ItemEvent(type=f"{kind}.delta", members=at | {"delta": piece}, bare=True)
        yield ItemEvent(type=f"{kind}.done", members=at | {"command": whole}, bare=True)


def shell_call_output(item: JSONObject, _cutter: Cutter) -> Iterator[ItemEvent]:
    """What a command printed, whole."""
    output = item.get("output")
    kind = "response.shell_call_output_content"
    for index, entry in enumerate(output if isinstance(output, list) else []):
        at: JSONObject = {"command_index": index}
        if isinstance(entry, dict):
            delta: JSONObject = {name: entry.get(name, "") for name in ("stdout", "stderr")}
            yield ItemEvent(type=f"{kind}.delta", members=at | {"delta": delta})
        yield ItemEvent(type=f"{kind}.done", members=at | {"output": [entry]})


def apply_patch_call(item: JSONObject, cutter: Cutter) -> Iterator[ItemEvent]:
    """The diff of an operation that has one."""
    operation = item.get("operation")
    whole = operation.get("diff") if isinstance(operation, dict) else None
    if isinstance(whole, str):
        kind = "response.apply_patch_call_operation_diff"
        yield from text_deltas(kind, "diff", whole, cutter(whole))


BY_TYPE: Mapping[str, Animate] = {
    "message": message,
    "reasoning": reasoning,
    "function_call": _saying("response.function_call_arguments", "arguments"),
    "custom_tool_call": _saying("response.custom_tool_call_input", "input"),
    "web_search_call": _searching("web_search_call"),
    "file_search_call": _searching("file_search_call"),
    "code_interpreter_call": code_interpreter,
    "image_generation_call": image_generation,
    "mcp_list_tools": mcp_list_tools,
    "mcp_call": mcp_call,
    "shell_call": shell_call,
    "shell_call_output": shell_call_output,
    "apply_patch_call": apply_patch_call,
}
"""The types that are more than added and done."""
