"""The rows of the benchmark: what is measured, of which servers, and what has to be reached."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.measures import (
    CONNECTIONS,
    SLICES,
    Figures,
    Measure,
    memory,
    merge_throughput,
    pacing,
    starting,
    throughput,
)
from benchmarks.workload import DRAWN, EVALUATED, INDEXED, LONG, PACED, PACED_WORDS, WORDS, Requests

Round: TypeAlias = Mapping[str, Figures]
"""The figures of one round, by subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the median of a figure, taken from each round, has to reach; neither bound: reported."""

    title: str
    needs: tuple[str, ...]
    figure: Callable[[Round], float]
    least: float | None = None
    most: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether a value is within the bounds."""
        low = self.least is None or value >= self.least
        return low and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.most is None else f"≤ {self.most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A server under some requests."""

    name: str
    server: str
    requests: Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Every round measures each subject once in each of its slices, in an order that changes.
    Servers are started anew for each round: a process's speed depends on the memory it gets."""

    title: str
    subjects: tuple[Subject, ...]
    measure: Measure
    figures: tuple[str, ...]
    bars: tuple[Bar, ...] = ()
    slices: int = 1
    merge: Callable[[Sequence[Figures]], Figures] = operator.itemgetter(0)


def ratio(figure: str, of: str, over: str, *, least: float | None = None, most: float | None = None) -> Bar:
    """A bar for the figure of one subject over that of another."""
    return Bar(
        title=f"{figure}, {of} / {over}",
        needs=(of, over),
        figure=lambda one: one[of][figure] / max(one[over][figure], 1e-9),
        least=least,
        most=most,
    )


def _slowest(names: tuple[str, ...], least: float) -> Bar:
    def figure(one: Round) -> float:
        speeds = [one[name]["per second"] for name in names]
        return min(speeds) / max(speeds)

    title = "per second, the slowest indexed kind / the fastest"
    return Bar(title=title, needs=names, figure=figure, least=least)


_RATE = ("per second", "CPU µs", "p50 µs")
_BARE_STUBS = (0,)


def _compared(title: str, kinds: Sequence[str], *, turns: int = 0) -> tuple[Subject, ...]:
    """For each kind our server, the bare handler and aimock under requests alike."""
    return tuple(
        Subject(name=f"{server}, {kind}{title}", server=process, requests=requests)
        for kind in kinds
        for server, process, requests in (
            ("mockserver", f"mockserver, {kind}", Requests(kind=kind, turns=turns)),
            ("bare", "bare", Requests(kind=kind, turns=turns, stubs=_BARE_STUBS)),
            ("aimock", "aimock", Requests(kind=kind, turns=turns)),
        )
    )


def _against(
    kinds: Sequence[str], *, bare: float | None = None, aimock: float | None = None, suffix: str = ""
) -> tuple[Bar, ...]:
    return tuple(
        ratio("per second", f"mockserver, {kind}{suffix}", f"{other}, {kind}{suffix}", least=least)
        for other, least in (("bare", bare), ("aimock", aimock))
        for kind in kinds
    )


_CONTAINS = "mockserver, user contains"
_CONVERSATIONS = ("user contains", "system", "tool_result", "body")


def _streams(title: str, path: str, each: str) -> Row:
    requests = {"stubs": (LONG,), "stream": True, "events": WORDS}
    return Row(
        title=f"{title} of 100 deltas, {CONNECTIONS} connections",
        subjects=(
            Subject(name="mockserver", server=_CONTAINS, requests=Requests(path=path, **requests)),  # type: ignore[arg-type]
            Subject(name="bare", server="bare", requests=Requests(path=each, **requests)),  # type: ignore[arg-type]
            Subject(name="aimock", server="aimock", requests=Requests(path=path, **requests)),  # type: ignore[arg-type]
        ),
        measure=throughput,
        figures=_RATE,
        bars=(
            ratio("per second", "mockserver", "bare", least=10),
            ratio("per second", "mockserver", "aimock", least=6),
        ),
        slices=SLICES,
        merge=merge_throughput,
    )


_PACED = Requests(stubs=(PACED,), stream=True, events=PACED_WORDS)
_DRAWN = Requests(stubs=(DRAWN,), stream=True, events=PACED_WORDS)
_ONE = Requests(stubs=_BARE_STUBS)
_LARGE = Requests(size=10_000)

ROWS: tuple[Row, ...] = (
    Row(
        title=f"whole replies, {CONNECTIONS} connections, 50 stubs, by what tells them apart",
        subjects=(
            *_compared("", INDEXED),
            Subject(name="mockserver, no log", server="mockserver, no log", requests=Requests(kind="user contains")),
            Subject(
                name="mockserver, base install", server="mockserver, base", requests=Requests(kind="user contains")
            ),
        ),
        measure=throughput,
        figures=_RATE,
        bars=(
            *_against(INDEXED, bare=0.85, aimock=2.2),
            _slowest(tuple(f"mockserver, {kind}" for kind in INDEXED), 0.8),
            ratio("per second", _CONTAINS, "mockserver, no log", least=0.9),
            ratio("per second", "mockserver, base install", "bare, user contains"),
        ),
        slices=SLICES,
        merge=merge_throughput,
    ),
    Row(
        title="whole replies, conditions that cannot be indexed",
        subjects=_compared("", EVALUATED),
        measure=throughput,
        figures=_RATE,
        bars=_against(EVALUATED),
        slices=SLICES,
        merge=merge_throughput,
    ),
    Row(
        title="whole replies, conversations of 20 messages",
        subjects=_compared(", 20 messages", _CONVERSATIONS, turns=9),
        measure=throughput,
        figures=_RATE,
        bars=_against(_CONVERSATIONS, suffix=", 20 messages"),
        slices=SLICES,
        merge=merge_throughput,
    ),
    _streams("chat streams", "/v1/chat/completions", "/each/chat"),
    _streams("Responses streams", "/v1/responses", "/each/responses"),
    Row(
        title="500 paced streams at once, 50 events, 20 ms",
        subjects=(
            Subject(name="mockserver", server=_CONTAINS, requests=_PACED),
            Subject(name="aimock", server="aimock", requests=_PACED),
        ),
        measure=pacing(500),
        figures=("CPU s", "late ms"),
        bars=(ratio("CPU s", "mockserver", "aimock", most=0.6), ratio("late ms", "mockserver", "aimock", most=0.05)),
    ),
    Row(
        title="500 streams with drawn delays at once, 50 events, 20 ms",
        subjects=(Subject(name="mockserver", server=_CONTAINS, requests=_DRAWN),),
        measure=pacing(500),
        figures=("CPU s", "late ms"),
    ),
    Row(
        title="start to first answer",
        subjects=(
            Subject(name="mockserver", server="mockserver, one stub", requests=_ONE),
            Subject(name="mockserver, 50 stubs", server=_CONTAINS, requests=_ONE),
            Subject(name="bare", server="bare", requests=_ONE),
            Subject(name="aimock", server="aimock", requests=_ONE),
        ),
        measure=starting,
        figures=("ms",),
        bars=(ratio("ms", "mockserver", "bare", most=1.4),),
    ),
    Row(
        title="memory over 100,000 requests of 10 KB",
        subjects=(
            Subject(name="mockserver", server=_CONTAINS, requests=_LARGE),
            Subject(name="aimock", server="aimock", requests=_LARGE),
        ),
        measure=memory,
        figures=("of the bytes", "end over full", "MB before", "MB when full", "MB at the end"),
    ),
)
