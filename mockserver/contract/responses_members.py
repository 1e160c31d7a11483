"""The members of requests to responses and compact, in the language of `request_types`.

Sources: recorded 400 replies, measured refusals and the official description of the API, 2026-10.
"""

from __future__ import annotations

from typing import Final

from mockserver.contract.request_chat import VALUES as CHAT_VALUES

BODY: Final = """
body model?:%model input?:%input moderation?:@moderation|null include?:[#include]|null
    tools?:[@tool.*]~array_of_tools|null tool_choice?:%tool_choice|null metadata?:metadata|null
    text?:@text|null temperature?:number(0..2)|null top_p?:number(0..1)|null
    presence_penalty?:number(-2..2)|null frequency_penalty?:number(-2..2)|null
    parallel_tool_calls?:boolean|null stream?:boolean|null stream_options?:@stream_options|null
    background?:boolean|null max_output_tokens?:integer(16..)|null max_tool_calls?:integer(1..)|null
    reasoning?:@reasoning|null user?:string(..64)|null safety_identifier?:string(..64)|null
    prompt_cache_options?:@prompt_cache_options|null prompt_cache_key?:string(..64)|null
    prompt_cache_retention?:#prompt_cache_retention|null truncation?:#truncation|null
    instructions?:string|null store?:boolean|null service_tier?:#service_tier|null
    top_logprobs?:integer(0..20)|null context_management?:[@management](1..)|null
    conversation?:%conversation|null prompt?:@prompt|null previous_response_id?:%previous|null
    client_metadata?:object|null background_options?:@background_options|null
    access_programs?:@access_programs|null image?:@image|null generate?:any
background_options ..? completion_window?:string|null continuation_id?:string|null
access_programs ..? cyber?:string|null
image ..? context_compression?:string|null
moderation model:string policy?:@moderation_policy|null
moderation_policy input?:@moderation_mode|null output?:@moderation_mode|null
moderation_mode mode:#moderation_mode
text format?:@format.*|null verbosity?:#verbosity|null
format.text type:string
format.json_object type:string
format.json_schema type:string name:name(1..64) schema:object description?:string|null
    strict?:boolean|null
stream_options include_obfuscation?:boolean|null
reasoning effort?:#effort|integer|null summary?:#summary|null generate_summary?:#summary|null
    context?:#context|null mode?:string|null
prompt_cache_options mode?:#cache_mode|null ttl?:#cache_ttl|null prewarm?:any
    comparison_response_id?:string|null
management type:#management compact_threshold?:integer(1000..)|null
conversation id:string
prompt id:string version?:string|null variables?:object|null
"""

