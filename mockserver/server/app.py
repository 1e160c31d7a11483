"""What one server serves: it finds the sandbox of a request, has it decided there, and has the
decision played and recorded."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from mockserver.model.findings import ApiError
from mockserver.model.frames import Outcome, OutcomeKind
from mockserver.model.journal import Record
from mockserver.model.request import Request
from mockserver.pipeline import coalesce
from mockserver.render.replies import BodyReply
from mockserver.server import ADMIN_BODY_LIMIT, Limits
from mockserver.server.connection import CLIENT_HELLO, TLS_ON_PLAIN, Connection, is_usable
from mockserver.server.gates import GatedAct, Making
from mockserver.server.head_cache import HeadCache
from mockserver.server.other_replies import NO_RETRY, error_script, malformed, script_of
from mockserver.server.player import Player
from mockserver.server.routing import DEFAULT, Target
from mockserver.server.sandbox import Sandbox, SandboxDroppedError, Sandboxes, SandboxLimitError
from mockserver.server.sink import Activity, TransportSink

if TYPE_CHECKING:
    from mockserver.model.frames import Script
    from mockserver.server.exchange import Decision
    from mockserver.server.public_reader import PublicReader
    from mockserver.server.tls import Tls


class Closable(Protocol):
    """What a server that stops has to end."""

    @property
    def activity(self) -> Activity | None: ...
    def shut_down(self) -> bool: ...
    def abort(self) -> None: ...


class AnyConnection(Closable, Protocol):
    """A connection, or one request of the public reader, as the application uses it."""

    loop: asyncio.AbstractEventLoop

    @property
    def sink(self) -> TransportSink: ...
    def play(self, player: Player) -> None: ...
    def run(self, coroutine: Coroutine[None, None, None]) -> None: ...
    def ended(self, how: OutcomeKind) -> None: ...


class AdminCall(NamedTuple):
    """A request below `/__admin`. `path` is what follows that prefix, `sandbox` the name by URL or
    header; `server_address` is the host address to which the client connected. The body is empty
    where `request.oversize`."""

    request: Request
    path: str
    sandbox: str
    server_address: str


AdminHandler: TypeAlias = Callable[[AdminCall], Awaitable[BodyReply]]

OnExchangeEnd: TypeAlias = Callable[[Sandbox, Record], None]

_SANDBOX_ERRORS = {
    SandboxDroppedError: (410, "mockserver_sandbox_dropped"),
    SandboxLimitError: (503, "mockserver_sandbox_limit"),
}
_ERROR_500 = BodyReply(
    status=500, headers=(("content-type", "text/plain; charset=utf-8"),), body=b"500 Internal Server Error\n"
)


class Upstream:
    """Answers requests: one per server. `on_exchange_end` is called with every finished record."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        admin: AdminHandler,
        *,
        on_exchange_end: OnExchangeEnd | None = None,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
    ) -> None:
        self.sandboxes = sandboxes
        self.limits = limits or Limits()
        self.connections: set[Closable] = set()
        self.heads = HeadCache()
        self._admin = admin
        self._on_exchange_end = on_exchange_end
        self._clock = clock
        self._is_usable: bool | None = None
        self._reader: PublicReader | None = None

    @property
    def has_no_connections(self) -> bool:
        """Whether no client is connected; any thread may ask."""
        return not self.connections

    @property
    def in_flight(self) -> str:
        """How many requests are being answered, and what else is in progress, in words."""
        counts = Counter([one.activity for one in self.connections])
        return ", ".join(
            f"{counts[what]} {what % ('' if counts[what] == 1 else 's')}"
            for what in Activity
            if counts[what] or what is Activity.REPLY
        )

    def protocol(self) -> asyncio.Protocol:
        """A protocol for the next connection; to be called on the loop."""
        if self._reader is None and self._is_usable is None:
            self._is_usable = is_usable()
        if self._is_usable:
            return Connection(self)
        if self._reader is None:
            from mockserver.server.public_reader import PublicReader  # noqa: PLC0415  # rarely

            self._reader = PublicReader(self)
        return self._reader.protocol()

    def tls_protocol(self, tls: Tls) -> asyncio.Protocol:
        """A protocol for the next connection of a listener that speaks TLS."""
        from mockserver.server.tls_connection import TlsConnection  # noqa: PLC0415  # few servers speak TLS

        return TlsConnection(self, tls)

    async def shut_down(self, grace_s: float) -> None:
        """End every connection; replies that are being written get `grace_s` to come to their
        end."""
        until = self._clock() + grace_s
        while any([one.shut_down() for one in (*self.connections,)]):  # noqa: C419  # all of them
            if self._clock() >= until:
                break
            await asyncio.sleep(_POLL_S)
        for one in (*self.connections,):
            one.abort()
        # Transports close in the next turn of the loop.
        await asyncio.sleep(0)
        if self._reader is not None:
            await self._reader.shut_down()

    # --- for connections ---

    def body_limit(self, target: Target) -> int:
        """Bytes that the body of a request to that target may have."""
        if target.admin is not None:
            return ADMIN_BODY_LIMIT
        name = target.sandbox_name
        known = self.sandboxes.get(name).settings if name in self.sandboxes else self.sandboxes.settings
        return known.body_limit

    def respond(self, connection: AnyConnection, request: Request, target: Target) -> None:
        """Answer a complete request."""
        admin = target.admin
        if target.path == "/" and _is_page_wanted(request):
            admin = ""
        if admin is not None:
            call = AdminCall(
                request=request, path=admin, sandbox=target.sandbox_name, server_address=connection.sink.server_address
            )
            connection.run(self._answer_admin(connection, call))
            return
        try:
            sandbox = self.sandboxes.get(target.sandbox_name)
        except (SandboxDroppedError, SandboxLimitError) as error:
            # There is no sandbox, and so no journal.
            self._play_script(connection, self._without_sandbox(error, request))
            return
        record, decision = sandbox.exchange(
            request, now_s=self._clock(), unix_s=time.time() if sandbox.clock.is_real else 0.0
        )
        if decision.closes:
            connection.sink.keep_alive = False
        acts = decision.acts
        if decision.make is not None:
            acts = (*acts, Making(partial(_make, connection, sandbox, record, decision.make)))
        connection.play(
            Player(
                connection.sink,
                acts,
                partial(self._ended, connection, sandbox, record),
                number=record.number,
                on_hold=partial(_held, record) if sandbox.gates else None,
                time_scale=sandbox.settings.time_scale,
                clock=self._clock,
                loop=connection.loop,
            )
        )

    def reject_head(self, connection: AnyConnection, status: int, reason: str, data: bytes) -> None:
        """Answer input that is no HTTP request; `data` is the piece in which that shows. It may
        begin with requests that were good; they are lost with it."""
        request = Request(method="", target="", path="", body=data, keep_alive=False)
        message = f"malformed request: {reason}"
        self._reject(connection, DEFAULT, request, status, message)

    def reject_body(
        self, connection: AnyConnection, status: int, reason: str, request: Request, target: Target
    ) -> None:
        """Answer a request whose body is malformed or too slow."""
        request.keep_alive = False
        message = f"malformed body: {reason}"
        self._reject(connection, target.sandbox_name, request, status, message)

    def handshake_failed(self, reason: str) -> None:
        """Record a connection that was none, as TLS could not be agreed on."""
        request = Request(method="", target="", path="", keep_alive=False)
        now = self._clock()
        try:
            sandbox = self.sandboxes.get()
        except SandboxLimitError:
            return
        record = sandbox.record_malformed(request, now_s=now, status=0, reason=f"TLS handshake failed: {reason}")
        self._finish(sandbox, record, Outcome(how=OutcomeKind.CUT, frames=0, sent=0, started_s=now, ended_s=now))

    def abandoned(self, request: Request, target: Target) -> None:
        """Record a request whose client left before the end of the body."""
        try:
            sandbox = self.sandboxes.get(target.sandbox_name)
        except (SandboxDroppedError, SandboxLimitError):
            return
        now = self._clock()
        record = sandbox.record_malformed(request, now_s=now, status=0)
        left = Outcome(how=OutcomeKind.CLIENT_LEFT, frames=0, sent=0, started_s=now, ended_s=now)
        self._finish(sandbox, record, left)

    def failed(self, connection: AnyConnection) -> None:
        """Answer a request at which this server failed."""
        request = Request(method="", target="", path="", keep_alive=False)
        self._play_script(connection, script_of(_ERROR_500, request))

    # --- private ---

    async def _answer_admin(self, connection: AnyConnection, call: AdminCall) -> None:
        reply = await self._admin(call)
        self._play_script(connection, script_of(reply, call.request))

    def _without_sandbox(self, error: SandboxDroppedError | SandboxLimitError, request: Request) -> Script:
        status, kind = _SANDBOX_ERRORS[type(error)]
        described = ApiError(status=status, type=kind, code=None, param=None, message=str(error), headers=NO_RETRY)
        return error_script(described, self.sandboxes.dialect, request, number=0)

    def _reject(self, connection: AnyConnection, name: str, request: Request, status: int, message: str) -> None:
        script = malformed(status, message, self.sandboxes.dialect, request)
        try:
            sandbox = self.sandboxes.get(name)
        except (SandboxDroppedError, SandboxLimitError):
            self._play_script(connection, script)
            return
        reason = TLS_ON_PLAIN if request.body.startswith(CLIENT_HELLO) and not request.method else ""
        record = sandbox.record_malformed(request, now_s=self._clock(), status=status, reason=reason)
        self._play_script(connection, script, partial(self._ended, connection, sandbox, record))

    def _play_script(
        self, connection: AnyConnection, script: Script, on_end: Callable[[Outcome], None] | None = None
    ) -> None:
        if on_end is None:
            on_end = partial(_go_on, connection)
        acts = tuple(coalesce(script.frames))
        connection.play(Player(connection.sink, acts, on_end, clock=self._clock, loop=connection.loop))

    def _ended(self, connection: AnyConnection, sandbox: Sandbox, record: Record, outcome: Outcome) -> None:
        self._finish(sandbox, record, outcome)
        connection.ended(outcome.how)

    def _finish(self, sandbox: Sandbox, record: Record, outcome: Outcome) -> None:
        record.outcome = outcome
        if self._on_exchange_end is not None:
            self._on_exchange_end(sandbox, record)


# How often a stopping server looks whether replies have come to their end.
_POLL_S = 0.01


def _is_page_wanted(request: Request) -> bool:
    """Whether a browser opens the address of the server, which shows the inspector."""
    return request.method in ("GET", "HEAD") and "text/html" in (request.header("accept") or "")


def _held(record: Record, place: str) -> None:
    record.held = (*record.held, place)


async def _make(
    connection: AnyConnection, sandbox: Sandbox, record: Record, make: Callable[[int], Awaitable[Decision]]
) -> tuple[GatedAct, ...]:
    """The acts of a reply that is made after its exchange was recorded."""
    decision = await make(record.number)
    if decision.choice is not None:
        record.choice = decision.choice
    record.reason = decision.reason
    sandbox.journal.complete(record, status=decision.status, findings=decision.findings, source=decision.source)
    if decision.closes:
        connection.sink.keep_alive = False
    return decision.acts


def _go_on(connection: AnyConnection, outcome: Outcome) -> None:
    connection.ended(outcome.how)
