"""Systematic faults of one reply, as cases with readable ids: every truncation, other writes of the
same bytes, and one violation of each contract rule.

A case holds a fault as a scenario writes it, so that any server can be given it. Places inside an
event are landmarks, not byte counts: the bytes that are sent depend on the request."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol, TypeVar

from mockserver.faults import read_fault, truncating_faults
from mockserver.faults.frame_edits import body_sends, head_sends, header, joined, sends_of
from mockserver.faults.position import landmarks_in_event, landmarks_in_json
from mockserver.model.fault import NO_FAULTS, FaultContext, FaultPipeline, FaultValueError, PlaceNotFoundError
from mockserver.model.frames import EndOfReply, Event, Frame, Part, Script, Send, Stall
from mockserver.model.json import JSON, JSONObject

# Rounded down, the last byte of any body under a megabyte is missing.
_ALL_BUT_ONE = "99.9999%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str
    fault: JSONObject

    def __str__(self) -> str:
        return self.id


class Named(Protocol):
    @property
    def id(self) -> str: ...


C = TypeVar("C", bound=Named)


def truncations(
    script: Script,
    kinds: Iterable[str] | None = None,
    *,
    stall_for: str | None = None,
    context: FaultContext | None = None,
) -> tuple[Case, ...]:
    """Every distinct truncation of a script by the faults named `kinds`, by default all that
    truncate. `context` has the labels if faults have changed the events of the script already.

    A stall lasts `stall_for`, by default until the client disconnects."""
    names = tuple(truncating_faults() if kinds is None else kinds)
    pause: JSONObject = {} if stall_for is None else {"for": stall_for}
    cases = (
        Case(id=f"{slug}/{name}", fault={name: place | pause if name == "stall" else place})
        for slug, place in places(script)
        for name in names
    )
    return _distinct(script, cases, _arrival, context)


def reslicings(script: Script, *, context: FaultContext | None = None) -> tuple[Case, ...]:
    """Other writes of the same bytes: of fixed sizes, of sizes in turn, divided inside each
    character, all in one, and divided once at each kind of place."""
    return _distinct(script, _resliced(script), _writes, context)


def _distinct(
    script: Script, cases: Iterable[Case], key: Callable[[Sequence[Frame]], object], context: FaultContext | None
) -> tuple[Case, ...]:
    """The cases that have a meaning, less those with the same key as the script or another case."""
    seen = {key(script.frames)}
    found: list[Case] = []
    for case in cases:
        frames = altered(script, case.fault, context)
        if frames is not None and (one := key(frames)) not in seen:
            seen.add(one)
            found.append(case)
    return tuple(found)


def sample(cases: Sequence[C], limit: int | None, seed: int = 0) -> tuple[C, ...]:
    """At most `limit` of the cases in their order; the same seed and ids give the same cases."""
    if limit is None or limit >= len(cases):
        return tuple(cases)

    def rank(case: C) -> bytes:
        return blake2b(f"{seed}\x1f{case.id}".encode(), digest_size=16).digest()

    chosen = {case.id for case in sorted(cases, key=rank)[:limit]}
    return tuple(case for case in cases if case.id in chosen)


def places(script: Script) -> Iterator[tuple[str, JSONObject]]:
    """One place of each kind, from the head to the end of the body, with a name for ids."""
    head = joined(head_sends(script.frames))
    packed = header(script.frames, "content-encoding") is not None
    status_line = head.find(b"\r\n") + 2
    yield "head", {"at": "head"}
    yield "status-line", _inside("part", "status_line", status_line // 2)
    yield "headers", _inside("part", "headers", (len(head) - status_line) // 2)
    yield "after-head", {"at_byte": 0}
    for label, nth in _events(script):
        yield f"{label}/chunk-size", _inside("chunk_size", label, 1)
        text = joined(sends_of(script.frames, nth, Part.EVENT))
        if packed:
            yield f"{label}/packed", _inside("event", label, 1)
        for kind in () if packed else sorted(found := landmarks_in_event(text), key=found.__getitem__):
            yield f"{label}/{kind}", {"inside": {"event": label, "at": kind.value}}
        yield f"after-{label}", {"after": label}
    bodies = [send for send in body_sends(script.frames) if send[1].part is Part.BODY]
    if bodies:
        body = joined(bodies)
        for kind in () if packed else sorted(found := landmarks_in_json(body), key=found.__getitem__):
            yield f"body/{kind}", {"inside": {"part": "body", "at": kind.value}}
        yield "body/half", {"at_byte": "50%"}
        yield "body/all-but-one", {"at_byte": _ALL_BUT_ONE}


def context_of(script: Script) -> FaultContext:
    """The labels of an unfaulted script, without those of the wire."""
    return FaultContext(labels=tuple(label for label, _ in _events(script)))


def _events(script: Script) -> list[tuple[str, int]]:
    found = {
        (frame.label, frame.nth): None
        for frame in script.frames
        if isinstance(frame, Send) and frame.label is not None and frame.nth is not None
    }
    return list(found)


def _inside(key: str, value: JSON, byte: int) -> JSONObject:
    return {"inside": {key: value, "byte": byte}}


def _resliced(script: Script) -> Iterator[Case]:
    for size in (1, 2, 3, 5, 7, 16, 61, 256, 1024):
        yield Case(id=f"bytes-{size}", fault={"dribble": {"bytes": size}})
    for sizes in ([3, 7], [1, 200], [1000, 1]):
        name = "-".join(str(size) for size in sizes)
        yield Case(id=f"sizes-{name}", fault={"dribble": {"sizes": list[JSON](sizes)}})
    yield Case(id="split-utf8", fault={"dribble": {"split_utf8": True}})
    yield Case(id="coalesce", fault={"dribble": {"coalesce": True}})
    for slug, place in places(script):
        yield Case(id=f"divide-{slug}", fault={"delay": place | {"for": 0}})


def altered(script: Script, fault: JSONObject, context: FaultContext | None = None) -> tuple[Frame, ...] | None:
    """The frames with a fault; None if it has no meaning at that place."""
    try:
        pipeline = FaultPipeline(faults=read_fault(fault).faults, context=context or context_of(script), ids=None)
        streamed = not any(send.part is Part.BODY for _, send in body_sends(script.frames))
        return pipeline.frames(script.frames, streamed=streamed)
    except (FaultValueError, PlaceNotFoundError):
        return None


def _arrival(frames: Sequence[Frame]) -> tuple[bytes, bool, str]:
    """What a client can distinguish, apart from time. A reply that stalls after its last byte counts as stalled."""
    wire = Script(frames=tuple(frames)).wire
    stalled = any(isinstance(frame, Stall) for frame in frames)
    return wire, stalled, "" if isinstance(frames[-1], EndOfReply) else type(frames[-1]).__name__


def _writes(frames: Sequence[Frame]) -> tuple[bytes, ...]:
    found = [b""]
    for frame in frames:
        if isinstance(frame, Send):
            found[-1] += frame.data
        else:
            found.append(b"")
    return tuple(write for write in found if write)


_NUMBER = re.compile(r"\[\d+\]")

# A larger number is a time.
_TIMES = 1_000_000_000
_DAY_S = 86_400

BrokenRules = Callable[[tuple[Event, ...]], frozenset[str]]
"""Gives the ids of the rules that a stream breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    rule: str
    case: Case
    also: frozenset[str] = frozenset()


