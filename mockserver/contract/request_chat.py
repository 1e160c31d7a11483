"""The request table of chat completions, in the order in which the API checks a body.

Sources: recorded 400 replies and refusals measured against the official API, 2026-08 to 2026-10.
"""

from __future__ import annotations

from typing import Final

from mockserver.contract.data_urls import check_file_data, check_image_url, is_no_image
from mockserver.contract.request_table import BodyCheck, RequestTable
from mockserver.contract.request_types import read_kinds, tagged_kind
from mockserver.contract.strict_schema import check_format, check_functions, check_json_mode
from mockserver.model.json import JSON

_KINDS: Final = """
body model?:string messages?:[%message](1..)~array_of_objects
    functions?:[@function](1..128)~array_of_function_definitions function_call?:#function_call|@named
    tools?:[@tool.*](..128)|null tool_choice?:#tool_choice|%tool_choice|null
    parallel_tool_calls?:boolean|null max_completion_tokens?:integer(1..)|null
    max_tokens?:integer(1..)|null n?:integer(1..128)|null moderation?:@moderation|null
    temperature?:number(0..2)|null top_p?:number(0..1)|null presence_penalty?:number(-2..2)|null
    frequency_penalty?:number(-2..2)|null logprobs?:boolean|null top_logprobs?:integer(0..20)|null
    logit_bias?:object|null stop?:string|[string](..4)|null
    response_format?:@format.*|null user?:string(..64)|null
    seed?:integer(-9223372036854775808..9223372036854775807)|null
    safety_identifier?:string(..64)|null prompt_cache_options?:@prompt_cache_options|null
    prompt_cache_key?:string(..64)|null prompt_cache_retention?:#prompt_cache_retention|null
    service_tier?:#service_tier|null stream?:boolean|null stream_options?:@stream_options|null
    store?:boolean|null metadata?:metadata|null verbosity?:#verbosity|null
    reasoning_effort?:#effort|integer|null modalities?:[#modality]|null audio?:@audio|null
    prediction?:@prediction|null web_search_options?:@web_search_options|null
message ... role:#role content?:string|[@part.*]~array_of_objects|null name?:label|null
    refusal?:string|null audio?:@audio_reference|null tool_calls?:[@tool_call.*](1..)|null
    function_call?:@called|null tool_call_id?:string(..64)|null annotations?:[object]|null
    reasoning_content?:string|null reasoning?:string|null
audio_reference ... id:string
called ... name:name(1..) arguments:string
named ..? name:string
part.text ... type:string text:string(..10485760) prompt_cache_breakpoint?:@cache_breakpoint|null
part.image_url ... type:string image_url:@image_url prompt_cache_breakpoint?:@cache_breakpoint|null
part.input_audio ... type:string input_audio:@input_audio prompt_cache_breakpoint?:@cache_breakpoint|null
part.file ... type:string file:@file prompt_cache_breakpoint?:@cache_breakpoint|null
part.refusal ... type:string refusal:string
part.audio ... type:string
cache_breakpoint ... mode:#breakpoint ttl?:#cache_ttl|null
image_url ... url:%url detail?:#detail|null
input_audio ... data:string format:#audio_input
file ... filename?:string|null file_data?:%file_data|null file_id?:string|null
tool_call.function ... id:string(..64) type:string function:@called index?:integer
tool_call.custom ... id:string(..64) type:string custom:@custom_called index?:integer
custom_called ... name:string input:string
function ... name:name(1..64) description?:string|null parameters?:object|null strict?:boolean|null
tool.function ... type:string function:@function
tool.custom ... type:string custom:@custom
custom ... name:string description?:string|null format?:@custom_format.*|null
custom_format.text ... type:string
custom_format.grammar ... type:string grammar:@grammar
grammar ... definition:string syntax:#syntax
tool_choice.function ..? type?:any function:@named
tool_choice.custom ..? type:string custom:@named
tool_choice.allowed_tools ..? type:string allowed_tools:@allowed_tools
allowed_tools ..? mode:#allowed_mode tools:[object](1..)
format.json_object type:string
format.json_schema type:string json_schema:@json_schema
format.text type:string
json_schema name:name(1..64) description?:string|null schema?:object|null strict?:boolean|null
stream_options include_usage?:boolean|null include_obfuscation?:boolean|null
prompt_cache_options mode?:#cache_mode|null ttl?:#cache_ttl|null prewarm?:any
    comparison_response_id?:string|null
moderation ..? model:string policy?:object|null
audio ..? voice:string|object format:#audio_output
prediction ..? type:string content:string|[object]
web_search_options ..? search_context_size?:#context_size|null user_location?:object|null
"""

VALUES: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(words.split())
    for name, words in {
        "role": "system assistant user function tool developer",
        "function_call": "none auto",
        "tool_choice": "none auto required",
        "allowed_mode": "auto required",
        "detail": "auto low high original",
        "audio_input": "wav mp3",
        "audio_output": "wav aac mp3 flac opus pcm16",
        "modality": "text audio",
        "syntax": "lark regex",
        "breakpoint": "explicit",
        "part.type": "text image_url input_audio refusal audio file",
        "tool_call.type": "function allowed_tools custom",
        "tool_choice.type": "function custom allowed_tools",
        "prompt_cache_retention": "in_memory 24h",
        "service_tier": "auto default fast flex priority",
        "verbosity": "low medium high",
        "effort": "none minimal low medium high xhigh max",
        "cache_mode": "implicit explicit",
        "cache_ttl": "30m 12h",
        "context_size": "low medium high",
    }.items()
}

