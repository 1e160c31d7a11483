"""Breaking each rule of a stream's contract once: small changes of a good stream, judged.

The judge is the caller's; here are the changes, and the choice of the one that breaks a rule with
the least beside it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.faults.apply import FaultPipeline
from mockserver.faults.registry import read_fault
from mockserver.faults.sweep import Case
from mockserver.model.events import Event
from mockserver.model.fault import FaultContext
from mockserver.model.json import JSON, JSONObject

_NUMBER = re.compile(r"\[\d+\]")

_TIMES = 1_000_000_000
_DAY_S = 86_400

Judge = Callable[[tuple[Event, ...]], frozenset[str]]
"""The ids of the rules that a stream breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """`also` are the rules that the case breaks beside `rule`."""

    rule: str
    case: Case
    also: frozenset[str] = frozenset()


def violations(
    events: Sequence[Event], judge: Judge, *, scene: FaultContext | None = None
) -> tuple[Violation, ...]:
    """One case for each rule that a change of these events can break, by rule; rules that they
    break unchanged do not count. `scene` has the labels where faults have changed the events."""
    already = judge(tuple(events))
    scene = scene or FaultContext.of(events)
    best: dict[str, Violation] = {}
    for case in mutations(events):
        strike = FaultPipeline(faults=read_fault(case.fault).faults, scene=scene, mint=None)
        broken = judge(strike.events(tuple(events))) - already
        for rule in broken:
            if rule not in best or len(broken) - 1 < len(best[rule].also):
                best[rule] = Violation(rule=rule, case=case, also=broken - {rule})
    return tuple(best[rule] for rule in sorted(best))


def mutations(events: Sequence[Event]) -> Iterator[Case]:
    """Changes of single events, for the first and last of each kind, and of neighbours."""
    chosen = _one_of_each(events)
    for event in chosen:
        yield Case(id=f"omit-{event.label}", fault={"omit": event.label})
        yield Case(id=f"repeat-{event.label}", fault={"repeat": event.label})
    for one, other in itertools.pairwise(events):
        if one in chosen or other in chosen:
            said = f"swap-{one.label}-{other.label}"
            yield Case(id=said, fault={"swap": [one.label, other.label]})
    for event in chosen:
        if event.text is None:
            yield from _rewritten(event)


def _one_of_each(events: Sequence[Event]) -> list[Event]:
    kinds: dict[str, list[Event]] = {}
    for event in events:
        kinds.setdefault(_NUMBER.sub("", event.label), []).append(event)
    chosen = {event.ordinal for kind in kinds.values() for event in (kind[0], kind[-1])}
    return [event for event in events if event.ordinal in chosen]


def _rewritten(event: Event) -> Iterator[Case]:
    for path, value in _members(event.data, ""):
        yield _rewrite(event, "remove", path, {"remove": [path]})
        for name, other in _others(value):
            yield _rewrite(event, name, path, {"set": {path: other}})


def _rewrite(event: Event, name: str, path: str, change: JSONObject) -> Case:
    fault: JSONObject = {"rewrite": {"event": event.label, **change}}
    return Case(id=f"{name}-{event.label}-{path}", fault=fault)


def _members(value: JSON, way: str) -> Iterator[tuple[str, JSON]]:
    """Every member below, by path; a name with a dot in it has none."""
    pairs: list[tuple[str, JSON]] = []
    if isinstance(value, dict):
        pairs = [(name, inner) for name, inner in value.items() if name and "." not in name]
    elif isinstance(value, list):
        pairs = [(str(index), inner) for index, inner in enumerate(value)]
    for name, inner in pairs:
        path = f"{way}.{name}" if way else name
        yield path, inner
        yield from _members(inner, path)


def _others(value: JSON) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, bool):
        yield "flip", not value
    elif isinstance(value, int | float):
        # One more is a time that another call of the same stub may rightly tell.
        yield "next", value + (1 if abs(value) < _TIMES else _DAY_S)
    elif isinstance(value, str):
        yield "alter", f"{value}x"
    if value is not None:
        yield "null", None
    yield "retype", "7" if isinstance(value, int | float) else 7
