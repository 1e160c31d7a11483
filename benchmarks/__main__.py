"""`python -m benchmarks [WORD …]`: measure, and write the table to the screen; the whole of it also
into `result.md`.

Words choose rows whose title holds one of them; `--rounds N` makes it shorter.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from benchmarks import rows, table
from benchmarks.measures import Figures
from benchmarks.peers import HERE, LOAD_CORE, Peer, Running, install, peers
from benchmarks.rows import Row

ROUNDS = 5


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", help="rows whose title holds one of these words")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--servers", help="only these, separated by semicolons")
    options = parser.parse_args()
    notes: list[str] = []
    there = install(notes.append)
    os.sched_setaffinity(0, {LOAD_CORE})
    gc.disable()
    lines: list[str] = []
    bars: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        known = peers(there, folder)
        only = set(options.servers.split(";")) if options.servers else set(known)
        known = {name: peer for name, peer in known.items() if name in only}
        for row in rows.ROWS:
            if options.words and not any(word in row.title for word in options.words):
                continue
            found = _run(_row(row, known, folder, options.rounds))
            lines += [table.table(row, found), ""]
            sys.stdout.write(lines[-2] + "\n\n")
            sys.stdout.flush()
            bars += [table.bar_line(row.title, bar, found) for bar in row.bars]
    told = "\n".join(
        [
            f"Python {platform.python_version()}, {options.rounds} rounds.",
            *notes,
            "",
            table.bars_head(),
            *bars,
            "",
            *lines,
        ]
    )
    if not options.words and not options.servers:
        (HERE / "result.md").write_text(told, encoding="utf-8")
    sys.stdout.write("\n".join((table.bars_head(), *bars, "")))
    return 0


def _run(work: Coroutine[Any, Any, dict[str, list[Figures]]]) -> dict[str, list[Figures]]:
    with asyncio.Runner(loop_factory=_loop()) as runner:
        return runner.run(work)


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


class Yard:
    """The servers of one round, started when they are first asked for."""

    def __init__(self, known: dict[str, Peer], folder: Path) -> None:
        self._known = known
        self._folder = folder
        self._up: dict[str, Running] = {}

    def get(self, name: str) -> Running:
        """The running server of that name."""
        if name not in self._up:
            peer = self._known[name]
            if peer.within:
                self._up[name] = self.get(peer.within).sandbox(peer)
            else:
                own = self._folder / name.replace(", ", "-").replace(" ", "-")
                self._up[name] = Running(peer, own)
        return self._up[name]

    def stop(self, name: str) -> None:
        """End one of them."""
        self._up.pop(name).stop()

    def clear(self) -> None:
        """End all of them."""
        for one in self._up.values():
            one.stop()
        self._up.clear()


async def _row(
    row: Row, known: dict[str, Peer], folder: Path, count: int
) -> dict[str, list[Figures]]:
    servers = [name for name in row.servers if name in known]
    found: dict[str, list[Figures]] = {name: [] for name in servers}
    yard = Yard(known, folder)
    for number in range(count):
        seen: dict[str, list[Figures]] = {name: [] for name in servers}
        try:
            for place in range(row.slices):
                turn = (number + place) % max(len(servers), 1)
                for name in (*servers[turn:], *servers[:turn]):
                    seen[name].append(await row.measure(yard.get(name)))
                    if row.slices == 1:
                        yard.stop(name)
        finally:
            yard.clear()
        for name in servers:
            found[name].append(row.merge(seen[name]))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
