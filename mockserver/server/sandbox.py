"""One sandbox: its scenarios, counters, ids and journal.

Everything here is synchronous. Exchanges run on the server's loop, so that choosing, counting and
recording are one step; who loads or judges holds the lock of `Sandboxes`. Time comes in as a
number; bytes go out as a script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.model.call import Call
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import Endpoint, RoutingTable
from mockserver.model.fault import FaultContext
from mockserver.model.findings import Finding
from mockserver.model.frames import Outcome, Script
from mockserver.model.ids import IdGenerator
from mockserver.model.journal import Entry, ExchangeKind, Journal, Recorded
from mockserver.model.json import write_bytes
from mockserver.model.request import Request
from mockserver.model.settings import ContractMode, Settings, UnmatchedPolicy
from mockserver.model.stub import Scenario
from mockserver.model.stub_set import Match, StubSet
from mockserver.pipeline.compose import HttpContext
from mockserver.pipeline.template_cache import TemplateCache
from mockserver.render.context import RenderContext
from mockserver.render.replies import BodyReply, EventStream, identity_headers
from mockserver.server.answer import Answer
from mockserver.server.answering import Desk, answer, spoken
from mockserver.server.gates import Gates, Hold
from mockserver.server.look import UNSEEN, Look
from mockserver.server.routes import is_call, routing_table

if TYPE_CHECKING:
    from mockserver.model.verdict import AllowedFailures, Verdict

DEFAULT = "default"
"""The sandbox of requests that name none."""

_INLINE = "inline"


@dataclass(slots=True)
class Performance:
    """What to perform for the exchange of that number in the journal, and what holds it up."""

    number: int
    told: Answer
    holds: tuple[Hold, ...] = ()

    @property
    def script(self) -> Script:
        """The frames, composed now where they were filled in."""
        return self.told.script


class Sandbox:
    """An isolated space on a server; `made_s` is the clock's reading when it was made, `calls`
    counts the calls since then or since the last reset."""

    def __init__(
        self,
        name: str,
        dialect: Dialect,
        *,
        scenarios: tuple[Scenario, ...] = (),
        settings: Settings | None = None,
        made_s: float = 0.0,
        prepared: TemplateCache | None = None,
    ) -> None:
        """Sandboxes of one server share what is `prepared`."""
        self.name = name
        self._told_name = "" if name == DEFAULT else name
        self.settings = settings or Settings()
        self.board = StubSet(scenarios)
        self.journal = Journal(limit=self.settings.journal_limit)
        self.gates = Gates()
        self.made_s = made_s
        self._default_dialect = dialect
        self.prepared = prepared or TemplateCache()
        self.calls = 0

    @property
    def dialect(self) -> Dialect:
        """What is spoken where no stub is concerned."""
        return spoken(self.board, self._default_dialect)

    @property
    def _routes(self) -> RoutingTable:
        return routing_table(self.board.dialects, self._default_dialect)[1]

    def is_call(self, request: Request) -> bool:
        """Whether stubs answer the request."""
        return is_call(request, self._routes)

    def load(self, scenario: Scenario) -> str:
        """Load a scenario; gives its name, which is found for one that has none."""
        if not scenario.name:
            number = 1
            while f"{_INLINE}-{number}" in self.board:
                number += 1
            scenario = scenario.named(f"{_INLINE}-{number}")
        self.board.load(scenario)
        return scenario.name

    def reset(self) -> None:
        """Return to the state of creation: its scenarios, nothing called, nothing recorded, no
        gate; replies that waited at one go on."""
        self.gates.clear()
        self.board.reset()
        self.journal.clear()
        self.calls = 0

    def verdict(self, allowed: AllowedFailures | None = None) -> Verdict:
        """Judge what came so far; what the settings allow is no complaint."""
        from mockserver.model.verdict import AllowedFailures, evaluate  # noqa: PLC0415  # not before the first answer

        settings = self.settings
        allowed = allowed or AllowedFailures()
        return evaluate(
            self.board,
            self.journal,
            AllowedFailures(
                unmatched=allowed.unmatched or settings.unmatched is not UnmatchedPolicy.FAIL,
                findings=allowed.findings or settings.contract is not ContractMode.ENFORCE,
                counts=allowed.counts,
            ),
        )

    def exchange(
        self,
        request: Request,
        *,
        now_s: float,
        carrier: HttpContext,
        oversize: bool = False,
        seen: Look = UNSEEN,
    ) -> Performance:
        """Answer and record a POST; an `oversize` body was not read, `seen` is what is known."""
        number = self.journal.next_number()
        desk = Desk(
            request,
            carrier,
            self.settings,
            number,
            self.calls,
            self._told_name,
            self._default_dialect,
            oversize,
        )
        gated = bool(self.gates)
        # A gate stands among frames, so with gates there must be some.
        prepared = None if gated else self.prepared
        told = answer(desk, self.board, self._default_dialect, prepared, seen)
        self.calls += 1
        holds, unheld = self._holds(told) if gated else ((), ())
        call = told.call
        coded = not desk.plain and request.header("content-encoding") is not None
        self.journal.add(
            Recorded(
                number,
                now_s - self.made_s,
                request,
                None if call is None else call.endpoint,
                _kept(call) if coded else None,
                told.choice,
                (*told.findings, *unheld) if unheld else told.findings,
                told.status,
                told.recipe or told.composed,
            )
        )
        return Performance(number, told, holds)

    def _holds(self, told: Answer) -> tuple[tuple[Hold, ...], tuple[Finding, ...]]:
        if not isinstance(told.choice, Match):
            return (), ()
        events = told.rendered.events if isinstance(told.rendered, EventStream) else ()
        return self.gates.holds(told.choice.stub.name, told.script, FaultContext.of(events))

    def aside(self, request: Request, *, now_s: float) -> tuple[int, BodyReply]:
        """Answer and record what is no POST; the number is the exchange's."""
        from mockserver.server import side  # noqa: PLC0415  # not before the first answer

        mint = IdGenerator(seed=0, scenario="", stub="", call=self.calls)
        nobody = Call(endpoint=Endpoint.CHAT, body={})
        base = identity_headers(RenderContext(call=nobody, dialect=self.dialect, mint=mint))
        told = side.answer(request, self.dialect, self._routes, mint, base)
        return self._note(ExchangeKind.SIDE, request, now_s, told.status), told

    def garbage(self, request: Request, *, now_s: float, status: int = 400) -> int:
        """Record input that was no complete HTTP request; the server refuses it itself."""
        return self._note(ExchangeKind.GARBAGE, request, now_s, status)

    def held(self, number: int, hold: Hold) -> None:
        """Record that an exchange came to a closed gate."""
        self.journal.hold(number, str(hold.gate.place))

    def ended(self, number: int, outcome: Outcome, *, generation: int | None = None) -> None:
        """Record how an exchange ended; see `Journal.end`."""
        self.journal.end(number, outcome, generation=generation)

    def _note(self, kind: ExchangeKind, request: Request, now_s: float, status: int) -> int:
        number = self.journal.next_number()
        self.journal.add(
            Entry(
                number=number,
                kind=kind,
                at_s=now_s - self.made_s,
                request=request,
                status=status,
            )
        )
        return number


def _kept(call: Call | None) -> Call | None:
    """A call whose body came compressed: as bytes, which are a fraction of the parsed values."""
    if call is None:
        return None
    data = write_bytes(call.body)
    return Call(
        call.endpoint,
        data=data,
        headers=call.headers,
        query=call.query,
        parameters=call.parameters,
    )
