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
from mockserver.model.findings import Severity
from mockserver.model.frames import Event, Frame, Part, Script, Send
from mockserver.model.json import JSONObject
from mockserver.render.replies import EventStream
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
    reply: int = 0,
    request: Mapping[str, object] | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> tuple[Case, ...]:
    """Each rule of the stream's contract that a small change of this reply can break, once; a case
    is named after its `rule`.

    The arguments and errors are those of `cuts`."""
    target = find(source, stub=stub, on=on, reply=reply, request=request, stream=True)
    composed = target.composed()
    validator = target.context.dialect.replies
    if validator is None or not isinstance(composed.rendered, EventStream):
        raise UsageError(f"stub {stub!r}: its reply is not a stream, so it cannot violate a rule of streams")

    def broken(events: tuple[Event, ...]) -> frozenset[str]:
        found = validator.stream(events, target.shape)
        return frozenset(one.rule for one in found if one.severity is Severity.ERROR)

    context = FaultContext.of(composed.rendered.events)
    own = FaultPipeline(faults=Faults(events=target.reply.faults.events), context=context, ids=None)
    events = own.events(composed.rendered.events)
    return _sample(
        tuple(
            Case(id=found.rule, faults=(found.case.fault,), written=target.source, rule=found.rule, also=found.also)
            for found in sweep.violations(events, broken, context=context)
        ),
        limit,
        seed,
    )


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
