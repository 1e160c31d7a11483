"""Every byte of the three gateway dialects: replies, streams, errors and rejections.

Their pages were published once and do not follow the official API, so nothing that changes for
the dialect `openai` may change here: member order, compact JSON, accepted names, wording.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import MockServer, SandboxClient, ScenarioError

Body = dict[str, Any]

ROUTES = {
    "chat": ("/v1/chat/completions", "messages"),
    "responses": ("/v1/responses", "input"),
    "compact": ("/v1/responses/compact", "messages"),
}
DIALECTS = {"visioncoder": ("chat", "responses", "compact"), "smartlink": ("responses",), "apifox": ("responses",)}

REPLIES: dict[str, Body] = {
    "text": {"reply": "Two and two are four, 十分."},
    "words": {"reply": {"output": [{"text": "one two three"}], "chunks": "word"}},
    "chars": {"reply": {"output": [{"text": "abc"}], "chunks": "char"}},
    "json": {"reply": {"output": [{"json": {"city": "Paris", "high": 18}}]}},
    "call": {"reply": {"output": [{"call": "get_weather", "arguments": {"city": "Paris"}}]}},
    "calls": {
        "reply": {
            "output": [
                {"text": "Looking."},
                {"call": "get_weather", "arguments": {"city": "Paris"}},
                {"call": "get_weather", "arguments": {"city": "Rome"}},
            ]
        }
    },
    "custom": {"reply": {"output": [{"custom_call": "shell", "input": "ls"}]}},
    "refusal": {"reply": {"output": [{"refusal": "I cannot help with that."}]}},
    "reasoning": {"reply": {"output": [{"reasoning": {"summary": ["Think."]}}, {"text": "Done."}]}},
    "search": {"reply": {"output": [{"web_search": "weather"}, {"text": "Sunny."}]}},
    "logprobs": {
        "reply": {"output": [{"text": "hi", "logprobs": [{"token": "hi", "logprob": -0.5, "top_logprobs": []}]}]}
    },
    "length": {"reply": {"output": [{"text": "cut off"}], "finish": "length"}},
    "filter": {"reply": {"output": [{"text": "cut off"}], "finish": "content_filter"}},
    "failed": {"reply": {"output": [{"text": "half"}, {"error": "server_error"}]}},
    "event": {"reply": {"output": [{"text": "half"}, {"error": "server_error", "as": "event"}]}},
    "usage": {
        "reply": {"output": [{"text": "counted"}], "usage": {"input": 7, "cached": 3, "output": 5, "reasoning": 2}}
    },
    "choices": {"reply": {"choices": [[{"text": "one"}], [{"text": "two"}]]}},
    "fields": {"reply": {"output": [{"text": "more"}], "fields": {"extra": True}}},
    "fault": {"reply": {"output": [{"text": "some text"}], "faults": [{"omit": "terminator"}]}},
    "rate": {"reply": {"error": "rate_limited"}},
    "own": {"reply": {"error": {"status": 418, "type": "teapot", "message": "short and stout"}}},
}

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
FLAT_TOOL = {"type": "function", "name": "f", "parameters": {"type": "object"}}
USER = {"role": "user", "content": "hello"}
ANY_ENDPOINT: dict[str, Body] = {
    "unknown name": {"tempature": 1},
    "temperature": {"temperature": 0.5},
    "temperature above": {"temperature": 3},
    "temperature text": {"temperature": "warm"},
    "top_p": {"top_p": 1.5},
    "stream text": {"stream": "yes"},
    "metadata list": {"metadata": []},
    "store": {"store": "no"},
    "model number": {"model": 7},
    "model null": {"model": None},
    "model empty": {"model": ""},
    "reasoning model with temperature": {"model": "gpt-5.6", "temperature": 0.2},
    "max_tokens": {"model": "gpt-5.6", "max_tokens": 10},
    "service tier": {"service_tier": "best"},
    "tools empty": {"tools": []},
    "tools null": {"tools": None},
    "tool_choice null": {"tool_choice": None},
    "tool_choice without tools": {"tool_choice": "required"},
    "parallel without tools": {"parallel_tool_calls": True},
    "stream_options": {"stream_options": {"include_usage": True}},
    "user number": {"user": 7},
    "verbosity": {"verbosity": "loud"},
    "seed": {"seed": 1.5},
    "stop empty": {"stop": []},
    "response_format null": {"response_format": None},
    "n": {"n": 0},
    "logit_bias": {"logit_bias": 5},
    "top_logprobs": {"top_logprobs": 3},
}
PER_MEMBER: dict[str, list[Any]] = {
    "messages": [
        [],
        None,
        "hello",
        ["hello"],
        [{}],
        [{"role": "robot", "content": "x"}],
        [{"role": "user"}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": [{"type": "video"}]}],
        [{"role": "user", "content": "x", "mood": "good"}],
        [{"role": "tool", "content": "x", "tool_call_id": "call_1"}],
        [USER, {"role": "assistant", "tool_calls": []}],
    ],
    "input": [
        [],
        "",
        None,
        7,
        ["hello"],
        [{}],
        [{"type": "video"}],
        [{"role": "robot", "content": "x"}],
        [{"role": "user", "content": [{"type": "input_video"}]}],
        [{"role": "user", "content": "x", "mood": "good"}],
        [{"type": "function_call_output", "call_id": "call_1", "output": "x"}],
        [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}],
        [{"type": "reasoning", "id": "rs_1", "summary": []}, USER],
        [{"type": "message", "id": "", "role": "user", "content": "x"}],
    ],
}
RAW = {
    "no JSON": b"{",
    "a list": b"[]",
    "empty": b"",
    "duplicate": b'{"model": "m", "model": "n"}',
    "not UTF-8": b'{"model": "\xff"}',
}


def exchange(url: str, path: str, body: bytes, *, key: str | None = "any") -> bytes:
    """One request on a connection of its own; every byte of the answer."""
    address = urlsplit(url)
    credentials = f"authorization: Bearer {key}\r\n" if key else ""
    head = (
        f"POST {address.path.rstrip('/')}{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
        f"content-type: application/json\r\n{credentials}content-length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.settimeout(30)
        connection.sendall(head.encode() + body)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


def bodies(member: str, chat_tools: bool) -> Iterator[tuple[str, bytes]]:
    tool = TOOL if chat_tools else FLAT_TOOL
    for name, more in ANY_ENDPOINT.items():
        yield name, json.dumps({"model": "gpt-5.4", member: [USER], **more}).encode()
    for number, value in enumerate(PER_MEMBER[member]):
        yield f"{member} {number}", json.dumps({"model": "gpt-5.4", member: value}).encode()
    yield f"without {member}", b'{"model": "gpt-5.4"}'
    yield "without model", json.dumps({member: [USER]}).encode()
    for choice in ("f", {"type": "function", "name": "g"}, "none"):
        body = {"model": "gpt-5.4", member: [USER], "tools": [tool], "tool_choice": choice}
        yield f"tool_choice {choice}", json.dumps(body).encode()
    yield from RAW.items()


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture
def sandbox(server: MockServer, dialect: str) -> Iterator[SandboxClient]:
    made = server.server.create()
    made.load({"scenario": "gateway", "dialect": dialect, "stubs": [{"name": "n", "reply": "ok"}]})
    yield made
    server.server.drop(made)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_replies_of_a_gateway_keep_their_bytes(
    sandbox: SandboxClient, dialect: str, golden: Callable[[str, bytes], None]
) -> None:
    seen: list[bytes] = []
    for name, stub in REPLIES.items():
        try:
            scenario = {"scenario": "gateway", "dialect": dialect, "stubs": [{"name": "n", **stub}]}
            sandbox.load(scenario)
        except ScenarioError:
            seen.append(f"### {name}: cannot be expressed\n".encode())
            continue
        for endpoint in DIALECTS[dialect]:
            path, member = ROUTES[endpoint]
            for stream in (False, True):
                sandbox.reset()
                sandbox.load(scenario)
                body: Body = {"model": "gpt-5.4", member: [USER], "stream": stream}
                if stream and endpoint == "chat":
                    body["stream_options"] = {"include_usage": True}
                wire = exchange(sandbox.url, path, json.dumps(body).encode())
                if b"mockserver_unmatched" in wire:
                    wire = b"unmatched"
                seen.append(f"### {name}, {endpoint}, stream {stream}\n".encode() + wire + b"\n")
    golden(f"gateways/{dialect}-replies.txt", b"".join(seen))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_rejections_of_a_gateway_keep_their_bytes(
    sandbox: SandboxClient, dialect: str, golden: Callable[[str, bytes], None]
) -> None:
    seen: list[bytes] = []
    for endpoint in DIALECTS[dialect]:
        path, member = ROUTES[endpoint]
        for name, body in bodies(member, chat_tools=member == "messages"):
            wire = exchange(sandbox.url, path, body)
            seen.append(f"### {endpoint}, {name}\n".encode() + wire + b"\n")
        wire = exchange(sandbox.url, path, b'{"model": "gpt-5.4"}', key=None)
        seen.append(f"### {endpoint}, without a key\n".encode() + wire + b"\n")
    golden(f"gateways/{dialect}-rejections.txt", b"".join(seen))
