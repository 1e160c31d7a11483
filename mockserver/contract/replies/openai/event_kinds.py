"""The events of a Responses stream: what each has beside `type` and `sequence_number`."""

from __future__ import annotations

from typing import Final

from mockserver.core.jsontext import JSON

_Members = dict[str, JSON]

_PLACE: Final[_Members] = {"item_id": "id", "output_index": "count"}
_PART: Final[_Members] = {**_PLACE, "content_index": "count"}
_SUMMARY: Final[_Members] = {**_PLACE, "summary_index": "count"}
_COMMAND: Final[_Members] = {"output_index": "count", "command_index": "count"}

_REQUIRED: Final[dict[str, _Members]] = {
    **{
        f"response.{state}": {"response": "@response"}
        for state in ("created", "queued", "in_progress", "completed", "incomplete", "failed")
    },
    "response.output_item.added": {"output_index": "count", "item": "@item.*"},
    "response.output_item.done": {"output_index": "count", "item": "@item.*"},
    "response.content_part.added": {**_PART, "part": "@part.*"},
    "response.content_part.done": {**_PART, "part": "@part.*"},
    "response.output_text.delta": {**_PART, "delta": "string", "logprobs": "[@logprob]"},
    "response.output_text.done": {**_PART, "text": "string", "logprobs": "[@logprob]"},
    "response.output_text.annotation.added": {
        **_PART,
        "annotation_index": "count",
        "annotation": "@annotation.*",
    },
    "response.refusal.delta": {**_PART, "delta": "string"},
    "response.refusal.done": {**_PART, "refusal": "string"},
    "response.reasoning_text.delta": {**_PART, "delta": "string"},
    "response.reasoning_text.done": {**_PART, "text": "string"},
    "response.reasoning.delta": {**_PART, "delta": "string"},
    "response.reasoning.done": {**_PART, "text": "string"},
    "response.reasoning_summary_part.added": {**_SUMMARY, "part": "@part.summary_text"},
    "response.reasoning_summary_part.done": {**_SUMMARY, "part": "@part.summary_text"},
    "response.reasoning_summary_text.delta": {**_SUMMARY, "delta": "string"},
    "response.reasoning_summary_text.done": {**_SUMMARY, "text": "string"},
    "response.function_call_arguments.delta": {**_PLACE, "delta": "string"},
    "response.function_call_arguments.done": {**_PLACE, "arguments": "string"},
    "response.custom_tool_call_input.delta": {**_PLACE, "delta": "string"},
    "response.custom_tool_call_input.done": {**_PLACE, "input": "string"},
    **{
        f"response.{tool}.{step}": _PLACE
        for tool, steps in {
            "web_search_call": ("in_progress", "searching", "completed"),
            "file_search_call": ("in_progress", "searching", "completed"),
            "code_interpreter_call": ("in_progress", "interpreting", "completed"),
            "image_generation_call": ("in_progress", "generating", "completed"),
            "mcp_list_tools": ("in_progress", "completed", "failed"),
            "mcp_call": ("in_progress", "completed", "failed"),
            "compaction": ("compacting",),
        }.items()
        for step in steps
    },
    "response.code_interpreter_call_code.delta": {**_PLACE, "delta": "string"},
    "response.code_interpreter_call_code.done": {**_PLACE, "code": "string"},
    "response.image_generation_call.partial_image": {
        **_PLACE,
        "partial_image_index": "count",
        "partial_image_b64": "string",
    },
    "response.mcp_call_arguments.delta": {**_PLACE, "delta": "string"},
    "response.mcp_call_arguments.done": {**_PLACE, "arguments": "string"},
    "response.shell_call_command.added": {**_COMMAND, "command": "string"},
    "response.shell_call_command.delta": {**_COMMAND, "delta": "string"},
    "response.shell_call_command.done": {**_COMMAND, "command": "string"},
    "response.shell_call_output_content.delta": {**_COMMAND, "item_id": "id", "delta": "object"},
    "response.shell_call_output_content.done": {**_COMMAND, "item_id": "id", "output": "list"},
    "response.apply_patch_call_operation_diff.delta": {**_PLACE, "delta": "string"},
    "response.apply_patch_call_operation_diff.done": {**_PLACE, "diff": "string"},
    "response.audio.delta": {"delta": "string"},
    "response.audio.done": {},
    "response.audio.transcript.delta": {"delta": "string"},
    "response.audio.transcript.done": {},
    "response.rate_limits.updated": {},
    "error": {},
}

_IMAGE: Final[_Members] = {
    "size": "string|null",
    "quality": "string|null",
    "background": "string|null",
    "output_format": "string|null",
}

_OPTIONAL: Final[dict[str, _Members]] = {
    "response.function_call_arguments.done": {"name": "string"},
    "response.reasoning_summary_part.done": {"status": "=incomplete|null"},
    "response.image_generation_call.partial_image": _IMAGE,
    "response.image_generation_call.completed": _IMAGE,
    "response.rate_limits.updated": {"rate_limits": "list|object"},
    "response.audio.delta": {"response_id": "string"},
    "response.audio.done": {"response_id": "string"},
    "response.audio.transcript.delta": {"response_id": "string"},
    "response.audio.transcript.done": {"response_id": "string"},
    # Both forms of the error event: flat as documented, nested as sent.
    "error": {
        "error": "@error.event|null",
        "message": "string",
        "code": "string|null",
        "param": "string|null",
    },
}


def _event(kind: str, required: _Members) -> _Members:
    optional: _Members = {"sequence_number": "integer", **_OPTIONAL.get(kind, {})}
    if kind.endswith(".delta") or kind == "response.image_generation_call.partial_image":
        optional["obfuscation"] = "string"
    return {"required": {"type": f"={kind}", **required}, "optional": optional}


EVENT_KINDS: Final[dict[str, JSON]] = {
    f"event.{kind}": _event(kind, required) for kind, required in _REQUIRED.items()
}