def violations(
    events: Sequence[Event], broken_rules: BrokenRules, *, context: FaultContext | None = None
) -> tuple[Violation, ...]:
    """For each rule that a mutation of these events can break, the one that breaks the fewest others, sorted by rule;
    rules that the events break already do not count. `context` has the labels if faults have changed the events."""
    context = context or FaultContext.of(events)

    def broken(case: Case | None) -> frozenset[str]:
        faults = NO_FAULTS if case is None else read_fault(case.fault).faults
        return broken_rules(FaultPipeline(faults=faults, context=context, ids=None).events(tuple(events)))

    return _one_for_each_rule(mutations(events), broken)


def body_violations(body: JSON, broken_rules: Callable[[JSON], frozenset[str]]) -> tuple[Violation, ...]:
    """The same for the body of a reply that does not stream."""

    def broken(case: Case | None) -> frozenset[str]:
        faults = NO_FAULTS if case is None else read_fault(case.fault).faults
        return broken_rules(FaultPipeline(faults=faults, context=FaultContext(), ids=None).body(body))

    return _one_for_each_rule(_rewritten(body, "body", {"part": "body"}), broken)


def _one_for_each_rule(
    cases: Iterable[Case], broken_by: Callable[[Case | None], frozenset[str]]
) -> tuple[Violation, ...]:
    """For each rule that a case breaks, and None does not, the case that breaks the fewest others."""
    already = broken_by(None)
    best: dict[str, Violation] = {}
    for case in cases:
        broken = broken_by(case) - already
        for rule in broken:
            if rule not in best or len(broken) - 1 < len(best[rule].also):
                best[rule] = Violation(rule=rule, case=case, also=broken - {rule})
    return tuple(best[rule] for rule in sorted(best))


