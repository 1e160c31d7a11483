"""Refusals of the API that public reports and recordings of 2025-06 to 2026-10 tell, and siblings."""

from __future__ import annotations

import pytest

from tests.kit import CHAT, JSON, RESPONSES, BodyCheck, JSONObject, Severity

PING: JSON = [{"role": "user", "content": "ping"}]
INVALID = "Invalid value: {}. Supported values are: {}."
TYPE = "Invalid type for '{}': expected {}, but got {} instead."
PARTS = "'text', 'image_url', 'input_audio', 'refusal', 'audio', {} 'file'"
TOOLS = (
    "'code_interpreter', 'programmatic_tool_calling', 'function', 'namespace', 'tool_search', 'file_search', "
    "'web_search_preview', 'web_search_preview_2025_03_11', 'image_generation', 'mcp', 'custom', 'computer', "
    "'computer_use_preview', 'shell', and 'apply_patch'"
)
FUNCTION_TOOLS = (
    "Function tools with reasoning_effort are not supported for {} in /v1/chat/completions. To use function tools, "
    "use /v1/responses or set reasoning_effort to 'none'."
)
UNSUPPORTED = "Unsupported parameter: '{}' is not supported with this model."
CHARACTERS = (
    "Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional "
    "characters."
)


def first(body: JSONObject) -> tuple[JSON, JSON, str] | None:
    """Param, code and message of the error; chat where there are messages."""
    if "input" not in body and "messages" not in body:
        body = {"messages": PING, **body}
    table = CHAT if "messages" in body else RESPONSES
    found = BodyCheck(table, {"model": "m", **body}).run()
    errors = [one.error for one in found if one.finding.severity is Severity.ERROR]
    return (errors[0].param, errors[0].code, errors[0].message) if errors else None


def part(value: JSON) -> JSONObject:
    return {"messages": [{"role": "user", "content": [value]}]}


def calls(value: JSONObject) -> JSONObject:
    call: JSONObject = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}, **value}
    answer: JSON = {"role": "tool", "tool_call_id": "c", "content": "x"}
    return {"messages": [{"role": "assistant", "tool_calls": [call]}, answer]}


def chat_tool(parameters: JSON, strict: bool | None = None, model: str = "m") -> JSONObject:
    function: JSON = {"name": "f", "parameters": parameters, "strict": strict}
    return {"model": model, "tools": [{"type": "function", "function": function}]}


