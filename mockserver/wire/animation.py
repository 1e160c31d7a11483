"""How an output item is spoken: the events between its `added` and its `done`, by type.

Each function reads the item's final form and yields steps; a step lacks what the stream adds to
every event (sequence number, item id, output index). Orders and members follow the event
reference of the Responses API and recorded streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mockserver.core.jsontext import JSON, Object
from mockserver.wire.cutting import spell

PARTIAL_IMAGES = "partial_images"

Cutter: TypeAlias = Callable[[str], tuple[str, ...]]
Animate: TypeAlias = Callable[[Object, Cutter], Iterator["Step"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event to be: `members` follow the item's id and indexes; `bare` has no item id."""

    type: str
    members: Object = field(default_factory=dict)
    bare: bool = False


def _texts(value: JSON, member: str) -> list[tuple[Object, str]]:
    """The parts of a list with their texts; what is not such a part is passed over."""
    return [
        (part, text)
        for part in (value if isinstance(value, list) else [])
        if isinstance(part, dict) and isinstance(text := part.get(member), str)
    ]


def _objects(value: JSON) -> list[Object]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text_of(item: Object, member: str) -> str:
    value = item.get(member)
    return value if isinstance(value, str) else ""


def text(part: Object, pieces: tuple[str, ...], *, index: int) -> Iterator[Step]:
    """A part of type output_text; where it has logprobs they set the deltas."""
    at: Object = {"content_index": index}
    lists: Object = {name: [] for name in ("annotations", "logprobs") if name in part}
    empty: Object = part | lists | {"text": ""}
    yield Step(type="response.content_part.added", members=at | {"part": empty})
    logprobs = _objects(part.get("logprobs"))
    for piece, probable in spell(_text_of(part, "text"), logprobs, pieces):
        yield _delta("response.output_text", at | {"delta": piece, "logprobs": probable})
    annotations = part.get("annotations")
    for number, annotation in enumerate(annotations if isinstance(annotations, list) else []):
        members = at | {"annotation_index": number, "annotation": annotation}
        yield Step(type="response.output_text.annotation.added", members=members)
    done = at | {"text": part.get("text"), "logprobs": list(logprobs)}
    yield Step(type="response.output_text.done", members=done)
    yield Step(type="response.content_part.done", members=at | {"part": part})


def refusal(part: Object, pieces: tuple[str, ...], *, index: int) -> Iterator[Step]:
    """A part of type refusal."""
    at: Object = {"content_index": index}
    empty: Object = part | {"refusal": ""}
    yield Step(type="response.content_part.added", members=at | {"part": empty})
    for piece in pieces:
        yield _delta("response.refusal", at | {"delta": piece})
    yield Step(type="response.refusal.done", members=at | {"refusal": part.get("refusal")})
    yield Step(type="response.content_part.done", members=at | {"part": part})


def _delta(kind: str, members: Object) -> Step:
    return Step(type=f"{kind}.delta", members=members)


def said(kind: str, member: str, whole: str, pieces: tuple[str, ...]) -> Iterator[Step]:
    """One text in deltas and whole: call arguments, tool input, code."""
    for piece in pieces:
        yield _delta(kind, {"delta": piece})
    yield Step(type=f"{kind}.done", members={member: whole})


def message(item: Object, cutter: Cutter) -> Iterator[Step]:
    """A message in the wire's own shape."""
    content = item.get("content")
    for index, part in enumerate(content if isinstance(content, list) else []):
        if not isinstance(part, dict):
            continue
        if part.get("type") == "refusal":
            yield from refusal(part, cutter(_text_of(part, "refusal")), index=index)
        else:
            yield from text(part, cutter(_text_of(part, "text")), index=index)


def reasoning(item: Object, cutter: Cutter) -> Iterator[Step]:
    """Summary parts, then reasoning text."""
    for index, (part, whole) in enumerate(_texts(item.get("summary"), "text")):
        at: Object = {"summary_index": index}
        kind = "response.reasoning_summary"
        yield Step(type=f"{kind}_part.added", members=at | {"part": part | {"text": ""}})
        for piece in cutter(whole):
            yield _delta(f"{kind}_text", at | {"delta": piece})
        yield Step(type=f"{kind}_text.done", members=at | {"text": whole})
        yield Step(type=f"{kind}_part.done", members=at | {"part": part})
    for index, (part, whole) in enumerate(_texts(item.get("content"), "text")):
        at = {"content_index": index}
        yield Step(type="response.content_part.added", members=at | {"part": part | {"text": ""}})
        for piece in cutter(whole):
            yield _delta("response.reasoning_text", at | {"delta": piece})
        yield Step(type="response.reasoning_text.done", members=at | {"text": whole})
        yield Step(type="response.content_part.done", members=at | {"part": part})


