"""A server from a test's side: one in this process, or one elsewhere; its sandboxes and health."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from os import PathLike, fspath
from typing import TYPE_CHECKING, Literal, Self, Unpack

from mockserver.client.admin import DEFAULT, Admin, HttpAdmin
from mockserver.client.recorded import RecordedRequest, Requests
from mockserver.client.sandbox import API_KEY, SETTLE_S, SandboxClient, SettingsGiven
from mockserver.client.scenario_files import Finder, ScenarioSource, to_json_object
from mockserver.errors import UsageError
from mockserver.model.json import JSONObject, objects

if TYPE_CHECKING:
    from mockserver.client.in_process import InProcessServer, Running


class ServerSettingsGiven(SettingsGiven, total=False):
    """The settings of a server as keywords: those of its sandboxes, the limits of its connections, and what it
    listens with; see `mockserver.model.settings`."""

    head_limit: int
    head_timeout: float
    body_timeout: float
    tls: Literal["self-signed"]
    tls_cert: str
    tls_key: str
    tls_ca: str
    tls_faults: Sequence[str]
    unix: str


class ServerClient:
    """`url` is the server's root."""

    def __init__(self, admin: Admin, url: str, *, finder: Finder | None = None) -> None:
        self.url = url.rstrip("/")
        self._admin = admin
        self._finder = finder

    def __repr__(self) -> str:
        return f"<ServerClient at {self.url}>"

    def health(self) -> JSONObject:
        """`status`, `version` and the number of `sandboxes`; HostError if no server answers."""
        return self._admin.call("health")

    @property
    def sandboxes(self) -> tuple[str, ...]:
        listed = objects(self._admin.call("list_sandboxes")["sandboxes"])
        return tuple(str(one["name"]) for one in listed)

    def sandbox(
        self, name: str = DEFAULT, *, finder: Finder | None = None, settle_s: float = SETTLE_S
    ) -> SandboxClient:
        """The sandbox of that name; its first use creates it, with the server's scenarios."""
        return SandboxClient(self._admin, self.url, name=name, finder=finder or self._finder, settle_s=settle_s)

    def create(
        self,
        name: str | None = None,
        *,
        scenarios: bool = False,
        finder: Finder | None = None,
        settle_s: float = SETTLE_S,
        **settings: Unpack[SettingsGiven],
    ) -> SandboxClient:
        """Create a sandbox, empty unless it asks for the server's `scenarios`.

        Raises UsageError: the name is taken, or a setting is wrong; HostError: there are too many sandboxes."""
        given: Mapping[str, object] = {**settings}
        named = {} if name is None else {"name": name}
        made = self._admin.call("create_sandbox", scenarios=scenarios, settings=to_json_object(given), **named)
        client = self.sandbox(str(made["name"]), finder=finder, settle_s=settle_s)
        client.api_key = next(iter(settings.get("keys", ())), API_KEY)
        return client

    def drop(self, sandbox: SandboxClient | str) -> None:
        """Drop a sandbox with its scenarios and its journal; UsageError where there is none."""
        name = sandbox if isinstance(sandbox, str) else sandbox.name
        self._admin.call("drop_sandbox", name)

    def leave(self, sandbox: SandboxClient) -> Callable[[], str]:
        """Drop a sandbox; gives what renders its journal as text."""
        entries = self._admin.drop_keeping_journal(sandbox.name)
        return lambda: Requests([RecordedRequest(one) for one in entries()]).text


def connect(url: str, *, admin_token: str | None = None, timeout_s: float = 30.0) -> ServerClient:
    """Reach a server elsewhere by its root, such as `http://127.0.0.1:8080`.

    Raises UsageError: this is not the URL of a server; HostError: no server answers there."""
    admin = HttpAdmin(url, admin_token=admin_token, timeout_s=timeout_s)
    client = ServerClient(admin, admin.url)
    client.health()
    return client


class _NotRunning(Admin):
    """The admin API of a server that is not running: every call is rejected."""

    @property
    def can_block(self) -> bool:
        return True

    def call(self, verb: str, sandbox: str = DEFAULT, **arguments: object) -> JSONObject:
        del sandbox, arguments
        raise UsageError(
            f"the server is not running, so {verb} is not possible: "
            "expected 'with MockServer(…) as server:' around this"
        )

    def load(self, sandbox: str, source: ScenarioSource) -> tuple[str, ...]:
        self.call("load_scenario", sandbox, source=source)
        return ()


class MockServer(SandboxClient):
    """A server with the scenarios at `paths`; itself the client of the sandbox `default`.

    `with MockServer("scenarios/") as server:` runs it in a daemon thread; `async with` on the
    running asyncio loop. `port` 0 picks a free one. `server` gives further sandboxes.

    Raises, on entering:
        ScenarioError: the scenarios have problems.
        UsageError: there is no such file, or a setting is wrong.
        HostError: the address cannot be bound."""

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
        self._running: Running | None = None
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
        return ServerClient(self._admin, self.url, finder=self._finder)

    def start(self) -> Self:
        """Listen in a thread; `with` does it for you."""
        self._run(self._assemble().in_thread(host=self._host, port=self._port))
        return self

    def stop(self) -> None:
        """Cut every exchange, stop listening, end the thread; nothing where it is not running."""
        running, self._running = self._running, None
        self._admin, self._root = _NotRunning(), ""
        if running is not None:
            running.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        running = self._assemble().on_loop(host=self._host, port=self._port)
        self._run(await self._stack.enter_async_context(running))
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.stop()
        await self._stack.aclose()

    def _assemble(self) -> InProcessServer:
        if self._root:
            raise UsageError(f"the server is running already, at {self._root}")
        from mockserver.client.in_process import InProcessServer  # noqa: PLC0415  # heavy: aiohttp, YAML, the contract

        return InProcessServer(self._paths, self._settings)

    def _run(self, running: Running) -> None:
        self._running = running
        self._admin, self._root = running.admin, running.url
