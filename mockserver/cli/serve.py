"""`mockserver serve`: load, listen, print the address, stop on SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from mockserver.admin import admin_routes
from mockserver.cli.exchange_log import ExchangeLog
from mockserver.cli.parser import PATHS_VARIABLE, counted, misspelt, serve_settings, value_of
from mockserver.errors import MockServerError, UsageError
from mockserver.model.settings import TABLES, Scope, Setting, UnmatchedPolicy
from mockserver.model.stub import Scenario
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.load import load_paths, offline
from mockserver.server.app import Upstream
from mockserver.server.runner import listening, tls_of, url_of
from mockserver.server.sandbox import Sandboxes

# What streams in flight may still take when the server stops; those that cannot be ended
# take it twice, and all of it is to be over within a second.
_GRACE_S = 0.4
# Objects created and not yet freed between two runs of the cyclic collector; with Python's default of
# 700 a full journal would be walked again and again.
_COLLECT_EVERY = 20_000
_POLL_S = 0.25
_OFFLINE = "no scenario was given: every request is answered; the message mock:help lists the faults to ask for"
_SUFFIXES = (".yaml", ".yml", ".json")


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; 0 after a clean end."""
    for name, near in misspelt():
        _note(f"mockserver: unknown environment variable {name}; did you mean {near}?")
    given = {row: value_of(row, getattr(options, row.option)) for row in serve_settings()}
    paths = options.paths or _paths_of_environment()
    command = _table(given, Scope.COMMAND)
    if not paths and command.upstream is None and command.record is None:
        paths = [str(offline())]
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(given, paths))


def _paths_of_environment() -> list[str]:
    text = os.environ.get(PATHS_VARIABLE, "")
    return [part for part in text.split(os.pathsep) if part]


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop where the extra `fast` is installed; None for asyncio's own."""
    try:
        module = import_module("uvloop")
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = module.new_event_loop
    return factory


def _table(given: Mapping[Setting, object], scope: Scope) -> Any:
    """The settings of one scope; Any, as the parser has checked each value by its kind."""
    return TABLES[scope](**{row.member: value for row, value in given.items() if row.scope is scope})


async def _serve(given: Mapping[Setting, object], paths: list[str]) -> int:
    loop = asyncio.get_running_loop()
    options, listener = _table(given, Scope.COMMAND), _table(given, Scope.LISTENER)
    tls = tls_of(listener)
    dialects = Dialects()
    sandboxes = Sandboxes(
        dialects.find(options.dialect),
        scenarios=load_paths(paths, dialects),
        settings=_table(given, Scope.SANDBOX),
        limit=options.sandbox_limit,
        clock=loop.time,
    )
    sandboxes.ca = "" if tls is None else tls.ca
    forwarder = None
    if options.upstream is not None or options.record is not None:
        from mockserver.cli.upstream import forwarding  # noqa: PLC0415  # only where it is asked for

        forwarder = forwarding(options, sandboxes, dialects, clock=loop.time, note=_note)
    elif sandboxes.settings.unmatched is UnmatchedPolicy.FORWARD:
        raise UsageError("--unmatched forward needs --upstream URL")
    log = ExchangeLog(sys.stdout, form=options.log, call_later=loop.call_later)
    upstream = Upstream(
        sandboxes,
        admin_routes(sandboxes, dialects, admin_token=options.admin_token),
        on_exchange_end=None if options.log == "none" else log.on_exchange_end,
        clock=loop.time,
        limits=_table(given, Scope.SERVER),
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    _tune_gc()
    async with listening(
        upstream, host=options.host, port=options.port, tls=tls, unix=listener.unix, shutdown_s=_GRACE_S
    ) as bound:
        watching = None
        if options.reload:
            watching = loop.create_task(_watch(lambda: load_paths(paths, dialects), sandboxes, paths, log))
        address = url_of(bound, tls=tls, unix=listener.unix)
        _tell_ready(log, options.log, address, listener.unix, sandboxes.scenarios, paths)
        await stopping.wait()
        if watching is not None:
            watching.cancel()
        in_flight = upstream.in_flight
    if forwarder is not None:
        await forwarder.close()
    log.message(f"mockserver stopped, {in_flight}")
    return 0


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _tell_ready(
    log: ExchangeLog, form: str, address: str, unix: str | None, scenarios: Sequence[Scenario], paths: Sequence[str]
) -> None:
    """Say that the server listens, and what a user needs next."""
    is_offline = [*paths] == [str(offline())]
    if is_offline:
        log.message(_OFFLINE)
    ready = f"mockserver ready on {address}{f' at {unix}' if unix else ''}"
    log.message(ready, url=address)
    if form == "json":
        # Whoever waits for this line finds it beside the documents.
        _note(ready)
    elif form == "text" and not unix:
        counts = f"{counted(len(scenarios), 'scenario')}, {counted(sum(len(one.stubs) for one in scenarios), 'stub')}"
        log.message(f"  base URL  {address}/v1")
        log.message(f"  loaded    {counts} from {'the offline set' if is_offline else ', '.join(paths)}")
        log.message(f"  look      mockserver log {address} --follow, or {address}/__admin/ in a browser")


def _tune_gc() -> None:
    """Exclude what was loaded from the cyclic collector, and run it rarely."""
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)


# --- reload on change ---


async def _watch(
    load: Callable[[], tuple[Scenario, ...]], sandboxes: Sandboxes, paths: Sequence[str], log: ExchangeLog
) -> None:
    """Poll the files of `paths` until cancelled; on a change all scenarios are loaded again."""
    from mockserver.server.worker_threads import WorkerThreads  # noqa: PLC0415  # only with --reload

    threads = WorkerThreads()
    seen = _state(paths)
    while True:
        await asyncio.sleep(_POLL_S)
        now = await threads.run(lambda: _state(paths))
        if now == seen:
            continue
        seen = now
        try:
            scenarios = await threads.run(load)
        except MockServerError as error:
            log.message(f"reload failed, keeping the previous scenarios:\n{error}")
            continue
        sandboxes.reload(scenarios)
        log.message(f"reloaded {counted(len(scenarios), 'scenario')}")


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


COMMANDS = {"serve": serve}
