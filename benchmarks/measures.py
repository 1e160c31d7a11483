"""What is measured of a server: its speed under a flood, its pace, its start, its memory.

A machine's speed changes within seconds, so floods are measured in many short slices, taking turns:
what slows one server slows the others as well. What others did on either core meanwhile is noted.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Self, TypeAlias

from benchmarks import load
from benchmarks.load import Stream
from benchmarks.peers import LOAD_CORE, SERVER_CORE, Running
from benchmarks.workload import GAP_S, Requests

SLICES = 8
SLICE_S = 0.2
WARM_S = 0.05
# Compilers that watch what runs need a while.
WARMING_S = 1.0
_DISTURBED = 0.10
_AGAIN = 3
# Of the requests whose memory is measured: before, until the journal is full, and all.
_WARMING, _KEPT, _ALL = 500, 6_000, 100_000

Figures: TypeAlias = dict[str, float]
Measure: TypeAlias = Callable[[Running], Awaitable[Figures]]


@dataclass(slots=True)
class Cores:
    """How busy the two cores were, in seconds of processor time, and with whom."""

    running: Running
    server: float = 0.0
    others: float = 0.0
    _began: tuple[float, float, float, float] = field(default=(0, 0, 0, 0))
    _wall: float = 0.0

    def __enter__(self) -> Self:
        self._began = self._now()
        self._wall = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        took = time.perf_counter() - self._wall
        server, mine, core_of_server, core_of_load = (
            now - before for now, before in zip(self._now(), self._began, strict=True)
        )
        self.server = server
        self.others = max(core_of_server - server, core_of_load - mine, 0.0) / took

    def _now(self) -> tuple[float, float, float, float]:
        busy = _busy()
        return self.running.cpu_s(), time.process_time(), busy[SERVER_CORE], busy[LOAD_CORE]


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


def flooding(requests: Requests | Mapping[str, Requests], connections: int) -> Measure:
    """One slice of a flood; `flooded` tells what all slices of a round come to."""
    warm: set[Running] = set()

    async def measure(running: Running) -> Figures:
        asked = requests if isinstance(requests, Requests) else requests[running.peer.name]
        if running not in warm:
            running.wait()
            await load.flood(
                running.port, asked, connections=connections, warm_s=0, seconds=WARMING_S
            )
            warm.add(running)
        with Cores(running) as cores:
            found = await load.flood(
                running.port, asked, connections=connections, warm_s=WARM_S, seconds=SLICE_S
            )
        return {
            "answers": len(found.latencies),
            "seconds": found.seconds,
            "CPU": cores.server * SLICE_S / (SLICE_S + WARM_S),
            "others": cores.others,
            "p50 µs": median(found.latencies) * 1e6,
        }

    return measure


def flooded(slices: Sequence[Figures]) -> Figures:
    """Answers per second of the clock, and per second of the server's own processor time."""
    answers = sum(one["answers"] for one in slices)
    return {
        "per second": answers / sum(one["seconds"] for one in slices),
        "per CPU second": answers / (sum(one["CPU"] for one in slices) or 1e-9),
        "p50 µs": median(one["p50 µs"] for one in slices),
        "others": mean(one["others"] for one in slices),
    }


def pacing(requests: Requests, connections: int) -> Measure:
    """Processor time of the server, and how late the last event of a stream comes."""

    async def measure(running: Running) -> Figures:
        running.wait()
        [alone] = await load.at_once(running.port, requests, connections=1)
        best: Figures = {}
        least = 1e9
        for _ in range(_AGAIN):
            with Cores(running) as cores:
                streams = await load.at_once(running.port, requests, connections=connections)
            if cores.others < least:
                least = cores.others
                late = [1000 * _late(stream, alone.gaps) for stream in streams]
                best = {
                    "CPU s": cores.server,
                    "late ms": max(median(late), 0.0),
                    "others": cores.others,
                }
            if least <= _DISTURBED:
                break
        return best

    return measure


def _late(stream: Stream, gaps: int) -> float:
    return stream.last_s - stream.first_s - gaps * GAP_S


_ONE = Requests(stubs=(3,))
_LARGE = Requests(size=10_000)


async def starting(running: Running) -> Figures:
    """From the start of the process to the first answer."""
    running.wait()
    await load.at_once(running.port, _ONE, connections=1)
    return {"ms": 1000 * (time.perf_counter() - running.began)}


async def remembering(running: Running) -> Figures:
    """Memory that each recorded request takes until the journal is full, and what comes on top
    in all the requests behind that."""
    running.wait()
    await load.count_out(running.port, _LARGE, connections=8, answers=_WARMING)
    before = running.memory()
    # 64 MiB of bodies are kept, some 6,500.
    await load.count_out(running.port, _LARGE, connections=8, answers=_KEPT)
    full = running.memory()
    await load.count_out(running.port, _LARGE, connections=8, answers=2 * _KEPT)
    settled = running.memory()
    await load.count_out(running.port, _LARGE, connections=8, answers=_ALL - 3 * _KEPT)
    return {
        "of the bytes": (full - before) / (_KEPT * _LARGE.size),
        "MB at first": before / 1e6,
        "MB when full": settled / 1e6,
        "MB in the end": running.memory() / 1e6,
        "end over full": running.memory() / settled,
    }


async def told(running: Running) -> Figures:
    """What a program tells on its last line as JSON."""
    text = await asyncio.to_thread(running.told)
    figures: Figures = json.loads(text.splitlines()[-1])
    return figures
