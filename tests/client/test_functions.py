"""Replies made by a function of the test, which sees the request."""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import pytest

from mockserver.errors import UsageError, VerificationError
from tests.client.conftest import post
from tests.kit import Endpoint, MockServer, RecordedRequest, SandboxClient, connect

# A net against hanging, far above what anything here takes.
NET_S = 60.0
# More than there are threads for anything else.
MANY = 6


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(MANY) as pool:
        yield pool


@pytest.fixture
def sandbox(server: MockServer) -> Iterator[SandboxClient]:
    made = server.server.create()
    yield made
    server.server.drop(made)


def ask(sandbox: SandboxClient, path: str = "chat/completions", **more: object) -> tuple[int, str]:
    """Status and text of a reply, the message where it is an error."""
    said = "messages" if path.startswith("chat") else "input"
    body = {"model": "gpt-5.4", said: [{"role": "user", "content": "Paris"}], **more}
    status, data = post(f"{sandbox.base_url}/{path}", body)
    result = json.loads(data)
    if status >= 400:
        return status, result["error"]["message"]
    if said == "messages":
        return status, result["choices"][0]["message"]["content"]
    return status, result["output"][0]["content"][0]["text"]


def test_a_function_sees_the_request_typed(sandbox: SandboxClient) -> None:
    seen: list[RecordedRequest] = []

    def answer(request: RecordedRequest) -> str:
        seen.append(request)
        return f"It rains in {request.user}."

    sandbox.expect(reply=answer, times=2)
    assert ask(sandbox) == (200, "It rains in Paris.")
    assert ask(sandbox, "responses", metadata={"run": "7"}) == (200, "It rains in Paris.")
    chat, responses = seen
    assert (chat.number, chat.endpoint, chat.model, chat.key) == (1, Endpoint.CHAT, "gpt-5.4", "sk-test")
    assert (responses.number, responses.endpoint) == (2, Endpoint.RESPONSES)
    assert responses.json["metadata"] == {"run": "7"}
    sandbox.verify()


def test_a_function_returns_any_reply_of_a_scenario(sandbox: SandboxClient) -> None:
    def answer(request: RecordedRequest) -> dict[str, object]:
        return {"error": "rate_limited"} if request.number == 1 else {"output": ({"text": "18"},)}

    sandbox.stub(reply=answer)
    assert ask(sandbox)[0] == 429
    assert ask(sandbox) == (200, "18")


def test_written_replies_and_functions_take_turns(sandbox: SandboxClient) -> None:
    sandbox.stub(replies=["written", lambda request: f"made for #{request.number}", "written too"], then="cycle")
    assert [ask(sandbox)[1] for _ in range(4)] == ["written", "made for #2", "written too", "written"]


def test_a_function_may_look_at_its_own_sandbox(sandbox: SandboxClient) -> None:
    sandbox.stub(reply=lambda request: f"{len(sandbox.requests) - 1} before #{request.number}")
    assert [ask(sandbox)[1] for _ in range(2)] == ["0 before #1", "1 before #2"]


def test_an_async_function_is_awaited(sandbox: SandboxClient) -> None:
    async def answer(request: RecordedRequest) -> str:
        await asyncio.sleep(0)
        return f"{len(sandbox.requests) - 1} before #{request.number}"

    class Answer:
        async def __call__(self, request: RecordedRequest) -> str:
            return await answer(request)

    sandbox.stub(replies=[answer, partial(answer), Answer(), lambda request: asyncio.wait_for(answer(request), NET_S)])
    assert [ask(sandbox)[1] for _ in range(4)] == [f"{number} before #{number + 1}" for number in range(4)]


def test_blocking_functions_stop_nobody(sandbox: SandboxClient, threads: ThreadPoolExecutor) -> None:
    go = threading.Event()
    sandbox.stub(when={"body": {"user": "quick"}}, reply="at once")
    sandbox.stub(reply=lambda request: f"{go.wait(NET_S)} #{request.number}")
    slow = [threads.submit(ask, sandbox) for _ in range(MANY)]
    sandbox.wait_for(count=MANY)
    assert ask(sandbox, user="quick") == (200, "at once")
    [*waiting] = sandbox.requests[:MANY]
    assert [(one.outcome, one.status) for one in waiting] == [(None, 0)] * MANY
    go.set()
    assert sorted(one.result()[1] for one in slow) == sorted(f"True #{number + 1}" for number in range(MANY))
    sandbox.settle(NET_S)
    assert {(one.outcome, one.status) for one in sandbox.requests} == {("complete", 200)}


def test_a_held_reply_is_made_when_it_is_released(sandbox: SandboxClient, threads: ThreadPoolExecutor) -> None:
    said = ["before"]
    sandbox.stub(name="held", reply=lambda _: said[-1])
    with sandbox.hold("held") as gate:
        reply = threads.submit(ask, sandbox)
        gate.wait(timeout=NET_S)
        said.append("after")
        assert gate.release() == [1]
        assert reply.result(NET_S) == (200, "after")
    assert sandbox.last.report.count("paused at: head") == 1


def test_a_reply_that_was_made_waits_at_a_later_gate(sandbox: SandboxClient, threads: ThreadPoolExecutor) -> None:
    sandbox.stub(name="held", reply=lambda _: "two words")
    with sandbox.hold("held"), sandbox.hold("held", at={"before": "finish"}) as later:
        reply = threads.submit(ask, sandbox)
        sandbox.wait_for(count=1)
        assert later.held == []
    assert reply.result(NET_S) == (200, "two words")


