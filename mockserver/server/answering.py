"""From a POST to its answer: door, key, body, contract, stub, script — in that order.

Synchronous and without a clock; the only state touched is the board's counters, and only when a
stub answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from mockserver.contract import structured as structure
from mockserver.contract.requests.body import read_body, too_large
from mockserver.core.apierror import ApiError
from mockserver.core.board import Board, Match, Miss
from mockserver.core.call import Call
from mockserver.core.dialect import Dialect, Refusal
from mockserver.core.endpoint import Endpoint, Shape
from mockserver.core.fault import NO_FAULTS
from mockserver.core.finding import Finding, Grade
from mockserver.core.frames import Script
from mockserver.core.jsontext import JSON, JSONFault, read_text
from mockserver.core.making import MakingError
from mockserver.core.minted import Mint
from mockserver.core.reply import Output, Reply, Text
from mockserver.core.request import Request
from mockserver.core.settings import Contract, Settings, Unmatched
from mockserver.faults.place import UnknownPlace
from mockserver.report.verdict import miss_text
from mockserver.script.compose import Carrier, Composed, compose
from mockserver.script.quoting import Quoted, UnquotableError, filled
from mockserver.server import credentials
from mockserver.server.routes import canonical, routes
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`choice` is None where the request was answered before any stub was asked; `rendered` is a
    stub's reply before any fault."""

    script: Script
    status: int
    call: Call | None = None
    choice: Match | Miss | None = None
    findings: tuple[Finding, ...] = ()
    rendered: Rendered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
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
    dialects = {one.dialect for one in board.scenarios}
    return dialects.pop() if len(dialects) == 1 else default


def answer(asked: Asked, board: Board, settings: Settings, default: Dialect) -> Answer:
    """Answer a POST from a board; see `spoken` for `default`."""
    request = asked.request
    dialect = spoken(board, default)
    dialects = (dialect, *(one.dialect for one in board.scenarios))
    route = routes(dialects).get(canonical(request.path))
    if route is None:
        return _unmatched(asked, None, Miss(near=()), dialect)
    desk = _Desk(asked=asked, dialect=dialect, settings=settings, shape=route.shape)
    if asked.calls >= settings.request_limit:
        return desk.over_limit()
    if settings.contract is not Contract.OFF:
        refusal = credentials.refuse(request, dialect, settings.keys, route.shape)
        if refusal is not None:
            return desk.refuse((refusal,))
    limit = settings.body_limit
    body = (
        too_large(limit)
        if asked.oversize
        else read_body(request.body, request.headers, limit=limit)
    )
    if isinstance(body, Refusal):
        return desk.refuse((body,))
    call = Call(endpoint=route.endpoint, body=body, headers=request.headers, query=request.query)
    mounted = board.find(call)
    if mounted is not None:
        dialect = mounted.scenario.dialect
    shape = dialect.shape(route.endpoint, body) or route.shape
    desk = _Desk(asked=asked, dialect=dialect, settings=settings, shape=shape, call=call)
    refusals = desk.judge()
    if settings.contract is Contract.ENFORCE and any(map(_grave, refusals)):
        return desk.refuse(refusals)
    findings = tuple(one.finding for one in refusals)
    if mounted is not None:
        return desk.play(board.take(mounted, call), findings)
    if settings.unmatched is Unmatched.ECHO:
        return desk.echo(findings)
    return replace(_unmatched(asked, call, board.miss(call), dialect), findings=findings)


def _grave(refusal: Refusal) -> bool:
    return refusal.finding.grade is Grade.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where one request is answered in one dialect and shape."""

    asked: Asked
    dialect: Dialect
    settings: Settings
    shape: Shape
    call: Call | None = None

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

    def play(self, match: Match, findings: tuple[Finding, ...]) -> Answer:
        scenario = match.scenario
        mint = Mint(
            seed=scenario.seed, scenario=scenario.name, stub=match.stub.name, call=self.asked.calls
        )
        reply = self._fitted(match)
        if isinstance(reply, tuple):
            return self._spoilt(match, reply, findings)
        try:
            composed = self._compose(reply, mint)
        except UnknownPlace as error:
            finding = Finding(rule=_PLACE_RULE, path="faults", message=str(error))
            findings = (*findings, finding)
            composed = self._compose(replace(reply, faults=NO_FAULTS), mint)
        return Answer(
            script=composed.script,
            status=composed.status,
            call=self.call,
            choice=match,
            findings=findings,
            rendered=composed.rendered,
        )

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
        for data in _given_as_data(reply):
            schema = structure.schema_of(call.body)
            found = () if schema is None else structure.judge(data, schema)
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
        said = (self.call.conversation.user if self.call else None) or ""
        reply = Reply(content=Output(choices=((Text(text=said),),)))
        composed = self._compose(reply, _mint(self.asked))
        return Answer(
            script=composed.script, status=composed.status, call=self.call, findings=findings
        )

    def _compose(self, reply: Reply, mint: Mint) -> Composed:
        assert self.call is not None  # noqa: S101  # a desk plays only what was read
        occasion = Occasion(call=self.call, dialect=self.dialect, mint=mint)
        return compose(reply, occasion, self.shape, carrier=self.asked.carrier)


def _given_as_data(reply: Reply) -> Iterator[JSON]:
    if isinstance(reply.content, Output):
        for item in chain.from_iterable(reply.content.choices):
            if isinstance(item, Text) and item.structured:
                data = read_text(item.text)
                yield None if isinstance(data, JSONFault) else data


def _unmatched(asked: Asked, call: Call | None, miss: Miss, dialect: Dialect) -> Answer:
    message = miss_text(asked.number, asked.request, call, miss.near, sandbox=asked.sandbox)
    error = ApiError(
        status=404, type=UNMATCHED_TYPE, code=None, param=None, message=message, headers=_NO_RETRY
    )
    return Answer(
        script=_error_script(error, asked, dialect), status=error.status, call=call, choice=miss
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
