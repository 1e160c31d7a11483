"""The same clients with `await`: each call runs in a worker thread, so that a loop goes on.

Waiting for a request from a test that shares its loop with the server or its client wants these.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Unpack

from mockserver.client.answered import Source
from mockserver.client.caller import CalledHere
from mockserver.client.control import DEFAULT
from mockserver.client.drafts import ReplyGiven
from mockserver.client.filter import On, Step
from mockserver.client.gate import AsyncGate
from mockserver.client.recorded import RecordedRequest
from mockserver.client.requests import Requests
from mockserver.client.sandbox import SandboxClient
from mockserver.client.server import ServerClient, connect
from mockserver.client.settings import SettingsGiven
from mockserver.client.upload import Playable
from mockserver.client.verdict import Verdict
from mockserver.model.json import JSONObject


class AsyncSandboxClient:
    """`sync` is the same sandbox without `await`; see there for what each method does."""

    def __init__(self, sync: SandboxClient) -> None:
        self.sync = sync

    @property
    def name(self) -> str:
        return self.sync.name

    @property
    def url(self) -> str:
        """Root of this sandbox, without a final slash."""
        return self.sync.url

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as its base URL: ends with `/v1`."""
        return self.sync.base_url

    @property
    def env(self) -> dict[str, str]:
        """Environment variables that point an OpenAI client here."""
        return self.sync.env

    async def load(self, *sources: Source) -> None:
        with CalledHere():
            await asyncio.to_thread(self.sync.load, *sources)

    async def play(self, case: Playable) -> None:
        await asyncio.to_thread(self.sync.play, case)

    async def stub(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
        times: int | str | None = None,
        then: str | None = None,
        priority: int | None = None,
        name: str | None = None,
    ) -> str:
        with CalledHere():
            return await asyncio.to_thread(
                self.sync.stub,
                on=on,
                when=when,
                reply=reply,
                replies=replies,
                times=times,
                then=then,
                priority=priority,
                name=name,
            )

    async def expect(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
        times: int | str = "1..",
        then: str | None = None,
        priority: int | None = None,
        name: str | None = None,
    ) -> str:
        with CalledHere():
            return await asyncio.to_thread(
                self.sync.expect,
                on=on,
                when=when,
                reply=reply,
                replies=replies,
                times=times,
                then=then,
                priority=priority,
                name=name,
            )

    @asynccontextmanager
    async def hold(
        self, stub: str, *, at: Mapping[str, object] | None = None
    ) -> AsyncIterator[AsyncGate]:
        gate = await asyncio.to_thread(self.sync.hold, stub, at=at)
        try:
            yield AsyncGate(gate)
        finally:
            await asyncio.to_thread(gate.__exit__, None, None, None)

    async def reset(self) -> None:
        await asyncio.to_thread(self.sync.reset)

    async def requests(self) -> Requests:
        """Every call so far."""
        return await asyncio.to_thread(lambda: self.sync.requests)

    async def last(self) -> RecordedRequest:
        """The latest call."""
        return await asyncio.to_thread(lambda: self.sync.last)

    async def journal(self) -> Requests:
        """Every exchange."""
        return await asyncio.to_thread(lambda: self.sync.journal)

    async def client_left(self) -> Requests:
        """The calls whose client went away."""
        return await asyncio.to_thread(lambda: self.sync.client_left)

    async def wait_for(
        self,
        count: int = 1,
        *,
        timeout: float = 5.0,  # noqa: ASYNC109  # the bound is told in the failure's text
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Requests:
        return await asyncio.to_thread(
            self.sync.wait_for, count, timeout=timeout, on=on, when=when, stub=stub
        )

    def allow(
        self, *, unmatched: bool = False, findings: bool = False, counts: bool = False
    ) -> None:
        self.sync.allow(unmatched=unmatched, findings=findings, counts=counts)

    async def settle(self, timeout: float | None = None) -> tuple[int, ...]:  # noqa: ASYNC109
        return await asyncio.to_thread(self.sync.settle, timeout)

    async def verdict(self) -> Verdict:
        return await asyncio.to_thread(self.sync.verdict)

    async def verify(self) -> None:
        await asyncio.to_thread(self.sync.verify)

    async def assert_called(
        self,
        *,
        times: int | str = "1..",
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Requests:
        return await asyncio.to_thread(
            self.sync.assert_called, times=times, on=on, when=when, stub=stub
        )

    async def assert_order(self, *steps: Step) -> None:
        await asyncio.to_thread(self.sync.assert_order, *steps)


class AsyncServerClient:
    """`sync` is the same server without `await`."""

    def __init__(self, sync: ServerClient) -> None:
        self.sync = sync

    @property
    def url(self) -> str:
        return self.sync.url

    async def health(self) -> JSONObject:
        return await asyncio.to_thread(self.sync.health)

    async def sandboxes(self) -> tuple[str, ...]:
        """Names of all sandboxes."""
        return await asyncio.to_thread(lambda: self.sync.sandboxes)

    def sandbox(self, name: str = DEFAULT) -> AsyncSandboxClient:
        """The sandbox of that name; its first use makes it."""
        return AsyncSandboxClient(self.sync.sandbox(name))

    async def create(
        self,
        name: str | None = None,
        *,
        scenarios: bool = False,
        **settings: Unpack[SettingsGiven],
    ) -> AsyncSandboxClient:
        made = await asyncio.to_thread(
            lambda: self.sync.create(name, scenarios=scenarios, **settings)
        )
        return AsyncSandboxClient(made)

    async def drop(self, sandbox: AsyncSandboxClient | str) -> None:
        name = sandbox if isinstance(sandbox, str) else sandbox.name
        await asyncio.to_thread(self.sync.drop, name)


async def connect_async(
    url: str, *, admin_token: str | None = None, timeout_s: float = 30.0
) -> AsyncServerClient:
    """Reach a server elsewhere; see `connect`."""
    return AsyncServerClient(
        await asyncio.to_thread(connect, url, admin_token=admin_token, timeout_s=timeout_s)
    )
