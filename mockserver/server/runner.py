"""A server that listens: on the running loop, or on its own loop in a daemon thread.

Exchanges run on the loop. Code in another thread that must not run during one uses `call`, which
runs a function on the loop and returns its result.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mockserver.errors import HostError
from mockserver.model.settings import Listening
from mockserver.server.app import Upstream

if TYPE_CHECKING:
    from mockserver.server.tls import Tls

T = TypeVar("T")

DEADLINE_S = 10.0
"""How long starting, stopping or one call may take before the thread counts as dead."""

# Tests must not wait for replies that stall on purpose; exchanges in flight are cancelled.
_SHUTDOWN_S = 0.05
# Connections that may wait to be accepted. One beyond is retried a second later, and load tests
# open hundreds at once; the system has its own bound.
_BACKLOG = 4096
_STOPPED = "the server has stopped"


def tls_of(options: Listening) -> Tls | None:
    """The TLS of a listener, None for plain HTTP; raises UsageError for options that cannot be used."""
    if options == Listening(unix=options.unix):
        return None
    from mockserver.server.tls import read_tls  # noqa: PLC0415  # few servers speak TLS

    return read_tls(options)


def url_of(address: tuple[str, int], *, tls: Tls | None = None, unix: str | None = None) -> str:
    """The root of the server that listens at an address. Who connects to a Unix socket names a host all the same."""
    scheme, (host, port) = "http" if tls is None else "https", address
    if unix is not None:
        return f"{scheme}://localhost"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@asynccontextmanager
async def listening(
    upstream: Upstream,
    *,
    host: str,
    port: int,
    tls: Tls | None = None,
    unix: str | None = None,
    shutdown_s: float = _SHUTDOWN_S,
) -> AsyncIterator[tuple[str, int]]:
    """Listen inside the context; gives the bound address, `port` 0 resolved, or the path of a Unix socket.

    Raises:
        HostError: the address cannot be bound.
    """
    loop = asyncio.get_running_loop()
    protocol = upstream.protocol if tls is None else partial(upstream.tls_protocol, tls)
    try:
        if unix is not None:
            server = await loop.create_unix_server(protocol, sock=_bound(unix), backlog=_BACKLOG)
        else:
            server = await loop.create_server(protocol, host, port, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        if unix is not None:
            raise HostError(f"cannot listen on the Unix socket {unix}: {reason}; choose another path") from error
        raise HostError(f"cannot listen on {host}:{port}: {reason}; another port, or 0 for any free one") from error
    try:
        if unix is not None:
            yield unix, 0
        else:
            bound = server.sockets[0].getsockname()
            yield bound[0], bound[1]
    finally:
        server.close()
        if unix is not None:
            Path(unix).unlink(missing_ok=True)  # noqa: ASYNC240  # takes no time
        await upstream.shut_down(shutdown_s)


def _bound(path: str) -> socket.socket:
    """A Unix socket at a path. One that a server left behind makes room, one that answers does not; raises OSError."""
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("this system has no Unix sockets")
    found = socket.socket(socket.AF_UNIX)
    try:
        if Path(path).is_socket():
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(path) == errno.ECONNREFUSED:
                    Path(path).unlink()
        found.bind(path)
    except BaseException:
        found.close()
        raise
    return found


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

    def __init__(
        self, upstream: Upstream, *, host: str, port: int, tls: Tls | None = None, unix: str | None = None
    ) -> None:
        self._upstream = upstream
        self._host = host
        self._port = port
        self._tls = tls
        self._unix = unix
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
        async with listening(
            self._upstream, host=self._host, port=self._port, tls=self._tls, unix=self._unix
        ) as address:
            self._stop = lambda: loop.call_soon_threadsafe(done.set)
            ready.set_result(address)
            await done.wait()
