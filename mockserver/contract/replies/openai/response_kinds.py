"""The response object, its usage, and the parts and annotations inside messages."""

from __future__ import annotations

from typing import Final

from mockserver.core.jsontext import JSON

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
