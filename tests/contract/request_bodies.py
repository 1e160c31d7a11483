"""Bodies as real clients send them, shortened in their texts only."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kit import JSON, JSONObject

_PARAMETERS: JSONObject = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "a city"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


def _message(role: str, text: str, number: int) -> JSON:
    return {
        "type": "message",
        "id": f"msg_{number:032x}",
        "role": role,
        "content": [{"type": "input_text", "text": text}],
    }


def _codex_function(name: str) -> JSON:
    return {"type": "function", "name": name, "description": "d" * 900, "strict": False, "parameters": _PARAMETERS}


CODEX: JSONObject = {
    "model": "gpt-5.5",
    "input": [
        _message("developer", "You are a coding agent. " * 700, 1),
        _message("developer", "<permissions>read-only</permissions>", 2),
        _message("user", "<environment_context><cwd>/work</cwd></environment_context>", 3),
        _message("user", "hi", 4),
        {
            "type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "look around"}],
            "content": None, "encrypted_content": "gAAAAA" * 60,
        },
        {
            "type": "message", "id": "msg_5", "role": "assistant", "phase": "commentary",
            "content": [{"type": "output_text", "text": "I will look."}],
        },
        {
            "type": "function_call", "id": "fc_1", "name": "exec_command", "arguments": '{"cmd":"ls"}',
            "call_id": "call_1",
        },
        {
            "type": "function_call_output",
            "id": "fco_1",
            "call_id": "call_1",
            "output": "Chunk ID: 1\nProcess exited with code 0\nOutput:\nREADME.md\n",
        },
        {
            "type": "custom_tool_call", "id": "ctc_1", "status": "completed", "call_id": "call_2",
            "name": "apply_patch", "input": "*** Begin Patch\n*** End Patch",
        },
        {"type": "custom_tool_call_output", "id": "ctco_1", "call_id": "call_2", "output": "Done!"},
        {
            "type": "tool_search_call", "id": "tsc_1", "call_id": "call_3", "status": "completed",
            "execution": "client", "arguments": {"query": "mail"},
        },
        {
            "type": "tool_search_output",
            "call_id": "call_3",
            "status": "completed",
            "execution": "client",
            "tools": [
                {
                    "type": "namespace",
                    "name": "mcp__mail",
                    "description": "mail",
                    "tools": [
                        {
                            "type": "function", "name": "send", "description": "send a mail", "strict": False,
                            "defer_loading": True, "parameters": _PARAMETERS,
                        }
                    ],
                }
            ],
        },
        {
            "type": "function_call", "id": "fc_2", "name": "send", "namespace": "mcp__mail", "arguments": "{}",
            "call_id": "call_4",
        },
        {
            "type": "function_call_output",
            "id": "fco_2",
            "call_id": "call_4",
            "output": [
                {"type": "input_text", "text": "sent"},
                {"type": "input_image", "image_url": "data:image/png;base64,AA=="},
            ],
        },
        {
            "type": "web_search_call",
            "id": "ws_1",
            "status": "completed",
            "action": {"type": "search", "query": "python", "queries": ["python"]},
        },
        {"type": "compaction_trigger"},
    ],
    "tools": [
        *(_codex_function(name) for name in ("exec_command", "write_stdin", "update_plan", "view_image")),
        {
            "type": "custom",
            "name": "apply_patch",
            "description": "edit files",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: begin hunk+ end" * 40},
        },
        {
            "type": "namespace",
            "name": "agents",
            "description": "agents of one's own",
            "tools": [_codex_function(name) for name in ("spawn_agent", "wait_agent", "close_agent")],
        },
        {
            "type": "tool_search",
            "execution": "client",
            "description": "find tools",
            "parameters": {"type": "object", "properties": {"query": {"type": "string"}}},
        },
        {"type": "web_search", "external_web_access": False, "search_content_types": ["text", "image"]},
        {"type": "image_generation", "output_format": "png"},
    ],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "reasoning": {"effort": "medium", "summary": "auto", "context": "all_turns"},
    "store": False,
    "stream": True,
    "stream_options": {"include_obfuscation": False},
    "include": ["reasoning.encrypted_content"],
    "service_tier": "auto",
    "prompt_cache_key": "0199a213-81c0-7800-8aa1-bbab2a035a53",
    "text": {"verbosity": "low"},
    "client_metadata": {"x-codex-installation-id": "0199a213-81c0-7800-8aa1-bbab2a035a53"},
}  # fmt: skip

CODEX_UNKNOWN_MODEL: JSONObject = {
    "model": "gpt-mock", "input": [_message("developer", "agent", 1), _message("user", "hi", 2)],
    "tools": [_codex_function("exec_command")], "tool_choice": "auto", "parallel_tool_calls": False, "reasoning": {},
    "store": False, "stream": True, "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "0199a213-81c0-7800-8aa1-bbab2a035a53", "client_metadata": {},
}  # fmt: skip

RESPONSES: Mapping[str, JSONObject] = {
    "codex": CODEX,
    "codex, unknown model": CODEX_UNKNOWN_MODEL,
    "openai sdk": {"model": "gpt-5.4", "input": "hello"},
    "openai sdk, streamed": {"model": "gpt-5.4", "input": "hello", "stream": True},
    "openai sdk, structured": {"model": "gpt-5.4", "input": [{"role": "user", "content": "hello"}],
        "text": {"format": {"type": "json_schema", "name": "answer", "schema": _PARAMETERS, "strict": True}}},
    "openai sdk, output sent back": {
        "model": "gpt-5.4",
        "input": [
            {"role": "user", "content": "weather?"},
            {
                "id": "rs_1", "type": "reasoning", "summary": [], "content": [], "encrypted_content": None,
                "status": None,
            },
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "phase": None,
                "content": [
                    {
                        "type": "output_text",
                        "text": "see there",
                        "annotations": [
                            {
                                "type": "url_citation", "url": "https://example.com", "title": "there",
                                "start_index": 0, "end_index": 3,
                            }
                        ],
                        "logprobs": [],
                    }
                ],
            },
            {
                "id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1",
                "name": "get_weather", "arguments": "{}", "namespace": None, "caller": None,
            },
            {"type": "function_call_output", "call_id": "call_1", "output": "18"},
        ],
        "store": False,
    },
    "ai sdk": {
        "model": "gpt-5.4",
        "input": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": [{"type": "input_text", "text": "hello"}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": "hi"}], "id": "msg_1"},
            {"role": "user", "content": [{"type": "input_image", "image_url": "https://example.com/a.png"}]},
        ],
        "tools": [
            {
                "type": "function",
                "name": "get_weather",
                "description": "weather",
                "parameters": {"$schema": "http://json-schema.org/draft-07/schema#", **_PARAMETERS},
            }
        ],
        "tool_choice": "auto",
        "stream": True,
    },
    "langchain js": {"model": "gpt-5.4", "input": [{"type": "message", "role": "user", "content": "hello"}], "text": {},
        "stream": False},
    "openai-agents": {"model": "gpt-5.4", "instructions": "You are a helpful assistant.",
        "input": [{"role": "user", "content": "hello"}], "include": [], "tools": [], "stream": False},
    "pydantic-ai": {"model": "gpt-5.4", "input": [{"role": "user", "content": "hello"}],
        "include": ["reasoning.encrypted_content"], "tools": [{"type": "function", "name": "final_result",
        "description": "the answer", "parameters": _PARAMETERS, "strict": False}], "tool_choice": "required",
        "stream": False},
}  # fmt: skip

_CHAT_TOOL: JSON = {
    "type": "function",
    "function": {"name": "get_weather", "description": "weather", "parameters": _PARAMETERS, "strict": True},
}
_CHAT_CALL: JSON = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
}

CHAT: Mapping[str, JSONObject] = {
    "openai sdk": {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hello"}]},
    "openai sdk, message sent back": {"model": "gpt-5.4", "messages": [{"role": "user", "content": "weather?"},
        {"role": "assistant", "content": None, "refusal": None, "annotations": [], "audio": None, "function_call": None,
        "tool_calls": [_CHAT_CALL]}, {"role": "tool", "tool_call_id": "call_1", "content": "18"}],
        "tools": [_CHAT_TOOL]},
    "ai sdk": {
        "model": "gpt-5.4",
        "messages": [
            {"role": "system", "content": "be brief"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "hello"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                ],
            },
        ],
        "tools": [_CHAT_TOOL],
        "tool_choice": "auto",
        "stream": True,
        "stream_options": {"include_usage": True},
    },
    "langchain": {"model": "gpt-5.4", "messages": [{"role": "system", "content": "be brief"},
        {"role": "user", "content": "weather?"}, {"role": "assistant", "content": None, "tool_calls": [_CHAT_CALL]},
        {"role": "tool", "content": "18", "tool_call_id": "call_1"}], "tools": [_CHAT_TOOL],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}}, "parallel_tool_calls": False, "n": 1,
        "temperature": 0.7, "stream": False},
    "pydantic-ai": {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hello"}], "stream": True,
        "stream_options": {"include_usage": True}, "response_format": {"type": "json_schema",
        "json_schema": {"name": "answer", "schema": _PARAMETERS, "strict": True}}},
    "opencode": {"model": "gpt-5.4", "max_tokens": 32000, "messages": [{"role": "system", "content": "agent " * 900},
        {"role": "user", "content": "hello"}, {"role": "assistant", "content": "", "reasoning_content": "hm",
        "tool_calls": [_CHAT_CALL]}, {"role": "tool", "tool_call_id": "call_1", "content": "18"}],
        "tools": [_CHAT_TOOL], "tool_choice": "auto", "stream": True, "stream_options": {"include_usage": True}},
    "aider": {"model": "gpt-5.4", "messages": [{"role": "system", "content": "act"},
        {"role": "user", "content": "hello"}], "temperature": 0, "stream": True},
    "openai-agents": {"model": "gpt-5.4", "messages": [{"role": "system", "content": "act"},
        {"role": "user", "content": "hello"}], "tools": [], "stream": False},
}  # fmt: skip

COMPACT: Mapping[str, JSONObject] = {
    "openai sdk": {"model": "gpt-5.4", "input": [{"role": "user", "content": "hello"}]},
    "openai sdk, by id": {"model": "gpt-5.4", "previous_response_id": "resp_1"},
    "codex, before 0.169": {"model": "gpt-5.4", "input": [_message("user", "hi", 1)], "instructions": "agent",
        "tools": [_codex_function("exec_command")], "parallel_tool_calls": True, "reasoning": {"effort": "low"},
        "text": {"verbosity": "low"}},
    "gateway": {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hello"}], "stream": True},
}  # fmt: skip