def _saying(kind: str, member: str) -> Animate:
    def animate(item: Object, cutter: Cutter) -> Iterator[Step]:
        whole = _text_of(item, member)
        yield from said(kind, member, whole, cutter(whole))

    return animate


def _searching(kind: str) -> Animate:
    """The stages of a search."""

    def animate(item: Object, _cutter: Cutter) -> Iterator[Step]:
        yield Step(type=f"response.{kind}.in_progress")
        yield Step(type=f"response.{kind}.searching")
        yield from _completed(f"response.{kind}", item)

    return animate


def _completed(kind: str, item: Object) -> Iterator[Step]:
    """The stage that only a tool reaches which has done its work; no event tells of another end."""
    if item.get("status") not in ("failed", "incomplete"):
        yield Step(type=f"{kind}.completed")


def code_interpreter(item: Object, cutter: Cutter) -> Iterator[Step]:
    """Code is written, then run."""
    kind = "response.code_interpreter_call"
    whole = _text_of(item, "code")
    yield Step(type=f"{kind}.in_progress")
    yield from said(f"{kind}_code", "code", whole, cutter(whole))
    yield Step(type=f"{kind}.interpreting")
    yield from _completed(kind, item)


def image_generation(item: Object, _cutter: Cutter) -> Iterator[Step]:
    """Partial images come from `PARTIAL_IMAGES`, a list that is no member of the wire's item."""
    kind = "response.image_generation_call"
    yield Step(type=f"{kind}.in_progress")
    yield Step(type=f"{kind}.generating")
    partials = item.get(PARTIAL_IMAGES)
    extras: Object = {
        name: item[name]
        for name in ("size", "quality", "background", "output_format")
        if name in item
    }
    for index, image in enumerate(partials if isinstance(partials, list) else []):
        members: Object = {"partial_image_index": index, "partial_image_b64": image}
        yield Step(type=f"{kind}.partial_image", members=members | extras)
    yield from _completed(kind, item)


def _mcp_end(kind: str, item: Object) -> Step:
    failed = item.get("error") is not None or item.get("status") == "failed"
    return Step(type=f"response.{kind}.{'failed' if failed else 'completed'}")


def mcp_list_tools(item: Object, _cutter: Cutter) -> Iterator[Step]:
    """Tools are asked for, and come or do not."""
    yield Step(type="response.mcp_list_tools.in_progress")
    yield _mcp_end("mcp_list_tools", item)


def mcp_call(item: Object, cutter: Cutter) -> Iterator[Step]:
    """Arguments are written, then the server is called."""
    whole = _text_of(item, "arguments")
    yield Step(type="response.mcp_call.in_progress")
    yield from said("response.mcp_call_arguments", "arguments", whole, cutter(whole))
    yield _mcp_end("mcp_call", item)


def shell_call(item: Object, cutter: Cutter) -> Iterator[Step]:
    """Commands one after another; their events carry no item id."""
    action = item.get("action")
    commands = action.get("commands") if isinstance(action, dict) else None
    kind = "response.shell_call_command"
    for index, command in enumerate(commands if isinstance(commands, list) else []):
        at: Object = {"command_index": index}
        whole = command if isinstance(command, str) else ""
        yield Step(type=f"{kind}.added", members=at | {"command": ""}, bare=True)
        for piece in cutter(whole):
            yield Step(type=f"{kind}.delta", members=at | {"delta": piece}, bare=True)
        yield Step(type=f"{kind}.done", members=at | {"command": whole}, bare=True)


def shell_call_output(item: Object, _cutter: Cutter) -> Iterator[Step]:
    """What a command printed, whole."""
    output = item.get("output")
    kind = "response.shell_call_output_content"
    for index, entry in enumerate(output if isinstance(output, list) else []):
        at: Object = {"command_index": index}
        if isinstance(entry, dict):
            delta: Object = {name: entry.get(name, "") for name in ("stdout", "stderr")}
            yield Step(type=f"{kind}.delta", members=at | {"delta": delta})
        yield Step(type=f"{kind}.done", members=at | {"output": [entry]})


def apply_patch_call(item: Object, cutter: Cutter) -> Iterator[Step]:
    """The diff of an operation that has one."""
    operation = item.get("operation")
    whole = operation.get("diff") if isinstance(operation, dict) else None
    if isinstance(whole, str):
        kind = "response.apply_patch_call_operation_diff"
        yield from said(kind, "diff", whole, cutter(whole))


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
