"""From a request to a decision: route, limit, credentials, body, stub, contract, reply, in this order.

`handle` is synchronous and reads no clock. The only state it changes are the counter of the stub
that answers and the template cache.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from math import floor
from typing import TYPE_CHECKING

from mockserver.contract import structured_output
from mockserver.contract.chained import chain_rejections
from mockserver.contract.request_body import read_body
from mockserver.endpoints.stored_responses import unknown_response
from mockserver.items import Text
from mockserver.model.budget import Budget, BudgetLimits
from mockserver.model.call import Call
from mockserver.model.conditions import names_text
from mockserver.model.dialect import Dialect, Rejection
from mockserver.model.endpoint import ENDPOINTS, Endpoint, Shape
from mockserver.model.fault import NO_FAULTS, FaultContext, PlaceNotFoundError
from mockserver.model.findings import ApiError, Finding, Severity
from mockserver.model.frames import Script
from mockserver.model.journal import ExchangeKind, ScriptSource
from mockserver.model.json import JSON, JSONReadError, read_text
from mockserver.model.latency import PROFILES
from mockserver.model.reply import Output, Pace, Reply, ReplyFactory, ReplyFunctionError
from mockserver.model.request import Headers, Request
from mockserver.model.route import Route
from mockserver.model.settings import ContractMode, HeaderSet, ModelRulesPolicy, UnknownPolicy, UnmatchedPolicy
from mockserver.model.store import LIMIT
from mockserver.model.stub import Scenario
from mockserver.model.stub_index import MountedStub
from mockserver.model.stub_set import Match, Miss
from mockserver.pipeline import ORDINARY, HttpContext, announces_close, coalesce
from mockserver.pipeline.from_request import FromRequestError, made_for
from mockserver.pipeline.request_templates import MissingValueError, TemplateContext, substitute
from mockserver.pipeline.template_cache import ReplyJob
from mockserver.render.context import most_tokens
from mockserver.render.cors import cors_headers
from mockserver.render.replies import EventStream
from mockserver.server import credentials
from mockserver.server.forwarding import UPSTREAM_TYPE, UpstreamError
from mockserver.server.gates import GatedAct, GatePoint, segments
from mockserver.server.other_replies import NO_RETRY, error_script, limit_error, no_stub, other_reply, script_of

if TYPE_CHECKING:
    from mockserver.render.replies import Rendered
    from mockserver.server.sandbox import Sandbox

UNMATCHED_TYPE = "mockserver_unmatched"
LIMIT_TYPE = "mockserver_request_limit"
REPLY_FAILED_TYPE = "mockserver_reply"
TEMPLATE_RULE = "reply.quotation"
FUNCTION_RULE = "reply.making"
PREVIOUS_RULE = "request.input.previous_response"
_PLACE_RULE = "fault.place"

_BODYLESS = frozenset({"GET", "DELETE"})
# A member of an enumeration is looked up by a Python function before 3.12.
_OFF, _ENFORCE, _REPORT = ContractMode.OFF, ContractMode.ENFORCE, ContractMode.REPORT
_UNKNOWN_DEFAULT, _RULES_DEFAULT = UnknownPolicy.DEFAULT, ModelRulesPolicy.DEFAULT
_ERROR = Severity.ERROR
_EDGE = HeaderSet.EDGE
_CALL = ExchangeKind.CALL
_NO_PACE = Pace()
_CHAINED = frozenset({Endpoint.RESPONSES, Endpoint.COMPACT})
_RETRIEVE = Endpoint("responses.retrieve")
_CLIENT_ERROR = 400


@dataclass(slots=True)  # not frozen: one is made for every exchange
class Decision:
    """What to answer to one request, and why.

    `acts` is what the player performs; `closes` says that the reply announces the end of the
    connection. `source` gives the script again, for the journal. `choice` is None where the request
    was answered before any stub was considered. `rendered` is a stub's reply before any fault, None
    where it was filled in from a template. Where the reply is a function's, `make` decides behind
    the acts, given the number of the exchange. `reason` says what else answered.
    """

    status: int
    acts: tuple[GatedAct, ...]
    source: ScriptSource | None
    closes: bool = False
    kind: ExchangeKind = _CALL
    call: Call | None = None
    choice: Match | Miss | None = None
    findings: tuple[Finding, ...] = ()
    rendered: Rendered | None = None
    reason: str = ""
    make: Callable[[int], Awaitable[Decision]] | None = None

    @classmethod
    def of_script(cls, status: int, script: Script) -> Decision:
        """The decision to play a composed script."""
        frames = script.frames
        return cls(status, tuple(coalesce(frames)), script, announces_close(frames))

    @property
    def script(self) -> Script:
        """The frames, composed now where they were filled in."""
        source = self.source
        if callable(source):
            assert self.call is not None  # noqa: S101  # a reply job is of a call
            return source(self.call)
        assert source is not None  # noqa: S101  # every reply to a call has one
        return source


def handle(sandbox: Sandbox, request: Request) -> Decision:  # noqa: C901, PLR0912, PLR0915  # the order of steps
    """Decide what the sandbox answers to a request."""
    settings, stubs = sandbox.settings, sandbox.stubs
    dialect, routes = sandbox.routing
    if settings.headers is _EDGE:
        dialect = dialect.behind_edge()
    exchange = Exchange(sandbox, request, dialect)
    found = routes.find(request.method, request.path)
    endpoint = None if found is None else ENDPOINTS[found[0].endpoint]
    if found is None or endpoint is None or endpoint.answer is not None:
        return exchange.elsewhere(None if found is None else found[0])
    route, parameters = found
    exchange.shape = route.shape
    if sandbox.calls >= settings.request_limit:
        return exchange.over_limit()
    checked = settings.contract is not _OFF
    forwarder = sandbox.forwarder
    if checked and (forwarder is None or settings.keys):
        rejection = credentials.check(request, dialect, settings.keys, route.shape)
        if rejection is not None:
            return exchange.reject((rejection,))
    if not request.body and (request.method in _BODYLESS or not endpoint.requires_body):
        body = {}
    else:
        read = read_body(request, limit=settings.body_limit)
        if isinstance(read, Rejection):
            return exchange.reject((read,))
        body = read
    exchange.call = call = Call(endpoint.name, body, request=request, parameters=parameters)
    previous = body.get("previous_response_id")
    if previous is not None:
        exchange.continue_stored(call, previous)
    mounted = stubs.find(call)
    forwards = forwarder is not None and forwarder.takes(settings.unmatched)
    if forwarder is not None and forwarder.recorder is not None:
        mounted = forwarder.recorder.chosen(sandbox, mounted, call)
    if mounted is not None:
        dialect = mounted.scenario.dialect
        exchange.dialect = dialect = dialect.behind_edge() if settings.headers is _EDGE else dialect
    exchange.shape = dialect.shape(endpoint.name, body) or route.shape
    validator = dialect.requests
    own = mounted.stub.contract if mounted is not None else _REPORT if forwards else None
    if checked and validator is not None and own is not _OFF:
        unknown, rules = settings.unknown, settings.model_rules
        rejections = validator.judge(
            endpoint.name,
            # A model in the path is as good as one in the body.
            body if "model" in body or "model" not in parameters else body | {"model": parameters["model"]},
            strict=settings.strict,
            unknown=dialect.unknown if unknown is _UNKNOWN_DEFAULT else unknown,
            model_rules=dialect.model_rules if rules is _RULES_DEFAULT else rules,
            own_rules=None if mounted is None else mounted.scenario.model_rules,
        )
        if previous is not None:
            rejections = (*rejections, *exchange.chain_rejections(call, mounted))
        if rejections:
            if (own or settings.contract) is _ENFORCE and any(map(_is_error, rejections)):
                return exchange.reject(rejections)
            exchange.findings = tuple(one.finding for one in rejections)
            if own is not None:
                exchange.findings = tuple(replace(one, severity=Severity.NOTICE) for one in exchange.findings)
    if mounted is not None:
        limits = mounted.scenario.limits or dialect.limits
        refused = None if limits is None else exchange.spend(limits, mounted.scenario, call)
        return refused or exchange.reply(stubs.claim(mounted, call), call)
    if forwards:
        return exchange.forward(call)
    if settings.unmatched is UnmatchedPolicy.ECHO:
        return exchange.echo(call)
    return exchange.unmatched(stubs.miss(call))


def _is_error(rejection: Rejection) -> bool:
    return rejection.finding.severity is _ERROR


class Exchange:
    """One request on its way to a decision, and the ways in which it is answered."""

    __slots__ = (
        *(
            "added",
            "call",
            "calls",
            "clock_s",
            "dialect",
            "findings",
            "limit_headers",
            "request",
            "sandbox",
            "shape",
            "unknown_response",
        ),
    )

    def __init__(self, sandbox: Sandbox, request: Request, dialect: Dialect) -> None:
        self.sandbox = sandbox
        self.request = request
        self.dialect = dialect
        self.calls = sandbox.calls
        self.added = cors_headers(request, sandbox.settings.cors) if "origin" in request.header_map else ()
        # Another exchange may move the clock before a reply function has made this reply.
        self.clock_s = sandbox.clock.time_s
        self.shape = Shape.CHAT
        self.call: Call | None = None
        self.unknown_response: str | None = None
        self.findings: tuple[Finding, ...] = ()
        self.limit_headers: Headers = ()

    def elsewhere(self, route: Route | None) -> Decision:
        """Answer a request that is no call of an endpoint: by a stub that has the path for itself,
        else as a call that no stub takes, or as a request that is no call. A `route` leads to an endpoint
        that replies by itself."""
        request, sandbox = self.request, self.sandbox
        stubs, miss = sandbox.stubs, Miss(near=())
        stateful = route is not None and ENDPOINTS[route.endpoint].stateful
        is_call = request.method == "POST" and not stateful
        if stubs.index.paths:
            settings = sandbox.settings
            read = read_body(request, limit=settings.body_limit) if request.body else {}
            call = Call(Endpoint.PATH, {} if isinstance(read, Rejection) else read, request=request)
            mounted = stubs.find(call)
            if mounted is not None:
                self.shape, self.call = Shape.EXACT, call
                if sandbox.calls >= settings.request_limit:
                    return self.over_limit()
                dialect = mounted.scenario.dialect
                self.dialect = dialect.behind_edge() if settings.headers is _EDGE else dialect
                limits = mounted.scenario.limits or dialect.limits
                refused = None if limits is None else self.spend(limits, mounted.scenario, call)
                return refused or self.reply(stubs.claim(mounted, call), call)
            is_call = is_call or not (route or all(one.mismatches(call) for one in stubs.index.paths))
            if is_call:
                self.call, miss = call, stubs.miss(call)
        if route is not None and stateful:
            return self.stored(route)
        # A POST that leads nowhere is for a stub that is missing.
        return self.unmatched(miss) if is_call else self.other()

    def spend(self, limits: BudgetLimits, scenario: Scenario, call: Call) -> Decision | None:
        """Take the call out of the budget of its scenario, or else of its dialect; the 429 where
        there is no room."""
        owner = f"dialect {self.dialect.name}" if scenario.limits is None else f"scenario {scenario.name}"
        budget = self.sandbox.budgets.setdefault((owner, limits), Budget(limits))
        refusal, headers = budget.take(self.clock_s + self.calls, most_tokens(call))
        sent = {name.lower() for name, _ in self.dialect.headers if name.lower().startswith("x-ratelimit-")}
        self.limit_headers = tuple(one for one in headers if one[0] in sent or not sent)
        if refusal is None:
            return None
        error = limit_error(refusal, self.dialect, self.shape, call.model)
        return self._error(replace(error, headers=(*self.limit_headers, *refusal.headers)), self.findings)

    def reply(self, match: Match, call: Call) -> Decision:
        """Answer with the reply of a stub."""
        reply = match.reply
        if reply.factory is None:
            return self._answer(match, call, reply)
        gates = self.sandbox.gates.before_head(match.stub.name)
        make = partial(self._make, match, call, reply.factory, gates)
        return Decision(0, gates, None, call=call, choice=match, findings=self.findings, make=make)

    async def _make(
        self, match: Match, call: Call, factory: ReplyFactory, passed: tuple[GatePoint, ...], number: int
    ) -> Decision:
        """Have a function make the reply, and answer with it."""
        try:
            made = await factory(self.request, call, shape=self.shape, number=number)
        except ReplyFunctionError as error:
            return self._reply_failed(match, (Finding(rule=FUNCTION_RULE, path="", message=str(error)),))
        return self._answer(match, call, made, passed)

    def _answer(self, match: Match, call: Call, reply: Reply, passed: tuple[GatePoint, ...] = ()) -> Decision:
        """Answer with a reply for which gates were `passed` already."""
        if not match.static:
            fitted = self._fit(match, call, reply)
            if isinstance(fitted, tuple):
                return self._reply_failed(match, fitted)
            reply = fitted
        if self.limit_headers:
            own = {name.lower() for name, _ in reply.headers}
            told = tuple(one for one in self.limit_headers if one[0] not in own)
            reply = replace(reply, headers=(*told, *reply.headers))
        scenario, sandbox, findings = match.scenario, self.sandbox, self.findings
        job = self._job(reply, scenario.seed, scenario.name, match.stub.name)
        # A reply made for this request alone will not come again, and gates stand among frames.
        if job.reply is match.reply and not sandbox.gates:
            template = sandbox.templates.find(job, call)
            acts = None if template is None else template.fill(job.number, call, job, job.epoch)
            if acts is not None and template is not None:
                return Decision(template.status, acts, job, template.closes, _CALL, call, match, findings)
        try:
            composed = job.composed(call)
        except PlaceNotFoundError as error:
            findings = (*findings, Finding(rule=_PLACE_RULE, path="faults", message=str(error)))
            job.reply = replace(job.reply, faults=NO_FAULTS)
            composed = job.composed(call)
        script, rendered = composed.script, composed.rendered
        played: tuple[GatedAct, ...] = tuple(coalesce(script.frames))
        if sandbox.gates:
            context = FaultContext.of(rendered.events if isinstance(rendered, EventStream) else ())
            points, missing = sandbox.gates.points(match.stub.name, script, context, passed)
            findings = (*findings, *missing)
            if points:
                played = segments(script, points, composed.planned)
        closes = announces_close(script.frames)
        return Decision(composed.status, played, job, closes, _CALL, call, match, findings, rendered)

    def echo(self, call: Call) -> Decision:
        """Answer with the last user message."""
        text = Text(text=call.conversation.user or "")
        job = self._job(Reply(content=Output(choices=((text,),))), 0, "", "")
        composed = job.composed(call)
        decision = Decision.of_script(composed.status, composed.script)
        decision.source, decision.call, decision.findings = job, call, self.findings
        return decision

    def forward(self, call: Call) -> Decision:
        """Answer with the reply of the upstream, or with what was recorded of it meanwhile."""
        return Decision(0, (), None, call=call, findings=self.findings, make=partial(self._forward, call))

    async def _forward(self, call: Call, number: int) -> Decision:
        sandbox, forwarder = self.sandbox, self.sandbox.forwarder
        assert forwarder is not None  # noqa: S101  # else nothing is forwarded
        recorder = forwarder.recorder
        await forwarder.settled()
        mounted = None if recorder is None else await recorder.recorded(sandbox, call)
        if mounted is not None:
            self.dialect = mounted.scenario.dialect
            decision = self.reply(sandbox.stubs.claim(mounted, call), call)
            return decision if decision.make is None else await decision.make(number)
        try:
            relay = await forwarder.forward(sandbox, self.request, self.dialect)
        except UpstreamError as error:
            decision = self._error(_own_error(error.status, UPSTREAM_TYPE, str(error)), self.findings)
            decision.reason = forwarder.title
            return decision
        acts = relay.acts(self.added)
        closes, reason = not relay.keep_alive, forwarder.title
        return Decision(relay.status, acts, None, closes, call=call, findings=self.findings, reason=reason)

    def unmatched(self, miss: Miss) -> Decision:
        """Answer 404 with the nearest stubs."""
        from mockserver.report.text import miss_text  # noqa: PLC0415  # not before the first answer

        sandbox = self.sandbox
        number = sandbox.journal.next_number()
        message = miss_text(number, self.request, self.call, miss.near, sandbox=sandbox.shown_name)
        return self._error(_own_error(404, UNMATCHED_TYPE, message), self.findings, miss)

    def reject(self, rejections: Sequence[Rejection]) -> Decision:
        """Answer with the error of the first rejection."""
        first = next(filter(_is_error, rejections))
        recorded = self.sandbox.settings.contract is not _OFF
        findings = tuple(one.finding for one in rejections) if recorded else ()
        return self._error(first.error, findings)

    def over_limit(self) -> Decision:
        """Answer 429: the sandbox has answered as many calls as it may."""
        limit = self.sandbox.settings.request_limit
        message = (
            f"this sandbox has answered {limit} calls, its limit; a client that asks without end "
            "is stopped here (raise it with the option request-limit)"
        )
        finding = Finding(rule="requests.limit", path="", message=message)
        return self._error(_own_error(429, LIMIT_TYPE, message), (finding,))

    def other(self) -> Decision:
        """Answer a request that is no call."""
        _, routes = self.sandbox.routing
        context = no_stub(self.dialect, number=self.calls, epoch=floor(self.clock_s))
        reply = other_reply(self.request, routes, context, self.sandbox.store, shared=bool(self.added))
        if isinstance(reply, Reply):
            composed = self._job(reply, 0, "", "").composed(context.call)
            decision = Decision.of_script(composed.status, composed.script)
        else:
            decision = Decision.of_script(reply.status, script_of(reply, self.request, self.added))
        decision.kind, decision.source = ExchangeKind.SIDE, None
        return decision

    def continue_stored(self, call: Call, previous: JSON) -> None:
        """Read the conversation of a stored response into a call that continues it."""
        chained = call.endpoint in _CHAINED and self.dialect.route(_RETRIEVE) is not None
        if chained and self.sandbox.stateful and isinstance(previous, str):
            history = self.sandbox.store.history(previous)
            self.unknown_response = previous if history is None else None
            call.history = history or ()

    def chain_rejections(self, call: Call, mounted: MountedStub | None) -> tuple[Rejection, ...]:
        """What is wrong with the stored conversation that a call continues. A response that is not stored is
        one that the scenario invented, where the stub names it."""
        if self.unknown_response is None:
            return chain_rejections(call.history, call.body) if call.history else ()
        if mounted is not None and any(names_text(one, "previous_response") for one in mounted.stub.when):
            return ()
        error = self.dialect.error(unknown_response(self.unknown_response), self.shape)
        finding = Finding(rule=PREVIOUS_RULE, path="previous_response_id", message=error.message)
        return (Rejection(finding=finding, error=error),)

    def stored(self, route: Route) -> Decision:
        """Answer a request for what was stored."""
        sandbox, request = self.sandbox, self.request
        self.shape = route.shape
        rejection = None
        if sandbox.settings.contract is not _OFF:
            rejection = credentials.check(request, self.dialect, sandbox.settings.keys, route.shape)
        if rejection is None and request.body:
            read = read_body(request, limit=sandbox.settings.body_limit)
            rejection = read if isinstance(read, Rejection) else None
        decision = self.other() if rejection is None else self.reject((rejection,))
        decision.kind = ExchangeKind.SIDE
        if decision.status >= _CLIENT_ERROR and sandbox.store.evicted:
            message = f"{sandbox.store.evicted} calls are no longer stored: a sandbox stores the latest {LIMIT}"
            decision.findings = (
                *decision.findings,
                Finding(rule="state.evicted", path="", message=message, severity=Severity.NOTICE),
            )
        return decision

    def _job(self, reply: Reply, seed: int, scenario: str, stub: str) -> ReplyJob:
        request, http = self.request, ORDINARY
        if not request.keep_alive or request.version != ORDINARY.version or self.added:
            http = HttpContext(version=request.version, keep_alive=request.keep_alive, headers=self.added)
        profile = PROFILES.get(self.sandbox.settings.latency)
        if profile is not None and reply.pace == _NO_PACE:
            reply = replace(reply, pace=Pace(first_s=profile.first, gap_s=profile.gap))
        return ReplyJob(reply, self.dialect, seed, scenario, stub, self.calls, self.shape, http, floor(self.clock_s))

    def _fit(self, match: Match, call: Call, reply: Reply) -> Reply | tuple[Finding, ...]:
        """The reply for this very request: its template values substituted, its data validated
        against the schema that the request asks for; findings where that fails."""
        if reply.templated:
            values = TemplateContext(
                call=call, number=self.calls + 1, groups=match.groups, now_s=self.clock_s + self.calls
            )
            try:
                reply = substitute(reply, values.resolve)
            except MissingValueError as error:
                return (Finding(rule=TEMPLATE_RULE, path=error.name, message=str(error)),)
        try:
            reply = made_for(reply, call)
        except FromRequestError as error:
            return error.findings
        schema = structured_output.schema_of(call.body)
        for data in () if schema is None else _structured_data(reply):
            found = structured_output.judge(data, schema)
            if found:
                return found
        return reply

    def _reply_failed(self, match: Match, causes: tuple[Finding, ...]) -> Decision:
        """Answer for a stub whose reply cannot be made for this request."""
        where = f"{match.stub.origin} {match.stub.name!r}"
        message = f"{where} cannot answer this request: {causes[0].message}"
        error = _own_error(500, REPLY_FAILED_TYPE, message)
        return self._error(error, (*self.findings, *causes), match)

    def _error(self, error: ApiError, findings: tuple[Finding, ...], choice: Match | Miss | None = None) -> Decision:
        script = error_script(error, self.dialect, self.request, number=self.calls, shape=self.shape, added=self.added)
        decision = Decision.of_script(error.status, script)
        decision.call, decision.choice, decision.findings = self.call, choice, findings
        return decision


def _own_error(status: int, kind: str, message: str) -> ApiError:
    """An error of this server, not of the upstream: a second try would get the same."""
    return ApiError(status=status, type=kind, code=None, param=None, message=message, headers=NO_RETRY)


def _structured_data(reply: Reply) -> Iterator[JSON]:
    if isinstance(reply.content, Output):
        for item in chain.from_iterable(reply.content.choices):
            if isinstance(item, Text) and item.structured:
                data = read_text(item.text)
                yield None if isinstance(data, JSONReadError) else data