TOOLS: Final = """
tool.function type:string name:name(1..64) description?:string|null parameters?:object|null
    strict?:boolean|null output_schema?:object|null defer_loading?:boolean|null
    allowed_callers?:[#caller](1..)|null async?:any
tool.custom type:string name:string(1..) description?:string|null
    format?:@custom_format.*|null defer_loading?:boolean|null allowed_callers?:[#caller](1..)|null
    async?:any
custom_format.text type:string
custom_format.grammar type:string syntax:#syntax definition:string
tool.namespace type:string name:string(1..) tools:[@namespaced.*](1..) description?:string|null
namespaced.function type:string name:name(1..128) description?:string|null parameters?:object|null
    strict?:boolean|null output_schema?:object|null defer_loading?:boolean|null
    allowed_callers?:[#caller](1..)|null async?:any
namespaced.custom type:string name:string(1..) description?:string|null
    format?:@custom_format.*|null defer_loading?:boolean|null allowed_callers?:[#caller](1..)|null
    async?:any
tool.tool_search type:string execution?:#execution description?:string|null
    parameters?:object|null
tool.web_search type:string search_context_size?:#context_size|null user_location?:@place|null
    filters?:@domains|null search_content_types?:[#search_content]|null
    return_token_budget?:string|integer|null external_web_access?:boolean|null
    index_gated_web_access?:boolean|null indexed_web_access?:boolean|null
tool.web_search_2025_08_26 type:string search_context_size?:#context_size|null
    user_location?:@place|null filters?:@domains|null search_content_types?:[#search_content]|null
    return_token_budget?:string|integer|null external_web_access?:boolean|null
    index_gated_web_access?:boolean|null indexed_web_access?:boolean|null
tool.web_search_preview type:string search_context_size?:#context_size|null
    user_location?:@place|null search_content_types?:[#search_content]|null
tool.web_search_preview_2025_03_11 type:string search_context_size?:#context_size|null
    user_location?:@place|null search_content_types?:[#search_content]|null
tool.file_search type:string vector_store_ids:[string] max_num_results?:integer(1..50)|null
    ranking_options?:@ranking_options|null filters?:@filter.*|null
tool.code_interpreter type:string container:string|@container.* allowed_callers?:[#caller](1..)|null
tool.image_generation type:string model?:string|null quality?:string|null size?:string|null
    output_format?:string|null output_compression?:integer(0..100)|null moderation?:string|null
    background?:string|null input_fidelity?:string|null input_image_mask?:@image_mask|null
    partial_images?:integer(0..3)|null action?:string|null complexity?:string|null
    frame_count?:integer|null frame_duration_ms?:integer|null svg?:@svg|null
tool.mcp type:string server_label:string server_url?:string|null connector_id?:string|null
    tunnel_id?:string|null authorization?:string|null server_description?:string|null
    headers?:strings|null allowed_tools?:[string]|@mcp_filter|null require_approval?:#approval|@approvals|null
    allowed_callers?:[#caller](1..)|null defer_loading?:boolean|null
tool.local_shell type:string
tool.shell type:string environment?:@environment.*|null allowed_callers?:[#caller](1..)|null
tool.apply_patch type:string allowed_callers?:[#caller](1..)|null
tool.computer type:string
tool.computer_use_preview type:string environment:#screen display_width:integer
    display_height:integer
tool.programmatic_tool_calling type:string
tool_choice.function type:string name:string
tool_choice.custom type:string name:string
tool_choice.mcp type:string server_label:string name?:string|null
tool_choice.allowed_tools type:string mode:#allowed_mode tools:[object](1..128)
place type?:string|null country?:string|null region?:string|null city?:string|null timezone?:string|null
domains allowed_domains?:[string]|null blocked_domains?:[string]|null
ranking_options ranker?:string score_threshold?:number(0..1)|null
    hybrid_search?:@hybrid_search|null
hybrid_search embedding_weight:number text_weight:number
filter.eq type:string key:string value:any
filter.ne type:string key:string value:any
filter.gt type:string key:string value:any
filter.gte type:string key:string value:any
filter.lt type:string key:string value:any
filter.lte type:string key:string value:any
filter.in type:string key:string value:any
filter.nin type:string key:string value:any
filter.and type:string filters:[@filter.*]
filter.or type:string filters:[@filter.*]
container.auto ..? type:string file_ids?:[string](..50) memory_limit?:#memory|null network_policy?:@network_policy.*
network_policy.disabled ..? type:string
network_policy.allowlist ..? type:string allowed_domains:[string](1..) domain_secrets?:[@domain_secret](1..)
domain_secret ..? domain:string(1..) name:string(1..) value:string(1..10485760)
environment.container_auto ..? type:string file_ids?:[string](..50) memory_limit?:#memory|null
    network_policy?:@network_policy.* skills?:[@skill.*](..200)
environment.local ..? type:string skills?:[@local_skill](..200)
environment.container_reference ..? type:string container_id:string
skill.skill_reference ..? type:string skill_id:string(1..64) version?:string
skill.inline ..? type:string name:string description:string source:@skill_source
skill_source ..? type:string media_type:string data:string(1..70254592)
local_skill ..? name:string description:string path:string
mcp_filter tool_names?:[string] read_only?:boolean
approvals always?:@mcp_filter never?:@mcp_filter
image_mask ..? image_url?:string file_id?:string
svg ..? model?:string|null reasoning?:@svg_reasoning|null
svg_reasoning ..? effort?:#effort|null
"""

