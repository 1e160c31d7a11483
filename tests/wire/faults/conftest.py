"""The whole server behind raw sockets, and its twin in the pure core that says what must come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.kit import JSON, Dialects, JSONObject, MockServer, Request, Sandbox, SandboxClient, Script, load_value
from tests.wire.conftest import Peer, post_bytes

DIALECTS = Dialects()
HEADERS = ("authorization: Bearer any", "content-type: application/json")


class Stage:
    """One sandbox with one stub, requested through a socket; `expected` is the next script."""

    def __init__(self, sandbox: SandboxClient, port: int) -> None:
        self.sandbox = sandbox
        self.port = port
        self.path = f"{urlsplit(sandbox.base_url).path}/chat/completions"
        self.peers: list[Peer] = []
        self._twin = self._made({})

    def says(self, *faults: JSON, **reply: JSON) -> None:
        """Answer every request with a reply, by default a short text with faults."""
        said: JSONObject = {"output": [{"text": "Hé\tyou there"}]}
        said |= {**reply, "faults": [*faults]}
        scenario: JSONObject = {"scenario": "broken", "stubs": [{"name": "broken", "reply": said}]}
        self.sandbox.load(scenario)
        self._twin = self._made(scenario)

    def dial(self, *, receive_buffer: int | None = None) -> Peer:
        peer = Peer(self.port, receive_buffer=receive_buffer)
        self.peers.append(peer)
        return peer

    def question(self, *, stream: bool = True, version: str = "1.1", said: str = "hi") -> bytes:
        return post_bytes(self.path, body(stream=stream, said=said), *HEADERS, version=version)

    def expected(self, *, stream: bool = True, version: str = "1.1") -> Script:
        """The script of the pure core for the next `question`."""
        numbers = (1, 0) if version == "1.0" else (1, 1)
        request = Request(
            method="POST",
            target="/v1/chat/completions",
            path="/v1/chat/completions",
            headers=tuple(_pair(line) for line in HEADERS),
            body=body(stream=stream, said="hi"),
            version=numbers,
            keep_alive=numbers == (1, 1),
        )
        _, decision = self._twin.exchange(request, now_s=0.0)
        return decision.script

    def outcomes(self) -> list[str]:
        """How each exchange so far has ended."""
        assert self.sandbox.settle(10) == ()
        return [str(one.outcome) for one in self.sandbox.requests]

    def _made(self, scenario: JSONObject) -> Sandbox:
        scenarios = (load_value(scenario, "broken", DIALECTS),) if scenario else ()
        return Sandbox("twin", DIALECTS.find("openai"), scenarios=scenarios)


def body(*, stream: bool, said: str) -> bytes:
    asked = {"model": "gpt-5.4", "messages": [{"role": "user", "content": said}], "stream": stream}
    return json.dumps(asked).encode()


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value


@pytest.fixture(scope="package")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture
def staged(server: MockServer) -> Iterator[Callable[..., Stage]]:
    """Make a sandbox of the test's own, with settings."""
    stages: list[Stage] = []
    port = urlsplit(server.url).port or 0

    def make(*, time_scale: float = 1.0) -> Stage:
        stages.append(Stage(server.server.create(time_scale=time_scale), port))
        return stages[-1]

    yield make
    for stage in stages:
        for peer in stage.peers:
            peer.socket.close()
        server.server.drop(stage.sandbox)


@pytest.fixture
def stage(staged: Callable[..., Stage]) -> Stage:
    return staged()
