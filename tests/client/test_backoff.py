"""Whether a client honours what replies ask it to wait."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mockserver.errors import VerificationError
from tests.client.conftest import post
from tests.kit import MockServer, SandboxClient

BODY = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(params=["virtual", "real"])
def sandbox(server: MockServer, request: pytest.FixtureRequest) -> Iterator[SandboxClient]:
    made = server.server.create(clock=request.param)
    made.load({"scenario": "limited", "limits": {"requests": "5/s"}, "stubs": [{"name": "a", "reply": "hi"}]})
    yield made
    server.server.drop(made)


def ask(sandbox: SandboxClient, **more: object) -> int:
    return post(f"{sandbox.base_url}/chat/completions", BODY | more)[0]


@pytest.fixture
def limited(server: MockServer) -> Iterator[SandboxClient]:
    made = server.server.create()
    made.stub(replies=[{"error": "rate_limited", "headers": {"retry-after-ms": "60"}}, "hi"])
    yield made
    server.server.drop(made)


def test_a_client_that_waits_is_honest(limited: SandboxClient) -> None:
    assert ask(limited) == 429
    time.sleep(0.1)
    assert ask(limited) == 200
    [refused] = limited.assert_backoff()
    assert (refused.number, refused.retry_after_s) == (1, 0.06)


def test_a_client_that_comes_too_soon_is_reported(limited: SandboxClient) -> None:
    assert [ask(limited), ask(limited)] == [429, 200]
    with pytest.raises(VerificationError, match=r"^#2 came \d+ ms after the reply to #1, which asked to wait 60 ms\n"):
        limited.assert_backoff(on="chat")


def test_without_a_reply_that_asks_to_wait_there_is_nothing_to_honour(limited: SandboxClient) -> None:
    ask(limited)
    with pytest.raises(VerificationError, match=r"^no reply asked the client to wait\.\n"):
        limited.assert_backoff(when={"user": "other"})


def test_a_date_counts_from_the_clock_of_the_sandbox(server: MockServer) -> None:
    made = server.server.create(clock="2026-11-27T12:00:00Z")
    made.stub(
        reply={"error": "rate_limited", "headers": {"retry-after": "{{now + 30s | http_date}}", "retry-after-ms": ""}}
    )
    ask(made)
    assert [one.retry_after_s for one in made.requests] == [30.0]
    server.server.drop(made)


def test_a_budget_is_refilled_by_the_clock(sandbox: SandboxClient) -> None:
    statuses = [ask(sandbox) for _ in range(7)]
    if sandbox.journal[0].document["reproducible"]:
        # Five a second come back with every call.
        assert statuses == [200] * 7
        sandbox.advance("1s")
        return
    assert 429 in statuses
    time.sleep(0.4)
    assert ask(sandbox) == 200