def mutations(events: Sequence[Event]) -> Iterator[Case]:
    """Small changes: of the first and last event of each kind, and of neighbours."""
    chosen = _one_of_each(events)
    for event in chosen:
        yield Case(id=f"omit-{event.label}", fault={"omit": event.label})
        yield Case(id=f"repeat-{event.label}", fault={"repeat": event.label})
    for one, other in itertools.pairwise(events):
        if one in chosen or other in chosen:
            yield Case(id=f"swap-{one.label}-{other.label}", fault={"swap": [one.label, other.label]})
    for event in chosen:
        if event.text is None:
            yield from _rewritten(event.data, event.label, {"event": event.label})


def _one_of_each(events: Sequence[Event]) -> list[Event]:
    kinds: dict[str, list[Event]] = {}
    for event in events:
        kinds.setdefault(_NUMBER.sub("", event.label), []).append(event)
    chosen = {event.ordinal for kind in kinds.values() for event in (kind[0], kind[-1])}
    return [event for event in events if event.ordinal in chosen]


def _rewritten(data: JSON, label: str, target: JSONObject) -> Iterator[Case]:
    """Changes of each member of an event or a body, which `target` names."""
    for path, value in _members(data, ""):
        changes: list[tuple[str, JSONObject]] = [("remove", {"remove": [path]})]
        changes += ((name, {"set": {path: other}}) for name, other in _others(value))
        for name, change in changes:
            yield Case(id=f"{name}-{label}-{path}", fault={"rewrite": target | change})


def _members(value: JSON, parent: str) -> Iterator[tuple[str, JSON]]:
    """Every member below, by path; a name with a dot has no path."""
    pairs: list[tuple[str, JSON]] = []
    if isinstance(value, dict):
        pairs = [(name, inner) for name, inner in value.items() if name and "." not in name]
    elif isinstance(value, list):
        pairs = [(str(index), inner) for index, inner in enumerate(value)]
    for name, inner in pairs:
        path = f"{parent}.{name}" if parent else name
        yield path, inner
        yield from _members(inner, path)


def _others(value: JSON) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, bool):
        yield "flip", not value
    elif isinstance(value, int | float):
        # A time one second later is one that another call of the same stub may state.
        yield "next", value + (1 if abs(value) < _TIMES else _DAY_S)
    elif isinstance(value, str):
        yield "alter", f"{value}x"
    if value is not None:
        yield "null", None
    yield "retype", "7" if isinstance(value, int | float) else 7
