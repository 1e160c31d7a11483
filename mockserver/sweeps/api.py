"""The public functions: every way to break one scripted reply, as cases for `parametrize`.

All of them work without a server and may be called while tests are collected. A scenario is found
by name or path next to the calling file, then where the pytest fixture looks, then among those that
are shipped; a mapping is used as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from mockserver.errors import UsageError
from mockserver.faults import read_fault, sweep, truncating_faults
from mockserver.model.fault import FaultContext, FaultPipeline, Faults
from mockserver.model.findings import Finding, Severity
from mockserver.model.frames import Frame, Part, Script, Send
from mockserver.model.json import JSONObject
from mockserver.render.replies import BodyReply, EventStream, Rendered
from mockserver.sweeps.case import Case, Source, Target, find

_CRLF: JSONObject = {"framing": {"newline": "crlf"}}
_BETWEEN_CR_LF = "/cr-lf"

_Sweep: TypeAlias = Callable[[Script, FaultContext], tuple[sweep.Case, ...]]


def cuts(  # noqa: PLR0913  # public keyword arguments, all but one with a default
    source: Source,
    *,
    stub: str | None = None,
    on: str | None = None,
    stream: bool = True,
    kinds: Iterable[str] | None = None,
    stall_for: str | None = None,
    heals: bool = False,
    reply: int = 0,
    request: Mapping[str, object] | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> tuple[Case, ...]:
    """Every distinct truncation of a reply: at each boundary and each kind of place inside, ended
    cleanly (`end`), closed (`cut`), reset (`reset`) and silent (`stall`).

    `stub` and `on` may be omitted where there is one; `reply` counts the stub's replies from 0. `stall_for` limits the
    stall (`"200ms"`), which otherwise lasts until the client disconnects. A case that `heals` breaks the reply once, so
    that a second attempt gets it whole. `request` has members of the request on which the events of the reply depend,
    such as `stream_options`. With a `limit` the same `seed` chooses the same cases. Raises ScenarioError: the scenario
    has problems; UsageError: there is no such scenario, stub, reply or kind."""
    chosen = _kinds(kinds)
    target = find(source, stub=stub, on=on, reply=reply, request=request, stream=stream)

    def walk(script: Script, context: FaultContext) -> tuple[sweep.Case, ...]:
        return sweep.truncations(script, chosen, stall_for=stall_for, context=context)

    return _sample(_cases(target, walk, heals=heals), limit, seed)


def reslicings(
    source: Source,
    *,
    stub: str | None = None,
    on: str | None = None,
    stream: bool = True,
    reply: int = 0,
    request: Mapping[str, object] | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> tuple[Case, ...]:
    """Ways to deliver the same reply with other chunk boundaries, to which clients must be robust.

    The arguments and errors are those of `cuts`."""
    target = find(source, stub=stub, on=on, reply=reply, request=request, stream=stream)

    def walk(script: Script, context: FaultContext) -> tuple[sweep.Case, ...]:
        return sweep.reslicings(script, context=context)

    return _sample(_cases(target, walk, heals=False), limit, seed)


def violations(
    source: Source,
    *,
    stub: str | None = None,
    on: str | None = None,
    stream: bool = True,
    reply: int = 0,
    request: Mapping[str, object] | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> tuple[Case, ...]:
    """Each rule of the contract of streams, or of bodies without `stream`, that a small change of this reply can
    break, once; a case is named after its `rule`.

    The arguments and errors are those of `cuts`."""
    target = find(source, stub=stub, on=on, reply=reply, request=request, stream=stream)
    found = _violations(target, target.composed().rendered, stream=stream)
    if found is None:
        kinds = ("is not a stream", "streams") if stream else ("is not a body of JSON", "bodies")
        raise UsageError(f"stub {stub!r}: its reply {kinds[0]}, so it cannot violate a rule of {kinds[1]}")
    return _sample(
        tuple(
            Case(id=one.rule, faults=(one.case.fault,), written=target.source, rule=one.rule, also=one.also)
            for one in found
        ),
        limit,
        seed,
    )


def _violations(target: Target, rendered: Rendered, *, stream: bool) -> tuple[sweep.Violation, ...] | None:
    """What the reply can violate, its own faults applied; None where it is of the other kind."""
    validator, faults, shape = target.context.dialect.replies, target.reply.faults, target.shape
    if validator is None:
        return None

    def rules(found: tuple[Finding, ...]) -> frozenset[str]:
        return frozenset(one.rule for one in found if one.severity is Severity.ERROR)

    if stream and isinstance(rendered, EventStream):
        context = FaultContext.of(rendered.events)
        events = FaultPipeline(faults=Faults(events=faults.events), context=context, ids=None).events(rendered.events)
        return sweep.violations(events, lambda one: rules(validator.stream(one, shape)), context=context)
    if not stream and isinstance(rendered, BodyReply) and rendered.json is not None:
        body = FaultPipeline(faults=Faults(body=faults.body), context=FaultContext(), ids=None).body(rendered.json)
        return sweep.body_violations(body, lambda one: rules(validator.body(one, shape)))
    return None


def _kinds(kinds: Iterable[str] | None) -> tuple[str, ...]:
    known = truncating_faults()
    words = known if kinds is None else (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for word in words:
        if word not in known:
            there = ", ".join(repr(name) for name in known)
            raise UsageError(f"kinds: unknown truncation {word!r}; expected one of {there}")
    return words


def _cases(target: Target, walk: _Sweep, *, heals: bool) -> tuple[Case, ...]:
    """The cases of a reply, and of a stream also those between CR and LF when its lines end in both."""
    plain = target.composed()
    streamed = isinstance(plain.rendered, EventStream)
    context = FaultContext.of(plain.rendered.events) if isinstance(plain.rendered, EventStream) else FaultContext()

    def cases(script: Script, before: tuple[JSONObject, ...] = ()) -> Iterator[Case]:
        for found in walk(script, context):
            yield Case(
                id=found.id,
                faults=(*before, found.fault),
                written=target.source,
                events=_complete_events(script.frames, sweep.altered(script, found.fault, context) or ()),
                heals=heals,
            )

    found = tuple(cases(plain.script))
    if not streamed or any(_BETWEEN_CR_LF in case.id for case in found):
        return found
    with_crlf = target.composed(read_fault(_CRLF).faults).script
    return (*found, *(case for case in cases(with_crlf, (_CRLF,)) if _BETWEEN_CR_LF in case.id))


def _complete_events(frames: Sequence[Frame], left: Sequence[Frame]) -> tuple[str, ...]:
    sizes, kept = _sizes(frames), _sizes(left)
    return tuple(label for (label, nth), size in sizes.items() if kept.get((label, nth)) == size)


def _sizes(frames: Sequence[Frame]) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for frame in frames:
        if isinstance(frame, Send) and frame.part is Part.EVENT:
            key = (frame.label or "", frame.nth or 0)
            found[key] = found.get(key, 0) + len(frame.data)
    return found


def _sample(cases: tuple[Case, ...], limit: int | None, seed: int) -> tuple[Case, ...]:
    if limit is not None and limit < 0:
        raise UsageError(f"limit: expected a number of cases from 0, got {limit}")
    return sweep.sample(cases, limit, seed)
