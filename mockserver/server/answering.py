"""From a POST to its answer: door, key, body, contract, stub, script — in that order.

Synchronous and without a clock; the only state touched is the board's counters, and only when a
stub answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from mockserver.contract import structured as structure
from mockserver.contract.requests.body import read_body, read_described_body, too_large
from mockserver.core.apierror import ApiError
from mockserver.core.board import Board, Match, Miss
from mockserver.core.call import Call
from mockserver.core.dialect import Dialect, Refusal
from mockserver.core.endpoint import Endpoint, Shape
from mockserver.core.fault import NO_FAULTS
from mockserver.core.finding import Finding, Grade
from mockserver.core.frames import Script
from mockserver.core.jsontext import JSON, JSONFault, Object, read_text
from mockserver.core.making import MakingError
from mockserver.core.minted import Mint
from mockserver.core.reply import Output, Reply, Text
from mockserver.core.request import Request
from mockserver.core.settings import Contract, Settings, Unmatched
from mockserver.faults.place import UnknownPlace
from mockserver.report.verdict import miss_text
from mockserver.script.compose import Carrier
from mockserver.script.prepared import Played, Prepared, Recipe
from mockserver.script.quoting import Quoted, UnquotableError, filled
from mockserver.server import credentials
from mockserver.server.routes import canonical, doors
from mockserver.wire import errors, headers
from mockserver.wire.http1 import frames_of_body
from mockserver.wire.occasion import Occasion
from mockserver.wire.rendered import Rendered

UNMATCHED_TYPE = "mockserver_unmatched"
LIMIT_TYPE = "mockserver_request_limit"
SPOILT_TYPE = "mockserver_reply"
QUOTATION_RULE = "reply.quotation"
MAKING_RULE = "reply.making"
_PLACE_RULE = "fault.place"
_NO_RETRY = (("x-should-retry", "false"),)


# What lives for one exchange only is not frozen: that would take twice as long to make.


@dataclass(slots=True)
class Answer:
    """Either `script` is there, or `played`, which was filled in from the same recipe. `choice` is
    None where the request was answered before any stub was asked; `rendered` is a stub's reply
    before any fault, where it was composed."""

    status: int
    script: Script | None = None
    played: Played | None = None
    recipe: Recipe | None = None
    call: Call | None = None
    choice: Match | Miss | None = None
    findings: tuple[Finding, ...] = ()
    rendered: Rendered | None = None


@dataclass(slots=True)
class Asked:
    """A request with where it came in: `number` is its journal number, `calls` how many calls
    came before it, `sandbox` the name told in reports, empty for the default one. An `oversize`
    body was not read."""

    request: Request
    carrier: Carrier
    number: int
    calls: int
    sandbox: str
    oversize: bool = False


def spoken(board: Board, default: Dialect) -> Dialect:
    """The dialect where no stub is concerned: the one that all scenarios share, else `default`."""
    return doors(board.dialects, default)[0]


def answer(
    asked: Asked,
    board: Board,
    settings: Settings,
    default: Dialect,
    prepared: Prepared | None = None,
) -> Answer:
    """Answer a POST from a board; see `spoken` for `default`. Without `prepared` every reply is
    composed anew."""
    request = asked.request
    dialect, routes = doors(board.dialects, default)
    route = routes.get(canonical(request.path))
    if route is None:
        return _unmatched(asked, None, Miss(near=()), dialect)
    desk = _Desk(asked, dialect, settings, route.shape)
    stopped = desk.door()
    if stopped is not None:
        return stopped
    body = _body(asked, settings.body_limit)
    if isinstance(body, Refusal):
        return desk.refuse((body,))
    call = Call(endpoint=route.endpoint, body=body, headers=request.headers, query=request.query)
    mounted = board.find(call)
    if mounted is not None:
        desk.dialect = mounted.scenario.dialect
    desk.shape = desk.dialect.shape(route.endpoint, body) or route.shape
    desk.call = call
    refusals = desk.judge()
    findings: tuple[Finding, ...] = ()
    if refusals:
        if settings.contract is Contract.ENFORCE and any(map(_grave, refusals)):
            return desk.refuse(refusals)
        findings = tuple(one.finding for one in refusals)
    if mounted is not None:
        return desk.play(board.take(mounted, call), findings, prepared)
    if settings.unmatched is Unmatched.ECHO:
        return desk.echo(findings)
    return _unmatched(asked, call, board.miss(call), desk.dialect, findings)


def _body(asked: Asked, limit: int) -> Object | Refusal:
    if asked.oversize:
        return too_large(limit)
    request = asked.request
    named = request.named
    if len(named) < len(request.headers):
        return read_body(request.body, request.headers, limit=limit)
    return read_described_body(
        request.body,
        named.get("content-type", ""),
        named.get("content-encoding", ""),
        limit=limit,
    )


def _grave(refusal: Refusal) -> bool:
    return refusal.finding.grade is Grade.ERROR


@dataclass(slots=True)
class _Desk:
    """Where one request is answered in one dialect and shape."""

    asked: Asked
    dialect: Dialect
    settings: Settings
    shape: Shape
    call: Call | None = None

    def door(self) -> Answer | None:
        """The answer to who does not get in: too many calls, or no key."""
        if self.asked.calls >= self.settings.request_limit:
            return self.over_limit()
        if self.settings.contract is Contract.OFF:
            return None
        refusal = credentials.refuse(
            self.asked.request, self.dialect, self.settings.keys, self.shape
        )
        return None if refusal is None else self.refuse((refusal,))

    def judge(self) -> tuple[Refusal, ...]:
        judge = self.dialect.requests
        if judge is None or self.call is None or self.settings.contract is Contract.OFF:
            return ()
        return judge.judge(self.call.endpoint, self.call.body, strict=self.settings.strict)

    def refuse(self, refusals: Sequence[Refusal]) -> Answer:
        first = next(filter(_grave, refusals))
        recorded = self.settings.contract is not Contract.OFF
        return Answer(
            script=_error_script(first.error, self.asked, self.dialect),
            status=first.error.status,
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
        return Answer(
            script=_error_script(error, self.asked, self.dialect),
            status=error.status,
            findings=(finding,),
        )

    def play(
        self, match: Match, findings: tuple[Finding, ...], prepared: Prepared | None
    ) -> Answer:
        reply = self._fitted(match)
        if isinstance(reply, tuple):
            return self._spoilt(match, reply, findings)
        scenario, asked = match.scenario, self.asked
        recipe = Recipe(
            reply,
            self.dialect,
            scenario.seed,
            scenario.name,
            match.stub.name,
            asked.calls,
            self.shape,
            asked.carrier,
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
        except UnknownPlace as error:
            finding = Finding(rule=_PLACE_RULE, path="faults", message=str(error))
            told.findings = (*findings, finding)
            recipe.reply = replace(reply, faults=NO_FAULTS)
            composed = recipe.composed(self._call)
        told.script, told.rendered = composed.script, composed.rendered
        told.status = composed.status
        return told

    def _fitted(self, match: Match) -> Reply | tuple[Finding, ...]:
        """The reply for this very request: what it quotes filled in, its data held against the
        schema that the request asks for; findings where that cannot be."""
        reply = match.reply
        call = self.call
        if call is None:
            return reply
        if reply.maker is not None:
            asked = self.asked
            try:
                reply = reply.maker(asked.request, call, shape=self.shape, number=asked.number)
            except MakingError as error:
                return (Finding(rule=MAKING_RULE, path="", message=str(error)),)
        if reply.quotes:
            quoted = Quoted(call=call, number=self.asked.calls + 1, groups=match.groups)
            try:
                reply = filled(reply, quoted.look)
            except UnquotableError as error:
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
            script=_error_script(error, self.asked, self.dialect),
            status=error.status,
            call=self.call,
            choice=match,
            findings=(*findings, *spoilt),
        )

    def echo(self, findings: tuple[Finding, ...]) -> Answer:
        call = self._call
        reply = Reply(content=Output(choices=((Text(text=call.conversation.user or ""),),)))
        asked = self.asked
        recipe = Recipe(reply, self.dialect, 0, "", "", asked.calls, self.shape, asked.carrier)
        composed = recipe.composed(call)
        return Answer(
            composed.status, script=composed.script, recipe=recipe, call=call, findings=findings
        )

    @property
    def _call(self) -> Call:
        assert self.call is not None  # noqa: S101  # a desk plays only what was read
        return self.call


def _given_as_data(reply: Reply) -> Iterator[JSON]:
    if isinstance(reply.content, Output):
        for item in chain.from_iterable(reply.content.choices):
            if isinstance(item, Text) and item.structured:
                data = read_text(item.text)
                yield None if isinstance(data, JSONFault) else data


def _unmatched(
    asked: Asked,
    call: Call | None,
    miss: Miss,
    dialect: Dialect,
    findings: tuple[Finding, ...] = (),
) -> Answer:
    message = miss_text(asked.number, asked.request, call, miss.near, sandbox=asked.sandbox)
    error = ApiError(
        status=404, type=UNMATCHED_TYPE, code=None, param=None, message=message, headers=_NO_RETRY
    )
    return Answer(
        error.status,
        script=_error_script(error, asked, dialect),
        call=call,
        choice=miss,
        findings=findings,
    )


def _error_script(error: ApiError, asked: Asked, dialect: Dialect) -> Script:
    mint = _mint(asked)
    nobody = Call(endpoint=Endpoint.CHAT, body={})
    base = headers.identity(Occasion(call=nobody, dialect=dialect, mint=mint))
    whole = errors.whole(error, base, dialect, mint)
    frames = frames_of_body(
        whole.status,
        whole.headers,
        whole.body,
        version=asked.carrier.version,
        keep_alive=asked.carrier.keep_alive,
    )
    return Script(frames=frames)


def _mint(asked: Asked) -> Mint:
    return Mint(seed=0, scenario="", stub="", call=asked.calls)
