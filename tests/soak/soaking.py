"""Many workers at one server, in stages: between two all is quiet, and what the server holds is
counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.hostile.watched import Census, Watched
from tests.soak.plans import plan
from tests.soak.worker import Ledger, Worker

MIB = 2**20
SCENARIO = Path(__file__).with_name("soak.yaml")
PLANS = tuple(plan(seed) for seed in range(8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What was done until then, and what the server holds when all is quiet."""

    exchanges: int
    seconds: float
    census: Census


@contextmanager
def served() -> Iterator[Watched]:
    """The server that is soaked; it must end well and have complained of nothing."""
    server = Watched(SCENARIO, "--log", "none")
    try:
        yield server
        assert server.stop() == (0, "mockserver stopped, 0 requests in flight")
    finally:
        complaints = server.close()
    assert complaints == ""


def soak(server: Watched, ledger: Ledger, *, exchanges: int, workers: int, stages: int) -> Iterator[Stage]:
    """Play that many exchanges or a few more; a worker that finds a mismatch ends it all."""
    text = SCENARIO.read_text("utf-8")
    crew = [Worker(number, server.port, text, ledger) for number in range(workers)]
    began, rounds = time.monotonic(), count()
    with ThreadPoolExecutor(workers) as pool:
        for stage in range(1, stages + 1):
            goal = exchanges * stage // stages
            list(pool.map(_player(ledger, rounds, goal), crew))
            for worker in crew:
                worker.leave()
            yield Stage(
                exchanges=ledger.exchanges,
                seconds=time.monotonic() - began,
                census=server.settle(lambda found: found.connections == 0),
            )


def swollen(stages: Sequence[Stage]) -> list[str]:
    """What the server holds more of at the end than after the first fifth, when every cache has
    seen what there is."""
    first, last = stages[len(stages) // 5].census, stages[-1].census
    grown = {
        "tasks": (first.tasks, last.tasks, 0),
        "descriptors": (first.descriptors, last.descriptors, 0),
        "objects": (first.objects, last.objects, 10_000),
        "MiB": (first.resident // MIB, last.resident // MIB, 16),
    }
    return [f"{name}: {before}, then {after}" for name, (before, after, more) in grown.items() if after > before + more]


def _player(ledger: Ledger, rounds: Iterator[int], goal: int) -> Callable[[Worker], None]:
    def play(worker: Worker) -> None:
        while ledger.exchanges < goal and not ledger.failed:
            seed = next(rounds) % len(PLANS)
            try:
                worker.play(seed, PLANS[seed])
            except BaseException:
                ledger.failed = True
                raise

    return play
