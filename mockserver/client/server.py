"""A running server from outside: its sandboxes and its health, near and far alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Unpack

from mockserver.client.control import DEFAULT, Control, ask
from mockserver.client.far import FarControl
from mockserver.client.files import Finder
from mockserver.client.plain import plain_object
from mockserver.client.reached import API_KEY, SETTLE_S
from mockserver.client.recorded import RecordedRequest
from mockserver.client.requests import Requests
from mockserver.client.sandbox import SandboxClient
from mockserver.client.settings import SettingsGiven
from mockserver.model.json import JSONObject


class ServerClient:
    """`url` is the server's root."""

    def __init__(self, control: Control, url: str, *, finder: Finder | None = None) -> None:
        self.url = url.rstrip("/")
        self._control = control
        self._finder = finder

    def __repr__(self) -> str:
        return f"<ServerClient at {self.url}>"

    def health(self) -> JSONObject:
        """`status`, `version` and how many `sandboxes` there are; HostError if nobody answers."""
        return ask(self._control, "GET", "health")

    @property
    def sandboxes(self) -> tuple[str, ...]:
        """Names of all sandboxes."""
        told = ask(self._control, "GET", "sandboxes")["sandboxes"]
        listed = told if isinstance(told, list) else []
        return tuple(str(one["name"]) for one in listed if isinstance(one, dict))

    def sandbox(
        self, name: str = DEFAULT, *, finder: Finder | None = None, settle_s: float = SETTLE_S
    ) -> SandboxClient:
        """The sandbox of that name; its first use makes it, with the server's scenarios."""
        return SandboxClient(
            self._control,
            self.url,
            name=name,
            finder=finder or self._finder,
            api_key=API_KEY,
            settle_s=settle_s,
        )

    def create(
        self,
        name: str | None = None,
        *,
        scenarios: bool = False,
        finder: Finder | None = None,
        settle_s: float = SETTLE_S,
        **settings: Unpack[SettingsGiven],
    ) -> SandboxClient:
        """Make a sandbox, empty unless it asks for the server's `scenarios`.

        Raises:
            UsageError: the name is taken, or a setting is not one.
            HostError: there are too many sandboxes.
        """
        given: Mapping[str, object] = {**settings}
        read = plain_object(given) if given else {}
        made = self._control.create(name, scenarios=scenarios, settings=read)
        keys = settings.get("keys", ())
        client = self.sandbox(made, finder=finder, settle_s=settle_s)
        if keys:
            client.api_key = keys[0]
        return client

    def drop(self, sandbox: SandboxClient | str) -> None:
        """Forget a sandbox and all it holds; UsageError where there is none."""
        name = sandbox if isinstance(sandbox, str) else sandbox.name
        self._control.drop(name)

    def leave(self, sandbox: SandboxClient) -> Callable[[], str]:
        """Forget a sandbox as `drop` does; gives what tells its journal as text."""
        told = self._control.leave(sandbox.name)
        return lambda: Requests([RecordedRequest(one) for one in told()]).text


def connect(url: str, *, admin_token: str | None = None, timeout_s: float = 30.0) -> ServerClient:
    """Reach a server elsewhere by its root, such as `http://127.0.0.1:8080`.

    Raises:
        UsageError: this is no URL of a server.
        HostError: nobody answers there.
    """
    control = FarControl(url, admin_token=admin_token, timeout_s=timeout_s)
    client = ServerClient(control, control.url)
    client.health()
    return client
