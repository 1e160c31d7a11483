"""For every constraint of a parameter a request that keeps it and one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.contract.shipped_requests import HELLO, SCHEMAS, Reported, chat, compact, errors, notices, responses
from tests.kit import JSON, Compiler, Endpoint, JSONObject, passes

LONG = "x" * 10485760
TOOL: JSONObject = {"type": "function", "name": "f"}
CHAT_TOOL: JSONObject = {"type": "function", "function": {"name": "f"}}


def tools(*given: JSON) -> JSON:
    return list(given)


def item(**members: JSON) -> JSON:
    return [members]


def too_low(name: str, noun: str = "integer") -> Reported:
    return ("request.range", name, f"{noun}_below_min_value", name)


def too_high(name: str, noun: str = "integer") -> Reported:
    return ("request.range", name, f"{noun}_above_max_value", name)


def wrong_type(name: str) -> Reported:
    return ("request.type", name, "invalid_type", name)


def wrong_value(name: str) -> Reported:
    return ("request.value", name, "invalid_value", name)


def missing(name: str) -> Reported:
    return ("request.missing", name, "missing_required_parameter", name)


def too_long(name: str, noun: str = "string") -> Reported:
    return ("request.length", name, f"{noun}_above_max_length", name)


def empty(name: str, noun: str = "string") -> Reported:
    return ("request.length", name, f"empty_{noun}", name)


def unlike(name: str) -> Reported:
    return ("request.pattern", name, "invalid_value", name)


RESPONSES: list[tuple[str, JSON, JSON, Reported]] = [
    ("model", "gpt-5.4", 5, wrong_type("model")),
    ("model", "gpt-5.4", None, wrong_type("model")),
    ("input", "hello", 5, wrong_type("input")),
    ("input", None, {}, wrong_type("input")),
    ("input", [], [5], wrong_type("input[0]")),
    ("input", LONG, LONG + "x", too_long("input")),
    ("instructions", None, 5, wrong_type("instructions")),
    ("previous_response_id", "resp_1", 5, wrong_type("previous_response_id")),
    ("conversation", "conv_1", 5, wrong_type("conversation")),
    ("conversation", {"id": "conv_1"}, {}, missing("conversation.id")),
    ("prompt", {"id": "p", "version": "2", "variables": {"a": "b"}}, {}, missing("prompt.id")),
    ("prompt", None, {"id": "p", "variables": {"a": 1}}, wrong_type("prompt.variables.a")),
    ("max_output_tokens", 16, 15, too_low("max_output_tokens")),
    ("max_output_tokens", None, 16.5, wrong_type("max_output_tokens")),
    ("max_tool_calls", 1, 0, too_low("max_tool_calls")),
    ("temperature", 0, -0.1, too_low("temperature", "decimal")),
    ("temperature", 2, 2.1, too_high("temperature", "decimal")),
    ("temperature", None, "1", wrong_type("temperature")),
    ("top_p", 0, -0.1, too_low("top_p", "decimal")),
    ("top_p", 1, 1.1, too_high("top_p", "decimal")),
    ("presence_penalty", 0.0, "0", wrong_type("presence_penalty")),
    ("frequency_penalty", None, "0", wrong_type("frequency_penalty")),
    ("top_logprobs", 0, -1, too_low("top_logprobs")),
    ("top_logprobs", 20, 21, too_high("top_logprobs")),
    ("stream", True, "true", wrong_type("stream")),
    ("stream", None, 1, wrong_type("stream")),
    ("store", False, 0, wrong_type("store")),
    ("background", True, "no", wrong_type("background")),
    ("parallel_tool_calls", None, 1, wrong_type("parallel_tool_calls")),
    ("tools", [], {}, wrong_type("tools")),
    ("tools", None, [{}], missing("tools[0].type")),
    ("tools", [TOOL], [{"type": "functions"}], wrong_value("tools[0].type")),
    ("tool_choice", "auto", "any", wrong_value("tool_choice")),
    ("tool_choice", None, {}, missing("tool_choice.type")),
    ("text", {}, "text", wrong_type("text")),
    ("text", None, {"format": None}, wrong_type("text.format")),
    ("text", {"verbosity": "low"}, {"verbosity": "loud"}, wrong_value("text.verbosity")),
    ("text", {"format": {"type": "text"}}, {"format": {"type": "xml"}}, wrong_value("text.format.type")),
    ("text", {"format": {"type": "json_schema", "name": "n" * 64, "schema": {}, "strict": None}},
        {"format": {"type": "json_schema", "name": "n" * 65, "schema": {}}}, too_long("text.format.name")),
    ("text", {"format": {"type": "json_object"}}, {"format": {"type": "json_schema", "name": "n"}},
        missing("text.format.schema")),
    ("reasoning", {}, "high", wrong_type("reasoning")),
    ("reasoning", {"effort": "xhigh"}, {"effort": "extreme"}, wrong_value("reasoning.effort")),
    ("reasoning", {"summary": None}, {"summary": "long"}, wrong_value("reasoning.summary")),
    ("reasoning", {"context": "all_turns"}, {"context": "none"}, wrong_value("reasoning.context")),
    ("reasoning", {"mode": "pro"}, {"mode": 1}, wrong_type("reasoning.mode")),
    ("include", [], ["everything"], wrong_value("include[0]")),
    ("include", None, "reasoning.encrypted_content", wrong_type("include")),
    ("metadata", {"k" * 64: "v" * 512}, {"k": "v" * 513}, too_long("metadata.k")),
    ("metadata", None, {"k": 1}, wrong_type("metadata.k")),
    ("metadata", {f"k{number}": "v" for number in range(16)}, {f"k{number}": "v" for number in range(17)},
        ("request.count", "metadata", "object_above_max_properties", "metadata")),
    ("metadata", {"": "v"}, {"k" * 65: "v"},
        ("request.name", "metadata", "property_name_above_max_length", "metadata")),
    ("truncation", "auto", "middle", wrong_value("truncation")),
    ("service_tier", "ultrafast", "slow", wrong_value("service_tier")),
    ("user", "u", None, wrong_type("user")),
    ("safety_identifier", "s" * 64, "s" * 65, too_long("safety_identifier")),
    ("prompt_cache_key", "k" * 64, "k" * 65, too_long("prompt_cache_key")),
    ("prompt_cache_retention", "24h", "1h", wrong_value("prompt_cache_retention")),
    ("prompt_cache_options", {"mode": "explicit", "ttl": "30m"}, {"mode": "always"},
        wrong_value("prompt_cache_options.mode")),
    ("context_management", [{"type": "compaction", "compact_threshold": 1000}],
        [{"type": "compaction", "compact_threshold": 999}], too_low("context_management[0].compact_threshold")),
    ("context_management", None, [], empty("context_management", "array")),
    ("moderation", {"model": "m", "policy": {"input": {"mode": "score"}}}, {}, missing("moderation.model")),
    ("client_metadata", {"session": "s"}, "s", wrong_type("client_metadata")),
    # tools
    ("tools", [{**TOOL, "name": "n" * 64}], [{**TOOL, "name": "n" * 65}], too_long("tools[0].name")),
    ("tools", [{**TOOL, "name": "a_B-9"}], [{**TOOL, "name": "a.b"}], unlike("tools[0].name")),
    ("tools", [{**TOOL, "parameters": None, "strict": None}], [{"type": "function"}], missing("tools[0].name")),
    ("tools", [{"type": "custom", "name": "c", "format": {"type": "text"}}],
        [{"type": "custom", "name": "c", "format": {"type": "grammar", "syntax": "ebnf", "definition": ""}}],
        wrong_value("tools[0].format.syntax")),
    ("tools", [{"type": "namespace", "name": "n", "tools": [{**TOOL, "name": "n" * 128}]}],
        [{"type": "namespace", "name": "n", "tools": [{**TOOL, "name": "n" * 129}]}],
        too_long("tools[0].tools[0].name")),
    ("tools", [{"type": "namespace", "name": "n", "tools": [TOOL]}], [{"type": "namespace", "name": "n", "tools": []}],
        empty("tools[0].tools", "array")),
    ("tools", [{"type": "file_search", "vector_store_ids": ["v"]}], [{"type": "file_search"}],
        missing("tools[0].vector_store_ids")),
    ("tools", [{"type": "code_interpreter", "container": {"type": "auto"}}], [{"type": "code_interpreter"}],
        missing("tools[0].container")),
    ("tools", [{"type": "mcp", "server_label": "l", "require_approval": "never"}],
        [{"type": "mcp", "server_url": "https://example.com"}], missing("tools[0].server_label")),
    ("tools", [{"type": "web_search", "search_context_size": "low"}],
        [{"type": "web_search", "search_context_size": "all"}], wrong_value("tools[0].search_context_size")),
    ("tools", [{"type": "image_generation", "partial_images": 3}], [{"type": "image_generation", "partial_images": 4}],
        too_high("tools[0].partial_images")),
    # items
    ("input", item(role="user", content="x"), item(role="user"), missing("input[0].content")),
    ("input", item(role="developer", content=[]), item(role="tool", content=""), wrong_value("input[0].role")),
    ("input", item(type="message", role="assistant", content=[{"type": "output_text", "text": "x"}]),
        item(type="message", role="assistant", content=[{"type": "input_text", "text": "x"}]),
        wrong_value("input[0].content[0].type")),
    ("input", item(role="user", content=[{"type": "input_image", "image_url": "u", "detail": "low"}]),
        item(role="user", content=[{"type": "input_image", "image_url": "u", "detail": "max"}]),
        wrong_value("input[0].content[0].detail")),
    ("input", item(role="user", content=[{"type": "input_text", "text": "x"}]),
        item(role="user", content=[{"type": "text", "text": "x"}]), wrong_value("input[0].content[0].type")),
    ("input", item(role="assistant", content="x", phase="final_answer"),
        item(role="assistant", content="x", phase="draft"), wrong_value("input[0].phase")),
    ("input", item(id="msg_1"), item(type="item_reference"), missing("input[0].id")),
    ("input", item(type="reasoning", summary=[]), item(type="reasoning"), missing("input[0].summary")),
    ("input", item(type="compaction", encrypted_content="x"), item(type="compaction"),
        missing("input[0].encrypted_content")),
    ("input", item(type="compaction_trigger"), item(type="compaction_start"), wrong_value("input[0].type")),
]  # fmt: skip

CHAT: list[tuple[str, JSON, JSON, Reported]] = [
    ("model", "gpt-5.4", 5, wrong_type("model")),
    ("messages", HELLO, [], empty("messages", "array")),
    ("messages", HELLO, "hello", wrong_type("messages")),
    ("messages", HELLO, [{"content": "x"}], missing("messages[0].role")),
    ("messages", [{"role": "developer", "content": "x"}], [{"role": "boss"}], wrong_value("messages[0].role")),
    ("messages", [{"role": "user", "content": "x", "name": "n"}], [{"role": "user"}], missing("messages[0].content")),
    ("messages", HELLO, [{"role": "user", "content": None}], wrong_type("messages[0].content")),
    ("messages", HELLO, [{"role": "user", "content": []}], empty("messages[0].content", "array")),
    ("messages", [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
        [{"role": "user", "content": [{"type": "input_text", "text": "x"}]}],
        wrong_value("messages[0].content[0].type")),
    ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": "u"}]}],
        wrong_type("messages[0].content[0].image_url")),
    ("messages", [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "mp3"}}]}],
        [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "ogg"}}]}],
        wrong_value("messages[0].content[0].input_audio.format")),
    ("messages", [{"role": "system", "content": [{"type": "text", "text": "x"}]}],
        [{"role": "system", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}],
        wrong_value("messages[0].content[0].type")),
    ("messages", [{"role": "assistant", "content": None, "refusal": "no"}],
        [{"role": "assistant", "content": "x", "tool_calls": None}], wrong_type("messages[0].tool_calls")),
    ("messages", [{"role": "function", "name": "f", "content": None}], [{"role": "function", "content": "x"}],
        missing("messages[0].name")),
    ("temperature", 2, 2.1, too_high("temperature", "decimal")),
    ("temperature", 0, -1, too_low("temperature", "decimal")),
    ("top_p", 1, 2, too_high("top_p", "decimal")),
    ("top_p", None, -1, too_low("top_p", "decimal")),
    ("presence_penalty", -2, -2.1, too_low("presence_penalty", "decimal")),
    ("presence_penalty", 2, 2.1, too_high("presence_penalty", "decimal")),
    ("frequency_penalty", -2, -2.1, too_low("frequency_penalty", "decimal")),
    ("frequency_penalty", 2, 2.1, too_high("frequency_penalty", "decimal")),
    ("n", 1, 0, too_low("n")),
    ("n", 128, 129, too_high("n")),
    ("max_completion_tokens", 1, "1", wrong_type("max_completion_tokens")),
    ("max_tokens", 1, 0, too_low("max_tokens")),
    ("stop", "x", 1, wrong_type("stop")),
    ("stop", None, [], empty("stop", "array")),
    ("stop", ["a"] * 4, ["a"] * 5, too_long("stop", "array")),
    ("stream", False, "false", wrong_type("stream")),
    ("logprobs", True, "yes", wrong_type("logprobs")),
    ("logit_bias", {"50256": -100}, {"50256": -101}, too_low("logit_bias.50256")),
    ("logit_bias", {"50256": 100}, {"50256": 101}, too_high("logit_bias.50256")),
    ("logit_bias", None, {"50256": 0.5}, wrong_type("logit_bias.50256")),
    ("seed", 2**63 - 1, 2**63, too_high("seed")),
    ("seed", -(2**63), -(2**63) - 1, too_low("seed")),
    ("response_format", {"type": "json_object"}, {"type": "json"}, wrong_value("response_format.type")),
    ("response_format", {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
        {"type": "json_schema", "name": "n", "schema": {}}, missing("response_format.json_schema")),
    ("response_format", {"type": "json_schema", "json_schema": {"name": "a-b"}},
        {"type": "json_schema", "json_schema": {"name": "a b"}}, unlike("response_format.json_schema.name")),
    ("tools", [CHAT_TOOL], [TOOL], missing("tools[0].function")),
    ("tools", [], [CHAT_TOOL] * 129, too_long("tools", "array")),
    ("tools", [{"type": "function", "function": {"name": "n" * 64}}],
        [{"type": "function", "function": {"name": "n" * 65}}], too_long("tools[0].function.name")),
    ("tools", [{"type": "custom", "custom": {"name": "c"}}], [{"type": "custom", "name": "c"}],
        missing("tools[0].custom")),
    ("parallel_tool_calls", True, None, wrong_type("parallel_tool_calls")),
    ("functions", [{"name": "f"}], [], empty("functions", "array")),
    ("functions", [{"name": "f"}] * 128, [{"name": "f"}] * 129, too_long("functions", "array")),
    ("reasoning_effort", "minimal", "tiny", wrong_value("reasoning_effort")),
    ("verbosity", "high", "loud", wrong_value("verbosity")),
    ("modalities", ["text"], ["video"], wrong_value("modalities[0]")),
    ("audio", {"voice": "alloy", "format": "wav"}, {"voice": "alloy"}, missing("audio.format")),
    ("audio", {"voice": {"id": "v"}, "format": "flac"}, {"voice": "v", "format": "ogg"}, wrong_value("audio.format")),
    ("prediction", {"type": "content", "content": "x"}, {"type": "content"}, missing("prediction.content")),
    ("web_search_options", {"search_context_size": "high"}, {"search_context_size": "vast"},
        wrong_value("web_search_options.search_context_size")),
    ("store", None, "yes", wrong_type("store")),
    ("metadata", {}, {"k": None}, wrong_type("metadata.k")),
    ("service_tier", "flex", "slow", wrong_value("service_tier")),
    ("user", "u", 1, wrong_type("user")),
    ("safety_identifier", "s" * 64, "s" * 65, too_long("safety_identifier")),
    ("prompt_cache_key", "k" * 64, "k" * 65, too_long("prompt_cache_key")),
    ("prompt_cache_retention", "in_memory", "1h", wrong_value("prompt_cache_retention")),
    ("prompt_cache_options", {"mode": "implicit"}, {"mode": 1}, wrong_type("prompt_cache_options.mode")),
    ("moderation", {"model": "m"}, {"model": 1}, wrong_type("moderation.model")),
]  # fmt: skip

COMPACT: list[tuple[str, JSON, JSON, Reported]] = [
    ("model", "gpt-5.4", 5, wrong_type("model")),
    ("input", [{"role": "user", "content": "x"}], 5, wrong_type("input")),
    ("previous_response_id", None, 5, wrong_type("previous_response_id")),
    ("instructions", "x", 5, wrong_type("instructions")),
    ("prompt_cache_key", "k" * 64, "k" * 65, too_long("prompt_cache_key")),
    ("prompt_cache_retention", "24h", "1h", wrong_value("prompt_cache_retention")),
    ("prompt_cache_options", {"ttl": "30m"}, {"ttl": 30}, wrong_type("prompt_cache_options.ttl")),
    ("service_tier", "auto", "slow", wrong_value("service_tier")),
]


@pytest.mark.parametrize(("name", "good", "bad", "reported"), RESPONSES)
def test_a_responses_parameter_is_held_to_its_range(name: str, good: JSON, bad: JSON, reported: Reported) -> None:
    assert errors(responses(**{name: good}), Endpoint.RESPONSES) == []
    assert errors(responses(**{name: bad}), Endpoint.RESPONSES)[:1] == [reported]


@pytest.mark.parametrize(("name", "good", "bad", "reported"), CHAT)
def test_a_chat_parameter_is_held_to_its_range(name: str, good: JSON, bad: JSON, reported: Reported) -> None:
    assert errors(chat(**{name: good}), Endpoint.CHAT) == []
    assert errors(chat(**{name: bad}), Endpoint.CHAT)[:1] == [reported]


@pytest.mark.parametrize(("name", "good", "bad", "reported"), COMPACT)
def test_a_compact_parameter_is_held_to_its_range(name: str, good: JSON, bad: JSON, reported: Reported) -> None:
    assert errors(compact(**{name: good}), Endpoint.COMPACT) == []
    assert errors(compact(**{name: bad}), Endpoint.COMPACT)[:1] == [reported]


@pytest.mark.parametrize(
    ("endpoint", "body", "reported"),
    [
        (Endpoint.CHAT, {"messages": HELLO}, missing("model")),
        (Endpoint.CHAT, {"model": "m"}, missing("messages")),
        (Endpoint.RESPONSES, {"input": "x"}, missing("model")),
        (Endpoint.RESPONSES, {"model": "m"}, missing("input")),
        (Endpoint.COMPACT, {"input": "x"}, missing("model")),
        (Endpoint.COMPACT, {"messages": HELLO}, missing("model")),
    ],
)
def test_required_members_are_reported_missing(endpoint: Endpoint, body: JSONObject, reported: Reported) -> None:
    assert errors(body, endpoint) == [reported]


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": {"id": "p"}},
        {"model": "m", "previous_response_id": "resp_1"},
        {"model": "m", "conversation": "conv_1"},
    ],
)
def test_a_stored_prompt_or_history_stands_in_for_model_and_input(body: JSONObject) -> None:
    assert errors(body, Endpoint.RESPONSES) == []


@pytest.mark.parametrize(("name", "table"), [("chat", CHAT), ("responses", RESPONSES), ("compact", COMPACT)])
def test_every_documented_parameter_has_a_case(name: str, table: list[tuple[str, JSON, JSON, Reported]]) -> None:
    schema = SCHEMAS[f"openai-{name}.json"]
    assert isinstance(schema, dict)
    assert isinstance(schema["properties"], dict)
    # Judged by pairing rules as well, and given on there.
    elsewhere = {"stream_options", "tool_choice", "function_call", "top_logprobs"}
    # Taken from the responses schema for the sake of an old client.
    extras = {"reasoning", "text", "tools", "parallel_tool_calls"} if name == "compact" else set()
    assert set(schema["properties"]) - {row[0] for row in table} <= elsewhere | extras


def test_unknown_members_are_notices_and_errors_when_strict() -> None:
    body = responses(input=[{"role": "user", "content": "x", "mood": "good"}], flavour="ids")
    assert errors(body, Endpoint.RESPONSES) == []
    assert notices(body, Endpoint.RESPONSES) == ["input[0].mood", "flavour"]
    assert errors(body, Endpoint.RESPONSES, strict=True) == [
        ("request.unknown", "input[0].mood", "unknown_parameter", "input[0].mood"),
        ("request.unknown", "flavour", "unknown_parameter", "flavour"),
    ]


# --- every constraint of every schema, on its own

REGISTRY: Registry[Any] = Registry().with_resources(
    [(name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
)
COMPILER = Compiler(SCHEMAS)


def edge(keyword: str, value: JSON) -> Iterator[tuple[JSON, JSON]]:
    """(value inside, value outside) of one keyword."""
    match keyword, value:
        case "minimum", int() | float():
            yield value, value - 1
        case "maximum", int() | float():
            yield value, value + 1
        case "minLength", int():
            yield "x" * value, "x" * (value - 1)
        case "maxLength", int() if value < 10**6:
            yield "x" * value, "x" * (value + 1)
        case "const", str():
            yield value, f"{value}?"
        case "enum", list():
            yield from ((one, "no such value") for one in value)


def edges_below(file: str, pointer: str, schema: JSON) -> Iterator[tuple[str, JSON, JSON]]:
    """(reference, value inside, value outside) for each edge of a schema and those in it."""
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            yield from ((f"{file}#{pointer}", *pair) for pair in edge(keyword, value))
            if isinstance(value, dict) and keyword in ("properties", "$defs"):
                for name, inner in value.items():
                    yield from edges_below(file, f"{pointer}/{keyword}/{name}", inner)
            if keyword in ("items", "additionalProperties"):
                yield from edges_below(file, f"{pointer}/{keyword}", value)


EDGES = [edge for name, schema in SCHEMAS.items() for edge in edges_below(name, "", schema)]


def test_every_edge_of_every_schema_is_where_the_referee_has_it() -> None:
    assert len(EDGES) > 300
    for reference, inside, outside in EDGES:
        table = COMPILER.table(reference)
        judged = passes(table, inside), passes(table, outside)
        referee = Draft202012Validator({"$ref": reference}, registry=REGISTRY)
        assert judged == (referee.is_valid(inside), referee.is_valid(outside)) == (True, False), reference