@pytest.mark.parametrize(
    ("body", "param", "code", "message"),
    [
        (
            part({"type": "input_text", "text": "x"}),
            "messages[0].content[0].type",
            "invalid_value",
            INVALID.format("'input_text'", PARTS.format("and")),
        ),
        (
            part({"type": None}),
            "messages[0].content[0].type",
            "invalid_type",
            TYPE.format("messages[0].content[0].type", f"one of {PARTS.format('or')}", "null"),
        ),
        (
            calls({"type": None}),
            "messages[0].tool_calls[0].type",
            "invalid_type",
            TYPE.format("messages[0].tool_calls[0].type", "one of 'function', 'all...ols', or 'custom'", "null"),
        ),
        (
            calls({"function": {"name": "a.b", "arguments": "{}"}}),
            "messages[0].tool_calls[0].function.name",
            "invalid_value",
            (
                "Invalid 'messages[0].tool_calls[0].function.name': string does not match pattern. Expected a string "
                "that matches the pattern '^[a-zA-Z0-9_-]+$'."
            ),
        ),
        (
            {"messages": [{"role": "user", "content": "x", "name": "A B"}]},
            "messages[0].name",
            "invalid_value",
            (
                "Invalid 'messages[0].name': string does not match pattern. Expected a string that matches the "
                r"pattern '^[^\s<|\\/>]+$'."
            ),
        ),
        (
            {"tools": [{"type": "web_search"}]},
            "tools[0].type",
            "invalid_value",
            INVALID.format("'web_search'", "'function' and 'custom'"),
        ),
        (
            {"user": "u" * 65},
            "user",
            "string_above_max_length",
            (
                "Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with "
                "length 65 instead."
            ),
        ),
        (
            {"response_format": {"type": "json_object"}},
            "messages",
            None,
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        ),
        (
            {"input": "ping", "instructions": "JSON", "text": {"format": {"type": "json_object"}}},
            "input",
            None,
            (
                "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
                "'json_object'."
            ),
        ),
        (
            {"input": [{"role": "assistant", "content": None}]},
            "input[0].content",
            "invalid_type",
            TYPE.format("input[0].content", "one of an array of objects or string", "null"),
        ),
        (
            {"input": [{"role": "user", "content": {}}]},
            "input[0].content",
            "invalid_type",
            TYPE.format("input[0].content", "one of an array of objects or string", "an object"),
        ),
        *(
            (
                {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": url}]}]},
                "input[0].content[0].image_url",
                "invalid_value",
                (
                    "Invalid 'input[0].content[0].image_url'. Expected a valid URL, but got a value with an invalid "
                    "format."
                ),
            )
            for url in ("", "file:///tmp/a.png", "/tmp/a.png", "iVBORw0KGgoAAAANSUhEUg==")
        ),
        (
            part({"type": "image_url", "image_url": {"url": "/9j/4AAQSkZJRg=="}}),
            "messages[0].content[0].image_url.url",
            "invalid_value",
            (
                "Invalid image URL: 'messages[0].content[0].image_url.url'. Expected a base64-encoded data URL with an "
                "image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got a value without the "
                "'data:' prefix."
            ),
        ),
        (
            {"input": "x", "tools": [{"type": "web_search_20250305"}]},
            "tools[0].type",
            "invalid_value",
            INVALID.format("'web_search_20250305'", TOOLS),
        ),
        (
            {"input": "x", "tool_choice": {"type": "tool", "name": "f"}},
            "tool_choice.type",
            "invalid_value",
            INVALID.format("'tool'", TOOLS),
        ),
        (
            {"input": "x", "text": {"format": {"type": "xml"}}},
            "text.format.type",
            "invalid_value",
            INVALID.format("'xml'", "'json_object', 'text', and 'json_schema'"),
        ),
        *(
            (
                {"response_format": {"type": "json_schema", "json_schema": {"name": "n", **inner}, **outer}},
                f"response_format.{path}",
                "unknown_parameter",
                f"Unknown parameter: 'response_format.{path}'.",
            )
            for inner, outer, path in (({}, {"schema": {}}, "schema"), ({"zzz": 1}, {}, "json_schema.zzz"))
        ),
        *(
            ({"input": "x", **body}, path, "unknown_parameter", f"Unknown parameter: '{path}'.")
            for body, path in (
                ({"prompt": {"id": "pmpt_1", "zzz": 1}}, "prompt.zzz"),
                ({"conversation": {"id": "conv_1", "zzz": 1}}, "conversation.zzz"),
                ({"moderation": {"model": "omni-moderation-latest", "zzz": 1}}, "moderation.zzz"),
                ({"tools": [{"type": "web_search", "user_location": {"zzz": 1}}]}, "tools[0].user_location.zzz"),
            )
        ),
        (
            {"input": "x", "context_management": [{"type": "bogus"}]},
            "context_management[0].type",
            "invalid_value",
            "Invalid value: 'bogus'. Value must be 'compaction'.",
        ),
        (
            {"input": "x", "tools": [{"type": "shell"}], "tool_choice": {"type": "function", "name": "f"}},
            "tool_choice",
            None,
            "Tool choice 'function' not found in 'tools' parameter.",
        ),
        (
            {"reasoning_effort": {}},
            "reasoning_effort",
            "invalid_type",
            TYPE.format(
                "reasoning_effort",
                "one of one of 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', or 'max' or integer",
                "an object",
            ),
        ),
        (
            {"input": "x", "previous_response_id": "gen-1"},
            "previous_response_id",
            "invalid_value",
            "Invalid 'previous_response_id': 'gen-1'. Expected an ID that begins with 'resp'.",
        ),
        (
            {"input": "x", "previous_response_id": "@a.b"},
            "previous_response_id",
            "invalid_value",
            f"Invalid 'previous_response_id': '@a.b'. {CHARACTERS}",
        ),
        (
            {"input": "x", "conversation": {"id": ""}},
            "conversation.id",
            "invalid_value",
            f"Invalid 'conversation.id': ''. {CHARACTERS}",
        ),
        (
            chat_tool({"type": "object", "properties": {}}, model="gpt-5.6-terra"),
            "reasoning_effort",
            None,
            FUNCTION_TOOLS.format("gpt-5.6-terra"),
        ),
        (
            {**chat_tool({"type": "object", "properties": {}}, model="gpt-5.4"), "reasoning_effort": "low"},
            "reasoning_effort",
            None,
            FUNCTION_TOOLS.format("gpt-5.4"),
        ),
        *(
            ({"model": model, name: value}, name, "unsupported_parameter", UNSUPPORTED.format(name))
            for model in ("gpt-5.6-luna", "gpt-5.5", "gpt-5-mini")
            for name, value in (("top_p", 0.5), ("presence_penalty", 0.5), ("frequency_penalty", -1))
        ),
        (
            {"model": "gpt-4o-mini", "thinking": True, "chat_template_kwargs": {}},
            None,
            None,
            "Unrecognized request arguments supplied: chat_template_kwargs, thinking",
        ),
        ({"model": "gpt-4.1", "top_k": 5}, None, None, "Unrecognized request argument supplied: top_k"),
        (
            {"model": "gpt-4.1-mini", "reasoning_effort": "low"},
            None,
            None,
            "Unrecognized request argument supplied: reasoning_effort",
        ),
        (
            {"model": "gpt-5.6-sol", "logit_bias": {"1": 1}},
            "logit_bias",
            "unsupported_parameter",
            UNSUPPORTED.format("logit_bias"),
        ),
        (
            {"model": "gpt-5.6-sol", "web_search_options": {}},
            "web_search_options",
            "unknown_parameter",
            "Unknown parameter: 'web_search_options'.",
        ),
        ({"model": "gpt-5.5", "input": "x", "top_p": 0.5}, "top_p", None, UNSUPPORTED.format("top_p")),
    ],
)
def test_the_error_is_the_one_that_was_reported(body: JSONObject, param: str, code: str | None, message: str) -> None:
    assert first(body) == (param, code, message)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "as json"}], "response_format": {"type": "json_object"}},
        {"input": [{"role": "user", "content": "JSON"}], "text": {"format": {"type": "json_object"}}},
        {"input": "x", "previous_response_id": "resp_1", "text": {"format": {"type": "json_object"}}},
        {"messages": [{"role": "user", "content": "x", "name": "Zoë"}]},
        {
            "input": "x",
            "tools": [{"type": "web_search"}, {"type": "local_shell"}],
            "tool_choice": {"type": "web_search"},
        },
        {**chat_tool({"type": "object", "properties": {}}, model="gpt-5.6-terra"), "reasoning_effort": "none"},
        chat_tool({"type": "object", "properties": {}}, model="gpt-5.4"),
        {"model": "gpt-4o", "reasoning_effort": None},
        {"model": "gpt-5.6-sol", "top_p": 1, "logit_bias": {}},
        {"model": "gpt-5.4", "web_search_options": {}, "logit_bias": {"1": 1}},
    ],
)
def test_what_lies_beside_is_accepted(body: JSONObject) -> None:
    assert first(body) is None


