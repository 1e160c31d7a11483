"""The events between an item's `added` and its `done`, one machine for each type of item.

Words are event types without `response.`; the start of a content part is followed by the type of
the part. Every machine starts `open` and is `closed` by `output_item.done`. Hosted tools may be
done early where their status says that they were broken off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.contract.machine import Machine

OPEN: Final = "open"
CLOSED: Final = "closed"
ITEM_ADDED: Final = "output_item.added"
ITEM_DONE: Final = "output_item.done"
PART_ADDED: Final = "content_part.added"
PART_DONE: Final = "content_part.done"

_BROKEN_OFF: Final = frozenset({"failed", "incomplete"})
_CLOSE: Final = {ITEM_DONE: CLOSED}


def _machine(
    kind: str, steps: Mapping[str, Mapping[str, str]], early: frozenset[str] = frozenset()
) -> Machine:
    return Machine(
        name=f"responses.{kind}",
        rule=f"responses.{kind}.order",
        start=OPEN,
        steps={**steps, CLOSED: {}},
        early=early,
    )


def _delta_then_done(delta: str, done: str) -> dict[str, dict[str, str]]:
    return {OPEN: {delta: OPEN, done: "told"}, "told": _CLOSE}


def _search_phases(kind: str) -> Machine:
    return _machine(
        kind,
        {
            OPEN: {f"{kind}.in_progress": "in progress"},
            "in progress": {f"{kind}.searching": "searching"},
            "searching": {f"{kind}.completed": "completed"},
            "completed": _CLOSE,
        },
        _BROKEN_OFF,
    )


ITEMS: Final[Mapping[str, Machine]] = {
    "message": _machine(
        "message",
        {
            OPEN: {
                f"{PART_ADDED} output_text": "text",
                f"{PART_ADDED} refusal": "refusal",
                **_CLOSE,
            },
            "text": {
                "output_text.delta": "text",
                "output_text.annotation.added": "text",
                "output_text.done": "told",
            },
            "refusal": {"refusal.delta": "refusal", "refusal.done": "told"},
            "told": {PART_DONE: OPEN},
        },
    ),
    "reasoning": _machine(
        "reasoning",
        {
            OPEN: {
                "reasoning_summary_part.added": "summary",
                f"{PART_ADDED} reasoning_text": "reasoning",
                **_CLOSE,
            },
            "summary": {
                "reasoning_summary_text.delta": "summary",
                "reasoning_summary_text.done": "summarised",
            },
            "summarised": {"reasoning_summary_part.done": OPEN},
            "reasoning": {"reasoning_text.delta": "reasoning", "reasoning_text.done": "reasoned"},
            "reasoned": {PART_DONE: "content"},
            "content": {f"{PART_ADDED} reasoning_text": "reasoning", **_CLOSE},
        },
    ),
    "function_call": _machine(
        "function_call",
        _delta_then_done("function_call_arguments.delta", "function_call_arguments.done"),
    ),
    "custom_tool_call": _machine(
        "custom_tool_call",
        _delta_then_done("custom_tool_call_input.delta", "custom_tool_call_input.done"),
    ),
    "web_search_call": _search_phases("web_search_call"),
    "file_search_call": _search_phases("file_search_call"),
    "code_interpreter_call": _machine(
        "code_interpreter_call",
        {
            OPEN: {"code_interpreter_call.in_progress": "in progress"},
            "in progress": {
                "code_interpreter_call_code.delta": "in progress",
                "code_interpreter_call_code.done": "written",
            },
            "written": {"code_interpreter_call.interpreting": "interpreting"},
            "interpreting": {"code_interpreter_call.completed": "completed"},
            "completed": _CLOSE,
        },
        _BROKEN_OFF,
    ),
    "image_generation_call": _machine(
        "image_generation_call",
        {
            OPEN: {"image_generation_call.in_progress": "in progress"},
            "in progress": {"image_generation_call.generating": "generating"},
            "generating": {
                "image_generation_call.partial_image": "generating",
                "image_generation_call.completed": "completed",
            },
            "completed": _CLOSE,
        },
        _BROKEN_OFF,
    ),
    "mcp_list_tools": _machine(
        "mcp_list_tools",
        {
            OPEN: {"mcp_list_tools.in_progress": "in progress"},
            "in progress": {
                "mcp_list_tools.completed": "completed",
                "mcp_list_tools.failed": "failed",
            },
            "completed": _CLOSE,
            "failed": _CLOSE,
        },
    ),
    "mcp_call": _machine(
        "mcp_call",
        {
            # Recorded once: arguments that begin before the call is in progress.
            OPEN: {"mcp_call_arguments.delta": OPEN, "mcp_call.in_progress": "in progress"},
            "in progress": {
                "mcp_call_arguments.delta": "in progress",
                "mcp_call_arguments.done": "asked",
            },
            "asked": {"mcp_call.completed": "completed", "mcp_call.failed": "failed"},
            "completed": _CLOSE,
            "failed": _CLOSE,
        },
        _BROKEN_OFF,
    ),
    "shell_call": _machine(
        "shell_call",
        {
            OPEN: {"shell_call_command.added": "command", **_CLOSE},
            "command": {
                "shell_call_command.delta": "command",
                "shell_call_command.done": OPEN,
            },
        },
    ),
    "shell_call_output": _machine(
        "shell_call_output",
        {
            OPEN: {
                "shell_call_output_content.delta": "output",
                "shell_call_output_content.done": OPEN,
                **_CLOSE,
            },
            "output": {
                "shell_call_output_content.delta": "output",
                "shell_call_output_content.done": OPEN,
            },
        },
    ),
    "apply_patch_call": _machine(
        "apply_patch_call",
        {
            # A deletion has no diff.
            OPEN: {
                "apply_patch_call_operation_diff.delta": "diff",
                "apply_patch_call_operation_diff.done": "told",
                **_CLOSE,
            },
            "diff": {
                "apply_patch_call_operation_diff.delta": "diff",
                "apply_patch_call_operation_diff.done": "told",
            },
            "told": _CLOSE,
        },
    ),
    "compaction": _machine(
        "compaction",
        {OPEN: {"compaction.compacting": "compacting", **_CLOSE}, "compacting": _CLOSE},
    ),
}

# Approval requests, local shell, computer, tool search, programs, and types yet unknown.
OTHER: Final = _machine("other", {OPEN: _CLOSE})

# Open Responses names these two differently.
ALIASES: Final[Mapping[str, str]] = {
    "reasoning.delta": "reasoning_text.delta",
    "reasoning.done": "reasoning_text.done",
}
