"""The members of request bodies as the official description has them, 2026-08: types, nulls, enumerations.

A row is a kind of object and its members. `name?:0s` is optional and null or a string: `0` null,
`s` string, `i` integer, `d` decimal, `b` boolean, `l` list, `o` object. Values follow after `=`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.kit import JSON

TEXT = """
chat metadata?:0o top_logprobs?:0i temperature?:0d top_p?:0d user?:s safety_identifier?:0s prompt_cache_key?:0s
 prompt_cache_retention?:0s=in_memory/24h prompt_cache_options?:o messages:l model:s
 service_tier?:0s=auto/default/flex/priority/fast modalities?:0l verbosity?:0s=low/medium/high
 reasoning_effort?:0s=none/minimal/low/medium/high/xhigh/max max_completion_tokens?:0i frequency_penalty?:0d
 presence_penalty?:0d web_search_options?:o response_format?:0o audio?:0o store?:0b moderation?:0o stream?:0b
 stop?:0ls logit_bias?:0o logprobs?:0b max_tokens?:0i n?:0i prediction?:0o seed?:0i stream_options?:0o tools?:0l
 tool_choice?:0os=none/auto/required parallel_tool_calls?:b function_call?:os=none/auto functions?:l
responses metadata?:0o top_logprobs?:i temperature?:0d top_p?:0d user?:s safety_identifier?:0s prompt_cache_key?:0s
 prompt_cache_retention?:0s=in_memory/24h prompt_cache_options?:o previous_response_id?:0s model:s background?:0b
 max_tool_calls?:0i text?:o tools?:l tool_choice?:os=none/auto/required prompt?:0o
 service_tier?:0s=auto/default/flex/priority/fast truncation?:0s=auto/disabled reasoning?:0o input:ls include?:0l
 parallel_tool_calls?:0b store?:0b instructions?:0s moderation?:0o stream?:0b stream_options?:0o conversation?:0os
 context_management?:0l max_output_tokens?:0i
compact model:s input?:0ls previous_response_id?:0s instructions?:0s prompt_cache_key?:0s
 prompt_cache_retention?:0s=in_memory/24h prompt_cache_options?:o service_tier?:0s=auto/default/fast/flex/priority
item.file_search_call id:s status:s queries:l results?:0l
item.computer_call id:s call_id:s action?:o actions?:l pending_safety_checks:l
 status:s=in_progress/completed/incomplete
item.computer_call_output id?:0s call_id:s output:o acknowledged_safety_checks?:0l
 status?:0s=in_progress/completed/incomplete
item.web_search_call id:s status:s action:o
item.function_call id?:s call_id:s caller?:0o namespace?:s name:s arguments:s
 status?:s=in_progress/completed/incomplete
item.function_call_output id?:0s call_id?:0s output:ls name?:0s namespace?:0s caller?:0o
 status?:0s=in_progress/completed/incomplete
item.tool_search_call id?:0s call_id?:0s execution?:s=server/client arguments:o
 status?:0s=in_progress/completed/incomplete
item.tool_search_output id?:0s call_id?:0s execution?:s=server/client tools:l
 status?:0s=in_progress/completed/incomplete
item.additional_tools id?:0s role:s tools:l
item.reasoning id:s encrypted_content?:0s summary:l content?:l status?:s=in_progress/completed/incomplete
item.compaction id?:0s encrypted_content:s
item.image_generation_call id:s status:s result:0s
item.code_interpreter_call id:s status:s container_id:s code:0s outputs:0l
item.local_shell_call id:s call_id:s action:o status:s=in_progress/completed/incomplete
item.local_shell_call_output id:s output:s status?:0s=in_progress/completed/incomplete
item.shell_call id?:0s call_id:s caller?:0o action:o status?:0s=in_progress/completed/incomplete environment?:0o
item.shell_call_output id?:0s call_id:s caller?:0o output:l status?:0s=in_progress/completed/incomplete
 max_output_length?:0i
item.apply_patch_call id?:0s call_id:s caller?:0o status:s=in_progress/completed operation:o
item.apply_patch_call_output id?:0s call_id:s caller?:0o status:s=completed/failed output?:0s
item.mcp_list_tools id:s server_label:s tools:l error?:0s
item.mcp_approval_request id:s server_label:s name:s arguments:s
item.mcp_approval_response id?:0s approval_request_id:s approve:b reason?:0s
item.mcp_call id:s server_label:s name:s arguments:s output?:0s error?:0o status?:s approval_request_id?:0s
item.custom_tool_call_output id?:s call_id:s caller?:0o output:ls
item.custom_tool_call id?:s call_id:s caller?:0o namespace?:s name:s input:s
item.compaction_trigger id?:0s
item.item_reference id:s
item.configuration_update reasoning?:o text?:o
item.program id:s call_id:s code:s fingerprint:s
item.program_output id:s call_id:s result:s status:s
tool.function name:s description?:0s parameters:0o output_schema?:0o strict:0b defer_loading?:b allowed_callers?:0l
tool.file_search vector_store_ids:l max_num_results?:i ranking_options?:o filters?:0o
tool.computer
tool.computer_use_preview environment:s=windows/mac/linux/ubuntu/browser display_width:i display_height:i
tool.web_search external_web_access?:b filters?:0o user_location?:0o search_context_size?:s=low/medium/high
tool.web_search_2025_08_26 external_web_access?:b filters?:0o user_location?:0o
 search_context_size?:s=low/medium/high
