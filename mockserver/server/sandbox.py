"""One sandbox: its scenarios, counters, ids and journal.

Everything here is synchronous. Exchanges run on the server's loop, so that choosing, counting and
recording are one step; whatever loads or evaluates holds the lock of `Sandboxes`. Time comes in as
a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.model.dialect import Dialect
from mockserver.model.journal import ExchangeKind, Journal, Record, decoded_body
from mockserver.model.request import Request
from mockserver.model.settings import ContractMode, Settings, UnmatchedPolicy
from mockserver.model.stub import Scenario
from mockserver.model.stub_set import StubSet
from mockserver.pipeline.template_cache import TemplateCache
from mockserver.server.exchange import Decision, handle
from mockserver.server.gates import Gates
from mockserver.server.routing import DEFAULT, Routing, routing

__all__ = ["DEFAULT", "Sandbox"]

if TYPE_CHECKING:
    from mockserver.model.verdict import AllowedFailures, Verdict

_INLINE = "inline"
# A member of an enumeration is looked up by a Python function before 3.12.
_CALL = ExchangeKind.CALL


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
        templates: TemplateCache | None = None,
    ) -> None:
        """Sandboxes of one server share their `templates`."""
        self.name = name
        self.shown_name = "" if name == DEFAULT else name
        self.settings = settings or Settings()
        self.board = StubSet(scenarios)
        self.journal = Journal(limit=self.settings.journal_limit)
        self.gates = Gates()
        self.made_s = made_s
        self._default_dialect = dialect
        self.templates = templates or TemplateCache()
        self._routed = self.board.dialects
        self._routing = routing(self._routed, dialect)
        self.calls = 0

    @property
    def dialect(self) -> Dialect:
        """The dialect of replies that no stub gives."""
        return self.routing[0]

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

    @property
    def routing(self) -> Routing:
        """The dialect of replies that no stub gives, and every route."""
        dialects = self.board.dialects
        if dialects is not self._routed:
            self._routing = routing(dialects, self._default_dialect)
            self._routed = dialects
        return self._routing

    def exchange(self, request: Request, *, now_s: float) -> tuple[Record, Decision]:
        """Decide what to answer to a request, and record it."""
        journal = self.journal
        decision = handle(self, request)
        call = decision.call
        if decision.kind is _CALL:
            self.calls += 1
        record = Record(
            number=journal.next_number(),
            kind=decision.kind,
            at_s=now_s - self.made_s,
            request=request,
            choice=decision.choice,
            findings=decision.findings,
            status=decision.status,
            source=decision.source,
        )
        if call is not None:
            record.endpoint, record.parameters = call.endpoint, call.parameters
            record.streams = call.stream
            record.decoded = decoded_body(request, call)
        journal.add(record)
        return record, decision

    def record_malformed(self, request: Request, *, now_s: float, status: int = 400) -> Record:
        """Record input that was no complete HTTP request; status 0 is for no reply."""
        record = Record(
            number=self.journal.next_number(),
            kind=ExchangeKind.GARBAGE,
            at_s=now_s - self.made_s,
            request=request,
            status=status,
        )
        self.journal.add(record)
        return record
