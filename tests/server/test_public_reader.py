"""Where aiohttp's parser is not as expected its documented server reads, and replies are the same."""

from __future__ import annotations

import asyncio
import json
import socket
from urllib.parse import urlsplit

import pytest

from mockserver import MockServer
from tests.kit import connection

STUBS = {
    "scenario": "readers",
    "stubs": [
        {
            "name": "paced",
            "when": {"user": {"contains": "slowly"}},
            "reply": {"output": [{"text": "one two three"}], "pace": {"gap": "2ms"}},
        },
        {
            "name": "cut",
            "when": {"user": {"contains": "break"}},
            "reply": {"output": [{"text": "one two three"}], "faults": [{"cut": {"after": 2}}]},
        },
        {"name": "large", "when": {"user": {"contains": "much"}}, "reply": {"output": [{"text": "x" * 1_000_000}]}},
        {"name": "plain", "when": {"user": {"contains": "hello"}}, "reply": "It is 18 °C."},
    ],
}


def post(text: str, *headers: str, stream: bool = False, path: str = "/v1/chat/completions") -> bytes:
    said = [{"role": "user", "content": text}]
    body = json.dumps({"model": "m", "messages": said, "stream": stream}).encode()
    lines = (f"POST {path} HTTP/1.1", "host: x", "authorization: Bearer any", f"content-length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


CLOSE = "connection: close"
REQUESTS = {
    "whole": post("hello", CLOSE),
    "two on one connection": post("hello") + post("hello", CLOSE),
    "streamed": post("hello", CLOSE, stream=True),
    "paced": post("slowly", CLOSE, stream=True),
    "cut": post("break", stream=True),
    "large": post("much", CLOSE),
    "unmatched": post("nothing", CLOSE),
    "a sandbox": post("hello", CLOSE, path="/sandbox/other/v1/chat/completions"),
    "expect": post("hello", CLOSE, "expect: 100-continue"),
    "too large": post("hello" * 3000, CLOSE),
    "another method": b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "head": b"HEAD /v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "admin": b"GET /__admin/sandboxes HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    "HTTP/1.0": post("hello").replace(b"HTTP/1.1", b"HTTP/1.0"),
}


def replies(name: str) -> tuple[bytes, list[object]]:
    """Everything that comes for a request, and how the journal has the exchange."""
    with MockServer(body_limit=10_000) as server:
        server.load(STUBS)
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port), timeout=60) as line:
            line.sendall(REQUESTS[name])
            data = b""
            while piece := line.recv(65536):
                data += piece
        assert server.settle(10) == ()
        ends = [(one.document["status"], one.outcome and str(one.outcome)) for one in server.journal]
    return data, list(ends)


@pytest.mark.parametrize("name", REQUESTS)
def test_replies_have_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = replies(name)
    assert ours[0].startswith(b"HTTP/1.")
    monkeypatch.delattr(connection, "HttpRequestParser")
    assert replies(name) == ours


@pytest.mark.parametrize("name", ["HttpRequestParser", "_NoFlowControl"])
def test_a_name_that_is_missing_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def usable() -> bool:
        return connection.is_usable()

    assert asyncio.run(usable())
    monkeypatch.delattr(connection, name)
    assert not asyncio.run(usable())
    monkeypatch.undo()
    monkeypatch.setattr(connection, "_NAMES_ARE_THERE", False)
    assert not asyncio.run(usable())
