"""A server in this process, reached near and far; every test has a sandbox of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.kit import Finder, MockServer, SandboxClient, ServerClient, connect

Ask = Callable[..., "tuple[int, bytes]"]


def post(url: str, body: object, **headers: str) -> tuple[int, bytes]:
    """Status and body of the reply to a POST."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    sent = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request("POST", parts.path, data, sent | named)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def chat(sandbox: SandboxClient, text: str, **more: object) -> int:
    """Ask the chat endpoint; the status."""
    body = {"model": "gpt-5.4", "messages": [{"role": "user", "content": text}], **more}
    return post(f"{sandbox.base_url}/chat/completions", body)[0]


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture(params=["near", "far"])
def reach(request: pytest.FixtureRequest, server: MockServer) -> ServerClient:
    return server.server if request.param == "near" else connect(server.url)


@pytest.fixture
def sandbox(
    reach: ServerClient, request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> Iterator[SandboxClient]:
    finder = Finder(folders=[request.path.parent], root=pytestconfig.rootpath)
    made = reach.create(finder=finder)
    yield made
    reach.drop(made)
