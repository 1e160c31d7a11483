"""The rows of the table: what is measured, of whom, and what has to be reached.

A row measures every one of its servers in each round, in an order that changes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.measures import (
    SLICES,
    Figures,
    Measure,
    flooded,
    flooding,
    pacing,
    remembering,
    starting,
    told,
)
from benchmarks.workload import LONG, PACED, PACED_WORDS, WORDS, Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the median of a ratio must reach, `figure` of one server over that of another; of the
    figure itself where `over` is empty."""

    figure: str
    of: str
    over: str = ""
    least: float | None = None
    most: float | None = None

    def met(self, ratio: float) -> bool:
        """Whether a ratio reaches it."""
        low = self.least is None or ratio >= self.least
        return low and (self.most is None or ratio <= self.most)

    def __str__(self) -> str:
        return f"≥ {self.least:.2g}" if self.least is not None else f"≤ {self.most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`measure` gives the figures of one server in one of a round's `slices`, `merge` those of the
    round. Servers are started anew for each round, and handed over before they listen: how fast a
    process is depends on the memory it happens to get."""

    title: str
    servers: tuple[str, ...]
    measure: Measure
    figures: tuple[str, ...]
    against: tuple[str, ...]
    bars: tuple[Bar, ...] = ()
    slices: int = 1
    merge: Callable[[Sequence[Figures]], Figures] = operator.itemgetter(0)


_BASE = "mockserver, base"
# Without the extra `fast` a bar is lower by a third.
_LEAST, _MOST = 2 / 3, 3 / 2


def _both(*bars: Bar) -> tuple[Bar, ...]:
    """Bars of the server with its extra, and what they come to without."""
    lower = (
        replace(
            bar,
            of=bar.of.replace("mockserver", _BASE),
            least=None if bar.least is None else bar.least * _LEAST,
            most=None if bar.most is None else bar.most * _MOST,
        )
        for bar in bars
    )
    return (*bars, *lower)


_WHOLE = Requests()
_OFF = Requests(path="/sandbox/off/v1/chat/completions")
_CHAT = Requests(stubs=(LONG,), stream=True, events=WORDS)
_EACH = Requests(path="/each/chat", stubs=(LONG,), stream=True, events=WORDS)
_RESPONSES = Requests(path="/v1/responses", stubs=(LONG,), stream=True, events=WORDS)
_EACH_RESPONSES = Requests(path="/each/responses", stubs=(LONG,), stream=True, events=WORDS)
_PACED = Requests(stubs=(PACED,), stream=True, events=PACED_WORDS)
_STATIC = Requests(stubs=(3,))

_OURS = ("mockserver", _BASE)
_OTHERS = ("aimock", "mock-llm", "stubllm")
_RATE = ("per second", "per CPU second")

ROWS: tuple[Row, ...] = (
    *(
        Row(
            title=f"whole replies, {connections} connection{'s' if connections > 1 else ''}",
            servers=("bare", *_OURS, "mockserver, contract off", *_OTHERS, "nginx"),
            measure=flooding(
                {"nginx": _STATIC, "bare": _STATIC}
                | dict.fromkeys((*_OURS, *_OTHERS), _WHOLE)
                | {"mockserver, contract off": _OFF},
                connections,
            ),
            figures=(*_RATE, "p50 µs"),
            against=("bare", "aimock"),
            bars=(
                *_both(
                    Bar(figure="per second", of="mockserver", over="bare", least=0.85),
                    Bar(figure="per second", of="mockserver", over="aimock", least=3),
                ),
                Bar(
                    figure="per second",
                    of="mockserver",
                    over="mockserver, contract off",
                    least=0.8,
                ),
            )
            if connections == 32
            else (),
            slices=SLICES,
            merge=flooded,
        )
        for connections in (1, 32, 256)
    ),
    Row(
        title="chat streams of 100 deltas, 32 connections",
        servers=("bare", *_OURS, *_OTHERS),
        measure=flooding({"bare": _EACH} | dict.fromkeys((*_OURS, *_OTHERS), _CHAT), 32),
        figures=_RATE,
        slices=SLICES,
        merge=flooded,
        against=("bare", "aimock"),
        bars=_both(
            Bar(figure="per second", of="mockserver", over="bare", least=10),
            Bar(figure="per second", of="mockserver", over="aimock", least=6),
        ),
    ),
    Row(
        title="Responses streams of 100 deltas, 32 connections",
        servers=("bare", *_OURS, "aimock"),
        measure=flooding(
            {"bare": _EACH_RESPONSES} | dict.fromkeys((*_OURS, "aimock"), _RESPONSES), 32
        ),
        figures=_RATE,
        slices=SLICES,
        merge=flooded,
        against=("bare", "aimock"),
        bars=_both(
            Bar(figure="per second", of="mockserver", over="bare", least=10),
            Bar(figure="per second", of="mockserver", over="aimock", least=6),
        ),
    ),
    Row(
        title="500 paced streams at once, 50 events, 20 ms",
        servers=(*_OURS, "aimock", "mock-llm, paced", "stubllm"),
        measure=pacing(_PACED, 500),
        figures=("CPU s", "late ms"),
        against=("aimock",),
        bars=_both(
            Bar(figure="CPU s", of="mockserver", over="aimock", most=0.6),
            Bar(figure="late ms", of="mockserver", over="aimock", most=0.05),
        ),
    ),
    Row(
        title="start to first answer",
        servers=(
            "bare",
            "mockserver, one stub",
            "mockserver, base, one stub",
            *_OURS,
            *_OTHERS,
            "nginx",
        ),
        measure=starting,
        figures=("ms",),
        against=("bare", "aimock"),
        bars=_both(Bar(figure="ms", of="mockserver, one stub", over="bare", most=1.4)),
    ),
    Row(
        title="cost of a fixture in one test",
        servers=("mockserver fixture", "pytest-httpserver fixture"),
        measure=told,
        figures=("CPU of an empty test", "CPU ms a test", "ms a test", "ms a session"),
        against=("pytest-httpserver fixture",),
    ),
    Row(
        title="cost of a fixture in one test, ours and pytest-httpserver's by turns in one process",
        servers=("both fixtures",),
        measure=told,
        figures=("CPU of the other's", "time of the other's"),
        against=(),
        bars=(
            Bar(figure="CPU of the other's", of="both fixtures", most=1),
            Bar(figure="time of the other's", of="both fixtures", most=1),
        ),
    ),
    Row(
        title="memory over 100,000 requests of 10 KB",
        servers=("mockserver", "aimock"),
        measure=remembering,
        figures=("of the bytes", "end over full", "MB at first", "MB when full", "MB in the end"),
        against=("aimock",),
        bars=(
            Bar(figure="of the bytes", of="mockserver", most=1.5),
            Bar(figure="end over full", of="mockserver", most=1.05),
        ),
    ),
)