# Source: 400 replies in public reports, 2024-05 to 2026-08.
_NEEDED: Final = {"tool": "tool_call_id", "function": "name"}
_IN_PLACE_OF_CONTENT: Final = ("tool_calls", "function_call", "refusal", "audio")


def _first(check: BodyCheck) -> None:
    body = check.body
    if body.get("model") in (None, ""):
        message = "you must provide a model parameter"
        check.report("missing", "model", message, None, param=None)
    if "messages" not in body:
        check.missing("messages")
    check.unknown_members()
    check.model_rules("unknown")
    check.model_rules("early")


def _top_logprobs(check: BodyCheck, value: JSON) -> None:
    if value is not None and check.body.get("logprobs") is not True:
        message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
        check.report("chat.top_logprobs_with_logprobs", "top_logprobs", message, None)


def _parallel_tool_calls(check: BodyCheck, value: JSON) -> None:
    if value is True and not check.body.get("tools"):
        message = (
            "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified."
        )
        check.report("chat.tool_choice_with_tools", "parallel_tool_calls", message, None)


def _offered(check: BodyCheck, choice: JSON) -> None:
    tools = check.body.get("tools")
    function = choice.get("function") if isinstance(choice, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if isinstance(name, str) and isinstance(tools, list):
        functions = [tool.get("function") for tool in tools if isinstance(tool, dict)]
        names = [one.get("name") for one in functions if isinstance(one, dict)]
        if name not in names:
            message = (
                f"Invalid value for 'function_call': no function named '{name}' was specified in "
                "the 'functions' parameter."
            )
            rule = "chat.tool_choice_offered"
            check.report(rule, "tool_choice", message, None, param="function_call")


def _response_format(check: BodyCheck, form: JSON) -> None:
    inner = form.get("json_schema") if isinstance(form, dict) else None
    if isinstance(inner, dict) and inner.get("strict") is True:
        path = "response_format.json_schema.schema"
        check_format(check, inner, path, None, param="response_format")
    message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    check_json_mode(check, form, "messages", message)


def _messages(check: BodyCheck, _: JSON) -> None:
    for one in check.late:
        check.add(one)
    if check.bad_image:
        message = (
            "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
            "['png', 'jpeg', 'gif', 'webp']."
        )
        check.report("value", "messages", message, "invalid_image_format", param=None)


def _message(check: BodyCheck, value: JSON, path: str) -> None:
    if not isinstance(value, dict):
        check.wrong_type(path, value, "an object")
        return
    check.object(value, check.table.kinds["message"], path)
    role = value.get("role")
    if role == "tool" or "tool_calls" in value:
        check.calls_tools = True
    needed = _NEEDED.get(role) if isinstance(role, str) else None
    place = path.replace("[", ".[")
    if needed is not None and value.get(needed) is None:
        text = f"Missing parameter '{needed}': messages with role '{role}' must have a '{needed}'."
        check.report("missing", f"{path}.{needed}", text, None, param=f"{place}.{needed}", late=True)
    if value.get("content") is not None:
        return
    if role == "developer" and "content" not in value:
        check.missing(f"{path}.content")
        return
    if role == "assistant" and any(value.get(name) for name in _IN_PLACE_OF_CONTENT):
        return
    if role == "function" and "content" in value:
        return
    if isinstance(role, str) and role in VALUES["role"]:
        text = "Invalid value for 'content': expected a string, got null."
        rule = "chat.assistant_speaks"
        check.report(rule, f"{path}.content", text, None, param=f"{place}.content", late=True)


def _tool_choice(check: BodyCheck, value: JSON, path: str) -> None:
    if not isinstance(value, dict):
        check.wrong_type(path, value, "one of one of 'none', 'auto', or 'required' or object")
        return
    kinds, kind = check.table.kinds, value.get("type")
    known = kinds.get(f"tool_choice.{kind}")
    check.object(value, known or kinds["tool_choice.function"], path)
    if known is None and "function" in value:
        tagged_kind(check, value, "tool_choice.", path)


def _url(check: BodyCheck, value: JSON, path: str) -> None:
    if isinstance(value, str):
        check.bad_image |= is_no_image(value)
        check_image_url(check, value, path, chat=True)
    else:
        check.wrong_type(path, value, "a string")


def _file_data(check: BodyCheck, value: JSON, path: str) -> None:
    if isinstance(value, str):
        check_file_data(check, value, path, pdf=True)
    else:
        check.wrong_type(path, value, "a string")


CHAT: Final = RequestTable(
    kinds=read_kinds(_KINDS),
    values=VALUES,
    functions={"message": _message, "tool_choice": _tool_choice, "url": _url, "file_data": _file_data},
    form="chat",
    first=_first,
    last=(
        ("top_logprobs", _top_logprobs),
        ("parallel_tool_calls", _parallel_tool_calls),
        ("tool_choice", _offered),
        ("functions", lambda check, _: check_functions(check, "functions")),
        ("tools", lambda check, _: check_functions(check, "tools", "function")),
        ("response_format", _response_format),
        ("model", lambda check, _: check.model_rules("late")),
        ("messages", _messages),
    ),
    replaces=(
        "request.chat.assistant_speaks",
        "request.chat.tool_choice_offered",
        "request.chat.top_logprobs_with_logprobs",
    ),
)
