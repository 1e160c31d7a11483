"""Calls that are answered like others before them: what a desk decides, in the fewest steps.

A call with a sound body, to a stub whose reply is prepared for calls of its kind, needs nothing of
what a desk can do besides. All is decided here before anything is counted, written or recorded, so
that whoever does not fit is left to the desk as it came. The bytes and the record are the same on
both ways.
"""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable
from dataclasses import dataclass

from mockserver.contract.request_body import sound_body
from mockserver.model.call import Call
from mockserver.model.endpoint import Endpoint, Shape
from mockserver.model.frames import Outcome, OutcomeKind
from mockserver.model.journal import Entry, Recorded
from mockserver.model.request import Request
from mockserver.model.settings import ContractMode
from mockserver.model.stub_index import MountedStub
from mockserver.model.stub_set import Match
from mockserver.pipeline.compose import ORDINARY
from mockserver.pipeline.template_cache import ReplyJob
from mockserver.server.look import UNSEEN, Look
from mockserver.server.passage import passage_of
from mockserver.server.sandbox import Sandbox

# A member of an enumeration is looked up by a function of Python before 3.12.
_OFF = ContractMode.OFF


@dataclass(slots=True)
class Brief:
    """An exchange that went this way as the journal keeps it; the others' words for it are found
    when somebody asks. `calls` is how many came before it."""

    number: int
    request: Request
    endpoint: Endpoint
    shape: Shape
    mounted: MountedStub
    among: tuple[MountedStub, ...]
    nth: int
    calls: int
    status: int
    frames: int
    sent: int
    made_s: float
    started_s: float
    ended_s: float

    @property
    def size_bytes(self) -> int:
        """About how many bytes it holds on to."""
        return self.request.size_bytes

    @property
    def outcome(self) -> Outcome:
        """It was over before it was recorded."""
        return Outcome(
            how=OutcomeKind.COMPLETE,
            frames=self.frames,
            sent=self.sent,
            started_s=self.started_s,
            ended_s=self.ended_s,
        )

    def entry(self) -> Entry:
        """The entry that a desk's exchange would have."""
        mounted = self.mounted
        scenario, stub = mounted.scenario, mounted.stub
        match = Match(
            scenario=scenario,
            stub=stub,
            reply=stub.reply(self.nth),
            nth=self.nth,
            static=True,
            among=self.among,
        )
        recipe = ReplyJob(
            match.reply,
            scenario.dialect,
            scenario.seed,
            scenario.name,
            stub.name,
            self.calls,
            self.shape,
            ORDINARY,
        )
        return Recorded(
            self.number,
            self.started_s - self.made_s,
            self.request,
            self.endpoint,
            None,
            match,
            (),
            self.status,
            recipe,
            outcome=self.outcome,
        ).entry()


def express(
    sandbox: Sandbox,
    request: Request,
    transport: Transport,
    started_s: float,
    clock: Callable[[], float],
) -> Look | None:
    """None where a request on an ordinary connection was answered and recorded; else nothing has
    happened, and this is what was seen of it."""
    layout, settings, calls = sandbox.board.layout, sandbox.settings, sandbox.calls
    passage, dialects = passage_of(request), layout.dialects
    if (
        passage is None
        or not passage.plain
        or passage.dialects is not dialects
        or passage.settings is not settings
        or len(dialects) != 1
        or calls >= settings.request_limit
        or sandbox.gates
    ):
        return UNSEEN
    body = sound_body(request.body, limit=settings.body_limit)
    if body is None:
        return UNSEEN
    route, [dialect] = passage.route, dialects
    endpoint = route.endpoint
    call = Call(endpoint, body, request=request, parameters=passage.parameters)
    shape = dialect.shape(endpoint, body)
    mounted = layout.find(call, (shape,))
    if mounted is None or not mounted.plain:
        return Look(call, mounted)
    judge = dialect.requests
    if settings.contract is not _OFF and judge is not None:
        refusals = judge.judge(endpoint, body, strict=settings.strict)
        if refusals:
            return Look(call, mounted, refusals)
    shape = shape or route.shape
    scenario, stub, nth = mounted.scenario, mounted.stub, mounted.calls
    template = sandbox.prepared.find(stub.reply(nth), scenario, stub.name, shape, ORDINARY, body)
    if template is None or not template.at_once:
        return Look(call, mounted, ())
    written = template.data(calls, call)
    if written is None:
        return Look(call, mounted, ())
    mounted.calls = nth + 1
    sandbox.calls = calls + 1
    if len(written) == 1:
        transport.write(written[0])
        sent = len(written[0])
    else:
        # All of them in one system call, where the loop can.
        transport.writelines(written)
        sent = sum(map(len, written))
    journal = sandbox.journal
    journal.add(
        Brief(
            journal.next_number(),
            request,
            endpoint,
            shape,
            mounted,
            layout.order,
            nth,
            calls,
            template.status,
            template.frames,
            sent,
            sandbox.made_s,
            started_s,
            clock(),
        )
    )
    return None
