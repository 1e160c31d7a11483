"""The reply contract of the official API: its tables of members, as compact text.

A row is a kind and its members: `name:type` is required, `name?:type` optional, `name!:type` required once the object
is finished, `-name` never sent. Indented lines continue a row. Types are written in the language of `types`. The rows
of items, their parts and their events come from the items.

Where documentation and recorded traffic differ, both forms are legal: `created_at` is any number,
the error event is flat or nested, the end of function arguments may have the `name`, usage and
`system_fingerprint` may be null, older streams have no `sequence_number`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.contract.reply_contract import ReplyContract
from mockserver.items import registry
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
    image_tokens?:integer text_tokens?:integer cache_write_tokens_details?:@usage.cache_write|null
usage.chat.completion  accepted_prediction_tokens?:integer audio_tokens?:integer
    reasoning_tokens?:integer rejected_prediction_tokens?:integer text_tokens?:integer
"""

_ERRORS: Final = """
error.envelope  error:@error
error  message:string type:string param:string|null code:string|null
    misalignment?:@misalignment|null
error.event  message:string type?:string|null param?:string|null code?:string|null
    misalignment?:@misalignment|null
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
    user?:string|null access_programs?:object|null image?:object|null
    input_transformations?:[@input_transformation]|null
    prompt_cache_diagnostics?:@prompt_cache.*|null
response.error  code:string message:string param?:string|null type?:string|null
    misalignment?:@misalignment|null
misalignment  detailed_explanation?:string|null error_type?:string|null review_target?:string|null
    steer?:@misalignment.steer|null
misalignment.steer  message:string
input_transformation  id:id type:string action:string reason:string
prompt_cache.cache_hit  type:=cache_hit
prompt_cache.cache_miss  type:=cache_miss cache_missed_tokens:integer reason:string
    comparison_reusable_tokens?:integer|null
prompt_cache.comparison_response_not_found  type:=comparison_response_not_found
prompt_cache.unavailable  type:=unavailable
prompt_cache.other  type:string
response.incomplete  reason:#reason.incomplete
usage.responses  input_tokens:integer input_tokens_details:@usage.responses.input
    output_tokens:integer output_tokens_details:@usage.responses.output total_tokens:integer
usage.responses.input  cached_tokens:integer cache_write_tokens?:integer
    cache_write_tokens_details?:@usage.cache_write|null
usage.cache_write  ttl_12h_tokens:integer ttl_30m_tokens:integer
usage.responses.output  reasoning_tokens:integer
response.compaction  id:id object:=response.compaction created_at:integer output:[@compacted.*]
    usage:@usage.responses image?:object|null
compacted.message  id:id type:=message role:string content:[@compacted.part.*] status:#status.item
    phase?:string|null
compacted.compaction  id:id type:=compaction encrypted_content:string created_by?:string
compacted.other  type:string id?:id
compacted.part.input_text  type:=input_text text:string
compacted.part.other  type:string
item.other  type:string id?:id
"""

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
response.audio.delta  delta:string response_id?:string
response.audio.done  response_id?:string
response.audio.transcript.delta  delta:string response_id?:string
response.audio.transcript.done  response_id?:string
response.rate_limits.updated  rate_limits?:list|object
response.steer.accepted  steer:object stream_id?:string|null
response.steer.pending  steer:object reason:string required_input:list stream_id?:string|null
response.steer.failed  steer:object error:object stream_id?:string|null
keepalive
error  error?:@error.event|null message?:string code?:string|null param?:string|null
"""

_VALUES: Final[dict[str, str]] = {
    "reason.finish": "stop length tool_calls content_filter function_call",
    "status.response": "queued in_progress completed incomplete failed cancelled",
    "reason.incomplete": "max_output_tokens content_filter max_messages steered",
}


def _rows(table: str) -> list[str]:
    return table.replace("\n    ", " ").strip().splitlines()


def _kinds(rows: list[str]) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for row in rows:
        kind, *words = row.split()
        required: JSONObject = {}
        optional: JSONObject = {}
        final: JSONObject = {}
        absent: list[JSON] = []
        for word in words:
            name, _, expected = word.partition(":")
            if name.startswith("-"):
                absent.append(name[1:])
            elif name.endswith("?"):
                optional[name[:-1]] = expected
            elif name.endswith("!"):
                final[name[:-1]] = expected
            else:
                required[name] = expected
        found[kind] = {"required": required, "optional": optional, "final": final, "absent": absent}
    return found


def _item_rows(kinds: Mapping[str, str]) -> list[str]:
    return [f"{kind}  {members}" for kind, members in kinds.items()]


def _event_row(row: str) -> str:
    """The row of an event, with its kind, its type and the members that every event may have."""
    kind, _, members = row.partition("  ")
    padding = "obfuscation?:string" if kind.endswith(".delta") else ""
    every = f"type:={kind} sequence_number?:integer {padding}"
    return f"event.{kind}  {every} {members}"


OPENAI: Final = ReplyContract.from_data(
    {
        "kinds": {
            **_kinds(_rows(_RESPONSES)),
            **_kinds(_item_rows(registry().kinds)),
            **_kinds([_event_row(row) for row in _rows(_EVENTS)]),
            **_kinds([_event_row(row) for row in _item_rows(registry().event_kinds)]),
            **_kinds(_rows(_CHAT)),
            **_kinds(_rows(_ERRORS)),
        },
        "values": {name: [*words.split()] for name, words in (_VALUES | dict(registry().values)).items()},
        "responses": {
            "done": "forbidden",
            "event_lines": "required",
            "sequence": "optional",
            "overlap": [spec.type for spec in registry().typed if spec.overlaps],
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
