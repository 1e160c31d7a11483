"""The public functions: every way to break one scripted reply, as cases for `parametrize`.

All of them work without a server and may be called while tests are collected. A scenario is found
by name or path beside the calling file, then where the pytest fixture looks, then among those that
are shipped; a mapping is taken as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from mockserver.errors import UsageError
from mockserver.faults import read_fault, sweep, truncating_faults
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext, FaultPipeline, Faults
from mockserver.model.findings import Severity
from mockserver.model.frames import Frame, Part, Script, Send
from mockserver.model.json import JSONObject
from mockserver.render.replies import EventStream
from mockserver.sweeps.case import Case
from mockserver.sweeps.target import Asked, Source, Target, find

_CRLF: JSONObject = {"framing": {"newline": "crlf"}}
_BETWEEN = "/cr-lf"

_Walk: TypeAlias = Callable[[Script, FaultContext], tuple[sweep.Case, ...]]


def cuts(  # noqa: PLR0913  # each is a word of the interface, and all but one have a default
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

    `stub` and `on` may be left out where there is one; `reply` counts the stub's replies from 0.
    `stall_for` bounds the silence (`"200ms"`), which else lasts until the client leaves. A case
    that `heals` breaks the reply once, so that a second attempt gets it whole. `request` holds
    members of the request that have a say in what events the reply has, such as `stream_options`.
    With a `limit` the same `seed` chooses the same cases.

    Raises:
        ScenarioError: the scenario has problems.
        UsageError: there is no such scenario, stub, reply or kind.
    """
    chosen = _kinds(kinds)
    target = find(_asked(source, stub, on, reply, request, stream=stream))

    def walk(script: Script, scene: FaultContext) -> tuple[sweep.Case, ...]:
        return sweep.truncations(script, chosen, stall_for=stall_for, context=scene)

    return _picked(_walked(target, walk, heals=heals), limit, seed)


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
    """Ways to deliver the same reply in other portions; a client must not notice any of them.

    The arguments and errors are those of `cuts`.
    """
    target = find(_asked(source, stub, on, reply, request, stream=stream))

    def walk(script: Script, scene: FaultContext) -> tuple[sweep.Case, ...]:
        return sweep.reslicings(script, context=scene)

    return _picked(_walked(target, walk, heals=False), limit, seed)


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

    The arguments and errors are those of `cuts`.
    """
    target = find(_asked(source, stub, on, reply, request, stream=True))
    composed = target.composed()
    judge = target.occasion.dialect.replies
    if judge is None or not isinstance(composed.rendered, EventStream):
        raise UsageError(f"stub {stub!r}: its reply does not stream, so it breaks no stream's rule")

    def broken(events: tuple[Event, ...]) -> frozenset[str]:
        found = judge.stream(events, target.shape)
        return frozenset(one.rule for one in found if one.severity is Severity.ERROR)

    scene = FaultContext.of(composed.rendered.events)
    own = FaultPipeline(faults=Faults(events=target.reply.faults.events), context=scene, ids=None)
    events = own.events(composed.rendered.events)
    return _picked(
        tuple(
            Case(
                id=found.rule,
                faults=(found.case.fault,),
                written=target.written,
                rule=found.rule,
                also=found.also,
            )
            for found in sweep.violations(events, broken, context=scene)
        ),
        limit,
        seed,
    )


def _asked(
    source: Source,
    stub: str | None,
    on: str | None,
    reply: int,
    request: Mapping[str, object] | None,
    *,
    stream: bool,
) -> Asked:
    return Asked(source=source, stub=stub, on=on, stream=stream, reply=reply, request=request)


def _kinds(kinds: Iterable[str] | None) -> tuple[str, ...]:
    known = truncating_faults()
    words = known if kinds is None else (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for word in words:
        if word not in known:
            there = ", ".join(repr(name) for name in known)
            raise UsageError(f"kinds: unknown truncation {word!r}; expected one of {there}")
    return words


def _walked(target: Target, walk: _Walk, *, heals: bool) -> tuple[Case, ...]:
    """The cases of a reply as it is, and, where it streams, those between CR and LF of the same in
    that spelling."""
    plain = target.composed()
    streamed = isinstance(plain.rendered, EventStream)
    scene = (
        FaultContext.of(plain.rendered.events)
        if isinstance(plain.rendered, EventStream)
        else FaultContext()
    )

    def cases(script: Script, before: tuple[JSONObject, ...] = ()) -> Iterator[Case]:
        for found in walk(script, scene):
            left = sweep.altered(script, found.fault, scene)
            yield Case(
                id=found.id,
                faults=(*before, found.fault),
                written=target.written,
                events=_whole(script.frames, left or ()),
                heals=heals,
            )

    found = tuple(cases(plain.script))
    if not streamed or any(_BETWEEN in case.id for case in found):
        return found
    spelled = target.composed(read_fault(_CRLF).faults).script
    return (*found, *(case for case in cases(spelled, (_CRLF,)) if _BETWEEN in case.id))


def _whole(frames: Sequence[Frame], left: Sequence[Frame]) -> tuple[str, ...]:
    """The events of which every byte is left."""
    sizes, kept = _sizes(frames), _sizes(left)
    return tuple(label for (label, nth), size in sizes.items() if kept.get((label, nth)) == size)


def _sizes(frames: Sequence[Frame]) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for frame in frames:
        if isinstance(frame, Send) and frame.part is Part.EVENT:
            key = (frame.label or "", frame.nth or 0)
            found[key] = found.get(key, 0) + len(frame.data)
    return found


def _picked(cases: tuple[Case, ...], limit: int | None, seed: int) -> tuple[Case, ...]:
    if limit is not None and limit < 0:
        raise UsageError(f"limit: expected a number of cases from 0, got {limit}")
    return sweep.sample(cases, limit, seed)
