"""Control of a server in this process: what the routes do, without HTTP.

What every test does is done on the thread of its caller, as a turn of the loop takes as long
as all of it: to make a sandbox and load stubs at any time, to judge while nobody is connected, to
drop what has no gates. Else it might come amid an exchange, and is done on the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Protocol, TypeVar, TypeVarTuple, Unpack

from mockserver.client.carrying import with_dialects
from mockserver.client.control import Control, Loaded
from mockserver.client.plain import plain_object
from mockserver.client.upload import Upload
from mockserver.client.verdict import Verdict
from mockserver.client.waiting import poll
from mockserver.errors import HostError, Position, UsageError
from mockserver.model.json import JSONObject
from mockserver.model.reply_function import ReplyFunction
from mockserver.model.stub import Scenario
from mockserver.model.verdict import AllowedFailures
from mockserver.model.verdict import Verdict as Judged
from mockserver.report.serialize import verdict_document
from mockserver.report.verdict import verdict_text
from mockserver.scenario.casting import Cast, Casts
from mockserver.scenario.dialects import Dialects
from mockserver.server.control_actions import NAME, answer, create, documents, drop, told_name
from mockserver.server.control_message import ControlError, ControlReply, ControlRequest
from mockserver.server.control_upload import UNNAMED, Uploads
from mockserver.server.making import with_makers
from mockserver.server.sandboxes import SandboxDropped, Sandboxes, SandboxLimit

T = TypeVar("T")
Given = TypeVarTuple("Given")

_GOOD = Verdict(report=verdict_text(Judged()))


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
        self._casts = Casts()
        self._sandboxes = sandboxes
        self._loop = loop

    @property
    def may_wait(self) -> bool:
        """False on the loop's own thread."""
        return not self._loop.on_loop

    def carry(self, request: ControlRequest) -> ControlReply:
        """Act on the loop; scenarios come by `load`."""
        return self._loop.call(lambda: answer(self._sandboxes, request))

    def create(self, name: str | None, *, scenarios: bool, settings: JSONObject) -> str:
        """Make a sandbox; an empty one when somebody comes to it."""
        if name is None or scenarios or settings or not NAME.fullmatch(name):
            made = partial(create, self._sandboxes, name, scenarios=scenarios, settings=settings)
            return self._here(made)
        return self._here(self._sandboxes.reserve, name)

    def drop(self, sandbox: str) -> None:
        """Forget a sandbox."""
        self.leave(sandbox)

    def leave(self, sandbox: str) -> Callable[[], list[JSONObject]]:
        """The journal's documents are made when they are asked for."""
        told = self._here(self._left, sandbox)
        if told is None:
            # On the loop, where replies may wait at its gates.
            journal = self._sandboxes.get(sandbox).journal
            self._there(drop, self._sandboxes, sandbox)
            return lambda: documents(journal)
        return told

    def load(self, sandbox: str, upload: Upload) -> Loaded:
        """Read a scenario on the caller's thread and put it in place there, where that changes
        nothing about who gets in."""
        scenario = self._read(upload, sandbox)
        names = tuple([stub.name for stub in scenario.stubs])
        return self._loaded(sandbox, scenario, names)

    def stub(
        self,
        sandbox: str,
        stub: Mapping[str, object],
        functions: tuple[ReplyFunction | None, ...],
        place: tuple[str, int],
    ) -> Loaded:
        """A stub of a known form is not even read before somebody comes to the sandbox."""
        if functions:
            return super().stub(sandbox, stub, functions, place)
        file, line = place
        file = file or UNNAMED
        cast = self._casts.find(stub, file, line)
        if cast is None:
            where = Position(file=file, line=line, column=1)
            scenario = self._uploads.read_value({"stubs": [plain_object(stub)]}, where)
            self._casts.learn(stub, file, line, scenario)
            return self._loaded(sandbox, scenario, (scenario.stubs[0].name,))
        return self._loaded(sandbox, cast, (cast.name,))

    def running(self, sandbox: str) -> tuple[int, ...]:
        """Numbers of the replies that are under way."""
        return self._there(lambda: self._sandboxes.get(sandbox).journal.open)

    def judge(self, sandbox: str, allowed: AbstractSet[str], settle_s: float) -> Verdict:
        """The verdict, after replies under way have settled."""
        if self._loop.deserted and self._here(self._unsought, sandbox):
            return _GOOD
        bound_s = settle_s if self.may_wait else 0
        judged, running = poll(
            lambda: self._there(self._judged, sandbox, allowed), lambda seen: not seen[1], bound_s
        )
        if judged and not (judged.dropped or running):
            return _GOOD
        return Verdict.read(verdict_document(judged, sandbox=told_name(sandbox)), running)

    # --- what is done with the lock held ---

    def _unsought(self, sandbox: str) -> bool:
        """Whether nobody has come to a sandbox, and nobody was to."""
        vacant = self._sandboxes.vacant(sandbox)
        if vacant is None:
            return False
        for cast in vacant.casts:  # noqa: SIM110  # a generator takes longer than all the rest
            if cast.expected:
                return False
        return True

    def _judged(self, sandbox: str, allowed: AbstractSet[str]) -> tuple[Judged, tuple[int, ...]]:
        found = self._sandboxes.get(sandbox)
        leniency = AllowedFailures(**dict.fromkeys(allowed, True)) if allowed else None
        return found.verdict(leniency), found.journal.open

    def _left(self, sandbox: str) -> Callable[[], list[JSONObject]] | None:
        """None where the sandbox has gates, and is there still."""
        if self._sandboxes.vacant(sandbox) is not None:
            self._sandboxes.drop(sandbox)
            return _nothing
        journal = None
        if sandbox in self._sandboxes:
            found = self._sandboxes.get(sandbox)
            if found.gates:
                return None
            journal = found.journal
        drop(self._sandboxes, sandbox)
        return _nothing if journal is None else partial(documents, journal)

    def _loaded(self, sandbox: str, made: Scenario | Cast, names: tuple[str, ...]) -> Loaded:
        if not self._here(self._put, sandbox, made):
            scenario = made.scenario() if isinstance(made, Cast) else made
            self._there(lambda: self._sandboxes.get(sandbox).load(scenario))
        return names, partial(self._loaded, sandbox, made, names)

    def _put(self, sandbox: str, made: Scenario | Cast) -> bool:
        """Put in place what changes nothing about who gets in; whether it was such."""
        own = self._sandboxes.dialect
        if isinstance(made, Cast):
            vacant = self._sandboxes.vacant(sandbox)
            if vacant is not None and made.dialect is own:
                vacant.casts.append(made)
                return True
            made = made.scenario()
        found = self._sandboxes.get(sandbox)
        if made.dialect not in (found.board.dialects or (own,)):
            return False
        found.load(made)
        return True

    def _read(self, upload: Upload, sandbox: str) -> Scenario:
        if upload.body is not None and not (upload.folder or upload.functions):
            place = Position(file=upload.origin, line=upload.line or 0, column=1)
            return self._uploads.read_value(upload.body, place)
        request = upload.to(sandbox)
        read = self._uploads.read(with_dialects(request))
        return with_makers(read, upload.functions, self._dialects)

    def _there(self, function: Callable[[Unpack[Given]], T], *given: *Given) -> T:
        """On this thread where nobody is connected, else on the loop."""
        if self._loop.deserted:
            return self._here(function, *given)
        return self._loop.call(lambda: self._here(function, *given))

    def _here(self, function: Callable[[Unpack[Given]], T], *given: *Given) -> T:
        """What is refused is raised as for those who ask from elsewhere; HostError where the
        server has stopped."""
        self._loop.check()
        try:
            with self._sandboxes.lock:
                return function(*given)
        except SandboxLimit as error:
            raise HostError(str(error)) from None
        except (ControlError, SandboxDropped) as error:
            raise UsageError(str(error)) from None


def _nothing() -> list[JSONObject]:
    return []
