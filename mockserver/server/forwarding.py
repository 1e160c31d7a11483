"""Forwarding: a request that no stub answers goes to an upstream, whose reply is relayed as it arrives.

What is read is an act that asks for the next one, so the player keeps the client's pace: the upstream is read no faster
than the client reads, and is left when the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from mockserver.errors import MockServerError, UsageError
from mockserver.model.dialect import Dialect
from mockserver.model.frames import Close, EndOfReply
from mockserver.model.headers import header_problem
from mockserver.model.json import JSONObject, write_bytes
from mockserver.model.request import Headers, Request, decode_headers
from mockserver.model.settings import RecordMode, UnmatchedPolicy
from mockserver.pipeline import Write
from mockserver.recording.exchange import RecordedExchange, UnreadableBodyError, decoded
from mockserver.render.http1 import head
from mockserver.server.gates import GatedAct, Making

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession
    from yarl import URL

    from mockserver.server.recorder import Recorder
    from mockserver.server.sandbox import Sandbox

CAPTURE_LIMIT: Final = 64 * 1024 * 1024
"""The bytes of a reply above which it is relayed and not recorded."""

_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_UP: Final = _HOP | {"accept-encoding", "content-length", "cookie", "cookie2", "expect", "host"}
_NOT_DOWN: Final = _HOP | {"set-cookie", "set-cookie2"}
_KEYS: Final = frozenset({"authorization", "api-key", "x-api-key"})
_KEY_PARAMETERS: Final = frozenset({"key", "api-key", "api_key", "apikey", "access_token", "token"})
_OWN: Final = "x-mockserver-"
_BODYLESS: Final = (204, 304)
_CONNECT_S: Final = 30.0
# How long a reply is read on that its client has left: most had come but for the end.
_DRAIN_S: Final = 1.0
# Servers drop idle connections, most not before this.
_IDLE_S: Final = 2.0
_LINE_LIMIT: Final = 64 * 1024


class UpstreamError(MockServerError):
    """The upstream gave no reply, or was not asked; `status` is 502, 504 where it took too long, 403 for a page that
    may not use it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Forwarder:
    """The one upstream of a server, or none, where what the recorder has is replayed only. `key` replaces the
    client's; `timeout_s` bounds every silence, 0 does not."""

    def __init__(
        self,
        url: str | None,
        *,
        key: str | None = None,
        timeout_s: float = 0.0,
        recorder: Recorder | None = None,
        records_failures: bool = False,
        clock: Callable[[], float],
    ) -> None:
        """Raises UsageError for a URL that is no upstream's."""
        self._origin = self._base = ""
        if url is not None:
            parts = _parsed(url)
            self._origin, self._base = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        self._records = recorder is not None and recorder.mode is not RecordMode.NONE
        self._key = key
        self._timeout_s = timeout_s
        self.recorder = recorder
        self._records_failures = records_failures
        self.clock = clock
        self._session: ClientSession | None = None
        self._draining: set[asyncio.Task[None]] = set()

    @property
    def title(self) -> str:
        """What answered, for the log."""
        return f"forwarded to {self._origin}"

    def takes(self, policy: UnmatchedPolicy) -> bool:
        """Whether an unmatched request goes to the upstream."""
        if not self._origin:
            return False
        return policy is UnmatchedPolicy.FORWARD or (policy is UnmatchedPolicy.FAIL and self._records)

    async def forward(self, sandbox: Sandbox, request: Request, dialect: Dialect) -> Relay:
        """Send a request and wait for the head of the reply; raises UpstreamError."""
        import aiohttp  # noqa: PLC0415  # only where something is forwarded

        _refuse_pages(request, sandbox.settings.cors)
        recorder = None if sandbox.settings.unmatched is UnmatchedPolicy.FORWARD else self.recorder
        relay = Relay(self, request, f"{self._origin}{self._path(request)}", sandbox, recorder)
        try:
            response = await self._client().request(
                request.method,
                self._url(request),
                data=request.body or None,
                headers=self._headers(request, dialect),
                allow_redirects=False,
                skip_auto_headers=("user-agent", "accept", "content-type", "accept-encoding"),
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            failure = self._failure(error)
            if self._records_failures:
                relay.failed(failure)
            raise failure from error
        relay.begin(response)
        return relay

    def drain(self, relay: Relay) -> None:
        """Read a reply to its end that its client has left, for a moment."""
        task = asyncio.get_running_loop().create_task(relay.drain(_DRAIN_S))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)

    async def settled(self) -> None:
        """Wait for replies that are read on, which may answer the next request."""
        if self._draining and self._records:
            await asyncio.wait(self._draining)

    async def close(self) -> None:
        """End what is in progress, and write what is recorded."""
        for task in (*self._draining,):
            task.cancel()
        if self._session is not None:
            await self._session.close()
        if self.recorder is not None:
            await self.recorder.settled()

    def _client(self) -> ClientSession:
        if self._session is None:
            import aiohttp  # noqa: PLC0415  # only where something is forwarded

            seconds = self._timeout_s or None
            self._session = aiohttp.ClientSession(
                auto_decompress=False,
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                max_field_size=_LINE_LIMIT,
                max_line_size=_LINE_LIMIT,
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=min(seconds or _CONNECT_S, _CONNECT_S), sock_read=seconds
                ),
            )
        return self._session

    def _path(self, request: Request) -> str:
        """The path at the upstream, whose own path is not repeated."""
        if any(part in (".", "..") for part in request.path.split("/")):
            raise UpstreamError(502, f"path {request.path!r} is not forwarded: it has relative parts")
        base = "" if request.path.startswith(f"{self._base}/") else self._base
        return f"{base}{quote(request.path)}"

    def _url(self, request: Request) -> URL:
        from yarl import URL  # noqa: PLC0415  # only where something is forwarded

        query = request.target.partition("#")[0].partition("?")[2]
        if self._key is not None and any(name.lower() in _KEY_PARAMETERS for name, _ in request.query):
            pairs = parse_qsl(query, keep_blank_values=True)
            query = urlencode([pair for pair in pairs if pair[0].lower() not in _KEY_PARAMETERS])
        return URL(f"{self._origin}{self._path(request)}{'?' if query else ''}{query}", encoded=True)

    def _headers(self, request: Request, dialect: Dialect) -> list[tuple[str, str]]:
        dropped = _NOT_UP | _named(request.headers)
        own: list[tuple[str, str]] = [("accept-encoding", "identity")]
        if self._key is not None:
            usages = {one.header.lower(): one.scheme for one in dialect.credentials} or {"authorization": "Bearer"}
            used = next((name for name in usages if request.header(name)), next(iter(usages)))
            dropped |= _KEYS | usages.keys()
            own.append((used, f"{usages[used]} {self._key}".strip()))
        kept = [
            (name, value)
            for name, value in request.headers
            if name.lower() not in dropped and not name.lower().startswith(_OWN) and header_problem(name, value) is None
        ]
        return kept + own

    def _failure(self, error: Exception) -> UpstreamError:
        if isinstance(error, TimeoutError):
            return UpstreamError(504, f"the upstream {self._origin} did not answer in time ({self._timeout_s:g} s)")
        reason = str(error) or type(error).__name__
        return UpstreamError(502, f"the upstream {self._origin} gave no reply: {reason}")


