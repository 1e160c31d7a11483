"""Items that a scenario writes in the wire's own shape only: the shell, patches, computer use, tool search,
programs."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.items.events import text_deltas
from mockserver.items.spec import CALLER, ItemEvent, ItemSpec, StreamedText
from mockserver.model.json import JSONObject, as_list, as_object
from mockserver.model.reply import Cutter

_COMMAND = "shell_call_command"
_OUTPUT = "shell_call_output_content"
_DIFF = "apply_patch_call_operation_diff"


def _commands(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    for index, command in enumerate(as_list(as_object(item.get("action")).get("commands"))):
        at: JSONObject = {"command_index": index}
        text = command if isinstance(command, str) else ""
        yield ItemEvent(type=f"response.{_COMMAND}.added", members=at | {"command": ""}, bare=True)
        for piece in cut(text):
            yield ItemEvent(type=f"response.{_COMMAND}.delta", members=at | {"delta": piece}, bare=True)
        yield ItemEvent(type=f"response.{_COMMAND}.done", members=at | {"command": text}, bare=True)


def _output(item: JSONObject, _cut: Cutter) -> Iterator[ItemEvent]:
    """What each command printed, in one delta."""
    for index, entry in enumerate(as_list(item.get("output"))):
        at: JSONObject = {"command_index": index}
        if isinstance(entry, dict):
            printed: JSONObject = {name: entry.get(name, "") for name in ("stdout", "stderr")}
            yield ItemEvent(type=f"response.{_OUTPUT}.delta", members=at | {"delta": printed})
        yield ItemEvent(type=f"response.{_OUTPUT}.done", members=at | {"output": [entry]})


def _diff(item: JSONObject, cut: Cutter) -> Iterator[ItemEvent]:
    """The diff of an operation that has one; a deletion has none."""
    diff = as_object(item.get("operation")).get("diff")
    if isinstance(diff, str):
        yield from text_deltas(_DIFF, "diff", diff, cut)


SPECS = (
    ItemSpec(
        type="local_shell_call",
        prefix="lsh_",
        status="of_reply",
        members="call_id:id action:object status:#status.item",
    ),
    ItemSpec(
        type="shell_call",
        prefix="sh_",
        status="of_reply",
        added_status="demanded",
        added={"action": {"commands": []}},
        empty={},
        events=_commands,
        members=(
            "call_id:id action:object status:#status.item environment?:object|null "
            f"max_output_length?:integer|null {CALLER}"
        ),
        # Events of commands have no item id.
        stream="""
shell_call_command.added  -item_id command_index:next command:string
shell_call_command.delta  -item_id command_index:last delta:string
shell_call_command.done  -item_id command_index:last command:string
""",
        about="the commands and their deltas",
        grammar="""
open: shell_call_command.added > command, done
command: shell_call_command.delta, shell_call_command.done > open
""",
        texts=(StreamedText(_COMMAND, "command", ("action", "commands"), listed=True),),
    ),
    ItemSpec(
        type="shell_call_output",
        prefix="sho_",
        status="of_reply",
        unfinished=True,
        added_status="of_end",
        events=_output,
        members=(f"call_id:id output:list status:#status.item max_output_length?:integer|null {CALLER}"),
        # No event opens the output of a command: its end advances the count.
        stream="""
shell_call_output_content.delta  command_index:coming delta:object
shell_call_output_content.done  command_index:next output:list
""",
        about="the output and its deltas",
        grammar="""
open: shell_call_output_content.delta > output, shell_call_output_content.done, done
output: shell_call_output_content.delta, shell_call_output_content.done > open
""",
    ),
    ItemSpec(
        type="apply_patch_call",
        prefix="apc_",
        status="of_reply",
        added_status="demanded",
        added={"operation": {"diff": ""}},
        empty={},
        events=_diff,
        members=f"call_id:id operation:object status:#status.item {CALLER}",
        stream="""
apply_patch_call_operation_diff.delta  delta:string
apply_patch_call_operation_diff.done  diff:string
""",
        about="the diff and its deltas",
        # A deletion has no diff.
        grammar="""
open: apply_patch_call_operation_diff.delta > diff, apply_patch_call_operation_diff.done > written, done
diff: apply_patch_call_operation_diff.delta, apply_patch_call_operation_diff.done > written
written: done
""",
        texts=(StreamedText(_DIFF, "diff", ("operation", "diff")),),
    ),
    ItemSpec(type="apply_patch_call_output", members=f"call_id:id status:string output?:string|null {CALLER}"),
    # Items that are added and done, without events between: computer use, tool search, programs.
    ItemSpec(
        type="computer_call",
        prefix="cu_",
        status="of_reply",
        unfinished=True,
        members=("call_id:id pending_safety_checks:list status:#status.item action?:object|null actions?:list|null"),
    ),
    ItemSpec(
        type="tool_search_call",
        prefix="tsc_",
        # The call_id of a search that the client runs differs when it is done (observed in 2026-03).
        quirks=frozenset({"responses.item.same"}),
        status="of_reply",
        members=("call_id:string|null execution:string arguments:any status:#status.item created_by?:string|null"),
    ),
    ItemSpec(
        type="tool_search_output",
        prefix="tso_",
        status="of_reply",
        added_status="of_end",
        members=("call_id:string|null execution:string tools:list status:#status.item created_by?:string|null"),
    ),
    ItemSpec(
        type="program",
        prefix="cm_",
        added={"code": ""},
        empty={},
        opaque=("fingerprint",),
        members="call_id:id code:string fingerprint:string",
    ),
    ItemSpec(
        type="program_output",
        prefix="cmo_",
        status="completed",
        added_status="of_end",
        members="call_id:id result:string status:string",
    ),
)