def test_a_client_that_leaves_ends_the_making(sandbox: SandboxClient) -> None:
    begun, cancelled = threading.Event(), threading.Event()

    async def answer(_: RecordedRequest) -> str:
        begun.set()
        try:
            await asyncio.sleep(NET_S)
        finally:
            cancelled.set()
        return "too late"

    sandbox.stub(reply=answer)
    parts = urlsplit(sandbox.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=NET_S)
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
    headers = {"Authorization": "Bearer any", "Content-Type": "application/json"}
    connection.request("POST", f"{parts.path}/chat/completions", body, headers)
    assert begun.wait(NET_S)
    connection.close()
    assert cancelled.wait(NET_S)
    assert sandbox.settle(NET_S) == ()
    assert sandbox.last.outcome == "client_left"


def test_what_a_function_gives_may_quote_the_request(sandbox: SandboxClient) -> None:
    sandbox.stub(reply=lambda _: "You said {{request.user}}")
    assert ask(sandbox) == (200, "You said Paris")


def test_the_same_bytes_as_if_it_were_written(server: MockServer) -> None:
    def played(reply: str | Callable[[RecordedRequest], str]) -> bytes:
        sandbox = server.server.create()
        sandbox.stub(reply=reply, name="one")
        body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": True}
        return post(f"{sandbox.base_url}/chat/completions", body)[1]

    assert played("Hello there.") == played(lambda _: "Hello there.")


def _raises(_request: RecordedRequest) -> str:
    raise KeyError("Oslo")


def _fails(_request: RecordedRequest) -> str:
    pytest.fail("not that one")


async def _raises_later(_request: RecordedRequest) -> str:
    await asyncio.sleep(0)
    raise KeyError("Oslo")


async def _is_cancelled(_request: RecordedRequest) -> str:
    raise asyncio.CancelledError


async def _numbers(_request: RecordedRequest) -> AsyncIterator[str]:
    yield "1"


async def _seven(_request: RecordedRequest) -> int:
    return 7


def _exits(_request: RecordedRequest) -> str:
    sys.exit(3)


HERE = __file__
WRONG: dict[str, tuple[Callable[[RecordedRequest], object], str]] = {
    "an exception": (_raises, f"the reply function raised KeyError: 'Oslo' ({HERE}:"),
    "a failure": (_fails, "the reply function raised Failed: not that one ("),
    "an exception later": (_raises_later, f"the reply function raised KeyError: 'Oslo' ({HERE}:"),
    "a cancellation of its own": (
        _is_cancelled,
        f"the reply function raised asyncio.exceptions.CancelledError ({HERE}:",
    ),
    "an exit": (_exits, f"the reply function raised SystemExit: 3 ({HERE}:"),
    "no awaitable": (_numbers, "the reply function returned no reply: <async_generator"),
    "a number later": (_seven, "the reply function returned 7, expected a text or a mapping"),
    "nothing": (lambda _: None, "the reply function returned None, expected a text or a mapping"),
    "a number": (lambda _: 7, "the reply function returned 7, expected a text or a mapping"),
    "no JSON": (
        lambda _: {"output": [{"text": {1, 2}}]},
        "the reply function returned no reply: {1, 2} at 'output[0].text' has no JSON",
    ),
    "an unknown key": (
        lambda _: {"otput": []},
        "the reply function returned a wrong reply: reply.otput: unknown key 'otput'",
    ),
    "a breach": (
        lambda _: {"body": {"object": "chat.completion"}},
        "the reply function returned a wrong reply: reply: as chat: ",
    ),
    "another endpoint's": (
        lambda _: {"output": [{"compaction": "xyz"}]},
        "the reply function returned a wrong reply: ",
    ),
}


@pytest.mark.parametrize(("answer", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_a_500_and_a_finding(
    sandbox: SandboxClient, answer: Callable[[RecordedRequest], object], message: str
) -> None:
    sandbox.stub(reply=answer, name="made")
    status, result = ask(sandbox)
    assert status == 500
    assert message in result
    assert result.startswith("tests/client/test_functions.py:")
    assert sandbox.last.findings == ("reply.making",)
    sandbox.settle(60)
    with pytest.raises(VerificationError) as caught:
        sandbox.verify()
    assert "breaks   reply.making   the reply function " in str(caught.value)


def test_a_reply_that_its_endpoint_cannot_express_is_reported(sandbox: SandboxClient) -> None:
    sandbox.stub(reply=lambda _: {"choices": [[{"text": "a"}], [{"text": "b"}]]}, on="compact")
    body = {"model": "m", "input": "x"}
    status, data = post(f"{sandbox.base_url}/responses/compact", body)
    assert (status, "cannot express" in data.decode()) == (500, True)


def test_functions_cannot_be_sent_to_a_server_elsewhere(server: MockServer) -> None:
    far = connect(server.url).create()
    with pytest.raises(UsageError) as caught:
        far.stub(reply=lambda _: "hi")
    assert str(caught.value) == (
        f"a reply function cannot be sent to {server.url}: expected a written reply, or a server in this process"
    )
    assert far.stub(replies=["hi"]) != ""


def test_a_reset_keeps_what_was_kept(server: MockServer) -> None:
    sandbox = server.server.create()
    sandbox.stub(reply=lambda request: f"#{request.number}")
    sandbox.keep()
    assert ask(sandbox) == (200, "#1")
    sandbox.reset()
    assert ask(sandbox) == (200, "#1")
