"""The reply contract of the official API: its tables of members, as compact text.

A row is a kind and its members: `name:type` is required, `name?:type` optional, `-name` never sent.
`+place` stands for the members of that name in `_PLACES`. Indented lines continue a row. Types are
written in the language of `types`.

Where documentation and recorded traffic differ, both forms are legal: `created_at` is any number,
the error event is flat or nested, the end of function arguments may have the `name`, usage and
`system_fingerprint` may be null, older streams have no `sequence_number`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.types_items import ITEM_KINDS, ITEM_VALUES
from mockserver.model.json import JSON, JSONObject

_CHAT: Final = """
chat.completion  id:id object:=chat.completion created:integer model:string choices:[@chat.choice]
    metadata?:object|null moderation?:object|null service_tier?:string|null
    system_fingerprint?:string|null usage?:@usage.chat|null
chat.choice  index:count message:@chat.message finish_reason:#reason.finish
    logprobs?:@chat.logprobs|null
chat.message  role:=assistant content:string|null refusal:string|null
    annotations?:[@chat.annotation] audio?:@chat.audio|null function_call?:@chat.function|null
    tool_calls?:[@chat.call.*]
chat.audio  id:id data:string expires_at:integer transcript:string
chat.annotation  type:=url_citation url_citation:@chat.citation
chat.citation  url:string title:string start_index:count end_index:count
chat.call.function  id:id type:=function function:@chat.function -index
chat.call.custom  id:id type:=custom custom:@chat.custom -index
chat.function  name:string arguments:string
chat.custom  name:string input:string
chat.logprobs  content:[@logprob]|null refusal?:[@logprob]|null
chat.chunk  id:string object:=chat.completion.chunk created:integer model:string
    choices:[@chat.chunk.choice] moderation?:object|null obfuscation?:string
    service_tier?:string|null system_fingerprint?:string|null usage?:@usage.chat|null
chat.chunk.choice  index:count delta:@chat.delta finish_reason:#reason.finish|null
    logprobs?:@chat.logprobs|null
chat.delta  role?:=assistant content?:string|null refusal?:string|null
    annotations?:[@chat.annotation] audio?:object|null function_call?:object|null
    tool_calls?:[@chat.fragment]
chat.fragment  index:count id?:id type?:=function|=custom function?:@chat.fragment.function
    custom?:@chat.fragment.custom
chat.fragment.function  name?:string arguments?:string
chat.fragment.custom  name?:string input?:string
usage.chat  prompt_tokens:integer completion_tokens:integer total_tokens:integer
    prompt_tokens_details?:@usage.chat.prompt|null
    completion_tokens_details?:@usage.chat.completion|null
usage.chat.prompt  audio_tokens?:integer cache_write_tokens?:integer cached_tokens?:integer
    image_tokens?:integer text_tokens?:integer
usage.chat.completion  accepted_prediction_tokens?:integer audio_tokens?:integer
    reasoning_tokens?:integer rejected_prediction_tokens?:integer text_tokens?:integer
"""

_ERRORS: Final = """
error.envelope  error:@error
error  message:string type:string param:string|null code:string|null
error.event  message:string type?:string|null param?:string|null code?:string|null
"""

_RESPONSES: Final = """
response  id:id object:=response created_at:number status:#status.response
    error:@response.error|null incomplete_details:@response.incomplete|null
    instructions:string|list|null metadata:object|null model:string output:[@item.*]
    parallel_tool_calls:boolean temperature:number|null tool_choice:string|object tools:list
    top_p:number|null background?:boolean|null billing?:object|null completed_at?:number|null
    conversation?:object|null frequency_penalty?:number|null max_output_tokens?:integer|null
    max_tool_calls?:integer|null moderation?:object|null output_text?:string|null
    presence_penalty?:number|null previous_response_id?:string|null prompt?:object|null
    prompt_cache_key?:string|null prompt_cache_options?:object|null
    prompt_cache_retention?:string|null reasoning?:object|null safety_identifier?:string|null
    service_tier?:string|null store?:boolean|null text?:object|null tool_usage?:object|null
    top_logprobs?:integer|null truncation?:string|null usage?:@usage.responses|null
    user?:string|null
response.error  code:string message:string param?:string|null type?:string|null
response.incomplete  reason:#reason.incomplete
usage.responses  input_tokens:integer input_tokens_details:@usage.responses.input
    output_tokens:integer output_tokens_details:@usage.responses.output total_tokens:integer
usage.responses.input  cached_tokens:integer cache_write_tokens?:integer
usage.responses.output  reasoning_tokens:integer
part.output_text  type:=output_text text:string annotations:[@annotation.*]
    logprobs?:[@logprob]|null
part.refusal  type:=refusal refusal:string
part.reasoning_text  type:=reasoning_text text:string
part.summary_text  type:=summary_text text:string
annotation.url_citation  type:=url_citation url:string title:string start_index:count
    end_index:count
annotation.file_citation  type:=file_citation file_id:string filename:string index:count
annotation.container_file_citation  type:=container_file_citation container_id:string
    file_id:string filename:string start_index:count end_index:count
annotation.file_path  type:=file_path file_id:string index:count
logprob  token:string logprob:number bytes?:list|null top_logprobs?:list|null
response.compaction  id:id object:=response.compaction created_at:integer output:[@compacted.*]
    usage:@usage.responses
compacted.message  id:id type:=message role:string content:[@compacted.part.*] status:#status.item
    phase?:string|null
