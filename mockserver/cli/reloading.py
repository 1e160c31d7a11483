"""`--reload`: take up edited scenarios, and keep the old ones where the new are wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mockserver.cli.live_log import LiveLog
from mockserver.errors import MockServerError
from mockserver.model.stub import Scenario
from mockserver.server.sandboxes import Sandboxes

_POLL_S = 0.25
_SUFFIXES = (".yaml", ".yml", ".json")


def watch(
    load: Callable[[], tuple[Scenario, ...]],
    sandboxes: Sandboxes,
    paths: Sequence[str],
    log: LiveLog,
) -> asyncio.Task[None]:
    """Look at the files of `paths` until cancelled; what changed is loaded as a whole."""

    async def look() -> None:
        seen = _state(paths)
        while True:
            await asyncio.sleep(_POLL_S)
            now = await asyncio.to_thread(_state, paths)
            if now == seen:
                continue
            seen = now
            try:
                scenarios = await asyncio.to_thread(load)
            except MockServerError as error:
                log.say(f"not reloaded, the scenarios before stay:\n{error}")
                continue
            sandboxes.reload(scenarios)
            count = len(scenarios)
            log.say(f"reloaded {count} {'scenario' if count == 1 else 'scenarios'}")

    return asyncio.get_running_loop().create_task(look())


def _state(paths: Sequence[str]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for file in _files(paths):
        try:
            stat = file.stat()
        except OSError:
            continue
        found[str(file)] = (stat.st_mtime_ns, stat.st_size)
    return found


def _files(paths: Sequence[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from (file for file in path.rglob("*") if file.suffix in _SUFFIXES)
        else:
            yield path
