"""The public API as a suite uses it; what each expression is, both type checkers must agree on.

Nothing here runs. `test_checkers.py` has mypy and pyright read it, strictly.
"""

from __future__ import annotations

from typing import Any, assert_type

import mockserver
from mockserver import (
    Judgement,
    MockServer,
    RecordedRequest,
    SandboxClient,
    ServerClient,
    connect,
    connect_async,
    judge,
)
from mockserver.client import AsyncGate, AsyncSandboxClient, Gate, Requests, Verdict
from mockserver.model.conversation import Message, ToolCall, ToolOutput
from mockserver.model.endpoint import Endpoint
from mockserver.model.findings import Finding
from mockserver.model.frames import OutcomeKind


def test_a_fixture_is_a_sandbox(mockserver: SandboxClient, mockserver_host: ServerClient) -> None:
    assert_type(mockserver.base_url, str)
    assert_type(mockserver.env, dict[str, str])
    mockserver.load("weather", {"stubs": [{"reply": "hi"}]})
    assert_type(mockserver.stub(reply="hi"), str)
    mockserver.expect(
        on=("chat", "responses"),
        when={"model": "gpt-5.4", "user": {"contains": "weather"}},
        replies=["one", {"error": "rate_limited"}, lambda request: request.model],
        times="1..3",
        then="miss",
        priority=3,
        name="three",
    )
    assert_type(mockserver_host.create("b", contract="report", keys=["a"]), SandboxClient)
    assert_type(mockserver_host.sandboxes, tuple[str, ...])


def answer(request: RecordedRequest) -> dict[str, object]:
    return {"output": [{"text": f"{request.user} #{request.number}"}]}


def test_what_was_asked_is_typed(mockserver: SandboxClient) -> None:
    mockserver.stub(reply=answer)
    assert_type(mockserver.requests, Requests)
    assert_type(mockserver.requests[1:], Requests)
    assert_type(mockserver.client_left, Requests)
    assert_type(mockserver.assert_called(times=2, on="chat"), Requests)
    assert_type(mockserver.wait_for(2, timeout=1.0, when={"user": "x"}), Requests)
    for request in mockserver.requests.where(stub="a"):
        assert_type(request, RecordedRequest)
    last = mockserver.last
    assert_type(last.endpoint, Endpoint | None)
    assert_type(last.model, str | None)
    assert_type(last.messages, tuple[Message, ...])
    assert_type(last.user, str | None)
    assert_type(last.tools, tuple[str, ...])
    assert_type(last.tool_calls, tuple[ToolCall, ...])
    assert_type(last.tool_results, tuple[ToolOutput, ...])
    assert_type(last.json, Any)
    assert_type(last.body, bytes)
    assert_type(last.headers["Authorization"], str)
    assert_type(last.key, str | None)
    assert_type(last.stream, bool)
    assert_type(last.outcome, OutcomeKind | None)
    assert_type(last.client_left, bool)


def test_gates_and_verdicts_are_typed(mockserver: SandboxClient) -> None:
    with mockserver.hold("a", at={"after": "text.delta[0]"}) as gate:
        assert_type(gate, Gate)
        assert_type(gate.wait(2, timeout=1.0), Requests)
        assert_type(gate.held, list[int])
        assert_type(gate.release(1, 2), list[int])
    mockserver.assert_order("a", {"on": "chat", "when": {"user": "x"}})
    mockserver.allow(unmatched=True)
    assert_type(mockserver.verdict(), Verdict)
    assert_type(mockserver.verdict().report, str)
    mockserver.verify()


def with_a_server() -> None:
    with MockServer("scenarios/", contract="off", time_scale=0) as server:
        assert_type(server, MockServer)
        assert_type(server.server, ServerClient)
    assert_type(connect("http://127.0.0.1:8080", admin_token="t").sandbox(), SandboxClient)


async def with_await() -> None:
    async with MockServer() as server:
        assert_type(server, MockServer)
    remote = await connect_async("http://127.0.0.1:8080")
    sandbox = await remote.create(unmatched="allow")
    assert_type(sandbox, AsyncSandboxClient)
    assert_type(await sandbox.requests(), Requests)
    async with sandbox.hold("a") as gate:
        assert_type(gate, AsyncGate)


def with_a_capture() -> None:
    judgement = judge(b"HTTP/1.1 200 OK\r\n\r\n")
    assert_type(judgement, Judgement)
    assert_type(judgement.good, bool)
    assert_type(judgement.findings, tuple[Finding, ...])


def with_errors(error: mockserver.ScenarioError) -> None:
    assert_type(error.problems, tuple[mockserver.Problem, ...])
    assert_type(mockserver.__version__, str)
