"""The shell: aiohttp reads requests and owns connections, we answer through the seam.

Nothing is decided here; the sandbox does that without waiting, the player performs.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TypeAlias

from aiohttp import web
from aiohttp.http import HttpVersion10, HttpVersion11

from mockserver.model.frames import ClientDisconnected, Outcome, OutcomeKind, Script, Send
from mockserver.model.journal import Entry
from mockserver.model.request import Request
from mockserver.pipeline.compose import HttpContext
from mockserver.pipeline.template import announces_close
from mockserver.server.address import SANDBOX_HEADER, Address, read
from mockserver.server.body import BodyTooLargeError, read_body
from mockserver.server.breach import Breach, MalformedBodyError
from mockserver.server.direct import Begun, Counter, DirectListener, begun_on
from mockserver.server.gates import Hold
from mockserver.server.held import play_held
from mockserver.server.limits import ADMIN_BODY_LIMIT, Limits
from mockserver.server.pacing import pace
from mockserver.server.player import perform, play
from mockserver.server.protocol import Listener
from mockserver.server.received import headers_of
from mockserver.server.sandbox import DEFAULT, Performance, Sandbox
from mockserver.server.sandboxes import SandboxDroppedError, Sandboxes, SandboxLimitError
from mockserver.server.seam import Seam
from mockserver.server.turned_away import malformed, turned_away, whole_script
from mockserver.server.under_way import Doing, UnderWay

Control: TypeAlias = Callable[
    [web.BaseRequest, Address, bytes | None], Awaitable[web.StreamResponse]
]
"""Answers admin requests; the body is None where it was too large."""

Witness: TypeAlias = Callable[[Sandbox, Entry], None]

_SPOKEN = frozenset({HttpVersion10, HttpVersion11})


class Upstream:
    """What answers requests: one per server. `witness` is told of every exchange that ended."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        control: Control,
        *,
        witness: Witness | None = None,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
    ) -> None:
        self.sandboxes = sandboxes
        self._control = control
        self._witness = witness
        self._clock = clock
        self._limits = limits
        self.under_way = UnderWay()
        self._listeners: list[Listener] = []

    @property
    def has_no_connections(self) -> bool:
        """Whether no client is connected; thread-safe."""
        return not any([one.connections for one in self._listeners])  # noqa: C419  # half the time

    def listener(self) -> Listener:
        """The aiohttp server to be run by a `ServerRunner`."""
        witness = None if self._witness is None else self._last_ended
        counter = Counter(self.sandboxes, self._ended, self._clock, witness)
        made = DirectListener(
            self.handle, refusal=self.refuse, limits=self._limits, counter=counter
        )
        self._listeners.append(made)
        return made

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        begun = begun_on(request)
        if begun is not None:
            return await self._go_on(request, begun)
        if request.version not in _SPOKEN:
            version = f"HTTP/{request.version.major}.{request.version.minor}"
            message = f"wanted HTTP/1.1 or HTTP/1.0, got {version}"
            return self.refuse(request, Breach(message=message, data=b""))
        address = read(request.raw_path, request.headers.get(SANDBOX_HEADER))
        oversize = False
        admin = address.admin is not None
        limit = ADMIN_BODY_LIMIT if admin else self.sandboxes.settings.body_limit
        try:
            with self.under_way.doing(Doing.READING):
                body = await read_body(request, limit=limit)
        except ClientDisconnected:
            self._abandoned(request, address)
            raise
        except BodyTooLargeError:
            body, oversize = b"", True
        except MalformedBodyError as error:
            return self._malformed(request, address, error)
        if admin:
            with self.under_way.doing(Doing.CONTROL):
                return await self._control(request, address, None if oversize else body)
        try:
            sandbox = self.sandboxes.get(address.name)
        except (SandboxDroppedError, SandboxLimitError) as error:
            return await self._turned_away(request, error, oversize=oversize)
        received = _received(request, address, body)
        if sandbox.is_call(received):
            return await self._perform(request, sandbox, received, oversize=oversize)
        return await self._aside(request, sandbox, received)

    def refuse(self, request: web.BaseRequest, breach: Breach) -> web.StreamResponse:
        """Answer input that is no HTTP request, and record what could be read of it."""
        received = Request(method="", target="", path="", body=breach.data)
        script = malformed(
            breach.status, f"malformed request: {breach.message}", self.sandboxes.dialect
        )
        return self._garbage(request, DEFAULT, received, breach.status, script)

    async def _turned_away(
        self,
        request: web.BaseRequest,
        error: SandboxDroppedError | SandboxLimitError,
        *,
        oversize: bool,
    ) -> web.StreamResponse:
        """Answer a request for which there is no sandbox, and so no journal."""
        seam = Seam(request)
        seam.keep_alive = seam.keep_alive and not oversize
        version = (request.version.major, request.version.minor)
        carrier = HttpContext(version=version, keep_alive=seam.keep_alive)
        script = turned_away(error, self.sandboxes.dialect, carrier, method=request.method)
        await play(seam, script, clock=self._clock)
        return seam.response

    async def _perform(
        self, request: web.BaseRequest, sandbox: Sandbox, received: Request, *, oversize: bool
    ) -> web.StreamResponse:
        seam = Seam(request)
        # What was not read stays in the way of a next request.
        carrier = HttpContext(version=received.version, keep_alive=seam.keep_alive and not oversize)
        performance = sandbox.exchange(
            received, now_s=self._clock(), carrier=carrier, oversize=oversize
        )
        return await self._perform_it(seam, sandbox, performance, sandbox.journal.generation)

    async def _go_on(self, request: web.BaseRequest, begun: Begun) -> web.StreamResponse:
        if isinstance(begun.performance, Exception):
            raise begun.performance
        return await self._perform_it(
            Seam(request), begun.sandbox, begun.performance, begun.generation
        )

    async def _perform_it(
        self, seam: Seam, sandbox: Sandbox, performance: Performance, generation: int
    ) -> web.StreamResponse:
        played = performance.told.played
        if played is None:
            script, holds = performance.script, performance.holds
            await self._play(
                seam, sandbox, performance.number, script, holds, generation=generation
            )
        else:
            if played.closes:
                seam.keep_alive = False
            scale = sandbox.settings.time_scale
            how = pace if played.timed else perform
            playing = how(seam, played.acts, time_scale=scale, clock=self._clock)
            await self._watched(seam, sandbox, performance.number, playing, generation)
        return seam.response

    async def _play(
        self,
        seam: Seam,
        sandbox: Sandbox,
        number: int,
        script: Script,
        holds: tuple[Hold, ...] = (),
        *,
        generation: int | None = None,
    ) -> None:
        if announces_close(script.frames):
            seam.keep_alive = False
        if holds:
            playing = self._play_held(seam, sandbox, number, script, holds)
        else:
            scale = sandbox.settings.time_scale
            playing = play(seam, script, time_scale=scale, clock=self._clock)
        await self._watched(
            seam,
            sandbox,
            number,
            playing,
            sandbox.journal.generation if generation is None else generation,
        )

    async def _watched(
        self,
        seam: Seam,
        sandbox: Sandbox,
        number: int,
        playing: Coroutine[None, None, Outcome],
        generation: int,
    ) -> None:
        """Perform, and record in the journal of that era how it ended."""
        started = self._clock()
        try:
            with self.under_way.doing(Doing.EXCHANGE):
                outcome = await playing
        except BaseException:
            # The server stops amid the reply, which ends where it is.
            now = self._clock()
            cut = Outcome(
                how=OutcomeKind.CUT, frames=0, sent=seam.sent, started_s=started, ended_s=now
            )
            self._ended(sandbox, number, cut, generation)
            raise
        self._ended(sandbox, number, outcome, generation)

    async def _play_held(
        self,
        seam: Seam,
        sandbox: Sandbox,
        number: int,
        script: Script,
        holds: tuple[Hold, ...],
    ) -> Outcome:
        return await play_held(
            seam,
            script,
            holds,
            exchange=number,
            notice=lambda hold: sandbox.held(number, hold),
            time_scale=sandbox.settings.time_scale,
            clock=self._clock,
        )

    async def _aside(
        self, request: web.BaseRequest, sandbox: Sandbox, received: Request
    ) -> web.StreamResponse:
        number, told = sandbox.aside(received, now_s=self._clock())
        seam = Seam(request)
        carrier = HttpContext(version=received.version, keep_alive=seam.keep_alive)
        script = whole_script(told, carrier, method=received.method)
        await self._play(seam, sandbox, number, script)
        return seam.response

    def _malformed(
        self, request: web.BaseRequest, address: Address, error: MalformedBodyError
    ) -> web.StreamResponse:
        received = _received(request, address, b"")
        script = malformed(
            error.status,
            f"malformed body: {error}",
            self.sandboxes.dialect,
            version=received.version,
            method=received.method,
        )
        return self._garbage(request, address.name, received, error.status, script)

    def _abandoned(self, request: web.BaseRequest, address: Address) -> None:
        """Record a request whose body never came to its end."""
        try:
            sandbox = self.sandboxes.get(address.name)
        except (SandboxDroppedError, SandboxLimitError):
            return
        received = _received(request, address, b"")
        number = sandbox.garbage(received, now_s=self._clock(), status=0)
        now = self._clock()
        left = Outcome(how=OutcomeKind.CLIENT_LEFT, frames=0, sent=0, started_s=now, ended_s=now)
        self._ended(sandbox, number, left)

    def _garbage(
        self, request: web.BaseRequest, name: str, received: Request, status: int, script: Script
    ) -> web.StreamResponse:
        """Refuse what was no HTTP, and record it where there is a journal for it."""
        now = self._clock()
        seam = Seam(request)
        seam.keep_alive = False
        with suppress(ClientDisconnected):  # then nobody reads it
            seam.hand_over(b"".join(one.data for one in script.frames if isinstance(one, Send)))
        with suppress(SandboxDroppedError, SandboxLimitError):
            sandbox = self.sandboxes.get(name)
            number = sandbox.garbage(received, now_s=now, status=status)
            outcome = Outcome(
                how=OutcomeKind.COMPLETE if seam.sent else OutcomeKind.CLIENT_LEFT,
                frames=len(script.frames) if seam.sent else 0,
                sent=seam.sent,
                started_s=now,
                ended_s=self._clock(),
            )
            self._ended(sandbox, number, outcome)
        return seam.response

    def _last_ended(self, sandbox: Sandbox) -> None:
        """Tell of an exchange that was recorded when it had ended, and is the last one."""
        entry = sandbox.journal.get(sandbox.journal.next_number() - 1)
        if self._witness is not None and entry is not None:
            self._witness(sandbox, entry)

    def _ended(
        self, sandbox: Sandbox, number: int, outcome: Outcome, generation: int | None = None
    ) -> None:
        sandbox.ended(number, outcome, generation=generation)
        if self._witness is not None and generation in (None, sandbox.journal.generation):
            entry = sandbox.journal.get(number)
            if entry is not None:
                self._witness(sandbox, entry)


def _received(request: web.BaseRequest, address: Address, body: bytes) -> Request:
    return Request(
        method=request.method,
        target=request.raw_path,
        path=address.path,
        query=address.query,
        headers=headers_of(request.raw_headers),
        body=body,
        version=(request.version.major, request.version.minor),
    )
