"""A server inside this process: in a thread of its own, or on the loop that is running."""

from __future__ import annotations

from contextlib import AsyncExitStack
from os import PathLike, fspath
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from mockserver.client.control import Control
from mockserver.client.files import Finder
from mockserver.client.sandbox import SandboxClient
from mockserver.client.server import ServerClient
from mockserver.client.settings import ServerSettingsGiven
from mockserver.errors import UsageError
from mockserver.server.control_message import ControlReply, ControlRequest

if TYPE_CHECKING:
    from mockserver.client.assembly import Assembly, Running


class _NotRunning(Control):
    """Stands in for the control of a server that is not there."""

    @property
    def may_wait(self) -> bool:
        return True

    def carry(self, request: ControlRequest) -> ControlReply:
        raise UsageError(
            f"the server is not running, so nothing answers {request.path!r}: "
            "wanted 'with MockServer(…) as server:' around this"
        )


class MockServer(SandboxClient):
    """A server with the scenarios at `paths`; itself the client of the sandbox `default`.

    `with MockServer("scenarios/") as server:` runs it in a daemon thread; `async with` on the
    running asyncio loop. `port` 0 picks a free one. More sandboxes are had from `server`.

    Raises, on entering:
        ScenarioError: the scenarios have problems.
        UsageError: there is no such file, or a setting is not one.
        HostError: the address cannot be bound.
    """

    def __init__(
        self,
        *paths: str | PathLike[str],
        host: str = "127.0.0.1",
        port: int = 0,
        finder: Finder | None = None,
        **settings: Unpack[ServerSettingsGiven],
    ) -> None:
        super().__init__(_NotRunning(), "", finder=finder)
        self._paths = tuple(fspath(path) for path in paths)
        self._host = host
        self._port = port
        self._settings = settings
        self._running_in: Running | None = None
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """Root of the server, without a final slash; UsageError while it is not running."""
        if not self._root:
            raise UsageError("the server has no address: it is not running")
        return self._root

    @property
    def server(self) -> ServerClient:
        """The whole server: further sandboxes, health."""
        return ServerClient(self._control, self.url, finder=self._finder)

    def start(self) -> Self:
        """Listen in a thread; `with` does it for you."""
        self._run(self._assembly().in_thread(host=self._host, port=self._port))
        return self

    def stop(self) -> None:
        """Cut every exchange, stop listening, end the thread; nothing where it is not running."""
        running, self._running_in = self._running_in, None
        self._control, self._root = _NotRunning(), ""
        if running is not None:
            running.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        running = self._assembly().on_loop(host=self._host, port=self._port)
        self._run(await self._stack.enter_async_context(running))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        await self._stack.aclose()

    def _assembly(self) -> Assembly:
        if self._root:
            raise UsageError(f"the server is running already, at {self._root}")
        # aiohttp, YAML and the contract: everything heavy waits until a server is wanted.
        from mockserver.client.assembly import Assembly  # noqa: PLC0415  # not before it is needed

        return Assembly(self._paths, self._settings)

    def _run(self, running: Running) -> None:
        self._running_in = running
        self._control, self._root = running.control, running.url
