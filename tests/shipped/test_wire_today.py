"""What the dialect `openai` sends, byte by byte: a small scenario and a request in, a reply out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver import MockServer
from tests.shipped.test_gateway_bytes import exchange

Body = dict[str, Any]

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
HELLO = [{"role": "user", "content": "hello"}]
TEXT: Body = {"output": [{"text": "Good day."}], "chunks": "word"}
CALL: Body = {"call": "get_weather", "arguments": {"city": "Paris"}}
LOGPROBS: Body = {"output": [{"text": "hi", "logprobs": [{"token": "hi", "logprob": -0.5, "top_logprobs": []}]}]}
FUNCTION = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}, "required": []}}
STREAM: Body = {"stream": True}
USAGE: Body = {"stream": True, "stream_options": {"include_usage": True}}
OBJECT = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
JSON_FORMAT = {"format": {"type": "json_schema", "name": "answer", "schema": OBJECT}}
TOOLS = [
    FUNCTION,
    {"type": "web_search", "user_location": {"type": "approximate", "country": "DE"}},
    {"type": "web_search"},
    {"type": "mcp", "server_label": "files", "server_url": "https://files.test", "require_approval": "never"},
]

# Of each case: path, model, further members of the request, reply.
CASES: dict[str, tuple[str, str, Body, Body]] = {
    "members of events are sorted": (RESPONSES, "gpt-4.1", STREAM, TEXT),
    "every chunk is padded": (CHAT, "gpt-4.1", USAGE, TEXT),
    "no padding where it is refused": (
        CHAT,
        "gpt-4.1",
        {"stream": True, "stream_options": {"include_obfuscation": False}},
        TEXT,
    ),
    "one call begins in the first chunk": (CHAT, "gpt-4.1", STREAM, {"output": [CALL]}),
    "several calls": (CHAT, "gpt-4.1", STREAM, {"output": [CALL, CALL]}),
    "a text before a call": (CHAT, "gpt-4.1", STREAM, {"output": [{"text": "Hm."}, CALL]}),
    "a refusal": (CHAT, "gpt-4.1", STREAM, {"output": [{"refusal": "No."}]}),
    "a legacy call": (CHAT, "gpt-4.1", STREAM | {"functions": [{"name": "get_weather"}]}, {"output": [CALL]}),
    "a reasoning model has no logprobs, streamed": (CHAT, "gpt-5.1", STREAM, TEXT),
    "a reasoning model has no logprobs": (CHAT, "gpt-5.1", {}, TEXT),
    "an unknown model has null logprobs": (CHAT, "my-model", {}, TEXT),
    "logprobs that are scripted": (CHAT, "gpt-5.4", {}, LOGPROBS),
    "a whole response": (RESPONSES, "gpt-4.1", {}, TEXT),
    "a whole response of a reasoning model": (RESPONSES, "gpt-5", {"reasoning": {"summary": "auto"}}, TEXT),
    "a whole response of gpt-5.4": (RESPONSES, "gpt-5.4", {}, TEXT),
    "a whole response of gpt-5.6": (RESPONSES, "gpt-5.6-sol", {}, TEXT),
    "a whole response of an unknown model": (RESPONSES, "my-model", {}, TEXT),
    "tools are completed": (RESPONSES, "gpt-4.1", {"tools": TOOLS}, TEXT),
    "formats are completed": (RESPONSES, "gpt-4.1", {"text": JSON_FORMAT}, {"output": [{"json": {}}]}),
    "numbers are decimal": (RESPONSES, "gpt-4.1", {"temperature": 0, "top_p": 1, "top_logprobs": 2}, TEXT),
    "a priority tier": (RESPONSES, "gpt-4.1", {"service_tier": "priority"}, TEXT),
    "a flex tier, streamed": (CHAT, "gpt-4.1", STREAM | {"service_tier": "flex"}, TEXT),
    "a 400 of chat": (CHAT, "gpt-4.1", {}, {"error": "invalid_value"}),
    "a 400 of responses": (RESPONSES, "gpt-4.1", {}, {"error": "invalid_value"}),
    "a 401 of chat": (CHAT, "gpt-4.1", {}, {"error": "invalid_api_key"}),
    "a 401 of responses": (RESPONSES, "gpt-4.1", {}, {"error": "invalid_api_key"}),
    "a 404 of chat": (CHAT, "gpt-4.1", {}, {"error": "model_not_found"}),
    "a 429": (CHAT, "gpt-4.1", {}, {"error": "rate_limited"}),
    "audio": (CHAT, "gpt-audio-1.5", USAGE, {"output": [{"audio": "QUJD", "transcript": "hello"}]}),
}
EDGE = ("a whole response", "one call begins in the first chunk", "a 401 of chat")
SECRET = "sk-proj-0123456789abcdefWXYZ"


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


def answered(server: MockServer, case: str, **settings: Any) -> bytes:
    path, model, more, reply = CASES[case]
    sandbox = server.server.create(**settings)
    sandbox.load({"scenario": "today", "stubs": [{"name": "n", "reply": reply}]})
    body = {"model": model, "messages" if path == CHAT else "input": HELLO, **more}
    found = exchange(sandbox.url, path, json.dumps(body).encode(), key=SECRET)
    again = exchange(sandbox.url, path, json.dumps(body).encode(), key=SECRET)
    server.server.drop(sandbox)
    # The second comes from a template; what differs has one length.
    assert len(again) == len(found)
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_bytes_of_a_reply(server: MockServer, case: str, golden: Callable[[str, bytes], None]) -> None:
    golden(f"wire/{case.replace(' ', '-').replace(',', '')}.http", answered(server, case))


@pytest.mark.parametrize("case", EDGE)
def test_the_headers_of_the_edge(server: MockServer, case: str, golden: Callable[[str, bytes], None]) -> None:
    found = answered(server, case, headers="edge")
    golden(f"wire/edge-{case.replace(' ', '-')}.http", found.partition(b"\r\n\r\n")[0] + b"\r\n")


@pytest.mark.parametrize(
    ("key", "quoted"),
    [
        ("sk-proj-0123456789abcdefWXYZ", "sk-proj-****************WXYZ"),
        ("your_api_key_here", "your_api*****here"),
        ("YOUR_API_KEY", "YOUR_API_KEY"),
        ("dummy", "dummy"),
    ],
)
def test_a_refused_key_is_quoted_with_stars_in_its_midst(server: MockServer, key: str, quoted: str) -> None:
    sandbox = server.server.create(keys=["sk-other"])
    found = exchange(sandbox.url, CHAT, b"{}", key=key)
    server.server.drop(sandbox)
    assert f"Incorrect API key provided: {quoted}. You can find".encode() in found
