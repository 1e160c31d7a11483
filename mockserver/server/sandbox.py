"""One sandbox: its scenarios, counters, ids and journal.

Everything here is synchronous. Exchanges run on the server's loop, so that choosing, counting and
recording are one step; whatever loads or evaluates holds the lock of `Sandboxes`. Time comes in as
a number.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from mockserver.errors import MockServerError, UsageError
from mockserver.model.budget import Budget, BudgetLimits
from mockserver.model.dialect import Dialect
from mockserver.model.frames import Script, Stall, Wait
from mockserver.model.journal import ExchangeKind, Journal, Record, decoded_body
from mockserver.model.request import Request
from mockserver.model.settings import ContractMode, Settings, StatePolicy, UnmatchedPolicy
from mockserver.model.store import Store
from mockserver.model.stub import Scenario
from mockserver.model.stub_set import StubSet
from mockserver.model.times import Clock
from mockserver.pipeline.template_cache import TemplateCache
from mockserver.server.exchange import Decision, handle
from mockserver.server.gates import Gates
from mockserver.server.routing import DEFAULT, Routing, routing
from mockserver.server.stored import RecordedReplies

if TYPE_CHECKING:
    from mockserver.model.verdict import AllowedFailures, Verdict
    from mockserver.server.forwarding import Forwarder

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
        epoch_s: float = 0.0,
        templates: TemplateCache | None = None,
        forwarder: Forwarder | None = None,
    ) -> None:
        """Sandboxes of one server share their `templates` and the `forwarder` to the upstream;
        `epoch_s` is the time in seconds since 1970 at which the clock stood at 0."""
        self.name = name
        self.shown_name = "" if name == DEFAULT else name
        self.settings = settings or Settings()
        self.stubs = StubSet(scenarios)
        self.journal = Journal(limit=self.settings.journal_limit)
        self.gates = Gates()
        self.made_s, self.epoch_s = made_s, epoch_s
        self.forwarder = forwarder
        self._default_dialect = dialect
        self.templates = templates or TemplateCache()
        self.stateful = self.settings.state is StatePolicy.ON
        self.store = Store(RecordedReplies())
        self._routed = self.stubs.index
        self._routing = self._new_routing()
        self.calls = 0
        self.clock = Clock(self.settings.clock)
        self.budgets: dict[tuple[str, BudgetLimits], Budget] = {}
        self._uploads = 0

    @property
    def dialect(self) -> Dialect:
        """The dialect of replies that no stub gives."""
        return self.routing[0]

    def load(self, scenario: Scenario) -> str:
        """Load a scenario; gives its name, which is found for one that has none."""
        if not scenario.name:
            number = 1
            while f"{_INLINE}-{number}" in self.stubs:
                number += 1
            scenario = scenario.named(f"{_INLINE}-{number}")
        self.stubs.upload(scenario)
        return scenario.name

    def upload_origin(self) -> str:
        """The file in reports for the next upload that names none: `upload`, then `upload-2`, and so on."""
        self._uploads += 1
        return "upload" if self._uploads == 1 else f"upload-{self._uploads}"

    def reset(self) -> None:
        """Return to the state of creation: its scenarios, nothing called, nothing recorded, no
        gate; replies that waited at one go on."""
        self.gates.clear()
        self.stubs.reset()
        self.journal.clear()
        self.store.clear()
        self.calls = 0
        self.clock.reset()
        self.budgets.clear()
        self._uploads = 0

    def verdict(self, allowed: AllowedFailures | None = None) -> Verdict:
        """Judge what came so far; what the settings allow is no complaint."""
        from mockserver.model.verdict import AllowedFailures, evaluate  # noqa: PLC0415  # not before the first answer

        settings = self.settings
        allowed = allowed or AllowedFailures()
        return evaluate(
            self.stubs,
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
        index = self.stubs.index
        if index is not self._routed:
            self._routed = index
            self._routing = self._new_routing()
        return self._routing

    def _new_routing(self) -> Routing:
        index = self._routed
        return routing(index.dialects, self._default_dialect, index.routes, stateful=self.stateful)

    def received_time(self, record: Record) -> str:
        """The time of a request in ISO 8601, UTC."""
        return datetime.fromtimestamp(self.epoch_s + self.made_s + record.at_s, UTC).isoformat(timespec="microseconds")

    def exchange(self, request: Request, *, now_s: float, unix_s: float = 0.0) -> tuple[Record, Decision]:
        """Decide what to answer to a request, and record it. `unix_s` is the time for a real clock."""
        journal, clock = self.journal, self.clock
        if clock.is_real:
            clock.read(unix_s, self.calls)
        clock_s = clock.time_s + self.calls
        decision = handle(self, request)
        call = decision.call
        if decision.kind is _CALL:
            self.calls += 1
            if len(decision.acts) > 1:
                clock.elapse(sum([one.seconds or 0.0 for one in decision.acts if isinstance(one, Wait | Stall)]))
        record = Record(
            number=journal.next_number(),
            kind=decision.kind,
            at_s=now_s - self.made_s,
            clock_s=clock_s,
            reproducible=not clock.is_real,
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
            if call.history:
                record.history = call.history
            # A script is that of a refusal.
            if self.stateful and type(record.source) is not Script:
                self.store.add(record)
        journal.add(record)
        return record, decision

    def record_malformed(self, request: Request, *, now_s: float, status: int = 400, reason: str = "") -> Record:
        """Record input that was no complete HTTP request; status 0 is for no reply."""
        record = Record(
            number=self.journal.next_number(),
            kind=ExchangeKind.GARBAGE,
            at_s=now_s - self.made_s,
            request=request,
            status=status,
            reason=reason,
        )
        self.journal.add(record)
        return record


LIMIT = 10_000

# Names of dropped sandboxes that are remembered; a request for an older one creates it again.
_REMEMBERED = 10_000


class SandboxLimitError(MockServerError):
    """No further sandbox can be created before one is dropped."""


class SandboxDroppedError(MockServerError):
    """A request came for a sandbox that was dropped."""


class SandboxTakenError(UsageError):
    """There is a sandbox of that name."""


class Sandboxes:
    """`scenarios` are the server's own, `dialect` is used where no scenario is loaded, `clock` is
    read when a sandbox is created.

    Exchanges run on one loop and take no lock. Any thread may create and drop sandboxes, load
    scenarios and verify while it holds `lock`, which is never held for long.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        scenarios: tuple[Scenario, ...] = (),
        settings: Settings | None = None,
        limit: int = LIMIT,
        clock: Callable[[], float],
    ) -> None:
        self.scenarios = scenarios
        self.settings = settings or Settings()
        self.dialect = dialect
        self.ca = ""
        """The certificate that clients are to trust, as PEM; empty without TLS."""
        self.lock = threading.RLock()
        self._limit = limit
        self._clock = clock
        self._epoch_s = time.time() - clock()
        self._known: dict[str, Sandbox] = {}
        self._dropped: dict[str, None] = {}
        self._numbers = count(1)
        self._templates = TemplateCache()
        self.forwarder: Forwarder | None = None
        """Where unmatched requests of sandboxes that are created from here on go."""

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._known,)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def get(self, name: str = DEFAULT) -> Sandbox:
        """The sandbox of that name, created with the server's scenarios on its first use.

        Raises SandboxLimitError where there are too many, SandboxDroppedError where it was dropped:
        a late request must not create another in its place. `default` is created again.
        """
        found = self._known.get(name)
        return self._get_or_create(name) if found is None else found

    def _get_or_create(self, name: str) -> Sandbox:
        with self.lock:
            if name in self._dropped:
                raise SandboxDroppedError(
                    f"sandbox {name!r} was dropped; this request is too late, or needs the sandbox "
                    "created again (POST /__admin/sandboxes)"
                )
            found = self._known.get(name)
            return found or self._new(name, self.scenarios, self.settings)

    def create(self, name: str | None = None, *, scenarios: bool = False, settings: Settings | None = None) -> Sandbox:
        """Create a sandbox, empty unless it asks for the server's `scenarios`; without a name,
        under a free one. Raises SandboxTakenError or, beyond the limit, SandboxLimitError."""
        with self.lock:
            if name is None:
                free = (f"s{number}" for number in self._numbers)
                name = next(one for one in free if one not in self)
            elif name in self._known:
                raise SandboxTakenError(f"there is a sandbox {name!r} already; drop it or take another name")
            return self._new(name, self.scenarios if scenarios else (), settings or self.settings)

    def drop(self, name: str) -> bool:
        """Delete a sandbox and all it holds; whether there was one. To be called on the loop where
        the sandbox has gates."""
        with self.lock:
            if name not in self._known:
                return False
            if name != DEFAULT:
                # Before the deletion: lock-free readers look into `_known` first.
                self._dropped[name] = None
            self._known.pop(name).gates.clear()
            if len(self._dropped) > _REMEMBERED:
                del self._dropped[next(iter(self._dropped))]
            return True

    def reload(self, scenarios: tuple[Scenario, ...]) -> None:
        """Replace the server's own scenarios, in every sandbox that has them."""
        with self.lock:
            for sandbox in self._known.values():
                if sandbox.stubs.initial == self.scenarios:
                    sandbox.stubs.replace_initial(scenarios)
            self.scenarios = scenarios

    def _new(self, name: str, scenarios: tuple[Scenario, ...], settings: Settings) -> Sandbox:
        if len(self._known) >= self._limit:
            raise SandboxLimitError(
                f"there are {self._limit} sandboxes, the limit; drop some "
                "(DELETE /__admin/sandboxes) or raise it with --sandbox-limit"
            )
        made = self._known[name] = Sandbox(
            name,
            self.dialect,
            scenarios=scenarios,
            settings=settings,
            made_s=self._clock(),
            epoch_s=self._epoch_s,
            templates=self._templates,
            forwarder=self.forwarder,
        )
        self._dropped.pop(name, None)
        return made
