"""`mockserver serve`: load, listen, say so, and end cleanly when told to."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping
from importlib import import_module

from mockserver.cli.live_log import LiveLog
from mockserver.cli.options import SERVE
from mockserver.errors import UsageError
from mockserver.model.settings import ContractMode, Settings, UnmatchedPolicy
from mockserver.model.stub import Scenario
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.discovery import load_paths, shipped
from mockserver.server.app import Upstream
from mockserver.server.control_later import control
from mockserver.server.host import listening
from mockserver.server.limits import Limits
from mockserver.server.sandboxes import Sandboxes

PATHS_VARIABLE = "MOCKSERVER_SCENARIOS"
# What streams under way may still take when the server is told to stop; what cannot be ended gets
# it twice, and all of it is to be over within a second.
_GRACE_S = 0.4
# Values made and not yet dropped between two searches for circles; Python's default is 700.
_COLLECT_EVERY = 20_000


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; 0 after a clean end."""
    given = {option.name: option.value(getattr(options, option.name)) for option in SERVE}
    paths = options.paths or _paths_of_environment() or [str(shipped())]
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(given, paths))


def _paths_of_environment() -> list[str]:
    text = os.environ.get(PATHS_VARIABLE, "")
    return [part for part in text.split(os.pathsep) if part]


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Uvloop where the extra `fast` has brought it; None for asyncio's own."""
    try:
        module = import_module("uvloop")
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = module.new_event_loop
    return factory


def _loaded(paths: list[str], dialects: Dialects) -> tuple[Scenario, ...]:
    return load_paths(paths, dialects)


def _settings(given: Mapping[str, object]) -> Settings:
    keys = given["api_key"]
    return Settings(
        contract=ContractMode(str(given["contract"])),
        strict=bool(given["strict"]),
        unmatched=UnmatchedPolicy(str(given["unmatched"])),
        keys=tuple(str(key) for key in keys) if isinstance(keys, list) else (),
        time_scale=_number(given, "time_scale"),
        body_limit=int(_number(given, "body_limit")),
        journal_limit=int(_number(given, "journal_limit")),
        request_limit=int(_number(given, "request_limit")),
    )


def _limits(given: Mapping[str, object]) -> Limits:
    return Limits(
        head_limit=int(_number(given, "head_limit")),
        head_timeout_s=_number(given, "head_timeout"),
        body_timeout_s=_number(given, "body_timeout"),
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
    upstream = Upstream(
        sandboxes,
        control(sandboxes, dialects, admin_token=None if token is None else str(token)),
        # A line per exchange costs more than the exchange: load tests go without.
        witness=None if given["log"] == "none" else log.witness,
        clock=loop.time,
        limits=_limits(given),
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    host, port = str(given["host"]), int(_number(given, "port"))
    _spare_the_collector()
    async with listening(upstream, host=host, port=port, shutdown_s=_GRACE_S) as bound:
        watching = None
        if given["reload"]:
            from mockserver.cli.reloading import watch  # noqa: PLC0415  # not before the first answer

            watching = watch(lambda: _loaded(paths, dialects), sandboxes, paths, log)
        log.say(f"mockserver ready on {_url(*bound)}")
        await stopping.wait()
        if watching is not None:
            watching.cancel()
        under_way = str(upstream.under_way)
    log.say(f"mockserver stopped, {under_way}")
    return 0


def _spare_the_collector() -> None:
    """Keep Python's search for circles away from what was loaded, and rare: a full journal would
    otherwise be walked again and again."""
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)
    gc.enable()


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
