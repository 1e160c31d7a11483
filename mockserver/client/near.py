"""Control of a server in this process: what the routes do, without HTTP.

What every test does is done on the thread of its caller, as a turn of the loop takes as long
as all of it: to make a sandbox and load stubs at any time, to judge while nobody is connected, to
drop what has no gates. Else it might come amid an exchange, and is done on the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol, TypeVar

from mockserver.client.carrying import with_dialects
from mockserver.client.control import Control
from mockserver.client.upload import Upload
from mockserver.client.verdict import Verdict
from mockserver.client.waiting import poll
from mockserver.core.jsontext import Object
from mockserver.core.stub import Scenario
from mockserver.core.verdict import Leniency
from mockserver.core.verdict import Verdict as Judged
from mockserver.errors import HostError, Position, UsageError
from mockserver.report.document import verdict_document
from mockserver.report.verdict import verdict_text
from mockserver.scenario.dialects import Dialects
from mockserver.server.control_actions import answer, create, documents, drop, told_name
from mockserver.server.control_message import ControlError, ControlReply, ControlRequest
from mockserver.server.control_upload import Uploads
from mockserver.server.making import with_makers
from mockserver.server.sandboxes import SandboxDropped, Sandboxes, SandboxLimit

T = TypeVar("T")

_GOOD = verdict_text(Judged())


class Loop(Protocol):
    """Runs functions where exchanges happen."""

    @property
    def on_loop(self) -> bool:
        """Whether the caller is on the loop's own thread."""
        ...

    @property
    def deserted(self) -> bool:
        """Whether nobody is connected."""
        ...

    def check(self) -> None:
        """Raises HostError where the loop does not run, or no longer."""
        ...

    def call(self, function: Callable[[], T]) -> T:
        """The function's result, or its error."""
        ...


class NearControl(Control):
    """Carries requests to sandboxes in this process."""

    def __init__(self, sandboxes: Sandboxes, dialects: Dialects, loop: Loop) -> None:
        self._dialects = dialects
        self._uploads = Uploads(dialects)
        self._sandboxes = sandboxes
        self._loop = loop

    @property
    def may_wait(self) -> bool:
        """False on the loop's own thread."""
        return not self._loop.on_loop

    def carry(self, request: ControlRequest) -> ControlReply:
        """Act on the loop; scenarios are read before, on the caller's thread."""
        if (request.method, request.path) == ("POST", "scenarios"):
            read = self._uploads.read(with_dialects(request))
            upload = with_makers(read, request.functions, self._dialects)
            request = replace(request, upload=upload)
        return self._loop.call(lambda: answer(self._sandboxes, request))

    def create(self, name: str | None, *, scenarios: bool, settings: Object) -> str:
        """Make a sandbox on the caller's thread: nobody knows it yet."""
        return self._here(
            lambda: create(self._sandboxes, name, scenarios=scenarios, settings=settings).name
        )

    def drop(self, sandbox: str) -> None:
        """Forget a sandbox, on the loop where replies may wait at its gates."""
        gated = sandbox in self._sandboxes and self._sandboxes.get(sandbox).gates
        run = self._there if gated else self._here
        run(lambda: drop(self._sandboxes, sandbox))

    def load(self, sandbox: str, upload: Upload) -> tuple[str, ...]:
        """Read a scenario on the caller's thread and put it in place there, where that changes
        nothing about who gets in."""
        scenario = self._read(upload, sandbox)

        def put() -> bool:
            here = self._sandboxes.get(sandbox)
            if scenario.dialect not in (here.board.dialects or (self._sandboxes.dialect,)):
                return False
            here.load(scenario)
            return True

        if not self._here(put):
            self._there(lambda: self._sandboxes.get(sandbox).load(scenario))
        return tuple([stub.name for stub in scenario.stubs])

    def running(self, sandbox: str) -> tuple[int, ...]:
        """Numbers of the replies that are under way."""
        return self._there(lambda: self._sandboxes.get(sandbox).journal.open)

    def judge(self, sandbox: str, allowed: AbstractSet[str], settle_s: float) -> Verdict:
        """The verdict, after replies under way have settled."""

        def look() -> tuple[Judged, tuple[int, ...]]:
            found = self._sandboxes.get(sandbox)
            leniency = Leniency(**dict.fromkeys(allowed, True)) if allowed else None
            return found.verdict(leniency), found.journal.open

        bound_s = settle_s if self.may_wait else 0
        judged, running = poll(lambda: self._there(look), lambda seen: not seen[1], bound_s)
        if judged and not judged.dropped and not running:
            return Verdict(report=_GOOD)
        return Verdict.read(verdict_document(judged, sandbox=told_name(sandbox)), running)

    def remember(self, sandbox: str) -> Callable[[], list[Object]]:
        """The documents of the journal are made when they are asked for."""
        journal = self._here(lambda: self._sandboxes.get(sandbox).journal)
        return lambda: documents(journal)

    def _read(self, upload: Upload, sandbox: str) -> Scenario:
        if upload.body is not None and not (upload.folder or upload.functions):
            place = Position(file=upload.origin, line=upload.line or 0, column=1)
            return self._uploads.read_value(upload.body, place)
        request = upload.to(sandbox)
        read = self._uploads.read(with_dialects(request))
        return with_makers(read, upload.functions, self._dialects)

    def _there(self, function: Callable[[], T]) -> T:
        """On this thread where nobody is connected, else on the loop."""
        if self._loop.deserted:
            return self._here(function)
        return self._loop.call(lambda: self._here(function))

    def _here(self, function: Callable[[], T]) -> T:
        """What is refused is raised as for those who ask from elsewhere; HostError where the
        server has stopped."""
        self._loop.check()
        try:
            with self._sandboxes.lock:
                return function()
        except SandboxLimit as error:
            raise HostError(str(error)) from None
        except (ControlError, SandboxDropped) as error:
            raise UsageError(str(error)) from None
