"""Control of a server elsewhere, over HTTP with the standard library alone."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.parse import quote, urlencode, urlsplit

from mockserver.client.control import DEFAULT, Control
from mockserver.errors import HostError, UsageError
from mockserver.model.json import JSONReadError, read
from mockserver.server.control_form import Sent, write_form
from mockserver.server.control_message import ControlReply, ControlRequest

TIMEOUT_S = 30.0


class FarControl(Control):
    """Carries requests to `url`, the server's root; a connection for each, so that any thread
    may ask."""

    def __init__(
        self, url: str, *, admin_token: str | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"server url {url!r}: wanted one like 'http://127.0.0.1:8080'")
        self.url = url.rstrip("/")
        self._root = parts.path.rstrip("/")
        self._admin_token = admin_token
        far = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        host, port = parts.hostname, parts.port
        self._connect: Callable[[], http.client.HTTPConnection] = lambda: far(
            host, port, timeout=timeout_s
        )

    @property
    def may_wait(self) -> bool:
        """Always: the server lives elsewhere."""
        return True

    def carry(self, request: ControlRequest) -> ControlReply:
        """Ask over a fresh connection.

        Raises:
            HostError: nobody answers, or whoever does is no mockserver.
            UsageError: the request holds what cannot travel.
            ScenarioError: a dialect's file that goes with it has problems.
        """
        if any(request.functions):
            raise UsageError(
                f"a reply made by a function cannot be sent to {self.url}: wanted a written reply, "
                "or a server in this process"
            )
        kind, body = _content(request)
        headers = self._headers() | ({} if body is None else {"Content-Type": kind})
        connection = self._connect()
        try:
            connection.request(request.method, self._target(request), body, headers)
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            said = str(error) or type(error).__name__
            raise HostError(f"no mockserver answers at {self.url}: {said}") from error
        finally:
            connection.close()
        document = read(data)
        if isinstance(document, JSONReadError) or not isinstance(document, dict):
            raise HostError(f"{self.url} is no mockserver: it answered {data[:80]!r}")
        return ControlReply(status=response.status, document=document)

    def _target(self, request: ControlRequest) -> str:
        named = "" if request.sandbox == DEFAULT else f"/sandbox/{quote(request.sandbox, safe='')}"
        query = f"?{urlencode(request.query)}" if request.query else ""
        return f"{self._root}{named}/__admin/{quote(request.path)}{query}"

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self._admin_token is not None:
            headers["Authorization"] = f"Bearer {self._admin_token}"
        return headers


def _content(request: ControlRequest) -> tuple[str, bytes | None]:
    """The content type and the bytes of a request's body; a form where files go with it."""
    if request.body is None:
        return "", None
    kind = "application/json" if request.is_json else "application/yaml"
    body = request.body.encode("utf-8")
    if request.folder and "dialect" in request.body:
        # Reading YAML is heavy, and few scenarios name a dialect.
        from mockserver.client.carrying import with_dialects  # noqa: PLC0415  # not before it is needed

        request = with_dialects(request)
    if not request.files:
        return f"{kind}; charset=utf-8", body
    return write_form(Sent(scenario=body, kind=kind, files=request.files))
