"""A server in this process, asked on the caller's own thread and on the server's loop."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from mockserver.errors import HostError, UsageError
from tests.client.conftest import chat
from tests.kit import LoopCaller, MockServer, SandboxClient, ServerClient


@pytest.fixture
def own() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was done on the loop for somebody else."""
    seen: list[object] = []
    call = LoopCaller.call

    def result(self: LoopCaller, function: Callable[[], object]) -> object:
        seen.append(function)
        return call(self, function)

    monkeypatch.setattr(LoopCaller, "call", result)
    return seen


def connected(sandbox: SandboxClient) -> http.client.HTTPConnection:
    """A connection that has had an answer and stays."""
    parts = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("GET", f"{parts.path}/v1/models", headers={"Authorization": "Bearer any"})
    connection.getresponse().read()
    return connection


def test_without_connections_nothing_runs_on_the_loop(own: MockServer, hops: list[object]) -> None:
    sandbox = own.server.create("mine")
    assert sandbox.stub(reply="hi") == "stub 1"
    assert sandbox.expect(reply="hi", name="second") == "second"
    assert sandbox.verdict().report.startswith("1 expected call is missing.")
    sandbox.allow(counts=True)
    sandbox.verify()
    kept = own.server.leave(sandbox)
    assert kept() == "no requests received."
    assert hops == []


def test_with_a_connection_verification_runs_on_the_loop(own: MockServer, hops: list[object]) -> None:
    sandbox = own.server.create()
    connection = connected(sandbox)
    sandbox.stub(reply="hi")
    assert hops == []
    assert sandbox.verdict()
    assert len(hops) == 1
    kept = own.server.leave(sandbox)
    assert "GET" in kept()
    assert len(hops) == 1
    connection.close()


def test_a_scenario_with_another_dialect_is_loaded_on_the_loop(own: MockServer, hops: list[object]) -> None:
    sandbox = own.server.create()
    connection = connected(sandbox)
    sandbox.load({"dialect": "visioncoder", "stubs": [{"name": "other", "reply": "hi"}]})
    assert len(hops) == 1
    assert [use[2] for use in sandbox.calls()] == ["other"]
    connection.close()


def test_replies_at_a_gate_go_on_when_their_sandbox_is_dropped(own: MockServer) -> None:
    sandbox = own.server.create()
    sandbox.stub(reply="hi", name="slow")
    gate = sandbox.hold("slow")
    statuses: list[int] = []
    asking = threading.Thread(target=lambda: statuses.append(chat(sandbox, "hi")))
    asking.start()
    gate.wait()
    kept = own.server.leave(sandbox)
    asking.join(60)
    assert statuses == [200]
    assert "slow" in kept()


def test_stubs_are_loaded_and_sandboxes_made_amid_requests(own: MockServer) -> None:
    sandbox = own.server.create()
    sandbox.stub(when={"user": "last"}, reply="hi")
    done = threading.Event()
    statuses: list[int] = []

    def ask() -> None:
        while not done.is_set():
            statuses.append(chat(sandbox, "last"))

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(200):
        sandbox.stub(when={"user": f"{number}"}, reply="hi")
        other = own.server.create()
        other.stub(reply="hi")
        own.server.drop(other)
    done.set()
    asking.join(60)
    assert chat(sandbox, "199") == 200
    assert set(statuses) == {200}
    assert len(sandbox.requests) == len(statuses) + 1
    sandbox.verify()


ASK: tuple[Callable[[ServerClient, SandboxClient], object], ...] = (
    lambda server, _: server.create(),
    lambda _, sandbox: sandbox.stub(reply="hi"),
    lambda _, sandbox: sandbox.verdict(),
    lambda _, sandbox: sandbox.settle(),
    lambda server, sandbox: server.drop(sandbox),
    lambda server, sandbox: server.leave(sandbox),
)


@pytest.mark.parametrize("ask", ASK)
def test_nothing_can_be_asked_of_a_server_that_has_stopped(
    own: MockServer, ask: Callable[[ServerClient, SandboxClient], object]
) -> None:
    server, sandbox = own.server, own.server.create()
    own.stop()
    with pytest.raises(HostError, match="the server has stopped"):
        ask(server, sandbox)


@pytest.mark.parametrize("ask", ASK[1:4])
def test_nothing_can_be_asked_of_a_sandbox_that_was_dropped(
    reach: ServerClient, ask: Callable[[ServerClient, SandboxClient], object]
) -> None:
    sandbox = reach.create()
    reach.drop(sandbox)
    with pytest.raises(UsageError, match=f"sandbox {sandbox.name!r} was dropped"):
        ask(reach, sandbox)


def test_more_sandboxes_than_the_limit_are_rejected(
    server: MockServer, reach: ServerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandboxes = getattr(server.server._admin, "_sandboxes")  # noqa: B009  # near's own
    monkeypatch.setattr(sandboxes, "_limit", 0)
    with pytest.raises(HostError, match="there are 0 sandboxes, the limit"):
        reach.create()


@pytest.mark.parametrize("name", ["", "a/b", "x" * 201])
def test_a_name_that_no_url_can_hold_is_rejected(reach: ServerClient, name: str) -> None:
    with pytest.raises(UsageError, match="'name': expected 1 to 200 letters"):
        reach.create(name)


def test_dropping_what_is_not_there_is_rejected(reach: ServerClient) -> None:
    with pytest.raises(UsageError, match="no sandbox 'nowhere'"):
        reach.drop("nowhere")