ITEMS: Final = """
message.user role:string content:[@part.*]~array_of_objects|string(..10485760) type?:string|null
    id?:string(..64)|null status?:#status|null
message.assistant role:string content:[%said_part]~array_of_objects|string(..10485760)
    type?:string|null id?:string(..64)|null status?:#status|null phase?:#phase|null
part.input_text type:string text:string(..10485760) prompt_cache_breakpoint?:@cache_breakpoint|null
part.input_image type:string image_url?:%image_url|null file_id?:string|null
    detail?:#detail|null prompt_cache_breakpoint?:@cache_breakpoint|null
part.input_audio ..? type:string
part.output_text type:string text:string(..10485760) annotations?:[object]|null
    logprobs?:[object]|null
part.refusal type:string refusal:string(..10485760)
part.input_file type:string file_id?:string|null filename?:string|null
    file_data?:%file_data|null file_url?:string|null detail?:#detail|null
    prompt_cache_breakpoint?:@cache_breakpoint|null
part.computer_screenshot ..? type:string image_url?:string|null file_id?:string|null
    detail?:string|null
part.summary_text type:string text:string
part.encrypted_content type:string encrypted_content:string
part.input_video type:string video_url:string
text_part type:string text:string
item.item_reference type?:string|null id:string
item.reasoning type?:string|null summary:[@text_part] id?:string(..64)|null content?:[@text_part](..0)|null
    encrypted_content?:string|null status?:#status|null
item.function_call type?:string|null call_id:string(1..64) name:name(1..128) arguments:string(..10485760)
    id?:string(..64)|null namespace?:string|null caller?:@caller.*|null status?:#status|null async?:any
item.function_call_output type?:string|null output:string(..10485760)|[@part.*]~array_of_objects
    call_id?:string(1..64)|null id?:string(..64)|null name?:string|null namespace?:string|null
    caller?:@caller.*|null status?:#status|null
item.custom_tool_call type?:string|null call_id:string(1..64) name:string(1..) input:string(..10485760)
    id?:string(..64)|null namespace?:string|null caller?:@caller.*|null status?:#status|null async?:any
item.custom_tool_call_output type?:string|null call_id:string(1..64)
    output:string(..10485760)|[@part.*]~array_of_objects id?:string(..64)|null name?:string|null
    caller?:@caller.*|null status?:#status|null
item.web_search_call type?:string|null id?:string(..64)|null status?:string|null action?:@search_action.*|null
item.file_search_call type?:string|null queries:[string] id?:string(..64)|null status?:string|null
    results?:[object]|null
item.code_interpreter_call type?:string|null container_id:string id?:string(..64)|null status?:string|null
    code?:string|null outputs?:[@code_output.*]|null
item.image_generation_call type?:string|null id?:string(..64)|null status?:string|null result?:string|null
    revised_prompt?:string|null action?:string|null background?:string|null
    output_format?:string|null quality?:string|null size?:string|null error?:object|null
    svg_usage?:object|null
item.mcp_list_tools type?:string|null server_label:string tools:[@mcp_listed] id?:string(..64)|null
    error?:string|object|null
mcp_listed name:string input_schema:object description?:string|null annotations?:object|null
item.mcp_approval_request type?:string|null id:string server_label:string name:string arguments:string
item.mcp_approval_response type?:string|null approval_request_id:string approve:boolean id?:string(..64)|null
    reason?:string|null
item.mcp_call type?:string|null server_label:string name:string arguments:string id?:string(..64)|null
    output?:string|null error?:string|object|null status?:string|null
    approval_request_id?:string|null
item.local_shell_call type?:string|null action:@local_shell_action call_id?:string(1..64)|null id?:string(..64)|null
    status?:#status|null
item.local_shell_call_output type?:string|null output:string call_id?:string(1..64)|null id?:string(..64)|null
    status?:#status|null
item.shell_call type?:string|null call_id:string(1..64) action:@shell_action id?:string(..64)|null status?:#status|null
    caller?:@caller.*|null environment?:@environment.*|null
item.shell_call_output type?:string|null call_id:string(1..64) output:[@shell_output] id?:string(..64)|null
    status?:#status|null caller?:@caller.*|null max_output_length?:integer|null
item.apply_patch_call type?:string|null call_id:string(1..64) operation:@operation.* status:#patch_status
    id?:string(..64)|null
    caller?:@caller.*|null
item.apply_patch_call_output type?:string|null call_id:string(1..64) status:#patched output?:string|null
    id?:string(..64)|null caller?:@caller.*|null
item.computer_call type?:string|null call_id:string(1..64) id?:string(..64)|null status?:#status|null
    action?:@computer_action.*|null actions?:[@computer_action.*]|null
    pending_safety_checks?:[@safety_check]|null
item.computer_call_output type?:string|null call_id:string(1..64) output:@part.* id?:string(..64)|null
    status?:#status|null acknowledged_safety_checks?:[@safety_check]|null
item.tool_search_call type?:string|null arguments:any call_id?:string(1..64)|null id?:string(..64)|null
    status?:#status|null execution?:#execution
item.tool_search_output type?:string|null tools:[@tool.*]~array_of_tools call_id?:string(1..64)|null
    id?:string(..64)|null status?:#status|null execution?:#execution
item.additional_tools type?:string|null role:string tools:[@tool.*]~array_of_tools id?:string(..64)|null
item.compaction type?:string|null encrypted_content:string(..20971520) id?:string(..64)|null
item.compaction_summary type?:string|null encrypted_content:string(..20971520) id?:string(..64)|null
item.context_compaction type?:string|null id?:string(..64)|null encrypted_content?:string|null
item.compaction_trigger type?:string|null id?:string(..64)|null
item.configuration_update type?:string|null reasoning?:object|null text?:object|null id?:string(..64)|null
item.agent_message ..? type?:string|null id?:string(..64)|null author?:string recipient?:string content?:[object]
item.multi_agent_call ..? type?:string|null
item.multi_agent_call_output ..? type?:string|null
item.program type?:string|null call_id:string(1..64) code:string(..10485760) id?:string(..64)|null
    fingerprint?:string(..10485760)
item.program_output type?:string|null call_id:string(1..64) result:string(..10485760) id?:string(..64)|null
    status?:string
caller.direct ..? type:string
caller.program ..? type:string caller_id:string(1..64)
cache_breakpoint ..? mode:#breakpoint ttl?:#cache_ttl|null
search_action.search ..? type:string query?:string|null queries?:[string]|null sources?:[object]|null
search_action.open_page ..? type:string url?:string|null
search_action.find_in_page ..? type:string url?:string|null pattern?:string|null
code_output.logs ..? type:string logs:string
code_output.image ..? type:string url:string
local_shell_action ..? type:string command:[string] env?:object|null timeout_ms?:integer|null
    working_directory?:string|null user?:string|null
shell_action ..? commands:[string] timeout_ms?:integer|null max_output_length?:integer|null
shell_output ..? stdout:string(..10485760) stderr:string(..10485760) outcome:@outcome.*
outcome.timeout ..? type:string
outcome.exit ..? type:string exit_code:integer
operation.create_file ..? type:string path:string(1..) diff:string(..10485760)
operation.update_file ..? type:string path:string(1..) diff:string(..10485760)
operation.delete_file ..? type:string path:string(1..)
safety_check ..? id:string code?:string|null message?:string|null
computer_action.click ..? type:string button:string x:integer y:integer keys?:[string]|null
computer_action.double_click ..? type:string x:integer y:integer keys?:[string]|null
computer_action.drag ..? type:string path:[@point] keys?:[string]|null
computer_action.keypress ..? type:string keys:[string]
computer_action.move ..? type:string x:integer y:integer keys?:[string]|null
computer_action.screenshot ..? type:string
computer_action.scroll ..? type:string x:integer y:integer scroll_x:integer scroll_y:integer
    keys?:[string]|null
computer_action.type ..? type:string text:string
computer_action.wait ..? type:string
point ..? x:integer y:integer
"""