def strict(**properties: JSON) -> JSONObject:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


CLOSED = "In context=(), 'additionalProperties' is required to be supplied and to be false."
ROOT = "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'."


@pytest.mark.parametrize(
    ("schema", "loose", "problem"),
    [
        ({"type": "array", "items": {}}, ROOT.format("array"), ROOT.format("array")),
        ({"anyOf": [strict()]}, ROOT.format("None"), ROOT.format("null")),
        ({}, None, ROOT.format("None")),
        (
            strict(a={"type": "array"}),
            "In context=('properties', 'a'), array schema missing items.",
            "In context=('properties', 'a'), array schema missing items.",
        ),
        (
            strict(a={"type": "array", "items": {"type": "array"}}),
            "In context=('properties', 'a', 'items'), array schema missing items.",
            "In context=('properties', 'a', 'items'), array schema missing items.",
        ),
        (strict(a={"oneOf": []}), None, "In context=('properties', 'a'), 'oneOf' is not permitted."),
        ({**strict(), "allOf": []}, None, "In context=(), 'allOf' is not permitted."),
        (
            strict(a={"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
            None,
            "In context=('properties', 'a'), 'uniqueItems' is not permitted.",
        ),
        (
            strict(a={"$ref": "#/$defs/b", "description": "x"}),
            None,
            "In context=('properties', 'a'), $ref cannot have keywords {'description'}.",
        ),
        (strict(a={"const": 1}), None, "In context=('properties', 'a'), schema must have a 'type' key."),
        (
            strict(a={"anyOf": [{}, {"type": "null"}]}),
            None,
            "In context=('properties', 'a', 'anyOf', '0'), schema must have a 'type' key.",
        ),
        (strict(a={"enum": ["x"]}, b={"$ref": "#/$defs/b"}, c={"anyOf": [{"type": "null"}]}), None, None),
        ({"type": "object"}, None, CLOSED),
        ({"properties": {"a": {}}}, None, CLOSED),
        (strict(a={**strict(), "properties": {"b": 1}, "required": ["b"]}), None, None),
    ],
)
def test_the_schema_of_a_function(schema: JSON, loose: str | None, problem: str | None) -> None:
    code = "invalid_function_parameters"
    for mode, expected in ((None, loose), (True, problem)):
        cases: list[tuple[JSONObject, str]] = [
            (chat_tool(schema, mode), "tools[0].function.parameters"),
            ({"functions": [{"name": "f", "parameters": schema, "strict": mode}]}, "functions[0].parameters"),
            (
                {"input": "x", "tools": [{"type": "function", "name": "f", "parameters": schema, "strict": mode}]},
                "tools[0].parameters",
            ),
        ]
        for body, path in cases:
            message = f"Invalid schema for function 'f': {expected}"
            assert first(body) == (None if expected is None else (path, code, message))
