"""The request tables of responses and compact, in the order in which the API checks a body.

Sources: recorded 400 replies and refusals measured against the official API, 2026-08 to 2026-10.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mockserver.contract.error_messages import quoted
from mockserver.contract.model_rules import apply_model_rules
from mockserver.contract.request_chat import VALUES
from mockserver.contract.request_table import BodyCheck, RequestTable
from mockserver.contract.request_types import read_kinds
from mockserver.contract.strict_schema import check_format, check_functions
from mockserver.model.findings import Severity
from mockserver.model.json import JSON, JSONObject

_BODY: Final = """
body model?:%model input?:%input moderation?:@moderation|null include?:[#include]|null
    tools?:[@tool.*]~array_of_tools|null tool_choice?:%tool_choice|null metadata?:metadata|null
    text?:@text|null temperature?:number(0..2)|null top_p?:number(0..1)|null
    presence_penalty?:number(-2..2)|null frequency_penalty?:number(-2..2)|null
    parallel_tool_calls?:boolean|null stream?:boolean|null stream_options?:@stream_options|null
    background?:boolean|null max_output_tokens?:integer(16..)|null max_tool_calls?:integer(1..)|null
    reasoning?:@reasoning|null user?:string|null safety_identifier?:string(..64)|null
    prompt_cache_options?:@prompt_cache_options|null prompt_cache_key?:string(..64)|null
    prompt_cache_retention?:#prompt_cache_retention|null truncation?:#truncation|null
    instructions?:string|null store?:boolean|null service_tier?:#service_tier|null
    top_logprobs?:integer(0..20)|null context_management?:[@management](1..)|null
    conversation?:string|@conversation|null prompt?:@prompt|null previous_response_id?:string|null
    client_metadata?:object|null background_options?:object|null access_programs?:object|null
    image?:object|null generate?:any
moderation ... model:string policy?:object|null
text format?:@format.*|null verbosity?:#verbosity|null
format.text ... type:string
format.json_object ... type:string
format.json_schema ... type:string name:name(1..64) schema:object description?:string|null
    strict?:boolean|null
stream_options include_obfuscation?:boolean|null
reasoning effort?:#effort|integer|null summary?:#summary|null generate_summary?:#summary|null
    context?:#context|null mode?:string|null
prompt_cache_options mode?:#cache_mode|null ttl?:#cache_ttl|null prewarm?:any
    comparison_response_id?:string|null
management ... type:string compact_threshold?:integer(1000..)|null
conversation ... id:string
prompt ... id:string version?:string|null variables?:object|null
"""

_TOOLS: Final = """
tool.function ... type:string name:name(1..64) description?:string|null parameters?:object|null
    strict?:boolean|null output_schema?:object|null defer_loading?:boolean|null
    allowed_callers?:[#caller](1..)|null async?:any
tool.custom ... type:string name:string(1..) description?:string|null
    format?:@custom_format.*|null defer_loading?:boolean|null allowed_callers?:[#caller](1..)|null
custom_format.text ... type:string
custom_format.grammar ... type:string syntax:#syntax definition:string
tool.namespace ... type:string name:string(1..) tools:[@tool.*](1..) description?:string
tool.tool_search ... type:string execution?:#execution description?:string|null
    parameters?:object|null
tool.web_search ... type:string search_context_size?:#context_size|null user_location?:object|null
    filters?:object|null search_content_types?:[string]|null
    return_token_budget?:string|integer|null external_web_access?:boolean|null
    index_gated_web_access?:boolean|null indexed_web_access?:boolean|null
tool.web_search_2025_08_26 ... type:string
tool.web_search_preview ... type:string search_context_size?:#context_size|null
    user_location?:object|null search_content_types?:[string]|null
tool.web_search_preview_2025_03_11 ... type:string
tool.file_search ... type:string vector_store_ids:[string] max_num_results?:integer(1..50)|null
    ranking_options?:object|null filters?:object|null
tool.code_interpreter ... type:string container:string|object allowed_callers?:[#caller](1..)|null
tool.image_generation ... type:string model?:string|null quality?:string|null size?:string|null
    output_format?:string|null output_compression?:integer(0..100)|null moderation?:string|null
    background?:string|null input_fidelity?:string|null input_image_mask?:object|null
    partial_images?:integer(0..3)|null action?:string|null
tool.mcp ... type:string server_label:string server_url?:string|null connector_id?:string|null
    tunnel_id?:string|null authorization?:string|null server_description?:string|null
    headers?:strings|null allowed_tools?:[string]|object|null require_approval?:string|object|null
    allowed_callers?:[#caller](1..)|null defer_loading?:boolean|null
tool.local_shell ... type:string
tool.shell ... type:string environment?:object|null allowed_callers?:[#caller](1..)|null
tool.apply_patch ... type:string allowed_callers?:[#caller](1..)|null
tool.computer ... type:string
tool.computer_use_preview ... type:string environment:#screen display_width:integer
    display_height:integer
tool.programmatic_tool_calling ... type:string
tool_choice.function ... type:string name:string
tool_choice.custom ... type:string name:string
tool_choice.mcp ... type:string server_label:string name?:string|null
tool_choice.allowed_tools ... type:string mode:#allowed_mode tools:[object](1..128)
"""

_ITEMS: Final = """
message.user role:string content:string(..10485760)|[@part.*]~array_of_input_parts type?:string
    id?:string|null status?:#status|null metadata?:any
    internal_chat_message_metadata_passthrough?:any
message.assistant role:string content:string(..10485760)|[%said_part]~array_of_output_parts
    type?:string id?:string|null status?:#status|null phase?:#phase|null metadata?:any
    internal_chat_message_metadata_passthrough?:any
part.input_text ... type:string text:string(..10485760) prompt_cache_breakpoint?:object|null
part.input_image ... type:string image_url?:string(..20971520)|null file_id?:string|null
    detail?:#detail|null prompt_cache_breakpoint?:object|null
part.input_audio ... type:string
part.output_text ... type:string text:string(..10485760) annotations?:[object]|null
    logprobs?:[object]|null
part.refusal ... type:string refusal:string(..10485760)
part.input_file ... type:string file_id?:string|null filename?:string|null
    file_data?:%file_data|null file_url?:string|null detail?:#detail|null
    prompt_cache_breakpoint?:object|null
part.computer_screenshot ... type:string
part.summary_text ... type:string text:string
part.encrypted_content ... type:string encrypted_content:string
part.input_video ... type:string video_url:string
text_part ... type:string text:string
item.item_reference ... type?:string|null id:string
item.reasoning ... type?:string|null summary:[@text_part] id?:string|null content?:[@text_part](..0)|null
    encrypted_content?:string|null status?:#status|null
item.function_call ... type?:string|null call_id:string(1..64) name:name(1..128) arguments:string(..10485760)
    id?:string|null namespace?:string|null caller?:object|null status?:#status|null async?:any
item.function_call_output ... type?:string|null output:string(..10485760)|[@part.*]~array_of_objects
    call_id?:string(1..64) id?:string|null name?:string|null namespace?:string|null
    caller?:object|null status?:#status|null
item.custom_tool_call ... type?:string|null call_id:string(1..64) name:string(1..) input:string(..10485760)
    id?:string|null namespace?:string|null caller?:object|null status?:#status|null async?:any
item.custom_tool_call_output ... type?:string|null call_id:string(1..64)
    output:string(..10485760)|[@part.*]~array_of_objects id?:string|null name?:string|null
    caller?:object|null status?:#status|null
item.web_search_call ... type?:string|null id?:string|null status?:string|null action?:object|null
item.file_search_call ... type?:string|null queries:[string] id?:string|null status?:string|null
    results?:[object]|null
item.code_interpreter_call ... type?:string|null container_id:string id?:string|null status?:string|null
    code?:string|null outputs?:[object]|null
item.image_generation_call ... type?:string|null id?:string|null status?:string|null result?:string|null
    revised_prompt?:string|null action?:string|null background?:string|null
    output_format?:string|null quality?:string|null size?:string|null
item.mcp_list_tools ... type?:string|null server_label:string tools:[@mcp_listed] id?:string|null
    error?:string|object|null
mcp_listed ... name:string input_schema:object description?:string|null annotations?:object|null
item.mcp_approval_request ... type?:string|null id:string server_label:string name:string arguments:string
item.mcp_approval_response ... type?:string|null approval_request_id:string approve:boolean id?:string|null
    reason?:string|null
item.mcp_call ... type?:string|null server_label:string name:string arguments:string id?:string|null
    output?:string|null error?:string|object|null status?:string|null
    approval_request_id?:string|null
item.local_shell_call ... type?:string|null action:object call_id?:string(1..64)|null id?:string|null
    status?:#status|null
item.local_shell_call_output ... type?:string|null output:string call_id?:string(1..64)|null id?:string|null
    status?:#status|null
item.shell_call ... type?:string|null call_id:string(1..64) action:object id?:string|null status?:#status|null
    caller?:object|null environment?:object|null
item.shell_call_output ... type?:string|null call_id:string(1..64) output:[object] id?:string|null
    status?:#status|null caller?:object|null max_output_length?:integer|null
item.apply_patch_call ... type?:string|null call_id:string(1..64) operation:object status:string id?:string|null
    caller?:object|null
item.apply_patch_call_output ... type?:string|null call_id:string(1..64) status:string output?:string|null
    id?:string|null caller?:object|null
item.computer_call ... type?:string|null call_id:string(1..64) id?:string|null status?:#status|null
    action?:object|null actions?:[object]|null pending_safety_checks?:[object]|null
item.computer_call_output ... type?:string|null call_id:string(1..64) output:object id?:string|null
    status?:#status|null acknowledged_safety_checks?:[object]|null
item.tool_search_call ... type?:string|null arguments:any call_id?:string(1..64)|null id?:string|null
    status?:#status|null execution?:#execution
item.tool_search_output ... type?:string|null tools:[@tool.*]~array_of_tools call_id?:string(1..64)|null
    id?:string|null status?:#status|null execution?:#execution
item.additional_tools ... type?:string|null role:string tools:[@tool.*]~array_of_tools id?:string|null
item.compaction ... type?:string|null encrypted_content:string(..20971520) id?:string|null
item.compaction_summary ... type?:string|null encrypted_content:string(..20971520) id?:string|null
item.context_compaction ... type?:string|null id?:string|null encrypted_content?:string|null
item.compaction_trigger ... type?:string|null id?:string|null
item.configuration_update ... type?:string|null reasoning?:object|null text?:object|null id?:string|null
item.agent_message ... type?:string|null id?:string|null author?:string recipient?:string content?:[object]
item.multi_agent_call ... type?:string|null
item.multi_agent_call_output ... type?:string|null
item.program ... type?:string|null call_id:string(1..64) code:string(..10485760) id?:string|null
    fingerprint?:string(..10485760)
item.program_output ... type?:string|null call_id:string(1..64) result:string(..10485760) id?:string|null
    status?:string
"""

_VALUES: Final[dict[str, tuple[str, ...]]] = VALUES | {
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
        "status": "in_progress completed incomplete",
        "phase": "commentary final_answer",
        "role": "assistant system developer user",
        "detail": "low high auto original",
        "said_part": "output_text refusal",
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

# Media types that are no documents; what else is refused was not measured.
_NO_DOCUMENTS: Final = ("audio/", "video/")
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)[;,]")
_ID: Final = re.compile(r"[a-zA-Z0-9_-]+")
_ID_PREFIXES: Final = {"message": "msg", "reasoning": "rs", "function_call": "fc"}
_HISTORIES: Final = ("previous_response_id", "prompt", "conversation")
_MOVED: Final = {
    "messages": "input",
    "response_format": "text.format",
    "functions": "tools",
    "function_call": "tool_choice",
    "reasoning_effort": "reasoning.effort",
}


def _first(check: BodyCheck) -> None:
    body = check.body
    if "model" not in body and "prompt" not in body:
        check.missing("model")
    if "messages" in body:
        _moved(check, "messages")
    elif "input" not in body and "prompt" not in body and "conversation" not in body:
        check.missing("input")
    for name in (one for one in body if one in _MOVED and one != "messages"):
        _moved(check, name)
    check.unknown_members(_MOVED)


def _moved(check: BodyCheck, name: str) -> None:
    message = (
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
        f"'{_MOVED[name]}'. Try again with the new parameter. See the API documentation for more "
        "information: https://platform.openai.com/docs/api-reference/responses/create."
    )
    check.report("foreign", name, message, "unsupported_parameter", param=None)


def _last(check: BodyCheck) -> None:
    body = check.body
    if body.get("previous_response_id") is not None and body.get("conversation") is not None:
        message = (
            "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'pre..._id' or 'conversation'."
        )
        code = "mutually_exclusive_parameters"
        check.report("one_history", "previous_response_id", message, code, param=None)
    _check_reasoning(check, body.get("input"))
    check_functions(check, body.get("tools"), None)
    text = body.get("text")
    form = text.get("format") if isinstance(text, dict) else None
    if isinstance(form, dict) and form.get("type") == "json_schema" and form.get("strict") is not False:
        path = "text.format.schema"
        check_format(check, form, path, "invalid_json_schema", param=path)
    if body.get("input") in ("", []) and not any(body.get(name) for name in _HISTORIES):
        message = (
            """One of "input" or "previous_response_id" or 'prompt' or 'conversation' must be """
            "provided."
        )
        check.report("missing", "input", message, "missing_required_parameter", param=None)
    apply_model_rules(check, "responses", "late")


def _model(check: BodyCheck, value: JSON, path: str) -> None:
    if not isinstance(value, str):
        check.wrong_type(path, value, "a string", got="an object" if value is None else "")


def _input(check: BodyCheck, value: JSON, path: str) -> None:
    if value is None:
        check.wrong_type(path, value, "a string", got="an object")
    elif isinstance(value, str):
        check.value(value, check.table.kinds["part.input_text"].members["text"], path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _item(check, item, check.element(path, index))
    else:
        check.wrong_type(path, value, "one of a string or array of input items")


def _item(check: BodyCheck, item: JSON, path: str) -> None:
    if not isinstance(item, dict):
        check.wrong_type(path, item, "an input item")
        return
    kinds, values, kind = check.table.kinds, check.table.values, item.get("type")
    if "type" not in item or kind is None:
        kind = "item_reference" if "id" in item and "role" not in item else "message"
    _item_id(check, item, kind, path)
    if kind != "message":
        name = kind if isinstance(kind, str) else ""
        if f"item.{name}" not in kinds:
            check.wrong_value(path, name, values["item"])
        else:
            check.object(item, kinds[f"item.{name}"], path)
        return
    role = item.get("role")
    if not isinstance(role, str) or role not in values["role"]:
        check.wrong_value(path, role if isinstance(role, str) else "", values["role"])
    else:
        check.object(item, kinds["message.assistant" if role == "assistant" else "message.user"], path)


def _item_id(check: BodyCheck, item: JSONObject, kind: JSON, path: str) -> None:
    found, prefix = item.get("id"), _ID_PREFIXES.get(str(kind), "")
    if not isinstance(found, str):
        return
    where = f"{path}.id"
    if not _ID.fullmatch(found):
        message = (
            f"Invalid '{where}': {quoted(found)}. Expected an ID that contains letters, numbers, "
            "underscores, or dashes, but this value contained additional characters."
        )
        check.report("value", where, message, "invalid_value")
    elif not found.startswith(prefix):
        message = f"Invalid '{where}': {quoted(found)}. Expected an ID that begins with '{prefix}'."
        check.report("value", where, message, "invalid_value")


def _check_reasoning(check: BodyCheck, items: JSON) -> None:
    """A reasoning item is sent back with the item that the model produced after it."""
    waiting: JSON = None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("type") == "reasoning":
            waiting = item.get("id")
            continue
        role = item.get("role") if isinstance(item, dict) else None
        if isinstance(waiting, str) and role in ("user", "system", "developer"):
            break
        waiting = None
    if isinstance(waiting, str):
        message = f"Item {quoted(waiting)} of type 'reasoning' was provided without its required following item."
        check.report("input.reasoning_followed", "input", message, None)


def _said_part(check: BodyCheck, part: JSON, path: str) -> None:
    if not isinstance(part, dict):
        check.wrong_type(path, part, "an object")
        return
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in check.table.values["said_part"]:
        name = kind if isinstance(kind, str) else ""
        check.wrong_value(path, name, check.table.values["said_part"])
    else:
        check.object(part, check.table.kinds[f"part.{kind}"], path)


def _file_data(check: BodyCheck, data: JSON, path: str) -> None:
    if not isinstance(data, str):
        if data is not None:
            check.wrong_type(path, data, "a string")
        return
    media_type = _DATA_URL.match(data)
    if media_type is not None and media_type[1].startswith(_NO_DOCUMENTS):
        message = (
            f"Invalid file data: '{path}'. Expected a base64-encoded data URL with a valid file "
            "MIME type (e.g. 'data:text/plain;base64,SGVsbG8sIFdvcmxkIQ=='), but got unsupported "
            f"MIME type '{media_type[1]}'. Please see https://platform.openai.com/docs/assistants/"
            "tools/file-search#supported-files for supported file types."
        )
        check.report("value", path, message, "invalid_value")


def _tool_choice(check: BodyCheck, value: JSON, path: str) -> None:
    values = check.table.values["tool_choice"]
    if isinstance(value, str):
        if value not in values:
            check.wrong_value(path, value, values)
    elif isinstance(value, dict):
        kind = value.get("type")
        if "type" not in value:
            check.missing(f"{path}.type")
        elif f"tool_choice.{kind}" in check.table.kinds:
            check.object(value, check.table.kinds[f"tool_choice.{kind}"], path)
    else:
        check.wrong_type(path, value, "one of an object or 'none', 'auto', or 'required'")


RESPONSES: Final = RequestTable(
    kinds=read_kinds(_BODY) | read_kinds(_TOOLS) | read_kinds(_ITEMS),
    values=_VALUES,
    functions={
        "model": _model,
        "input": _input,
        "said_part": _said_part,
        "file_data": _file_data,
        "tool_choice": _tool_choice,
    },
    first=_first,
    last=_last,
    replaces=("request.one_history", "request.stream_usage"),
)

_COMPACT: Final = """
body model?:%model input?:%input|null previous_response_id?:string|null instructions?:string|null
    prompt_cache_key?:string(..64)|null prompt_cache_retention?:#prompt_cache_retention|null
    prompt_cache_options?:@prompt_cache_options|null service_tier?:#service_tier|null
    reasoning?:@reasoning|null text?:@text|null tools?:[@tool.*]~array_of_tools|null
    parallel_tool_calls?:boolean|null image?:object|null
"""


def _first_of_compact(check: BodyCheck) -> None:
    if "model" not in check.body:
        check.missing("model")
    # Which names the API rejects here was not measured.
    check.unknown_members(severity=Severity.NOTICE)


COMPACT: Final = replace(
    RESPONSES, kinds={**RESPONSES.kinds, **read_kinds(_COMPACT)}, first=_first_of_compact, last=lambda _: None
)
