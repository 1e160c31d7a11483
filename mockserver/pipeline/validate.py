"""Validation at load: a reply keeps the contract in each shape and mode it can be requested in.

Deliberate violations are not validated: faults (a reply is validated without them), text bodies,
raw bytes, and whatever is not 2xx.

No result depends on the words of a plain text: it is cut into pieces that add up to it, and each
is sent where any string may stand. So replies of one form are validated once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache, lru_cache
from string import ascii_letters, digits
from typing import Final, NamedTuple, TypeAlias, cast

from mockserver.items import Text
from mockserver.model.call import Call
from mockserver.model.conditions import Condition, StreamCondition
from mockserver.model.dialect import Dialect
from mockserver.model.endpoint import ENDPOINTS, SHAPES, Endpoint, Shape
from mockserver.model.fault import PlaceNotFoundError
from mockserver.model.findings import Finding, Severity
from mockserver.model.ids import IdGenerator
from mockserver.model.reply import ErrorRef, ErrorReply, ExactEvents, FinishReason, Output, Reply, StreamError, Usage
from mockserver.model.route import Route
from mockserver.pipeline import compose
from mockserver.render import render, unsupported_reason
from mockserver.render.context import RenderContext
from mockserver.render.replies import BodyReply, RawReply, Rendered

_Way: TypeAlias = tuple[RenderContext, Shape]

_TRUNCATED = {FinishReason.CANCELLED}
_TERMINAL_MISSING = "responses.terminal.missing"


class ReplyProblem(NamedTuple):
    """What is wrong with a reply, and the contract rule concerned, if there is one. `key` is the
    key path in the reply, empty for the reply as a whole."""

    message: str
    key: str = ""
    rule: str | None = None


class SupportedEndpoints(NamedTuple):
    """Where replies can be expressed: the endpoints, the shapes, and for every other endpoint the
    reason."""

    on: tuple[Endpoint, ...]
    shapes: tuple[Shape, ...]
    why_not: dict[Endpoint, str]


def supported_endpoints(replies: Sequence[Reply], dialect: Dialect) -> SupportedEndpoints:
    """The endpoints on which all of the replies can be expressed, in one shape or another."""
    reasons = [next(filter(None, [unsupported_reason(one, shape) for one in replies]), None) for shape in SHAPES.names]
    return _supported(dialect, ENDPOINTS.scripted, SHAPES.names, tuple(reasons))


@lru_cache(maxsize=256)
def _supported(
    dialect: Dialect, endpoints: tuple[Endpoint, ...], shapes: tuple[Shape, ...], reasons: tuple[str | None, ...]
) -> SupportedEndpoints:
    """The endpoints that have a shape without a reason against it; `reasons` has one place for each shape."""
    by_shape = dict(zip(shapes, reasons, strict=True))
    why_not: dict[Endpoint, str] = {}
    used: set[Shape] = set()
    for endpoint in endpoints:
        route = dialect.route(endpoint)
        supported = [] if route is None else [shape for shape in route.shapes if by_shape[shape] is None]
        used.update(supported)
        if route is None:
            why_not[endpoint] = f"dialect {dialect.name!r} has no such endpoint"
        elif not supported:
            why_not[endpoint] = str(by_shape[route.shape])
    on = tuple(endpoint for endpoint in endpoints if endpoint not in why_not)
    return SupportedEndpoints(on=on, shapes=tuple(shape for shape in shapes if shape in used), why_not=why_not)


def validate(
    reply: Reply,
    *,
    on: Sequence[Endpoint],
    shapes: Sequence[Shape],
    when: Sequence[Condition],
    dialect: Dialect,
    ids: IdGenerator,
) -> tuple[ReplyProblem, ...]:
    """What is wrong with a reply in any shape and mode it can be requested in, each once."""
    form = form_of(reply)
    # A test validates this form in every tested dialect.
    if dialect.tested and form == _PLAIN:
        return ()
    streamed = tuple(sorted({one.expected for one in when if isinstance(one, StreamCondition)}))
    key = (form, tuple(on), tuple(shapes), streamed, id(dialect))
    if form is not None and key in _VALID:
        return ()
    problems = tuple(_unknown_errors(reply, dialect)) or tuple(
        dict.fromkeys(_problems(reply, on, shapes, streamed, dialect, ids))
    )
    if form is not None and not problems:
        if len(_VALID) >= _MAX_FORMS:
            _VALID.clear()
        # The dialect is kept, so that no other one gets its id.
        _VALID[key] = dialect
    return problems


def _problems(
    reply: Reply,
    on: Sequence[Endpoint],
    shapes: Sequence[Shape],
    streamed: Sequence[bool],
    dialect: Dialect,
    ids: IdGenerator,
) -> Iterator[ReplyProblem]:
    ways = [
        (RenderContext(call=call, dialect=dialect, ids=ids), shape)
        for route, shape in _ways(on, shapes, dialect)
        for call in sample_calls(route, shape)
        if all(one == call.stream for one in streamed)
    ]
    yield from _misplaced(reply, ways)
    yield from _idle_omissions(reply, ways)
    yield from _violations(reply, ways)


_VALID: Final[dict[tuple[object, ...], Dialect]] = {}
"""What was validated without a problem."""
_MAX_FORMS: Final = 1000

_FREE: Final = frozenset(
    {
        *("text", "content", "refusal", "summary", "arguments", "input", "transcript", "message"),
        *("query", "queries", "code", "logs", "output"),
    }
)
"""Fields, and members of JSON, whose texts the contract takes as any string."""
# These are compared with a text elsewhere in the reply.
_COMPARED: Final = frozenset({"output_text", "logprobs", "annotations"})
_COUNTED: Final = Usage()
_LETTERS: Final = str.maketrans(ascii_letters + digits, "a" * len(ascii_letters + digits))


class _NoFormError(Exception):
    """A reply of which every text matters."""


def form_of(reply: Reply) -> Hashable | None:
    """What the validation of a reply depends on: all of it but the words of its plain texts. Where
    faults are placed by them, or their tokens are counted against a stated usage, the words keep
    their layout. None for a reply that has no form."""
    content = reply.content
    exact = bool(reply.faults or reply.breaks)
    if isinstance(content, Output) and content.usage != _COUNTED:
        # Only cached tokens are compared with those of the input.
        exact = exact or content.usage != Usage(input=content.usage.input)
        content = content if exact else replace(content, usage=Usage(input=0))
    try:
        form = _form(content, _layout_of if exact else _any_text)
    except _NoFormError:
        return None
    if not reply.faults:
        return (form, reply.breaks, reply.status)
    on_the_wire = (reply.status, reply.headers, reply.pace, reply.faults)
    return (form, reply.breaks, _form(on_the_wire, None))


def _any_text(_text: str) -> str:
    return "a"


def _layout_of(text: str) -> str:
    return text.translate(_LETTERS)


def _form(value: object, abstract: Callable[[str], str] | None, *, free: bool = False) -> Hashable:
    """A hashable value that is equal for values of one form. Free texts become what `abstract`
    gives for them; without it all texts are kept."""
    kind: type = type(value)
    if kind is str:
        text = cast("str", value)
        if not (free and abstract and text and (text.isascii() or text.isprintable())):
            return text
        return (abstract(text),)
    if kind is tuple or kind is list:
        return (kind, *[_form(one, abstract, free=free) for one in cast("list[object]", value)])
    if kind is dict:
        members = list(cast("Mapping[str, object]", value).items())
    else:
        defaults = _defaults(kind)
        if defaults is None:
            # 1, 1.0 and True are equal.
            return (kind, value)
        if abstract and kind is ExactEvents:
            raise _NoFormError
        members = [(name, one) for name, default in defaults if (one := getattr(value, name)) is not default]
    form: list[object] = [kind]
    for name, one in members:
        if abstract and one and name in _COMPARED:
            raise _NoFormError
        form += (name, _form(one, abstract, free=name in _FREE))
    return tuple(form)


@cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...] | None:
    """The fields of a dataclass with their defaults, without its class variables; None for any other type."""
    return tuple((one.name, one.default) for one in fields(kind)) if is_dataclass(kind) else None


_PLAIN: Final = form_of(Reply(content=Output(choices=((Text(text="any"),),))))


def _misplaced(reply: Reply, ways: Sequence[_Way]) -> Iterator[ReplyProblem]:
    """Faults that have no place in any way of requesting the reply; one way of each kind is enough."""
    faults, lost = reply.faults, list[str]()
    needed = {kind for kind, needs in ((True, faults.streamed), (False, faults.whole)) if needs}
    tried = False
    for occasion, shape in ways if faults else ():
        try:
            composed = compose(reply, occasion, shape, dry_run=True)
        except PlaceNotFoundError as error:
            lost.append(str(error))
            continue
        tried = True
        needed.discard(composed.streamed)
        if not needed:
            return
    if lost and (needed or not tried):
        yield ReplyProblem(message=lost[0], key="faults")
    elif needed:
        yield ReplyProblem(message=_NEEDS[needed.pop()], key="faults")


def _idle_omissions(reply: Reply, ways: Sequence[_Way]) -> Iterator[ReplyProblem]:
    """Paths under `omit` that leave nothing out of the reply, however it is requested."""
    if not isinstance(reply.content, Output):
        return
    plain = _renderings(reply, ways)
    for key, path, without in _with_one_path_less(reply.content):
        if _renderings(replace(reply, content=without), ways) == plain:
            message = f"no form of this reply has {path!r}, so that nothing is left out"
            yield ReplyProblem(message=message, key=key)


def _with_one_path_less(output: Output) -> Iterator[tuple[str, str, Output]]:
    """Each path that an output omits, with its key path and the output that does not omit it."""
    for path in output.omit:
        yield "omit", path, replace(output, omit=tuple(one for one in output.omit if one != path))
    for number, items in enumerate(output.choices):
        for place, item in enumerate(items):
            for path in item.omit:
                changed = replace(item, omit=tuple(one for one in item.omit if one != path))
                choice = (*items[:place], changed, *items[place + 1 :])
                choices = (*output.choices[:number], choice, *output.choices[number + 1 :])
                key = f"choices[{number}][{place}].omit" if len(output.choices) > 1 else f"output[{place}].omit"
                yield key, path, replace(output, choices=choices)


def _renderings(reply: Reply, ways: Sequence[_Way]) -> list[Rendered]:
    return [render(reply, occasion, shape, stream=occasion.call.stream) for occasion, shape in ways]


_NEEDS: Final = {
    True: "a fault among events needs a stream, but this reply never streams",
    False: "a fault in the body needs a reply that is one body, but this reply always streams",
}


def _violations(reply: Reply, ways: Sequence[_Way]) -> Iterator[ReplyProblem]:
    """Rules that are broken but not named by `breaks`, and rules that are named but kept."""
    broken: set[str] = set()
    for occasion, shape in ways:
        rendered = render(reply, occasion, shape, stream=occasion.call.stream)
        for finding in _findings(rendered, reply, shape, occasion.dialect):
            broken.add(finding.rule)
            if finding.rule not in reply.breaks:
                yield _reply_problem(finding, shape)
    for rule in reply.breaks:
        if rule not in broken:
            message = f"breaks names {rule!r}, but the reply does not break that rule"
            yield ReplyProblem(message=message, key="breaks", rule=rule)


def _ways(on: Sequence[Endpoint], shapes: Sequence[Shape], dialect: Dialect) -> Iterator[tuple[Route, Shape]]:
    for endpoint in on:
        route = dialect.route(endpoint)
        if route is not None:
            yield from ((route, shape) for shape in route.shapes if shape in shapes)


def _findings(rendered: Rendered, reply: Reply, shape: Shape, dialect: Dialect) -> tuple[Finding, ...]:
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


def _reply_problem(finding: Finding, shape: Shape) -> ReplyProblem:
    where = f" at event {finding.event}" if finding.event else ""
    path = f" {finding.path}:" if finding.path else ""
    return ReplyProblem(message=f"as {shape.value}{where}:{path} {finding.message}", rule=finding.rule)


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


def sample_calls(route: Route, shape: Shape) -> Iterator[Call]:
    """Calls of a route that are answered in a shape, one for each mode of the reply: of most
    shapes the one that is not streamed first."""
    for body in ENDPOINTS[route.endpoint].samples:
        if route.answers(body) == shape:
            parameters = dict.fromkeys(route.parameters, "sample")
            for more in SHAPES[shape].asks:
                yield Call(route.endpoint, body | more, parameters=parameters)
            return
