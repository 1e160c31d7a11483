"""Replies that wait for the test: near, far, and with `await`."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from mockserver import judge
from mockserver.errors import MockServerError, UsageError, VerificationError
from tests.client.conftest import chat
from tests.kit import AsyncSandboxClient, MockServer, OutcomeKind, SandboxClient

# Nets against hanging, far above what anything here takes.
NET_S = 60.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@contextmanager
def streaming(sandbox: SandboxClient, **more: object) -> Iterator[http.client.HTTPConnection]:
    """A connection on which a request is sent and no reply read."""
    parts = urlsplit(sandbox.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=NET_S)
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True, **more}
    headers = {"Authorization": "Bearer any", "Content-Type": "application/json"}
    connection.request("POST", f"{parts.path}/chat/completions", json.dumps(body), headers)
    try:
        yield connection
    finally:
        connection.close()


def settled(sandbox: SandboxClient) -> None:
    assert sandbox.settle(NET_S) == ()


def test_a_reply_waits_before_its_first_byte(sandbox: SandboxClient, threads: ThreadPoolExecutor) -> None:
    sandbox.expect(name="talks", reply="hi", times=1)
    with sandbox.hold("talks") as gate:
        status: Future[int] = threads.submit(chat, sandbox, "hi")
        [held] = gate.wait(timeout=NET_S)
        assert (held.user, held.stub, held.outcome) == ("hi", "talks", None)
        assert held.report.endswith("   paused at: head   in flight")
        assert not status.done()
        assert gate.held == [1]
        assert gate.release() == [1]
        assert status.result(NET_S) == 200
        assert gate.held == []
        assert chat(sandbox, "and those to come pass") == 404
    sandbox.allow(unmatched=True)
    settled(sandbox)
    sandbox.verify()
    assert "paused at: head   complete" in sandbox.requests[0].report


def test_replies_are_let_go_in_any_order(sandbox: SandboxClient, threads: ThreadPoolExecutor) -> None:
    sandbox.stub(name="talks", reply="hi")
    with sandbox.hold("talks") as gate:
        first = threads.submit(chat, sandbox, "first")
        gate.wait(timeout=NET_S)
        second = threads.submit(chat, sandbox, "second")
        one, two = gate.wait(2, timeout=NET_S)
        assert (one.user, two.user) == ("first", "second")
        assert gate.release(two.number) == [two.number]
        assert second.result(NET_S) == 200
        assert not first.done()
        assert gate.held == [one.number]
    assert first.result(NET_S) == 200


def test_a_stream_stops_after_an_event(sandbox: SandboxClient) -> None:
    sandbox.stub(name="talks", reply="one two three")
    with sandbox.hold("talks", at={"after": "text.delta[1]"}) as gate, streaming(sandbox) as client:
        [held] = gate.wait(timeout=NET_S)
        assert held.document["held"] == ["after: text.delta[1]"]
        response = client.getresponse()
        sent = b""
        while b"two" not in sent:
            sent += response.readline()
        assert b"three" not in sent
        gate.release()
        assert b"three" in response.read()


def test_a_client_that_disconnects_at_a_gate_is_recorded(sandbox: SandboxClient) -> None:
    sandbox.stub(name="talks", reply="hi")
    assert len(sandbox.client_left) == 0
    with sandbox.hold("talks") as gate:
        with streaming(sandbox):
            gate.wait(timeout=NET_S)
            sandbox.settle_s = 0
            assert len(sandbox.client_left) == 0
        sandbox.settle_s = NET_S
        [left] = sandbox.client_left
        assert (left.number, left.outcome, left.client_left) == (1, OutcomeKind.CLIENT_LEFT, True)
        assert left.report.partition(",")[0].endswith("   paused at: head   client left")
        assert gate.held == []


def test_a_timeout_at_a_gate_reports_the_journal(sandbox: SandboxClient) -> None:
    sandbox.stub(name="talks", reply="hi")
    gate = sandbox.hold("talks")
    with pytest.raises(VerificationError) as caught:
        gate.wait(timeout=0)
    assert str(caught.value) == (
        "expected 1 reply of 'talks' paused at: head within 0 s, got 0.\n\nno requests received."
    )
    with pytest.raises(VerificationError, match="expected 2 replies of 'talks' paused"):
        gate.wait(2, timeout=0)


def test_a_place_that_the_reply_lacks_fails_the_test(sandbox: SandboxClient) -> None:
    sandbox.stub(name="talks", reply="hi")
    with sandbox.hold("talks", at={"after": "text.delta[0]"}):
        assert chat(sandbox, "whole") == 200
    settled(sandbox)
    with pytest.raises(VerificationError, match="this reply has no events"):
        sandbox.verify()


WRONG: list[tuple[str, object, str]] = [
    ("tlaks", None, "no stub 'tlaks': did you mean 'talks'?"),
    ("nobody", None, "no stub 'nobody': there are 'talks'"),
    ("talks", {"behind": 3}, "at.behind: unknown key 'behind'; the nearest is 'inside'"),
    ("talks", {"at": "tail"}, "at.at: expected one of 'head', 'last_chunk', got \"tail\""),
]


@pytest.mark.parametrize(("stub", "at", "error"), WRONG)
def test_a_wrong_gate_is_rejected(sandbox: SandboxClient, stub: str, at: dict[str, object] | None, error: str) -> None:
    sandbox.stub(name="talks", reply="hi")
    with pytest.raises(UsageError) as caught:
        sandbox.hold(stub, at=at)
    assert str(caught.value).startswith(error)


def test_a_request_that_does_not_wait_cannot_be_released(sandbox: SandboxClient) -> None:
    with pytest.raises(UsageError, match="no stub 'talks': none is loaded"):
        sandbox.hold("talks")
    sandbox.stub(name="talks", reply="hi")
    with (
        sandbox.hold("talks") as gate,
        pytest.raises(UsageError, match="'requests': 3 does not wait at the gate: nothing"),
    ):
        gate.release(3)


def test_a_reset_lets_everything_go(sandbox: SandboxClient, threads: ThreadPoolExecutor) -> None:
    sandbox.stub(name="talks", reply="hi")
    with sandbox.hold("talks") as gate:
        status = threads.submit(chat, sandbox, "hi")
        gate.wait(timeout=NET_S)
        sandbox.reset()
        assert status.result(NET_S) == 200
        with pytest.raises(UsageError, match="no gate 1 in sandbox"):
            gate.held  # noqa: B018  # a property that asks


def test_a_server_that_stops_ends_what_is_held() -> None:
    server = MockServer().start()
    server.stub(name="talks", reply="hi")
    with server.hold("talks") as gate, streaming(server) as client:
        gate.wait(timeout=NET_S)
        server.stop()
        with pytest.raises(http.client.HTTPException):
            client.getresponse()


def test_gates_for_asyncio(server: MockServer) -> None:
    async def story() -> None:
        sandbox = AsyncSandboxClient(server.server.create())
        await sandbox.stub(name="talks", reply="hi")
        async with sandbox.hold("talks") as gate:
            asking = asyncio.create_task(asyncio.to_thread(chat, sandbox.sync, "hi"))
            [held] = await gate.wait(timeout=NET_S)
            assert await gate.held() == [held.number]
            assert await gate.release(held.number) == [held.number]
            assert await asking == 200
        assert len(await sandbox.client_left()) == 0
        with pytest.raises(MockServerError, match="no gate 1"):
            await gate.held()

    asyncio.run(story())


def test_waiting_on_the_servers_own_loop_is_rejected() -> None:
    async def story() -> None:
        async with MockServer() as server:
            server.stub(name="talks", reply="hi")
            with server.hold("talks") as gate, pytest.raises(UsageError, match="await asyncio"):
                gate.wait()
            assert repr(gate) == "<Gate of 'talks' at: head>"

    asyncio.run(story())


LIVELY = {"output": [{"text": "one two three"}], "pace": {"keepalive": "20ms"}}


def test_a_stream_is_kept_alive_at_gates_and_numbered_behind_them(sandbox: SandboxClient) -> None:
    sandbox.stub(name="talks", on="responses", reply=LIVELY)
    gates = [sandbox.hold("talks", at={"after": f"text.delta[{number}]"}) for number in (0, 1)]
    parts = urlsplit(sandbox.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=NET_S)
    body = json.dumps({"model": "m", "input": "hi", "stream": True})
    headers = {"Authorization": "Bearer any", "Content-Type": "application/json"}
    connection.request("POST", f"{parts.path}/responses", body, headers)
    reply = connection.getresponse()
    came = b""
    for gate, least in zip(gates, (8, 3), strict=True):
        begin = came.count(b"event: keepalive\n")
        while came.count(b"event: keepalive\n") < begin + least:
            came += reply.readline()
        gate.release()
    came += reply.read()
    connection.close()
    found = [json.loads(line[6:]) for line in came.splitlines() if line.startswith(b"data: ")]
    assert [one["sequence_number"] for one in found] == list(range(len(found)))
    assert judge(came).findings == ()
    settled(sandbox)
    [request] = sandbox.requests
    assert request.outcome is OutcomeKind.COMPLETE


def test_a_client_that_leaves_ends_what_keeps_it_alive(sandbox: SandboxClient) -> None:
    sandbox.stub(name="talks", on="chat", reply=LIVELY)
    with sandbox.hold("talks", at={"after": "text.delta[0]"}):
        with streaming(sandbox) as connection:
            reply = connection.getresponse()
            while reply.readline() != b": keepalive\n":
                pass
        settled(sandbox)
    [request] = sandbox.requests
    assert request.outcome is OutcomeKind.CLIENT_LEFT
