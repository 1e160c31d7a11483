"""The response object, its usage, and the parts and annotations inside messages."""

from __future__ import annotations

from typing import Final

from mockserver.model.json import JSON

RESPONSE_KINDS: Final[dict[str, JSON]] = {
    "response": {
        "required": {
            "id": "id",
            "object": "=response",
            "created_at": "number",
            "status": "#status.response",
            "error": "@response.error|null",
            "incomplete_details": "@response.incomplete|null",
            "instructions": "string|list|null",
            "metadata": "object|null",
            "model": "string",
            "output": "[@item.*]",
            "parallel_tool_calls": "boolean",
            "temperature": "number|null",
            "tool_choice": "string|object",
            "tools": "list",
            "top_p": "number|null",
        },
        "optional": {
            "background": "boolean|null",
            "billing": "object|null",
            "completed_at": "number|null",
            "conversation": "object|null",
            "frequency_penalty": "number|null",
            "max_output_tokens": "integer|null",
            "max_tool_calls": "integer|null",
            "moderation": "object|null",
            "output_text": "string|null",
            "presence_penalty": "number|null",
            "previous_response_id": "string|null",
            "prompt": "object|null",
            "prompt_cache_key": "string|null",
            "prompt_cache_options": "object|null",
            "prompt_cache_retention": "string|null",
            "reasoning": "object|null",
            "safety_identifier": "string|null",
            "service_tier": "string|null",
            "store": "boolean|null",
            "text": "object|null",
            "tool_usage": "object|null",
            "top_logprobs": "integer|null",
            "truncation": "string|null",
            "usage": "@usage.responses|null",
            "user": "string|null",
        },
    },
    "response.error": {
        "required": {"code": "string", "message": "string"},
        "optional": {"param": "string|null", "type": "string|null"},
    },
    "response.incomplete": {"required": {"reason": "#reason.incomplete"}},
    "usage.responses": {
        "required": {
            "input_tokens": "integer",
            "input_tokens_details": "@usage.responses.input",
            "output_tokens": "integer",
            "output_tokens_details": "@usage.responses.output",
            "total_tokens": "integer",
        },
    },
    "usage.responses.input": {
        "required": {"cached_tokens": "integer"},
        "optional": {"cache_write_tokens": "integer"},
    },
    "usage.responses.output": {"required": {"reasoning_tokens": "integer"}},
    "part.output_text": {
        "required": {"type": "=output_text", "text": "string", "annotations": "[@annotation.*]"},
        "optional": {"logprobs": "[@logprob]|null"},
    },
    "part.refusal": {"required": {"type": "=refusal", "refusal": "string"}},
    "part.reasoning_text": {"required": {"type": "=reasoning_text", "text": "string"}},
    "part.summary_text": {"required": {"type": "=summary_text", "text": "string"}},
    "annotation.url_citation": {
        "required": {
            "type": "=url_citation",
            "url": "string",
            "title": "string",
            "start_index": "count",
            "end_index": "count",
        },
    },
    "annotation.file_citation": {
        "required": {
            "type": "=file_citation",
            "file_id": "string",
            "filename": "string",
            "index": "count",
        },
    },
    "annotation.container_file_citation": {
        "required": {
            "type": "=container_file_citation",
            "container_id": "string",
            "file_id": "string",
            "filename": "string",
            "start_index": "count",
            "end_index": "count",
        },
    },
    "annotation.file_path": {
        "required": {"type": "=file_path", "file_id": "string", "index": "count"},
    },
    "logprob": {
        "required": {"token": "string", "logprob": "number"},
        "optional": {"bytes": "list|null", "top_logprobs": "list|null"},
    },
    "response.compaction": {
        "required": {
            "id": "id",
            "object": "=response.compaction",
            "created_at": "integer",
            "output": "[@compacted.*]",
            "usage": "@usage.responses",
        },
    },
    "compacted.message": {
        "required": {
            "id": "id",
            "type": "=message",
            "role": "string",
            "content": "[@compacted.part.*]",
            "status": "#status.item",
        },
        "optional": {"phase": "string|null"},
    },
    "compacted.compaction": {
        "required": {"id": "id", "type": "=compaction", "encrypted_content": "string"},
        "optional": {"created_by": "string"},
    },
    "compacted.other": {"required": {"type": "string"}, "optional": {"id": "id"}},
    "compacted.part.input_text": {"required": {"type": "=input_text", "text": "string"}},
    "compacted.part.other": {"required": {"type": "string"}},
}

RESPONSE_VALUES: Final[dict[str, JSON]] = {
    "status.response": [
        "queued",
        "in_progress",
        "completed",
        "incomplete",
        "failed",
        "cancelled",
    ],
    "reason.incomplete": ["max_output_tokens", "content_filter", "max_messages", "steered"],
}


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