compacted.compaction  id:id type:=compaction encrypted_content:string created_by?:string
compacted.other  type:string id?:id
compacted.part.input_text  type:=input_text text:string
compacted.part.other  type:string
"""

_PLACES: Final[Mapping[str, str]] = {
    "+place": "item_id:id output_index:count",
    "+part": "item_id:id output_index:count content_index:count",
    "+summary": "item_id:id output_index:count summary_index:count",
    "+command": "output_index:count command_index:count",
}

# Both forms of the error event: flat as documented, nested as sent.
_EVENTS: Final = """
response.created  response:@response
response.queued  response:@response
response.in_progress  response:@response
response.completed  response:@response
response.incomplete  response:@response
response.failed  response:@response
response.output_item.added  output_index:count item:@item.*
response.output_item.done  output_index:count item:@item.*
response.content_part.added  +part part:@part.*
response.content_part.done  +part part:@part.*
response.output_text.delta  +part delta:string logprobs:[@logprob]
response.output_text.done  +part text:string logprobs:[@logprob]
response.output_text.annotation.added  +part annotation_index:count annotation:@annotation.*
response.refusal.delta  +part delta:string
response.refusal.done  +part refusal:string
response.reasoning_text.delta  +part delta:string
response.reasoning_text.done  +part text:string
response.reasoning.delta  +part delta:string
response.reasoning.done  +part text:string
response.reasoning_summary_part.added  +summary part:@part.summary_text
response.reasoning_summary_part.done  +summary part:@part.summary_text status?:=incomplete|null
response.reasoning_summary_text.delta  +summary delta:string
response.reasoning_summary_text.done  +summary text:string
response.function_call_arguments.delta  +place delta:string
response.function_call_arguments.done  +place arguments:string name?:string
response.custom_tool_call_input.delta  +place delta:string
response.custom_tool_call_input.done  +place input:string
response.web_search_call.in_progress  +place
response.web_search_call.searching  +place
response.web_search_call.completed  +place
response.file_search_call.in_progress  +place
response.file_search_call.searching  +place
response.file_search_call.completed  +place
response.code_interpreter_call.in_progress  +place
response.code_interpreter_call.interpreting  +place
response.code_interpreter_call.completed  +place
response.image_generation_call.in_progress  +place
response.image_generation_call.generating  +place
response.image_generation_call.completed  +place size?:string|null quality?:string|null
    background?:string|null output_format?:string|null
response.mcp_list_tools.in_progress  +place
response.mcp_list_tools.completed  +place
response.mcp_list_tools.failed  +place
response.mcp_call.in_progress  +place
response.mcp_call.completed  +place
response.mcp_call.failed  +place
response.compaction.compacting  +place
response.code_interpreter_call_code.delta  +place delta:string
response.code_interpreter_call_code.done  +place code:string
response.image_generation_call.partial_image  +place partial_image_index:count
    partial_image_b64:string size?:string|null quality?:string|null background?:string|null
    output_format?:string|null
response.mcp_call_arguments.delta  +place delta:string
response.mcp_call_arguments.done  +place arguments:string
response.shell_call_command.added  +command command:string
response.shell_call_command.delta  +command delta:string
response.shell_call_command.done  +command command:string
response.shell_call_output_content.delta  +place command_index:count delta:object
response.shell_call_output_content.done  +place command_index:count output:list
response.apply_patch_call_operation_diff.delta  +place delta:string
response.apply_patch_call_operation_diff.done  +place diff:string
response.audio.delta  delta:string response_id?:string
response.audio.done  response_id?:string
response.audio.transcript.delta  delta:string response_id?:string
response.audio.transcript.done  response_id?:string
response.rate_limits.updated  rate_limits?:list|object
error  error?:@error.event|null message?:string code?:string|null param?:string|null
"""

_VALUES: Final[Mapping[str, str]] = {
    "reason.finish": "stop length tool_calls content_filter function_call",
    "status.response": "queued in_progress completed incomplete failed cancelled",
    "reason.incomplete": "max_output_tokens content_filter max_messages steered",
}


def _rows(table: str) -> list[str]:
    return table.replace("\n    ", " ").strip().splitlines()


def _kinds(rows: list[str]) -> dict[str, JSON]:
    """Rows as data of a contract."""
    found: dict[str, JSON] = {}
    for row in rows:
        kind, *words = row.split()
        required: JSONObject = {}
        optional: JSONObject = {}
        absent: list[JSON] = []
        for member in (one for word in words for one in _PLACES.get(word, word).split()):
            name, _, expected = member.partition(":")
            if name.startswith("-"):
                absent.append(name[1:])
            elif name.endswith("?"):
                optional[name[:-1]] = expected
            else:
                required[name] = expected
        found[kind] = {"required": required, "optional": optional, "absent": absent}
    return found


def _event_row(row: str) -> str:
    """The row of an event, with its kind, its type and the members that every event may have."""
    kind, _, members = row.partition("  ")
    padded = kind.endswith((".delta", ".partial_image"))
    every = f"type:={kind} sequence_number?:integer {'obfuscation?:string' if padded else ''}"
    return f"event.{kind}  {every} {members}"


OPENAI: Final = ReplyContract.from_data(
    {
        "kinds": {
            **_kinds(_rows(_RESPONSES)),
            **ITEM_KINDS,
            **_kinds([_event_row(row) for row in _rows(_EVENTS)]),
            **_kinds(_rows(_CHAT)),
            **_kinds(_rows(_ERRORS)),
        },
        "values": {
            **{name: [*words.split()] for name, words in _VALUES.items()},
            **ITEM_VALUES,
        },
        "responses": {
            "done": "forbidden",
            "event_lines": "required",
            "sequence": "optional",
            "overlap": ["mcp_list_tools"],
        },
        "chat": {
            "done": "required",
            "event_lines": "forbidden",
            "usage_on": ["own"],
            "usage_null": "required",
            "role_again": "forbidden",
            "tool_identity": "forbidden",
            "tools_from": 0,
            "empty_chunks": "nowhere",
        },
    },
    base=ReplyContract(),
)
