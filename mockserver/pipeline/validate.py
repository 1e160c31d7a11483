"""Proof at load: every reply, in each shape and mode it can be asked in, keeps the contract.

What is a breach by declaration is not judged: faults (the reply is judged without them), text
bodies, raw bytes, and whatever is not 2xx.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.items import Text
from mockserver.model.conditions import Condition, StreamCondition
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, SHAPES, Endpoint, Route, Shape
from mockserver.model.fault import PlaceNotFoundError
from mockserver.model.findings import Finding, Severity
from mockserver.model.ids import IdGenerator
from mockserver.model.reply import ErrorRef, ErrorReply, FinishReason, Output, Reply, StreamError
from mockserver.pipeline.compose import compose
from mockserver.pipeline.sample_calls import calls
from mockserver.render.context import RenderContext
from mockserver.render.render import render
from mockserver.render.rendered import BodyReply, RawReply, Rendered
from mockserver.render.support import unsupported_reason

_Way: TypeAlias = tuple[RenderContext, Shape]

_TRUNCATED = {FinishReason.CANCELLED}
_TERMINAL_MISSING = "responses.terminal.missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyProblem:
    """What is wrong with a reply: one sentence, and the contract rule concerned, if one is.
    `key` is the key of the reply that is to blame, empty for the reply as a whole."""

    message: str
    key: str = ""
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportedEndpoints:
    """Where replies can be said: the endpoints, the shapes, and for every endpoint that cannot
    say one of them, why."""

    on: tuple[Endpoint, ...]
    shapes: tuple[Shape, ...]
    why_not: dict[Endpoint, str]


def supported_endpoints(replies: Sequence[Reply], dialect: Dialect) -> SupportedEndpoints:
    """The endpoints on which all of the replies can be expressed, in one shape or another."""
    on: list[Endpoint] = []
    shapes: set[Shape] = set()
    reasons: dict[Endpoint, str] = {}
    for endpoint in ENDPOINTS.scripted:
        route = dialect.route(endpoint)
        if route is None:
            reasons[endpoint] = f"dialect {dialect.name!r} has no such endpoint"
            continue
        said = {shape: _reason(replies, shape) for shape in route.shapes}
        sayable = [shape for shape, reason in said.items() if reason is None]
        if sayable:
            on.append(endpoint)
            shapes.update(sayable)
        else:
            reasons[endpoint] = str(next(iter(said.values())))
    return SupportedEndpoints(
        on=tuple(on),
        shapes=tuple(shape for shape in SHAPES.names if shape in shapes),
        why_not=reasons,
    )


def _reason(replies: Sequence[Reply], shape: Shape) -> str | None:
    return next(
        (said for reply in replies if (said := unsupported_reason(reply, shape)) is not None), None
    )


def validate(
    reply: Reply,
    *,
    on: Sequence[Endpoint],
    shapes: Sequence[Shape],
    when: Sequence[Condition],
    dialect: Dialect,
    mint: IdGenerator,
) -> tuple[ReplyProblem, ...]:
    """What is wrong with a reply in any shape and mode it can be asked in; each flaw once."""
    if dialect.tested and plain(reply):
        return ()
    unknown = tuple(_unknown_errors(reply, dialect))
    if unknown:
        return unknown
    ways = [
        (RenderContext(call=call, dialect=dialect, mint=mint), shape)
        for route, shape in _ways(on, shapes, dialect)
        for call in calls(route, shape)
        if _askable(call.stream, when)
    ]
    return tuple(dict.fromkeys((*_misplaced(reply, ways), *_breaches(reply, ways))))


def plain(reply: Reply) -> bool:
    """Whether it is a text and nothing else. No proof depends on what the words are: they are cut
    into pieces that add up to them, and each goes out as a string where any string may stand."""
    if not isinstance(reply.content, Output):
        return False
    items = reply.content.choices[0]
    if len(items) != 1 or not isinstance(items[0], Text):
        return False
    text = items[0].text
    if not text or not (text.isascii() or text.isprintable()):
        return False
    same = Output(choices=((Text(text=text),),))
    return reply == Reply(content=same, pace=reply.pace, origin=reply.origin)


def _misplaced(reply: Reply, ways: Sequence[_Way]) -> Iterator[ReplyProblem]:
    """Faults that have a place in no way of asking; one way is enough."""
    lost: list[str] = []
    for occasion, shape in ways if reply.faults else ():
        try:
            composed = compose(reply, occasion, shape, dry_run=True)
        except PlaceNotFoundError as error:
            lost.append(str(error))
            continue
        if composed.streamed or not reply.faults.streamed:
            return
    if lost:
        yield ReplyProblem(message=lost[0], key="faults")
    elif reply.faults.streamed:
        message = "a fault among events, but this reply is never streamed"
        yield ReplyProblem(message=message, key="faults")


def _breaches(reply: Reply, ways: Sequence[_Way]) -> Iterator[ReplyProblem]:
    """Rules that are broken without being named, and rules that are named without being broken."""
    broken: set[str] = set()
    for occasion, shape in ways:
        rendered = render(reply, occasion, shape, stream=occasion.call.stream)
        for finding in _findings(rendered, reply, shape, occasion.dialect):
            broken.add(finding.rule)
            if finding.rule not in reply.breaks:
                yield _flaw(finding, shape)
    for rule in reply.breaks:
        if rule not in broken:
            message = f"breaks names {rule!r}, but the reply keeps that rule"
            yield ReplyProblem(message=message, key="breaks", rule=rule)


def _ways(
    on: Sequence[Endpoint], shapes: Sequence[Shape], dialect: Dialect
) -> Iterator[tuple[Route, Shape]]:
    for endpoint in on:
        route = dialect.route(endpoint)
        if route is not None:
            yield from ((route, shape) for shape in route.shapes if shape in shapes)


def _askable(stream: bool, when: Sequence[Condition]) -> bool:  # noqa: FBT001  # a value, no switch
    wanted = [one.expected for one in when if isinstance(one, StreamCondition)]
    return all(one == stream for one in wanted)


def _findings(
    rendered: Rendered, reply: Reply, shape: Shape, dialect: Dialect
) -> tuple[Finding, ...]:
    judge = dialect.replies
    match rendered:
        case _ if judge is None:
            return ()
        case RawReply():
            return ()
        case BodyReply() if rendered.json is None or not _good(rendered.status):
            return ()
        case BodyReply():
            found = judge.body(rendered.json, shape)
        case stream if not _good(stream.status):
            return ()
        case stream:
            found = judge.stream(stream.events, shape)
    ends = isinstance(reply.content, Output) and reply.content.finish in _TRUNCATED
    return tuple(
        finding
        for finding in found
        if finding.severity is Severity.ERROR and not (ends and finding.rule == _TERMINAL_MISSING)
    )


def _good(status: int) -> bool:
    return 200 <= status < 300


def _flaw(finding: Finding, shape: Shape) -> ReplyProblem:
    where = f" at event {finding.event}" if finding.event else ""
    path = f" {finding.path}:" if finding.path else ""
    return ReplyProblem(
        message=f"as {shape.value}{where}:{path} {finding.message}", rule=finding.rule
    )


def _unknown_errors(reply: Reply, dialect: Dialect) -> Iterator[ReplyProblem]:
    for ref, key in _refs(reply):
        if ref.name is not None and ref.name not in dialect.catalogue:
            yield ReplyProblem(message=f"unknown error {ref.name!r}", key=key)


def _refs(reply: Reply) -> Iterator[tuple[ErrorRef, str]]:
    if isinstance(reply.content, ErrorReply):
        yield reply.content.error, "error"
    if isinstance(reply.content, Output):
        for items in reply.content.choices:
            for place, item in enumerate(items):
                if isinstance(item, StreamError):
                    yield item.error, f"output[{place}].error"
