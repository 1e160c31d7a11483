"""From a POST to its answer: door, key, body, contract, stub, script — in that order.

Synchronous and without a clock; the only state touched is the board's counters, and only when a
stub answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from mockserver.contract import structured_output as structure
from mockserver.contract.request_body import too_large
from mockserver.items import Text
from mockserver.model.call import Call
from mockserver.model.dialect import Dialect, Rejection
from mockserver.model.endpoint import ENDPOINTS, Endpoint, Shape
from mockserver.model.fault import NO_FAULTS, PlaceNotFoundError
from mockserver.model.findings import ApiError, Finding, Severity
from mockserver.model.frames import Script
from mockserver.model.ids import IdGenerator
from mockserver.model.json import JSON, JSONObject, JSONReadError, read_text
from mockserver.model.reply import Output, Reply
from mockserver.model.reply_function import ReplyFunctionError
from mockserver.model.request import Request
from mockserver.model.settings import ContractMode, Settings, UnmatchedPolicy
from mockserver.model.stub_set import Match, Miss, StubSet
from mockserver.pipeline.compose import HttpContext
from mockserver.pipeline.request_templates import MissingValueError, TemplateContext, substitute
from mockserver.pipeline.template_cache import ReplyJob, TemplateCache
from mockserver.render.context import RenderContext
from mockserver.render.http1 import frame_body
from mockserver.render.replies import error_reply, identity_headers
from mockserver.server import credentials
from mockserver.server.answer import Answer
from mockserver.server.look import UNSEEN, Look
from mockserver.server.passage import PLAIN, Passage, described_in, passage_of, remember
from mockserver.server.routes import routing_table

UNMATCHED_TYPE = "mockserver_unmatched"
LIMIT_TYPE = "mockserver_request_limit"
SPOILT_TYPE = "mockserver_reply"
QUOTATION_RULE = "reply.quotation"
MAKING_RULE = "reply.making"
_PLACE_RULE = "fault.place"
_BODYLESS = frozenset({"GET", "DELETE"})
_NO_RETRY = (("x-should-retry", "false"),)


def spoken(board: StubSet, default: Dialect) -> Dialect:
    """The dialect where no stub is concerned: the one that all scenarios share, else `default`."""
    return routing_table(board.dialects, default)[0]


def answer(
    desk: Desk,
    board: StubSet,
    default: Dialect,
    prepared: TemplateCache | None = None,
    seen: Look = UNSEEN,
) -> Answer:
    """Answer a POST from a board; see `spoken` for `default`. Without `prepared` every reply is
    composed anew."""
    passage = desk.enter(board.dialects, default)
    if isinstance(passage, Answer):
        return passage
    desk.plain = passage.plain
    endpoint, call, mounted = passage.route.endpoint, seen.call, seen.mounted
    if call is None:
        body = desk.read(passage)
        if isinstance(body, Rejection):
            return desk.refuse((body,))
        call = Call(endpoint, body, request=desk.request, parameters=passage.parameters)
        mounted = board.find(call)
    if mounted is not None:
        desk.dialect = mounted.scenario.dialect
    desk.shape = desk.dialect.shape(endpoint, call.body) or passage.route.shape
    desk.call = call
    refusals = desk.judge(call) if seen.refusals is None else seen.refusals
    findings: tuple[Finding, ...] = ()
    if refusals:
        if desk.settings.contract is ContractMode.ENFORCE and any(map(_grave, refusals)):
            return desk.refuse(refusals)
        findings = tuple(one.finding for one in refusals)
    if mounted is not None:
        return desk.play(board.take(mounted, call), findings, prepared)
    if desk.settings.unmatched is UnmatchedPolicy.ECHO:
        return desk.echo(findings)
    return desk.unmatched(call, board.miss(call), findings)


def _grave(refusal: Rejection) -> bool:
    return refusal.finding.severity is Severity.ERROR


@dataclass(slots=True)
class Desk:
    """Where one request is answered: `number` is its journal number, `calls` how many calls came
    before it, `sandbox` the name told in reports, empty for the default one. An `oversize` body
    was not read. Dialect, shape and whether the body is `plain` become known on the way."""

    request: Request
    carrier: HttpContext
    settings: Settings
    number: int
    calls: int
    sandbox: str
    dialect: Dialect
    oversize: bool = False
    shape: Shape = Shape.CHAT
    call: Call | None = None
    plain: bool = False

    def enter(self, dialects: tuple[Dialect, ...], default: Dialect) -> Passage | Answer:
        """By which door the request comes in, or the answer to who does not get in."""
        settings = self.settings
        known = passage_of(self.request)
        if (
            known is not None
            and known.dialects is dialects
            and known.settings is settings
            and self.calls < settings.request_limit
        ):
            self.dialect = known.dialect
            return known
        passage = self._entered(dialects, default)
        if isinstance(passage, Passage):
            remember(self.request, passage)
        return passage

    def _entered(self, dialects: tuple[Dialect, ...], default: Dialect) -> Passage | Answer:
        request, settings = self.request, self.settings
        self.dialect, routes = routing_table(dialects, default)
        found = routes.find(request.method, request.path)
        if found is None or ENDPOINTS[found[0].endpoint].answer is not None:
            return self.unmatched(None, Miss(near=()))
        route, parameters = found
        self.shape = route.shape
        if self.calls >= settings.request_limit:
            return self.over_limit()
        if settings.contract is not ContractMode.OFF:
            refusal = credentials.refuse(request, self.dialect, settings.keys, self.shape)
            if refusal is not None:
                return self.refuse((refusal,))
        described = described_in(request)
        plain = described in PLAIN
        return Passage(dialects, settings, self.dialect, route, parameters, described, plain)

    def read(self, passage: Passage) -> JSONObject | Rejection:
        """The body, or what is said of one that cannot be read."""
        limit = self.settings.body_limit
        if self.oversize:
            return too_large(limit)
        if not self.request.body and (
            self.request.method in _BODYLESS or not ENDPOINTS[passage.route.endpoint].requires_body
        ):
            return {}
        return passage.read(self.request, limit=limit)

    def judge(self, call: Call) -> tuple[Rejection, ...]:
        """What the request does against the contract."""
        judge = self.dialect.requests
        if judge is None or self.settings.contract is ContractMode.OFF:
            return ()
        return judge.judge(call.endpoint, call.body, strict=self.settings.strict)

    def refuse(self, refusals: Sequence[Rejection]) -> Answer:
        first = next(filter(_grave, refusals))
        recorded = self.settings.contract is not ContractMode.OFF
        return Answer(
            first.error.status,
            composed=self._error_script(first.error),
            call=self.call,
            findings=tuple(one.finding for one in refusals) if recorded else (),
        )

    def over_limit(self) -> Answer:
        limit = self.settings.request_limit
        message = (
            f"this sandbox has answered {limit} calls, its limit; a client that asks without end "
            "is stopped here (raise it with the option request-limit)"
        )
        error = ApiError(
            status=429, type=LIMIT_TYPE, code=None, param=None, message=message, headers=_NO_RETRY
        )
        finding = Finding(rule="requests.limit", path="", message=message)
        return Answer(error.status, composed=self._error_script(error), findings=(finding,))

    def play(
        self, match: Match, findings: tuple[Finding, ...], prepared: TemplateCache | None
    ) -> Answer:
        reply = match.reply if match.static else self._fitted(match)
        if isinstance(reply, tuple):
            return self._spoilt(match, reply, findings)
        scenario = match.scenario
        recipe = ReplyJob(
            reply,
            self.dialect,
            scenario.seed,
            scenario.name,
            match.stub.name,
            self.calls,
            self.shape,
            self.carrier,
        )
        told = Answer(200, recipe=recipe, call=self.call, choice=match, findings=findings)
        # What was made for this request alone will not come again.
        if prepared is not None and reply is match.reply:
            told.played = prepared.play(recipe, self._call)
        if told.played is not None:
            told.status = told.played.status
            return told
        try:
            composed = recipe.composed(self._call)
        except PlaceNotFoundError as error:
            finding = Finding(rule=_PLACE_RULE, path="faults", message=str(error))
            told.findings = (*findings, finding)
            recipe.reply = replace(reply, faults=NO_FAULTS)
            composed = recipe.composed(self._call)
        told.composed, told.rendered = composed.script, composed.rendered
        told.status = composed.status
        return told

    def _fitted(self, match: Match) -> Reply | tuple[Finding, ...]:
        """The reply for this very request: what it quotes filled in, its data held against the
        schema that the request asks for; findings where that cannot be."""
        reply = match.reply
        call = self.call
        if call is None:
            return reply
        if reply.factory is not None:
            try:
                reply = reply.factory(self.request, call, shape=self.shape, number=self.number)
            except ReplyFunctionError as error:
                return (Finding(rule=MAKING_RULE, path="", message=str(error)),)
        if reply.templated:
            quoted = TemplateContext(call=call, number=self.calls + 1, groups=match.groups)
            try:
                reply = substitute(reply, quoted.resolve)
            except MissingValueError as error:
                return (Finding(rule=QUOTATION_RULE, path=error.name, message=str(error)),)
        schema = structure.schema_of(call.body)
        for data in () if schema is None else _given_as_data(reply):
            found = structure.judge(data, schema)
            if found:
                return found
        return reply

    def _spoilt(
        self, match: Match, spoilt: tuple[Finding, ...], findings: tuple[Finding, ...]
    ) -> Answer:
        where = f"{match.stub.origin} {match.stub.name!r}"
        message = f"{where} cannot answer this request: {spoilt[0].message}"
        error = ApiError(
            status=500, type=SPOILT_TYPE, code=None, param=None, message=message, headers=_NO_RETRY
        )
        return Answer(
            error.status,
            composed=self._error_script(error),
            call=self.call,
            choice=match,
            findings=(*findings, *spoilt),
        )

    def echo(self, findings: tuple[Finding, ...]) -> Answer:
        call = self._call
        reply = Reply(content=Output(choices=((Text(text=call.conversation.user or ""),),)))
        recipe = ReplyJob(reply, self.dialect, 0, "", "", self.calls, self.shape, self.carrier)
        composed = recipe.composed(call)
        return Answer(
            composed.status, composed=composed.script, recipe=recipe, call=call, findings=findings
        )

    def unmatched(
        self, call: Call | None, miss: Miss, findings: tuple[Finding, ...] = ()
    ) -> Answer:
        """The 404 that tells the nearest stubs."""
        from mockserver.report.verdict import miss_text  # noqa: PLC0415  # not before the first answer

        message = miss_text(self.number, self.request, call, miss.near, sandbox=self.sandbox)
        error = ApiError(
            status=404,
            type=UNMATCHED_TYPE,
            code=None,
            param=None,
            message=message,
            headers=_NO_RETRY,
        )
        script = self._error_script(error)
        return Answer(error.status, composed=script, call=call, choice=miss, findings=findings)

    def _error_script(self, error: ApiError) -> Script:
        mint = IdGenerator(seed=0, scenario="", stub="", call=self.calls)
        nobody = Call(endpoint=Endpoint.CHAT, body={})
        base = identity_headers(RenderContext(call=nobody, dialect=self.dialect, mint=mint))
        whole = error_reply(error, base, self.dialect, mint, self.shape)
        frames = frame_body(
            whole.status,
            whole.headers,
            whole.body,
            version=self.carrier.version,
            keep_alive=self.carrier.keep_alive,
        )
        return Script(frames=frames)

    @property
    def _call(self) -> Call:
        assert self.call is not None  # noqa: S101  # a desk plays only what was read
        return self.call


def _given_as_data(reply: Reply) -> Iterator[JSON]:
    if isinstance(reply.content, Output):
        for item in chain.from_iterable(reply.content.choices):
            if isinstance(item, Text) and item.structured:
                data = read_text(item.text)
                yield None if isinstance(data, JSONReadError) else data
