"""`python -m benchmarks [WORD …]`: measure, print the tables, and write them to `result.md`.

Words select rows by their title; then nothing is written. `--rounds N` shortens the run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import fixtures, rows, servers, table
from benchmarks.measures import Figures
from benchmarks.rows import Row
from benchmarks.servers import Command, Server

ROUNDS = 5


def main() -> int:
    """Measure the selected rows."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", help="rows whose title contains one of these words")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    notes = [f"Python {platform.python_version()}, {options.rounds} rounds."]
    servers.install(notes.append)
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    gc.disable()
    selected = [
        row
        for row in (*rows.ROWS, fixtures.ROW)
        if not options.words or any(word in row.title for word in options.words)
    ]
    bars: list[str] = []
    tables: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        commands = servers.commands(folder)
        for row in selected:
            if row is fixtures.ROW:
                found = [fixtures.measure_round() for _ in range(options.rounds)]
            else:
                with asyncio.Runner(loop_factory=_loop()) as runner:
                    found = runner.run(_measure(row, commands, folder, options.rounds))
            tables += [table.figures_table(row, found), ""]
            bars += [table.bar_line(row, bar, found) for bar in row.bars]
            sys.stdout.write(tables[-2] + "\n\n")
            sys.stdout.flush()
    text = "\n".join([*notes, "", table.BARS_HEAD, *bars, "", *tables])
    if not options.words:
        (servers.HERE / "result.md").write_text(text, encoding="utf-8")
    sys.stdout.write("\n".join((table.BARS_HEAD, *bars, "")))
    return 0


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  # the load is faster with it
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _measure(row: Row, commands: dict[str, Command], folder: Path, count: int) -> list[dict[str, Figures]]:
    subjects = [one for one in row.subjects if one.server in commands]
    rounds = []
    for number in range(count):
        slices: dict[str, list[Figures]] = {one.name: [] for one in subjects}
        running: dict[str, Server] = {}
        try:
            for place in range(row.slices):
                turn = (number + place) % len(subjects)
                for one in (*subjects[turn:], *subjects[:turn]):
                    server = running.get(one.server)
                    if server is None:
                        server = Server(one.server, commands[one.server], folder)
                        running[one.server] = server
                    slices[one.name].append(await row.measure(server, one.requests))
                    if row.slices == 1:
                        running.pop(one.server).stop()
        finally:
            for server in running.values():
                server.stop()
        rounds.append({name: row.merge(found) for name, found in slices.items()})
    return rounds


if __name__ == "__main__":
    raise SystemExit(main())
