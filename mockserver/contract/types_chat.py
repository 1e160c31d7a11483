"""The chat completion, its chunks and its usage."""

from __future__ import annotations

from typing import Final

from mockserver.model.json import JSON

CHAT_KINDS: Final[dict[str, JSON]] = {
    "chat.completion": {
        "required": {
            "id": "id",
            "object": "=chat.completion",
            "created": "integer",
            "model": "string",
            "choices": "[@chat.choice]",
        },
        "optional": {
            "metadata": "object|null",
            "moderation": "object|null",
            "service_tier": "string|null",
            "system_fingerprint": "string|null",
            "usage": "@usage.chat|null",
        },
    },
    "chat.choice": {
        "required": {
            "index": "count",
            "message": "@chat.message",
            "finish_reason": "#reason.finish",
        },
        "optional": {"logprobs": "@chat.logprobs|null"},
    },
    "chat.message": {
        "required": {"role": "=assistant", "content": "string|null", "refusal": "string|null"},
        "optional": {
            "annotations": "[@chat.annotation]",
            "audio": "@chat.audio|null",
            "function_call": "@chat.function|null",
            "tool_calls": "[@chat.call.*]",
        },
    },
    "chat.audio": {
        "required": {
            "id": "id",
            "data": "string",
            "expires_at": "integer",
            "transcript": "string",
        },
    },
    "chat.annotation": {
        "required": {"type": "=url_citation", "url_citation": "@chat.citation"},
    },
    "chat.citation": {
        "required": {
            "url": "string",
            "title": "string",
            "start_index": "count",
            "end_index": "count",
        },
    },
    "chat.call.function": {
        "required": {"id": "id", "type": "=function", "function": "@chat.function"},
        "absent": ["index"],
    },
    "chat.call.custom": {
        "required": {"id": "id", "type": "=custom", "custom": "@chat.custom"},
        "absent": ["index"],
    },
    "chat.function": {"required": {"name": "string", "arguments": "string"}},
    "chat.custom": {"required": {"name": "string", "input": "string"}},
    "chat.logprobs": {
        "required": {"content": "[@logprob]|null"},
        "optional": {"refusal": "[@logprob]|null"},
    },
    "chat.chunk": {
        "required": {
            "id": "string",
            "object": "=chat.completion.chunk",
            "created": "integer",
            "model": "string",
            "choices": "[@chat.chunk.choice]",
        },
        "optional": {
            "moderation": "object|null",
            "obfuscation": "string",
            "service_tier": "string|null",
            "system_fingerprint": "string|null",
            "usage": "@usage.chat|null",
        },
    },
    "chat.chunk.choice": {
        "required": {
            "index": "count",
            "delta": "@chat.delta",
            "finish_reason": "#reason.finish|null",
        },
        "optional": {"logprobs": "@chat.logprobs|null"},
    },
    "chat.delta": {
        "optional": {
            "role": "=assistant",
            "content": "string|null",
            "refusal": "string|null",
            "annotations": "[@chat.annotation]",
            "audio": "object|null",
            "function_call": "object|null",
            "tool_calls": "[@chat.fragment]",
        },
    },
    "chat.fragment": {
        "required": {"index": "count"},
        "optional": {
            "id": "id",
            "type": "=function|=custom",
            "function": "@chat.fragment.function",
            "custom": "@chat.fragment.custom",
        },
    },
    "chat.fragment.function": {"optional": {"name": "string", "arguments": "string"}},
    "chat.fragment.custom": {"optional": {"name": "string", "input": "string"}},
    "usage.chat": {
        "required": {
            "prompt_tokens": "integer",
            "completion_tokens": "integer",
            "total_tokens": "integer",
        },
        "optional": {
            "prompt_tokens_details": "@usage.chat.prompt|null",
            "completion_tokens_details": "@usage.chat.completion|null",
        },
    },
    "usage.chat.prompt": {
        "optional": {
            "audio_tokens": "integer",
            "cache_write_tokens": "integer",
            "cached_tokens": "integer",
            "image_tokens": "integer",
            "text_tokens": "integer",
        },
    },
    "usage.chat.completion": {
        "optional": {
            "accepted_prediction_tokens": "integer",
            "audio_tokens": "integer",
            "reasoning_tokens": "integer",
            "rejected_prediction_tokens": "integer",
            "text_tokens": "integer",
        },
    },
}

CHAT_VALUES: Final[dict[str, JSON]] = {
    "reason.finish": ["stop", "length", "tool_calls", "content_filter", "function_call"],
}


ERROR_KINDS: Final[dict[str, JSON]] = {
    "error.envelope": {"required": {"error": "@error"}},
    "error": {
        "required": {
            "message": "string",
            "type": "string",
            "param": "string|null",
            "code": "string|null",
        },
    },
    "error.event": {
        "required": {"message": "string"},
        "optional": {"type": "string|null", "param": "string|null", "code": "string|null"},
    },
}
