"""A server that listens: on the running loop, or on its own loop in a daemon thread.

Exchanges run on the loop. Code in another thread that must not run during one uses `call`, which
runs a function on the loop and returns its result.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import TypeVar

from mockserver.errors import HostError
from mockserver.server.app import Upstream

T = TypeVar("T")

DEADLINE_S = 10.0
"""How long starting, stopping or one call may take before the thread counts as dead."""

# Tests must not wait for replies that stall on purpose; exchanges in flight are cancelled.
_SHUTDOWN_S = 0.05
# Connections that may wait to be accepted. One beyond is retried a second later, and load tests
# open hundreds at once; the system has its own bound.
_BACKLOG = 4096
_STOPPED = "the server has stopped"


@asynccontextmanager
async def listening(
    upstream: Upstream, *, host: str, port: int, shutdown_s: float = _SHUTDOWN_S
) -> AsyncIterator[tuple[str, int]]:
    """Listen inside the context; gives the bound address, `port` 0 resolved.

    Raises:
        HostError: the address cannot be bound.
    """
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(upstream.protocol, host, port, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise HostError(f"cannot listen on {host}:{port}: {reason}; another port, or 0 for any free one") from error
    try:
        bound = server.sockets[0].getsockname()
        yield bound[0], bound[1]
    finally:
        server.close()
        await upstream.shut_down(shutdown_s)


class LoopCaller:
    """Calls functions on the loop that runs at its creation, on which `upstream` listens."""

    def __init__(self, upstream: Upstream | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._upstream = upstream

    @property
    def on_loop(self) -> bool:
        """Whether the caller runs on the thread of the loop, where it must not wait."""
        return threading.get_ident() == self._thread

    @property
    def has_no_connections(self) -> bool:
        """Whether no client is connected, so that nothing is in flight."""
        return self._upstream is not None and self._upstream.has_no_connections

    def check(self) -> None:
        """Raises HostError where the loop is closed."""
        if self._loop.is_closed():
            raise HostError(_STOPPED)

    def call(self, function: Callable[[], T]) -> T:
        """Run a function on the loop's thread and give its result or raise its error.

        Raises:
            HostError: the loop is closed, or is busy for DEADLINE_S.
        """
        self.check()
        if self.on_loop:
            return function()
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001  # it is raised at the caller
                future.set_exception(error)

        try:
            self._loop.call_soon_threadsafe(run)
            return future.result(DEADLINE_S)
        except RuntimeError as error:
            if future.done():
                raise
            raise HostError(_STOPPED) from error
        except TimeoutError as error:
            if future.done():
                raise
            raise HostError(f"the server has not answered for {DEADLINE_S:.0f} s") from error


class ThreadRunner:
    """One daemon thread with its own loop, from `start` to `stop`."""

    def __init__(self, upstream: Upstream, *, host: str, port: int) -> None:
        self._upstream = upstream
        self._host = host
        self._port = port
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] | None = None
        self._caller: LoopCaller | None = None

    def start(self) -> tuple[str, int]:
        """Listen, and give the address bound.

        Raises:
            HostError: the address cannot be bound.
        """
        ready: Future[tuple[str, int]] = Future()
        name = f"mockserver {self._host}:{self._port}"
        self._thread = threading.Thread(target=self._run, args=(ready,), name=name, daemon=True)
        self._thread.start()
        try:
            return ready.result(DEADLINE_S)
        except TimeoutError as error:
            raise HostError(f"the server did not start within {DEADLINE_S:.0f} s") from error

    @property
    def loop(self) -> LoopCaller:
        """Its loop; raises HostError before the start."""
        if self._caller is None:
            raise HostError("the server has not started")
        return self._caller

    def stop(self) -> None:
        """End every exchange, stop listening and end the thread; nothing if it is not running.

        Raises:
            HostError: the thread is still alive when the deadline has passed.
        """
        thread, stop = self._thread, self._stop
        self._thread = self._stop = None
        if thread is None or stop is None:
            return
        stop()
        thread.join(DEADLINE_S)
        if thread.is_alive():
            raise HostError(f"the server did not stop within {DEADLINE_S:.0f} s")

    def _run(self, ready: Future[tuple[str, int]]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:  # noqa: BLE001  # it is raised by `start`
            if not ready.done():
                ready.set_exception(error)

    async def _serve(self, ready: Future[tuple[str, int]]) -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._caller = LoopCaller(self._upstream)
        async with listening(self._upstream, host=self._host, port=self._port) as address:
            self._stop = lambda: loop.call_soon_threadsafe(done.set)
            ready.set_result(address)
            await done.wait()
