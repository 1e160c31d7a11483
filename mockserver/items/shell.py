"""Items of the shell and of patches: calls with commands or a diff, and their outputs."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.items.events import streamed_types, text_deltas
from mockserver.items.spec import (
    CALLER,
    CLOSE,
    EVENT,
    OPEN,
    AddedStatus,
    EndStatus,
    EventType,
    IndexRule,
    ItemEvent,
    ItemSpec,
    StreamedText,
)
from mockserver.model.item import Cutter
from mockserver.model.json import JSON, JSONObject

_COMMAND = "shell_call_command"
_OUTPUT = "shell_call_output_content"
_DIFF = "apply_patch_call_operation_diff"

# Events of commands have no item id.
_AT_COMMAND = "output_index:count command_index:count"
_IN_COMMAND = (IndexRule(member="command_index"),)
_COMMAND_OPENS = (IndexRule(member="command_index", opens=True, advances=True),)


def _member(value: JSON, name: str) -> JSON:
    return value.get(name) if isinstance(value, dict) else None


def _commands(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    """Commands one after another."""
    commands = _member(item.get("action"), "commands")
    for index, command in enumerate(commands if isinstance(commands, list) else []):
        at: JSONObject = {"command_index": index}
        text = command if isinstance(command, str) else ""
        yield ItemEvent(type=f"response.{_COMMAND}.added", members=at | {"command": ""}, bare=True)
        for piece in cut(text):
            members = at | {"delta": piece}
            yield ItemEvent(type=f"response.{_COMMAND}.delta", members=members, bare=True)
        yield ItemEvent(type=f"response.{_COMMAND}.done", members=at | {"command": text}, bare=True)


def _output(item: JSONObject, _cut: Cutter) -> Iterator[ItemEvent]:
    """What each command printed, in one delta."""
    output = item.get("output")
    for index, entry in enumerate(output if isinstance(output, list) else []):
        at: JSONObject = {"command_index": index}
        if isinstance(entry, dict):
            printed: JSONObject = {name: entry.get(name, "") for name in ("stdout", "stderr")}
            yield ItemEvent(type=f"response.{_OUTPUT}.delta", members=at | {"delta": printed})
        yield ItemEvent(type=f"response.{_OUTPUT}.done", members=at | {"output": [entry]})


def _diff(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    """The diff of an operation that has one; a deletion has none."""
    diff = _member(item.get("operation"), "diff")
    if isinstance(diff, str):
        yield from text_deltas(_DIFF, "diff", diff, cut)


SPECS = (
    ItemSpec(
        type="local_shell_call",
        prefix="lsh_",
        status=EndStatus.OF_REPLY,
        members="call_id:id action:object status:#status.item",
    ),
    ItemSpec(
        type="shell_call",
        prefix="sh_",
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.DEMANDED,
        added={"action": {"commands": []}},
        empty={},
        events=_commands,
        about="the commands and their deltas",
        members=(
            "call_id:id action:object status:#status.item environment?:object|null "
            f"max_output_length?:integer|null {CALLER}"
        ),
        event_types={
            f"{_COMMAND}.added": EventType(
                members=f"{_AT_COMMAND} command:string", indexes=_COMMAND_OPENS
            ),
            f"{_COMMAND}.delta": EventType(
                members=f"{_AT_COMMAND} delta:string", indexes=_IN_COMMAND
            ),
            f"{_COMMAND}.done": EventType(
                members=f"{_AT_COMMAND} command:string", indexes=_IN_COMMAND
            ),
        },
        grammar={
            OPEN: {f"{_COMMAND}.added": "command", **CLOSE},
            "command": {f"{_COMMAND}.delta": "command", f"{_COMMAND}.done": OPEN},
        },
        texts=(
            StreamedText(
                word=_COMMAND,
                member="command",
                rule="command",
                path=("action", "commands"),
                listed=True,
            ),
        ),
    ),
    ItemSpec(
        type="shell_call_output",
        prefix="sho_",
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.OF_END,
        events=_output,
        about="the output and its deltas",
        members=(
            f"call_id:id output:list status:#status.item max_output_length?:integer|null {CALLER}"
        ),
        event_types={
            # No event opens the output of a command: its end advances the count.
            f"{_OUTPUT}.delta": EventType(
                members=f"{EVENT} command_index:count delta:object",
                indexes=(IndexRule(member="command_index", opens=True),),
                padded=False,
            ),
            f"{_OUTPUT}.done": EventType(
                members=f"{EVENT} command_index:count output:list", indexes=_COMMAND_OPENS
            ),
        },
        grammar={
            OPEN: {f"{_OUTPUT}.delta": "output", f"{_OUTPUT}.done": OPEN, **CLOSE},
            "output": {f"{_OUTPUT}.delta": "output", f"{_OUTPUT}.done": OPEN},
        },
    ),
    ItemSpec(
        type="apply_patch_call",
        prefix="apc_",
        status=EndStatus.OF_REPLY,
        added_status=AddedStatus.DEMANDED,
        added={"operation": {"diff": ""}},
        empty={},
        events=_diff,
        about="the diff and its deltas",
        members=f"call_id:id operation:object status:#status.item {CALLER}",
        event_types=streamed_types(_DIFF, "diff"),
        grammar={
            # A deletion has no diff.
            OPEN: {f"{_DIFF}.delta": "diff", f"{_DIFF}.done": "written", **CLOSE},
            "diff": {f"{_DIFF}.delta": "diff", f"{_DIFF}.done": "written"},
            "written": CLOSE,
        },
        texts=(StreamedText(word=_DIFF, member="diff", rule="diff", path=("operation", "diff")),),
    ),
    ItemSpec(
        type="apply_patch_call_output",
        members=f"call_id:id status:string output?:string|null {CALLER}",
    ),
)
