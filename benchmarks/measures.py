"""What is measured of a server: its speed under load, its pace, its start, its memory.

A machine's speed changes within seconds, so load is measured in many short slices, taken in turns:
what slows one server slows the others as well. What else ran on either core meanwhile is noted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Self, TypeAlias

from benchmarks import load
from benchmarks.load import Stream
from benchmarks.servers import LOAD_CORE, SERVER_CORE, Server
from benchmarks.workload import GAP_S, Requests

SLICES = 8
CONNECTIONS = 32
_SLICE_S = 0.2
_WARM_S = 0.05
# Just-in-time compilers need a while.
_FIRST_WARM_S = 1.0
_DISTURBED = 0.10
_ATTEMPTS = 3
# Requests whose memory is measured: before, until the journal is full (64 MiB of bodies, some 6,500
# requests), and all.
_BEFORE, _KEPT, _ALL = 500, 6_000, 100_000

Figures: TypeAlias = dict[str, float]
Measure: TypeAlias = Callable[[Server, Requests], Awaitable[Figures]]


@dataclass(slots=True)
class Cores:
    """How busy the two cores were, in seconds of processor time."""

    measured: Server
    server: float = 0.0
    others: float = 0.0
    _began: tuple[float, float, float, float] = (0, 0, 0, 0)
    _wall: float = field(default=0.0)

    def __enter__(self) -> Self:
        self._began = self._now()
        self._wall = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        took = time.perf_counter() - self._wall
        server, own, core_of_server, core_of_load = (
            now - before for now, before in zip(self._now(), self._began, strict=True)
        )
        self.server = server
        self.others = max(core_of_server - server, core_of_load - own, 0.0) / took

    def _now(self) -> tuple[float, float, float, float]:
        busy = _busy()
        return self.measured.cpu_s(), time.process_time(), busy[SERVER_CORE], busy[LOAD_CORE]


def _busy() -> list[float]:
    """Seconds that each core was not idle, stolen time included."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = []
    for line in Path("/proc/stat").read_text().splitlines()[1:]:
        name, *fields = line.split()
        if not name.startswith("cpu"):
            break
        user, nice, system, _idle, _wait, irq, soft, steal = map(int, fields[:8])
        found.append((user + nice + system + irq + soft + steal) / ticks)
    return found


async def throughput(server: Server, requests: Requests) -> Figures:
    """One slice of load; `merge_throughput` makes the figures of a round from all slices."""
    if requests not in server.warmed:
        server.wait()
        await load.flood(server.port, requests, connections=CONNECTIONS, warm_s=0, seconds=_FIRST_WARM_S)
        server.warmed.add(requests)
    with Cores(server) as cores:
        found = await load.flood(server.port, requests, connections=CONNECTIONS, warm_s=_WARM_S, seconds=_SLICE_S)
    return {
        "answers": len(found.latencies),
        "seconds": found.seconds,
        "CPU": cores.server * _SLICE_S / (_SLICE_S + _WARM_S),
        "others": cores.others,
        "p50 µs": median(found.latencies) * 1e6,
    }


def merge_throughput(slices: Sequence[Figures]) -> Figures:
    """Answers per second of the clock, and the server's own processor time for each."""
    answers = sum(one["answers"] for one in slices)
    return {
        "per second": answers / sum(one["seconds"] for one in slices),
        "CPU µs": 1e6 * sum(one["CPU"] for one in slices) / answers,
        "p50 µs": median(one["p50 µs"] for one in slices),
        "others": mean(one["others"] for one in slices),
    }


def pacing(connections: int) -> Measure:
    """Processor time of the server, and how late the last event of a stream arrives."""

    async def measure(server: Server, requests: Requests) -> Figures:
        server.wait()
        [alone] = await load.send_at_once(server.port, requests, connections=1)
        best: Figures = {"others": 1e9}
        for _ in range(_ATTEMPTS):
            with Cores(server) as cores:
                streams = await load.send_at_once(server.port, requests, connections=connections)
            if cores.others < best["others"]:
                late = median(1000 * _late_s(stream, alone.gaps) for stream in streams)
                best = {"CPU s": cores.server, "late ms": max(late, 0.0), "others": cores.others}
            if cores.others <= _DISTURBED:
                break
        return best

    return measure


def _late_s(stream: Stream, gaps: int) -> float:
    return stream.last_s - stream.first_s - gaps * GAP_S


async def starting(server: Server, requests: Requests) -> Figures:
    """From the start of the process to the first answer."""
    server.wait()
    await load.send_at_once(server.port, requests, connections=1)
    return {"ms": 1000 * (time.perf_counter() - server.started_s)}


async def memory(server: Server, requests: Requests) -> Figures:
    """Memory for each recorded request until the journal is full, and growth after that."""

    async def send(answers: int) -> int:
        await load.send_count(server.port, requests, connections=8, answers=answers)
        return server.memory()

    server.wait()
    before = await send(_BEFORE)
    full = await send(_KEPT)
    settled = await send(2 * _KEPT)
    end = await send(_ALL - 3 * _KEPT)
    return {
        "of the bytes": (full - before) / (_KEPT * requests.size),
        "MB before": before / 1e6,
        "MB when full": settled / 1e6,
        "MB at the end": end / 1e6,
        "end over full": end / settled,
    }
