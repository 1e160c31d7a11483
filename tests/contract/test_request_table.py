"""Request tables: measured answers of the API, the language of the tables, and policies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contract import request_bodies as bodies
from tests.kit import (
    CHAT,
    COMPACT,
    ENDPOINTS,
    JSON,
    MAX_FAULTS,
    RESPONSES,
    BodyCheck,
    Endpoint,
    EndpointSpec,
    JSONObject,
    Rejection,
    RequestForm,
    RequestTable,
    Route,
    Severity,
    Shape,
    UnknownPolicy,
    compile_contract,
    near_names,
    read_kinds,
    read_type,
)

ROWS = json.loads((Path(__file__).parent / "refusals.json").read_text(encoding="utf-8"))
TABLES = {"chat": CHAT, "responses": RESPONSES}
OFFICIAL = compile_contract(forms=dict.fromkeys(("chat", "responses", "compact"), "official"), files={})


def errors(table: RequestTable, body: JSONObject) -> list[Rejection]:
    found = BodyCheck(table, body).run()
    return [one for one in found if one.finding.severity is Severity.ERROR]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['endpoint']}: {row['about']}")
def test_the_first_error_is_the_one_that_the_api_reports(row: JSONObject) -> None:
    body = row["body"]
    assert isinstance(body, dict)
    judged = OFFICIAL.judge(Endpoint(str(row["endpoint"])), body, strict=False)
    found = [one for one in judged if one.finding.severity is Severity.ERROR]
    if row["status"] == 200:
        assert found == []
        return
    error = found[0].error
    assert (error.status, error.type) == (row["status"], "invalid_request_error")
    assert (error.param, error.code, error.message) == (row["param"], row["code"], row["message"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['endpoint']}: {row['about']}")
def test_the_order_of_the_body_does_not_matter(row: JSONObject) -> None:
    body = row["body"]
    assert isinstance(body, dict)
    table = TABLES[str(row["endpoint"])]
    turned = dict(reversed(body.items()))
    assert [one.error for one in errors(table, turned)][:1] == [one.error for one in errors(table, body)][:1]


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        *((Endpoint.CHAT, body) for body in bodies.CHAT.values()),
        *((Endpoint.RESPONSES, body) for body in (*bodies.RESPONSES.values(), bodies.CODEX)),
    ],
)
def test_bodies_of_clients_are_accepted(endpoint: Endpoint, body: JSONObject) -> None:
    assert OFFICIAL.judge(endpoint, body, strict=False) == ()


USER: JSONObject = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    "members",
    [
        {"stop": []},
        {"response_format": None, "tool_choice": None, "tools": None},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {
            "url": "https://example.org/a.png", "detail": "original"}}]}]},
        {"model": "invented", "temperature": 0.3, "max_tokens": 5, "stop": ["x"]},
        {"model": "gpt-5.4", "temperature": 0.3},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "prompt_cache_breakpoint": {
            "mode": "explicit", "ttl": "12h"}}]}]},
        {"model": "gpt-5.6-terra", "temperature": 1, "frequency_penalty": 0},
    ],
)  # fmt: skip
def test_chat_accepts_what_the_api_accepts(members: JSONObject) -> None:
    assert errors(CHAT, {"model": "gpt-5.4", "messages": [USER], **members}) == []


@pytest.mark.parametrize(
    "members",
    [
        {"input": [{"type": "configuration_update", "reasoning": {"effort": "low"}}, USER]},
        {"input": [{"type": "function_call_output", "name": "f", "output": "late"}]},
        {"input": [{"id": "msg_1"}, USER]},
        {"input": "", "previous_response_id": "resp_1"},
        {"input": [{"type": "compaction_trigger"}]},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "a", "prompt_cache_breakpoint": {
            "mode": "explicit", "ttl": "30m"}}]}]},
        {"input": "draw", "tools": [{"type": "image_generation", "complexity": "high", "frame_count": 2,
            "frame_duration_ms": 40, "svg": {"model": "gpt-5.4", "reasoning": {"effort": "low"}}}]},
        {"input": [{"type": "image_generation_call", "id": "ig_1", "status": "failed", "result": None,
            "error": {"message": "no"}, "svg_usage": {"total_tokens": 3}}]},
        {"input": "a", "image": {"context_compression": "auto"}, "access_programs": {"cyber": "standard"},
            "background_options": {"completion_window": "2h", "continuation_id": "c"}},
    ],
)  # fmt: skip
def test_responses_accepts_what_the_api_accepts(members: JSONObject) -> None:
    assert errors(RESPONSES, {"model": "gpt-5.4", **members}) == []


STRICT: JSONObject = {
    "type": "object",
    "properties": {"a": {"type": "object", "properties": {"b": {}}, "required": ["b"]}},
    "required": ["a"],
    "additionalProperties": False,
}
PROBLEM = "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false."


def test_a_strict_schema_is_complete() -> None:
    tool: JSON = {"type": "function", "function": {"name": "f", "strict": True, "parameters": STRICT}}
    [found] = errors(CHAT, {"model": "m", "messages": [USER], "tools": [tool]})
    assert found.error.message == f"Invalid schema for function 'f': {PROBLEM}"
    assert found.error.param == "tools[0].function.parameters"
    assert found.error.code == "invalid_function_parameters"
    form: JSON = {"format": {"type": "json_schema", "name": "n", "schema": STRICT}}
    [found] = errors(RESPONSES, {"model": "m", "input": "x", "text": form})
    assert found.error.message == f"Invalid schema for response_format 'n': {PROBLEM}"
    assert (found.error.param, found.error.code) == ("text.format.schema", "invalid_json_schema")


RS: JSONObject = {"type": "reasoning", "id": "rs_1", "summary": []}
CALL: JSONObject = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}


@pytest.mark.parametrize(
    ("items", "param", "code", "message"),
    [
        (
            [{**CALL, "id": "call_1"}],
            "input[0].id",
            "invalid_value",
            "Invalid 'input[0].id': 'call_1'. Expected an ID that begins with 'fc'.",
        ),
        (
            [{**CALL, "id": ""}],
            "input[0].id",
            "invalid_value",
            (
                "Invalid 'input[0].id': ''. Expected an ID that contains letters, numbers, "
                "underscores, or dashes, but this value contained additional characters."
            ),
        ),
        (
            [USER, RS, USER],
            "input",
            None,
            "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
        ),
        (
            [{**RS, "content": [{"type": "reasoning_text", "text": "x"}]}, CALL],
            "input[0].content",
            "array_above_max_length",
            (
                "Invalid 'input[0].content': array too long. Expected an array with maximum "
                "length 0, but got an array with length 1 instead."
            ),
        ),
        (
            [{"role": "user", "content": [{"type": "input_file", "file_data": "data:audio/mpeg;"}]}],
            "input[0].content[0].file_data",
            "invalid_value",
            None,
        ),
    ],
)  # fmt: skip
def test_items_that_the_api_rejects(items: list[JSON], param: str, code: str | None, message: str | None) -> None:
    found = errors(RESPONSES, {"model": "m", "input": items})[0].error
    assert (found.param, found.code) == (param, code)
    assert message in (found.message, None)


@pytest.mark.parametrize(
    ("policy", "strict", "severities"),
    [
        (UnknownPolicy.REFUSE, False, [Severity.ERROR]),
        (UnknownPolicy.REPORT, False, [Severity.NOTICE]),
        (UnknownPolicy.REPORT, True, [Severity.ERROR]),
        (UnknownPolicy.ACCEPT, True, []),
    ],
)
def test_unknown_names_are_treated_by_policy(policy: UnknownPolicy, strict: bool, severities: list[Severity]) -> None:
    body: JSONObject = {"model": "m", "input": "x", "zzz": 1}
    found = BodyCheck(RESPONSES, body, strict=strict, unknown=policy).run()
    assert [one.finding.severity for one in found] == severities


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "members",
    [
        {"messages": [{**USER, "zzz": 1}]},
        {"tools": [{"type": "function", "name": "f", "function": {"name": "f", "type": "function"}}]},
        {"messages": [USER, {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {
            "name": "f", "arguments": "{}", "parsed_arguments": {}}}]}, {
            "role": "tool", "tool_call_id": "c", "content": "x"}]},
    ],
)  # fmt: skip
def test_further_members_of_chat_tools_and_messages_are_accepted(members: JSONObject, strict: bool) -> None:
    found = BodyCheck(CHAT, {"model": "m", "messages": [USER], **members}, strict=strict).run()
    assert {one.finding.severity for one in found} == {Severity.NOTICE}


@pytest.mark.parametrize(("strict", "severity"), [(False, Severity.NOTICE), (True, Severity.ERROR)])
def test_nested_names_that_were_not_measured_are_errors_when_strict(strict: bool, severity: Severity) -> None:
    body: JSONObject = {"model": "m", "messages": [USER], "prediction": {"type": "content", "content": "x", "zzz": 1}}
    [found] = BodyCheck(CHAT, body, strict=strict).run()
    assert (found.finding.path, found.finding.severity) == ("prediction.zzz", severity)


PDF: JSON = "data:application/pdf;base64,JVBERi0xLjQKJeLjz9M="
NO_IMAGE: JSON = "data:image/png;base64,JVBERi0xLjQKJeLjz9MK"
PNG: JSON = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="
MASKED: JSON = "data:image/png;base64,REDACTED"
IMAGE_TYPE = (
    "Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), "
    "but got unsupported MIME type 'application/pdf'."
)


@pytest.mark.parametrize(
    ("url", "chat", "responses"),
    [
        (PNG, None, None),
        (MASKED, None, None),
        ("https://example.org/a.bmp", None, None),
        (
            PDF,
            (
                "messages[0].content[0].image_url.url",
                "invalid_value",
                f"Invalid image URL: 'messages[0].content[0].image_url.url'. {IMAGE_TYPE}",
            ),
            (
                "input[0].content[0].image_url",
                "invalid_value",
                f"Invalid 'input[0].content[0].image_url'. {IMAGE_TYPE}",
            ),
        ),
        (
            NO_IMAGE,
            (
                None,
                "invalid_image_format",
                (
                    "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
                    "['png', 'jpeg', 'gif', 'webp']."
                ),
            ),
            (
                "input",
                "invalid_value",
                (
                    "The image data you provided does not represent a valid image. Please check your input and try "
                    "again with one of the supported image formats: "
                    "['image/jpeg', 'image/png', 'image/gif', 'image/webp']."
                ),
            ),
        ),
    ],
)
def test_a_data_url_of_an_image_holds_an_image(url: JSON, chat: object, responses: object) -> None:
    part: JSON = {"type": "image_url", "image_url": {"url": url}}
    found = errors(CHAT, {"model": "m", "messages": [{"role": "user", "content": [part]}]})
    assert [(one.error.param, one.error.code, one.error.message) for one in found] == ([] if chat is None else [chat])
    part = {"type": "input_image", "image_url": url}
    found = errors(RESPONSES, {"model": "m", "input": [{"role": "user", "content": [part]}]})
    told = [(one.error.param, one.error.code, one.error.message) for one in found]
    assert told == ([] if responses is None else [responses])


@pytest.mark.parametrize(("role", "member"), [("tool", "tool_call_id"), ("function", "name")])
def test_messages_of_tools_say_which(role: str, member: str) -> None:
    [found] = errors(CHAT, {"model": "m", "messages": [USER, {"role": role, "content": "x"}]})
    message = f"Missing parameter '{member}': messages with role '{role}' must have a '{member}'."
    assert (found.error.param, found.error.code, found.error.message) == (f"messages.[1].{member}", None, message)


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        ({"role": "user", "content": "x"}, "msg"),
        (RS, "rs"),
        (CALL, "fc"),
        ({"type": "function_call_output", "call_id": "c", "output": "x"}, "fc"),
        ({"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x"}, "ctc"),
        ({"type": "web_search_call", "status": "completed"}, "ws"),
    ],
)
def test_ids_of_items_begin_with_their_prefix(kind: JSONObject, prefix: str) -> None:
    said: JSON = {"role": "assistant", "content": "x"}
    assert errors(RESPONSES, {"model": "m", "input": [{**kind, "id": f"{prefix}_1"}, said]}) == []
    found = errors(RESPONSES, {"model": "m", "input": [{**kind, "id": "item_1"}, said]})[0].error
    message = f"Invalid 'input[0].id': 'item_1'. Expected an ID that begins with '{prefix}'."
    assert (found.param, found.code, found.message) == ("input[0].id", "invalid_value", message)


def test_the_empty_model_is_not_found() -> None:
    [found] = errors(RESPONSES, {"model": "", "input": "x"})
    assert (found.error.param, found.error.code) == ("model", "model_not_found")
    assert found.error.message == "The requested model '' does not exist."


def test_near_names_are_within_two_edits_and_not_present() -> None:
    assert near_names("stor", ["store", "stop", "seed"], {}) == " Did you mean 'store' or 'stop'?"
    assert near_names("stor", ["store", "stop"], {"store": True}) == " Did you mean 'stop'?"
    assert near_names("zebra", ["store"], {}) == ""


@pytest.mark.parametrize("text", ["strin", "[string", "@", "string(a..b)"])
def test_a_type_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not a type"):
        read_type(text)


def test_an_endpoint_from_outside_brings_its_table() -> None:
    table = RequestTable(
        kinds=read_kinds("body model:string input:string|[string](1..) dimensions?:integer(1..) user?:string(3..)"),
        values={},
        first=lambda check: check.unknown_members(),
    )
    name = Endpoint("embeddings")
    route = Route(path="/v1/embeddings", endpoint=name, shape=Shape("embeddings"))
    form = RequestForm(name="embeddings", table=lambda: table)
    ENDPOINTS.add(name, EndpointSpec(name=name, routes=(route,), forms=(form,)))
    try:
        contract = compile_contract(forms={"embeddings": "official"}, files={})
        assert contract.judge(name, {"model": "m", "input": ["a"]}, strict=False) == ()
        body: JSONObject = {"dimensions": 0, "input": [], "model": "m", "user": "ab"}
        codes = [one.error.code for one in contract.judge(name, body, strict=False)]
        assert codes == ["empty_array", "integer_below_min_value", "string_below_min_length"]
    finally:
        ENDPOINTS.remove(name)


def test_compact_refuses_unknown_names() -> None:
    [found] = errors(COMPACT, {"model": "m", "client_metadata": {}})
    assert found.error.message == "Unknown parameter: 'client_metadata'."


TOOL: JSON = {"type": "function", "function": {"name": "f"}}
STRING_NOT_INTEGER = "expected a string, but got an integer instead."


def chosen(kind: JSON) -> JSONObject:
    return {"tools": [TOOL], "tool_choice": {"type": kind, "function": {"name": "f"}}}


def saying(part: JSON) -> JSONObject:
    return {"messages": [{"role": "user", "content": [part]}]}


@pytest.mark.parametrize(
    ("table", "members", "param", "message"),
    [
        (CHAT, {"messages": ["x"]}, "messages[0]",
         "Invalid type for 'messages[0]': expected an object, but got a string instead."),
        (CHAT, {"messages": [{"role": "developer"}]}, "messages[0].content",
         "Missing required parameter: 'messages[0].content'."),
        (CHAT, chosen("x"), "tool_choice.type",
         "Invalid value: 'x'. Supported values are: 'function', 'custom', and 'allowed_tools'."),
        (CHAT, chosen(None), "tool_choice.type",
         ("Invalid type for 'tool_choice.type': expected one of 'function', 'custom', or 'all...ols', but got null "
          "instead.")),
        (CHAT, chosen(1), "tool_choice.type",
         ("Invalid type for 'tool_choice.type': expected one of 'function', 'custom', or 'all...ols', but got an "
          "integer instead.")),
        (CHAT, saying("x"), "messages[0].content[0]",
         "Invalid type for 'messages[0].content[0]': expected an object, but got a string instead."),
        (CHAT, saying({}), "messages[0].content[0].type",
         "Missing required parameter: 'messages[0].content[0].type'."),
        (CHAT, saying({"type": 1}), "messages[0].content[0].type",
         ("Invalid type for 'messages[0].content[0].type': expected one of 'text', 'image_url', 'input_audio', "
          "'refusal', 'audio', or 'file', but got an integer instead.")),
        (CHAT, saying({"type": "x"}), "messages[0].content[0].type",
         ("Invalid value: 'x'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and "
          "'file'.")),
        (CHAT, saying({"type": "image_url", "image_url": {"url": 1}}), "messages[0].content[0].image_url.url",
         f"Invalid type for 'messages[0].content[0].image_url.url': {STRING_NOT_INTEGER}"),
        (CHAT, saying({"type": "file", "file": {"file_data": 1}}), "messages[0].content[0].file.file_data",
         f"Invalid type for 'messages[0].content[0].file.file_data': {STRING_NOT_INTEGER}"),
        (CHAT, {"n": 200.0}, "n",
         "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 200.0 instead."),
        (CHAT, {"n": 2.5}, "n", "Invalid type for 'n': expected an integer, but got a decimal number instead."),
        (CHAT, {"tools": [{}]}, "tools[0].type", "Missing required parameter: 'tools[0].type'."),
        (CHAT, {"tools": [{"type": 1}]}, "tools[0].type",
         "Invalid type for 'tools[0].type': expected one of 'function' or 'custom', but got an integer instead."),
        (CHAT, {"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name",
         ("Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern "
          "'^[a-zA-Z0-9_-]+$'.")),
        (RESPONSES, {"tool_choice": {}}, "tool_choice.type", "Missing required parameter: 'tool_choice.type'."),
        (RESPONSES, {"tool_choice": {"type": 1}}, "tool_choice.type",
         ("Invalid type for 'tool_choice.type': expected one of 'cod...ter', 'pro...ing', 'function', 'namespace', "
          "'tool_search', 'file_search', 'web...iew', 'web..._11', 'ima...ion', 'mcp', 'custom', 'computer', "
          "'com...iew', 'shell', or 'apply_patch', but got an integer instead.")),
        (RESPONSES, {"input": [{"role": "assistant", "content": [1]}]}, "input[0].content[0]",
         "Invalid type for 'input[0].content[0]': expected an object, but got an integer instead."),
        (RESPONSES, {"input": [{"role": "assistant", "content": [{}]}]}, "input[0].content[0]",
         "Invalid value: ''. Supported values are: 'output_text' and 'refusal'."),
        (RESPONSES, {"input": [{"role": "user", "content": [{"type": "input_file", "file_data": 1}]}]},
         "input[0].content[0].file_data",
         f"Invalid type for 'input[0].content[0].file_data': {STRING_NOT_INTEGER}"),
    ],
)  # fmt: skip
def test_values_of_the_wrong_kind_are_reported(
    table: RequestTable, members: JSONObject, param: str, message: str
) -> None:
    said: JSONObject = {"messages": [USER]} if table is CHAT else {"input": "x"}
    [found] = errors(table, {"model": "m", **said, **members})
    assert (found.error.param, found.error.message) == (param, message)


def test_an_integer_may_be_written_as_a_float() -> None:
    assert errors(CHAT, {"model": "m", "messages": [USER], "n": 2.0}) == []


def test_what_messages_lack_is_reported_behind_the_rest_and_bounded() -> None:
    image: JSON = {"type": "image_url", "image_url": {"url": NO_IMAGE}}
    messages: list[JSON] = [{"role": "assistant", "content": None}, {"role": "user", "content": [image]}]
    body: JSONObject = {"model": "m", "messages": messages, "parallel_tool_calls": True}
    codes = [one.error.param for one in errors(CHAT, body)]
    assert codes == ["parallel_tool_calls", "messages.[0].content", None]
    crowd: list[JSON] = [{"role": "assistant", "content": None}] * (2 * MAX_FAULTS)
    found = errors(CHAT, {"model": "m", "messages": crowd})
    assert [one.error.param for one in found] == [f"messages.[{place}].content" for place in range(MAX_FAULTS)]


REST: list[tuple[RequestTable, JSONObject, str | None, str]] = [
    (RESPONSES, {"input": "x", "reasoning_effort": "low"}, None, "Unsupported parameter: 'reasoning_effort'."),
    (RESPONSES, {"input": "x", "conversation": 1}, "conversation",
     "Invalid type for 'conversation': expected one of a string or object, but got an integer instead."),
]  # fmt: skip


@pytest.mark.parametrize(("table", "members", "param", "message"), REST)
def test_names_that_moved_and_values_of_no_type_are_reported(
    table: RequestTable, members: JSONObject, param: str | None, message: str
) -> None:
    found = errors(table, {"model": "m", **members})[0].error
    assert found.param == param
    assert found.message.startswith(message)


def test_a_file_of_chat_may_be_a_document() -> None:
    part: JSONObject = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QQ=="}}
    assert errors(CHAT, {"model": "m", **saying(part)}) == []


def test_a_function_message_may_have_no_content_but_must_say_so() -> None:
    said: JSON = {"role": "function", "name": "f", "content": None}
    assert errors(CHAT, {"model": "m", "messages": [USER, said]}) == []


def test_notices_are_bounded_beside_errors() -> None:
    said: JSONObject = {"role": "user", "content": "x", **{f"k{number}": 1 for number in range(60)}}
    found = BodyCheck(RESPONSES, {"model": "m", "input": [said], "store": "x"}).run()
    assert len(found) <= 40
    assert found[0].finding.severity is Severity.ERROR
