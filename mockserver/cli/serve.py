"""`mockserver serve`: load, listen, say so, and end cleanly when told to."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from mockserver.cli.live_log import LiveLog
from mockserver.cli.options import SERVE
from mockserver.cli.reloading import watch
from mockserver.core.settings import Contract, Settings, Unmatched
from mockserver.core.stub import Scenario
from mockserver.errors import UsageError
from mockserver.scenario.discovery import load_paths, shipped
from mockserver.scenario.dialects import Dialects
from mockserver.server.app import Upstream
from mockserver.server.control import Control
from mockserver.server.listening import Listening, listen
from mockserver.server.sandboxes import Sandboxes

PATHS_VARIABLE = "MOCKSERVER_SCENARIOS"


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; 0 after a clean end."""
    given = {option.name: option.value(getattr(options, option.name)) for option in SERVE}
    paths = options.paths or _paths_of_environment()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(given, paths))


def _paths_of_environment() -> list[str]:
    text = os.environ.get(PATHS_VARIABLE, "")
    return [part for part in text.split(os.pathsep) if part]


def _loop_factory() -> object:
    try:
        import uvloop  # noqa: PLC0415  # an extra, used where it is installed
    except ImportError:
        return None
    return uvloop.new_event_loop


def _loaded(paths: list[str], dialects: Dialects) -> tuple[Scenario, ...]:
    return load_paths(paths or [str(shipped())], dialects)


def _settings(given: Mapping[str, object]) -> Settings:
    keys = given["api_key"]
    return Settings(
        contract=Contract(str(given["contract"])),
        strict=bool(given["strict"]),
        unmatched=Unmatched(str(given["unmatched"])),
        keys=tuple(str(key) for key in keys) if isinstance(keys, list) else (),
        time_scale=_number(given, "time_scale"),
        body_limit=int(_number(given, "body_limit")),
        journal_limit=int(_number(given, "journal_limit")),
        request_limit=int(_number(given, "request_limit")),
    )


def _number(given: Mapping[str, object], name: str) -> float:
    value = given[name]
    if isinstance(value, int | float):
        return value
    raise UsageError(f"{name}: wanted a number, got {value!r}")


async def _serve(given: Mapping[str, object], paths: list[str]) -> int:
    loop = asyncio.get_running_loop()
    dialects = Dialects()
    scenarios = _loaded(paths, dialects)
    sandboxes = Sandboxes(
        dialects.find(str(given["dialect"])),
        scenarios=scenarios,
        settings=_settings(given),
        limit=int(_number(given, "sandbox_limit")),
        clock=loop.time,
    )
    token = given["admin_token"]
    log = LiveLog(sys.stdout, form=str(given["log"]))
    control = Control(sandboxes, dialects, token=None if token is None else str(token))
    upstream = Upstream(sandboxes, control.handle, witness=log.witness, clock=loop.time)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    listening = await listen(upstream, str(given["host"]), int(_number(given, "port")))
    watching = watch(lambda: _loaded(paths, dialects), sandboxes, paths, log) if given["reload"] else None
    _ready(listening)
    await stopping.wait()
    if watching is not None:
        watching.cancel()
    under_way = _under_way(sandboxes)
    await listening.stop()
    sys.stdout.write(f"mockserver stopped, {under_way} under way\n")
    sys.stdout.flush()
    return 0


def _ready(listening: Listening) -> None:
    sys.stdout.write(f"mockserver ready on {listening.url}\n")
    sys.stdout.flush()


def _under_way(sandboxes: Sandboxes) -> str:
    count = sum(len(sandboxes.get(name).journal.open) for name in sandboxes.names)
    return f"{count} {'exchange' if count == 1 else 'exchanges'}"


COMMANDS = {"serve": serve}