# As the API lists them; it knows `web_search` and `local_shell` too.
_TOOLS: Final = (
    "code_interpreter programmatic_tool_calling function namespace tool_search file_search web_search_preview "
    "web_search_preview_2025_03_11 image_generation mcp custom computer computer_use_preview shell apply_patch"
)

VALUES: Final[dict[str, tuple[str, ...]]] = CHAT_VALUES | {
    name: tuple(words.split())
    for name, words in {
        "include": (
            "file_search_call.results web_search_call.results web_search_call.action.sources "
            "message.input_image.image_url computer_call_output.output.image_url "
            "code_interpreter_call.outputs reasoning.encrypted_content message.output_text.logprobs"
        ),
        "prompt_cache_retention": "in_memory 24h",
        "truncation": "auto disabled",
        "summary": "concise detailed auto",
        "context": "auto current_turn all_turns",
        "caller": "direct programmatic",
        "execution": "server client",
        "screen": "windows mac linux ubuntu browser",
        "search_content": "text image",
        "approval": "always never",
        "memory": "1g 4g 16g 64g",
        "patch_status": "in_progress completed",
        "patched": "completed failed",
        "moderation_mode": "score block",
        "management": "compaction",
        "hosted_choice": (
            "file_search web_search web_search_2025_08_26 web_search_preview web_search_preview_2025_03_11 computer "
            "computer_use computer_use_preview image_generation code_interpreter local_shell shell apply_patch "
            "programmatic_tool_calling tool_search"
        ),
        "status": "in_progress completed incomplete",
        "phase": "commentary final_answer",
        "role": "assistant system developer user",
        "detail": "low high auto original",
        "said_part": "output_text refusal",
        "format.type": "json_object text json_schema",
        "tool.type": _TOOLS,
        "tool_choice.type": _TOOLS,
        "part.type": (
            "input_text input_image input_audio output_text refusal input_file "
            "computer_screenshot summary_text encrypted_content"
        ),
        "item": (
            "additional_tools agent_message apply_patch_call apply_patch_call_output "
            "code_interpreter_call compaction compaction_trigger computer_call "
            "computer_call_output custom_tool_call custom_tool_call_output file_search_call "
            "function_call function_call_output image_generation_call item_reference "
            "local_shell_call local_shell_call_output mcp_approval_request mcp_approval_response "
            "mcp_call mcp_list_tools message multi_agent_call multi_agent_call_output program "
            "program_output reasoning shell_call shell_call_output tool_search_call "
            "tool_search_output web_search_call"
        ),
    }.items()
}

COMPACT: Final = """
body model?:%model input?:%input|null previous_response_id?:%previous|null instructions?:string|null
    prompt_cache_key?:string(..64)|null prompt_cache_retention?:#prompt_cache_retention|null
    prompt_cache_options?:@prompt_cache_options|null service_tier?:#service_tier|null
    reasoning?:@reasoning|null text?:@text|null tools?:[@tool.*]~array_of_tools|null
    parallel_tool_calls?:boolean|null image?:@image|null
"""