tool.mcp server_label:s server_url?:s connector_id?:s tunnel_id?:s authorization?:s server_description?:s
 headers?:0o allowed_tools?:0lo allowed_callers?:0l require_approval?:0os=always/never defer_loading?:b
tool.code_interpreter container:os allowed_callers?:0l
tool.programmatic_tool_calling
tool.image_generation model?:s quality?:s size?:s output_format?:s output_compression?:i moderation?:s background?:s
 input_fidelity?:0s input_image_mask?:o partial_images?:i action?:s
tool.local_shell
tool.shell environment?:0o allowed_callers?:0l
tool.custom name:s description?:s format?:o defer_loading?:b allowed_callers?:0l
tool.namespace name:s description:s tools:l
tool.tool_search execution?:s=server/client description?:0s parameters?:0o
tool.web_search_preview user_location?:0o search_context_size?:s=low/medium/high search_content_types?:l
tool.web_search_preview_2025_03_11 user_location?:0o search_context_size?:s=low/medium/high search_content_types?:l
tool.apply_patch allowed_callers?:0l
part.input_text text:s prompt_cache_breakpoint?:o
part.input_image image_url?:0s file_id?:0s detail:s=low/high/auto/original prompt_cache_breakpoint?:o
part.input_file file_id?:0s filename?:s file_data?:s prompt_cache_breakpoint?:o file_url?:s detail?:s=auto/low/high
tool_choice.allowed_tools mode:s=auto/required tools:l
tool_choice.file_search
tool_choice.web_search_preview
tool_choice.computer
tool_choice.computer_use_preview
tool_choice.computer_use
tool_choice.web_search_preview_2025_03_11
tool_choice.image_generation
tool_choice.code_interpreter
tool_choice.function name:s
tool_choice.mcp server_label:s name?:0s
tool_choice.custom name:s
tool_choice.programmatic_tool_calling
tool_choice.apply_patch
tool_choice.shell
chat_part.text text:s prompt_cache_breakpoint?:o
chat_part.image_url image_url:o prompt_cache_breakpoint?:o
chat_part.input_audio input_audio:o prompt_cache_breakpoint?:o
chat_part.file file:o prompt_cache_breakpoint?:o
"""

FUNCTION: JSON = {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}, "strict": None}
BREAKPOINT: JSON = {"mode": "explicit"}
SAMPLES: dict[str, JSON] = {
    "metadata": {"k": "v"},
    "prompt_cache_options": {"mode": "implicit", "ttl": "30m"},
    "messages": [{"role": "user", "content": "hi, as JSON"}],
    "previous_response_id": "resp_1",
    "model": "m",
    "modalities": ["text"],
    "web_search_options": {"search_context_size": "low", "user_location": {"type": "approximate"}},
    "response_format": {"type": "json_object"},
    "audio": {"voice": "alloy", "format": "wav"},
    "moderation": {"model": "omni-moderation-latest"},
    "logit_bias": {"50256": -100},
    "prediction": {"type": "content", "content": "x"},
    "stream_options": {"include_obfuscation": False},
    "functions": [FUNCTION],
    "chat.tools": [{"type": "function", "function": FUNCTION}, {"type": "custom", "custom": {"name": "c"}}],
    "chat.tool_choice": {"type": "function", "function": {"name": "f"}},
    "chat.function_call": {"name": "f"},
    "chat.top_logprobs": 1,
    "max_output_tokens": 16,
    "partial_images": 1,
    "text": {"verbosity": "low", "format": {"type": "text"}},
    "responses.tools": [{"type": "function", "name": "f"}],
    "responses.tool_choice": {"type": "function", "name": "f"},
    "prompt": {"id": "pmpt_1", "version": "1", "variables": {"a": "b"}},
    "reasoning": {"effort": "low", "summary": "auto", "context": "auto", "mode": "standard"},
    "responses.input": [{"role": "user", "content": "hi"}],
    "compact.input": [{"role": "user", "content": "hi"}],
    "include": ["reasoning.encrypted_content"],
    "conversation": {"id": "conv_1"},
    "context_management": [{"type": "compaction", "compact_threshold": 5000}],
    "queries": ["q"],
    "results": [{"file_id": "file_1", "score": 0.5}],
    "item.computer_call.action": {"type": "click", "button": "left", "x": 1, "y": 2},
    "actions": [{"type": "screenshot"}, {"type": "drag", "path": [{"x": 1, "y": 1}]}],
    "pending_safety_checks": [{"id": "c", "code": None, "message": None}],
    "acknowledged_safety_checks": [{"id": "c"}],
    "item.computer_call_output.output": {"type": "computer_screenshot", "image_url": "https://example.org/a.png"},
    "item.web_search_call.action": {"type": "search", "query": "q", "queries": ["q"], "sources": []},
    "caller": {"type": "program", "caller_id": "c"},
    "output": [{"type": "input_text", "text": "x"}],
    "arguments": {"query": "x"},
    "item.local_shell_call.action": {"type": "exec", "command": ["ls"], "env": {}, "timeout_ms": None},
    "item.shell_call.action": {"commands": ["ls"], "timeout_ms": 5, "max_output_length": None},
    "item.shell_call_output.output": [
        {"stdout": "", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}},
        {"stdout": "", "stderr": "", "outcome": {"type": "timeout"}},
    ],
    "item.shell_call.environment": {"type": "container_reference", "container_id": "c"},
    "operation": {"type": "create_file", "path": "a", "diff": "+a"},
    "item.mcp_list_tools.tools": [{"name": "t", "input_schema": {}, "description": None, "annotations": None}],
    "item.mcp_call.error": {"type": "protocol_error", "code": 1, "message": "x"},
    "outputs": [{"type": "logs", "logs": "x"}, {"type": "image", "url": "u"}],
    "summary": [{"type": "summary_text", "text": "x"}],
    "content": [],
    "item.configuration_update.reasoning": {"effort": "low"},
    "parameters": {"type": "object"},
    "output_schema": {"type": "object"},
    "allowed_callers": ["direct", "programmatic"],
    "vector_store_ids": ["vs_1"],
    "ranking_options": {"ranker": "auto", "score_threshold": 0.5},
    "tool.file_search.filters": {"type": "and", "filters": [{"type": "eq", "key": "k", "value": 1}]},
    "filters": {"allowed_domains": ["example.org"]},
    "user_location": {"type": "approximate", "country": "NO", "city": None},
    "headers": {"a": "b"},
    "allowed_tools": {"tool_names": ["t"], "read_only": True},
    "require_approval": {"always": {"tool_names": ["t"]}},
    "container": {"type": "auto", "file_ids": ["f"], "memory_limit": "1g", "network_policy": {"type": "disabled"}},
    "input_image_mask": {"file_id": "f"},
    "tool.shell.environment": {"type": "local", "skills": [{"name": "n", "description": "d", "path": "p"}]},
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"},
    "tool.namespace.tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "c"}],
    "tool_choice.allowed_tools.tools": [{"type": "function", "name": "f"}],
    "search_content_types": ["text", "image"],
    "prompt_cache_breakpoint": BREAKPOINT,
    "image_url": {"url": "https://example.org/a.png", "detail": "original"},
    "input_audio": {"data": "AAAA", "format": "wav"},
    "file": {"file_id": "file_1"},
    "tools": [{"type": "web_search"}],
    "role": "developer",
    "strict": False,
    "image_url.s": "https://example.org/a.png",
}
IDS = {
    "reasoning": "rs_1",
    "function_call": "fc_1",
    "function_call_output": "fc_2",
    "custom_tool_call": "ctc_1",
    "web_search_call": "ws_1",
}
PLAIN: dict[str, JSON] = {"s": "x", "i": 2, "d": 0.5, "b": True, "l": [], "o": {}}


@dataclass(frozen=True)
class Fact:
    """One member of one kind of object."""

    kind: str
    name: str
    required: bool
    types: str
    values: tuple[str, ...]

    @property
    def sample(self) -> JSON:
        """A valid value, of the richest type."""
        if self.values and "o" not in self.types:
            return self.values[0]
        if self.name == "id":
            return IDS.get(self.kind.removeprefix("item."), "id_1")
        for mark in (one for one in "olsidb" if one in self.types):
            for key in (f"{self.kind}.{self.name}", self.name):
                given = SAMPLES.get(f"{key}.{mark}", SAMPLES.get(key))
                if type(given) is type(PLAIN[mark]):
                    return given
        return PLAIN[next(one for one in "olsidb" if one in self.types)]


def facts() -> dict[str, list[Fact]]:
    """The rows of the table."""
    found: dict[str, list[Fact]] = {}
    for row in TEXT.replace("\n ", " ").strip().splitlines():
        kind, *words = row.split()
        found[kind] = []
        for word in words:
            name, _, rest = word.partition(":")
            types, _, values = rest.partition("=")
            one = Fact(
                kind, name.removesuffix("?"), not name.endswith("?"), types, tuple(values.split("/") if values else ())
            )
            found[kind].append(one)
    return found


FACTS = facts()
