"""A server in this process: its parts put together, and the admin API without HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from mockserver.admin import admin_routes
from mockserver.admin.service import AdminService, journal_documents, rejection
from mockserver.admin.uploads import Uploads
from mockserver.admin.verbs import BY_NAME
from mockserver.client.admin import DEFAULT, Admin, Verdict, client_error, poll
from mockserver.client.scenario_files import ScenarioSource
from mockserver.client.server import ServerSettingsGiven
from mockserver.errors import HostError, MockServerError, UsageError
from mockserver.model.json import JSONObject
from mockserver.model.settings import TABLES, Scope, read_settings, rows
from mockserver.model.stub import Scenario
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_paths
from mockserver.server.app import Upstream
from mockserver.server.reply_functions import with_functions
from mockserver.server.runner import LoopCaller, ThreadRunner, listening, tls_of, url_of
from mockserver.server.sandbox import Sandboxes

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that listens at `url`; `stop` ends its thread, where it has one."""

    admin: Admin
    url: str
    stop: Callable[[], None]


class InProcessServer:
    """A server with the scenarios at `paths`, not yet listening.

    Raises ScenarioError: the scenarios have problems; UsageError: there is no such file, or a setting is wrong."""

    def __init__(self, paths: tuple[str, ...], given: ServerSettingsGiven) -> None:
        limits, listener = (
            {row.name: given[row.name] for row in rows(scope) if row.name in given}  # type: ignore[literal-required]
            for scope in (Scope.SERVER, Scope.LISTENER)
        )
        own = {name: value for name, value in given.items() if name not in {**limits, **listener}}
        names = tuple(row.name for row in rows(Scope.SERVER, Scope.LISTENER))
        self._dialects = Dialects()
        self._sandboxes = Sandboxes(
            self._dialects.find("openai"),
            scenarios=load_paths(paths, self._dialects),
            settings=read_settings(own, TABLES[Scope.SANDBOX](), known=names),
            clock=time.monotonic,
        )
        self._upstream = Upstream(
            self._sandboxes,
            admin_routes(self._sandboxes, self._dialects),
            clock=time.monotonic,
            limits=read_settings(limits, TABLES[Scope.SERVER]()),
        )

        options = read_settings(listener, TABLES[Scope.LISTENER]())
        self._tls, self._unix = tls_of(options), options.unix
        if self._tls is not None:
            self._sandboxes.ca = self._tls.ca

    def in_thread(self, *, host: str, port: int) -> Running:
        """Listen in a daemon thread; HostError where the address cannot be bound."""
        thread = ThreadRunner(self._upstream, host=host, port=port, tls=self._tls, unix=self._unix)
        url = url_of(thread.start(), tls=self._tls, unix=self._unix)
        return Running(admin=self._admin(thread.loop), url=url, stop=thread.stop)

    @asynccontextmanager
    async def on_loop(self, *, host: str, port: int) -> AsyncIterator[Running]:
        """Listen on the running loop inside the context; HostError as above."""
        loop = LoopCaller(self._upstream)
        async with listening(self._upstream, host=host, port=port, tls=self._tls, unix=self._unix) as address:
            url = url_of(address, tls=self._tls, unix=self._unix)
            yield Running(admin=self._admin(loop), url=url, stop=lambda: None)

    def _admin(self, loop: LoopCaller) -> Admin:
        return InProcessAdmin(self._sandboxes, self._dialects, loop)


class InProcessAdmin(Admin):
    """Calls the service on the caller's thread while the server has no connections, else on its
    loop, between two exchanges. A turn of the loop takes as long as most verbs do."""

    def __init__(self, sandboxes: Sandboxes, dialects: Dialects, loop: LoopCaller) -> None:
        self._service = AdminService(sandboxes)
        self._sandboxes = sandboxes
        self._dialects = dialects
        self._uploads = Uploads(dialects)
        self._loop = loop

    @property
    def can_block(self) -> bool:
        """False on the loop's own thread."""
        return not self._loop.on_loop

    def call(self, verb: str, sandbox: str = DEFAULT, **arguments: object) -> JSONObject:
        """Call the method of a verb, with the arguments that a request could give."""
        for one in BY_NAME[verb].body:
            if one.name in arguments:
                one.read(arguments[one.name])
        method: Callable[..., JSONObject] = getattr(self._service, verb)
        perform = self._locked if BY_NAME[verb].anywhere else self._perform
        return perform(partial(method, sandbox, **arguments))

    def load(self, sandbox: str, source: ScenarioSource) -> tuple[str, ...]:
        """Read a scenario on the caller's thread, and put it in place there unless it changes
        which routes and keys the sandbox has."""
        scenario = self._read(source)
        if not self._locked(lambda: self._load_same_dialect(sandbox, scenario)):
            self._perform(lambda: self._service.load_scenario(sandbox, scenario=scenario))
        return tuple([stub.name for stub in scenario.stubs])

    def verify(self, sandbox: str, allowed: AbstractSet[str], settle_s: float) -> Verdict:
        """One visit to the loop for the replies in flight and the verdict."""

        def look() -> tuple[JSONObject, tuple[int, ...]]:
            return self._service.verify(sandbox, allow=sorted(allowed)), self._sandboxes.get(sandbox).journal.open

        bound_s = settle_s if self.can_block else 0
        seen = poll(lambda: self._perform(look), lambda seen: not seen[1], bound_s)
        return Verdict.read(*seen)

    def drop_keeping_journal(self, sandbox: str) -> Callable[[], list[JSONObject]]:
        """Documents are made only when they are read. Only gates need the loop."""
        known = sandbox in self._sandboxes
        perform = self._perform if known and self._sandboxes.get(sandbox).gates else self._locked

        def drop() -> Callable[[], list[JSONObject]]:
            found = self._sandboxes.get(sandbox) if known else None
            self._service.drop_sandbox(sandbox)
            return lambda: [] if found is None else journal_documents(found)

        return perform(drop)

    def _read(self, source: ScenarioSource) -> Scenario:
        if source.value is not None and not source.folder:
            read = self._uploads.read_value(source.value, source.origin, source.line)
        else:
            read = self._uploads.read(source.upload())
        return with_functions(read, source.functions, self._dialects)

    def _load_same_dialect(self, sandbox: str, scenario: Scenario) -> bool:
        found = self._sandboxes.get(sandbox)
        if scenario.dialect not in (found.stubs.dialects or (self._sandboxes.dialect,)):
            return False
        found.load(scenario)
        return True

    def _perform(self, function: Callable[[], T]) -> T:
        if self._loop.has_no_connections:
            return self._locked(function)
        return self._loop.call(lambda: self._locked(function))

    def _locked(self, function: Callable[[], T]) -> T:
        self._loop.check()
        try:
            with self._sandboxes.lock:
                return function()
        except (HostError, UsageError):
            raise
        except MockServerError as error:
            reply = rejection(error)
            raise client_error(reply.status, reply.document) from None