class Relay:
    """One reply on its way from the upstream to the client, and into the recording."""

    status = 0
    keep_alive = True

    def __init__(
        self, forwarder: Forwarder, request: Request, url: str, sandbox: Sandbox, recorder: Recorder | None
    ) -> None:
        self._forwarder = forwarder
        self._request = request
        self._url = url
        self._sandbox = sandbox
        self._recorder = recorder
        self._number = 0 if recorder is None else recorder.next_number()
        self._started = forwarder.clock()
        self._response: ClientResponse | None = None
        self._headers: Headers = ()
        self._chunked = False
        self._pieces: list[bytes] = []
        self._times: list[float] = []
        self._size = 0

    def begin(self, response: ClientResponse) -> None:
        """The head has come."""
        self._response = response
        self.status = response.status
        headers = decode_headers(response.raw_headers)
        dropped = _NOT_DOWN | _named(headers)
        self._headers = tuple(
            (name.lower(), value.encode("utf-8", "surrogateescape").decode("latin-1"))
            for name, value in headers
            if name.lower() not in dropped
        )

    def acts(self, added: Headers = ()) -> tuple[GatedAct, ...]:
        """The head, with headers `added` in place of those of their names, and what goes on behind it."""
        names = {name for name, _ in added}
        request, headers = self._request, (*(one for one in self._headers if one[0] not in names), *added)
        bodyless = request.method == "HEAD" or self.status in _BODYLESS
        sized = bodyless or any(name == "content-length" for name, _ in headers)
        self._chunked = not sized and request.version >= (1, 1)
        self.keep_alive = request.keep_alive and (sized or self._chunked)
        if self._chunked:
            headers = (*headers, ("transfer-encoding", "chunked"))
        if not self.keep_alive:
            headers = (*headers, ("connection", "close"))
        elif request.version < (1, 1):
            headers = (*headers, ("connection", "keep-alive"))
        return (Write(head(self.status, headers, request.version), 1), Making(self.more, self.left))

    async def more(self) -> tuple[GatedAct, ...]:
        """The next portion as it arrives, or the end."""
        try:
            data = await self._read()
        except _errors():
            self._finish(complete=False)
            return (Close(),)
        if data:
            framed = b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data
            return (Write(framed, 1), Making(self.more, self.left))
        self._finish(complete=True)
        return (Write(b"0\r\n\r\n", 1), EndOfReply()) if self._chunked else (EndOfReply(),)

    def left(self) -> None:
        """The client has left before the end."""
        if self._response is not None:
            self._forwarder.drain(self)

    async def drain(self, seconds: float) -> None:
        """Read on; what is complete in time is recorded."""
        try:
            async with asyncio.timeout(seconds):
                while await self._read():
                    pass
        except _errors():
            self._give_up()
        except asyncio.CancelledError:
            self._give_up()
            raise
        else:
            self._finish(complete=True)

    def _give_up(self) -> None:
        if self._response is not None:
            self._response.close()

    def failed(self, error: UpstreamError) -> None:
        """There was no reply."""
        self.status, self._headers = error.status, (("content-type", "application/json"),)
        self._pieces = [_failure_body(error)]
        self._times = [0.0]
        self._finish(complete=True)

    async def _read(self) -> bytes:
        assert self._response is not None  # noqa: S101  # set with the head
        data = await self._response.content.readany()
        self._size += len(data)
        if self._size > CAPTURE_LIMIT:
            self._pieces.clear()
        elif data and self._recorder is not None:
            self._pieces.append(data)
            self._times.append(self._forwarder.clock() - self._started)
        return data

    def _finish(self, *, complete: bool) -> None:
        if self._response is not None:
            self._response.release() if complete else self._response.close()
            self._response = None
        recorder = self._recorder
        if recorder is None:
            return
        if self._size > CAPTURE_LIMIT:
            recorder.note(f"not recorded: the reply to {self._request.path} has more than {CAPTURE_LIMIT} bytes")
            return
        try:
            recorder.add(self._sandbox, self._exchange(complete=complete), self._number)
        except UnreadableBodyError as error:
            recorder.note(f"not recorded: {self._request.path}: {error}")

    def _exchange(self, *, complete: bool) -> RecordedExchange:
        asked, sent = self._request.headers, b"".join(self._pieces)
        body = decoded(self._headers, sent)
        splits: list[int] = []
        for piece in self._pieces[:-1]:
            splits.append(len(piece) + (splits[-1] if splits else 0))
        plain = body == sent
        return RecordedExchange(
            origin="",
            method=self._request.method,
            url=self._url,
            request_headers=asked,
            request_body=decoded(asked, self._request.body),
            status=self.status,
            # The length is that of the coded body.
            reply_headers=tuple(one for one in self._headers if plain or one[0] != "content-length"),
            reply_body=body,
            splits=tuple(splits) if plain else (),
            times_s=tuple(self._times) if plain else tuple(self._times[-1:]),
            complete=complete,
        )


