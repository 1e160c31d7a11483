"""The clients with `await`: each method runs its synchronous counterpart in a worker thread, so that the loop goes on.

A test that shares its loop with the server or its client waits for requests with these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, Unpack

from mockserver.client.admin import DEFAULT
from mockserver.client.sandbox import Gate, SandboxClient, SettingsGiven
from mockserver.client.scenario_files import CallSite
from mockserver.client.server import ServerClient, connect

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class _Wraps(Protocol[S_co]):
    @property
    def sync(self) -> S_co: ...


def _awaited(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[_Wraps[S], P], Coroutine[Any, Any, R]]:
    """A method of `sync` as a coroutine method with the same parameters and result."""

    @wraps(method)
    async def call(self: _Wraps[S], /, *args: P.args, **kwargs: P.kwargs) -> R:
        with CallSite():
            return await asyncio.to_thread(method, self.sync, *args, **kwargs)

    return call


def _of_sandbox(read: Callable[[SandboxClient], R]) -> Callable[[_Wraps[SandboxClient]], Coroutine[Any, Any, R]]:
    return _awaited(read)


def _held(gate: Gate) -> list[int]:
    return gate.held


def _sandboxes(server: ServerClient) -> tuple[str, ...]:
    return server.sandboxes


class AsyncGate:
    """`sync` is the same gate without `await`; see there for what each method does."""

    def __init__(self, sync: Gate) -> None:
        self.sync = sync

    held = _awaited(_held)
    wait = _awaited(Gate.wait)
    release = _awaited(Gate.release)


class AsyncSandboxClient:
    """`sync` is the same sandbox without `await`; see there for what each method does."""

    def __init__(self, sync: SandboxClient) -> None:
        self.sync = sync

    @property
    def name(self) -> str:
        return self.sync.name

    @property
    def url(self) -> str:
        return self.sync.url

    @property
    def base_url(self) -> str:
        return self.sync.base_url

    @property
    def env(self) -> dict[str, str]:
        return self.sync.env

    load = _awaited(SandboxClient.load)
    play = _awaited(SandboxClient.play)
    stub = _awaited(SandboxClient.stub)
    expect = _awaited(SandboxClient.expect)
    reset = _awaited(SandboxClient.reset)
    requests = _of_sandbox(lambda sandbox: sandbox.requests)
    last = _of_sandbox(lambda sandbox: sandbox.last)
    journal = _of_sandbox(lambda sandbox: sandbox.journal)
    client_left = _of_sandbox(lambda sandbox: sandbox.client_left)
    wait_for = _awaited(SandboxClient.wait_for)
    settle = _awaited(SandboxClient.settle)
    verdict = _awaited(SandboxClient.verdict)
    verify = _awaited(SandboxClient.verify)
    assert_called = _awaited(SandboxClient.assert_called)
    assert_disconnected = _awaited(SandboxClient.assert_disconnected)
    assert_order = _awaited(SandboxClient.assert_order)
    assert_backoff = _awaited(SandboxClient.assert_backoff)
    advance = _awaited(SandboxClient.advance)

    async def another(self, label: str, **settings: Unpack[SettingsGiven]) -> AsyncSandboxClient:
        return AsyncSandboxClient(await asyncio.to_thread(self.sync.another, label, **settings))

    @asynccontextmanager
    async def hold(self, stub: str, *, at: Mapping[str, object] | None = None) -> AsyncIterator[AsyncGate]:
        gate = await asyncio.to_thread(self.sync.hold, stub, at=at)
        try:
            yield AsyncGate(gate)
        finally:
            await asyncio.to_thread(gate.__exit__, None, None, None)

    def allow(self, *, unmatched: bool = False, findings: bool = False, counts: bool = False) -> None:
        self.sync.allow(unmatched=unmatched, findings=findings, counts=counts)


class AsyncServerClient:
    """`sync` is the same server without `await`."""

    def __init__(self, sync: ServerClient) -> None:
        self.sync = sync

    @property
    def url(self) -> str:
        return self.sync.url

    health = _awaited(ServerClient.health)
    sandboxes = _awaited(_sandboxes)

    def sandbox(self, name: str = DEFAULT) -> AsyncSandboxClient:
        return AsyncSandboxClient(self.sync.sandbox(name))

    async def create(
        self, name: str | None = None, *, scenarios: bool = False, **settings: Unpack[SettingsGiven]
    ) -> AsyncSandboxClient:
        made = await asyncio.to_thread(lambda: self.sync.create(name, scenarios=scenarios, **settings))
        return AsyncSandboxClient(made)

    async def drop(self, sandbox: AsyncSandboxClient | str) -> None:
        name = sandbox if isinstance(sandbox, str) else sandbox.name
        await asyncio.to_thread(self.sync.drop, name)


async def connect_async(url: str, *, admin_token: str | None = None, timeout_s: float = 30.0) -> AsyncServerClient:
    """Reach a server elsewhere; see `connect`."""
    return AsyncServerClient(await asyncio.to_thread(connect, url, admin_token=admin_token, timeout_s=timeout_s))