def _failure_body(error: UpstreamError) -> bytes:
    members: JSONObject = {"message": str(error), "type": UPSTREAM_TYPE, "param": None, "code": None}
    return write_bytes({"error": members})


UPSTREAM_TYPE: Final = "mockserver_upstream"


def _errors() -> tuple[type[Exception], ...]:
    import aiohttp  # noqa: PLC0415  # only where something is forwarded

    return (aiohttp.ClientError, TimeoutError, OSError)


def _named(headers: Headers) -> frozenset[str]:
    """The further hop-by-hop headers, which `connection` names."""
    named = ",".join(value for name, value in headers if name.lower() == "connection")
    return frozenset(one.strip().lower() for one in named.split(","))


def _refuse_pages(request: Request, origins: tuple[str, ...]) -> None:
    """A page of any site can send requests to this address with a browser that has it: none may spend the key but those
    of this machine, and those that are named."""
    origin = request.header("origin")
    if origin is None or origin in origins:
        return
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        host = ""
    if host not in _LOOPBACK_HOSTS:
        raise UpstreamError(403, f"a page of {origin} may not use the upstream; --cors {origin} lets it")


_LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"--upstream {url!r}: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--upstream {url!r}: expected http://HOST or https://HOST, with a path or without")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise UsageError("--upstream: expected no credentials, query or fragment; the key is for --upstream-key-env")
    return parts
