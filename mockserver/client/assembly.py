"""The parts of a server in this process, put together and set going."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mockserver.client.control import Control
from mockserver.client.near import NearControl
from mockserver.client.settings import ServerSettingsGiven
from mockserver.model.settings import Settings
from mockserver.scenario.dialects import Dialects
from mockserver.scenario.discovery import load_paths
from mockserver.server.app import Upstream
from mockserver.server.control import control
from mockserver.server.control_settings import read_settings
from mockserver.server.host import LoopHost, ThreadHost, listening
from mockserver.server.limits import LIMIT_NAMES, read_limits
from mockserver.server.sandboxes import Sandboxes


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that listens at `url`; `stop` ends its thread, where it has one."""

    control: Control
    url: str
    stop: Callable[[], None]


class Assembly:
    """A server with the scenarios at `paths`, not yet listening.

    Raises:
        ScenarioError: the scenarios have problems.
        UsageError: there is no such file, or a setting is not one.
    """

    def __init__(self, paths: tuple[str, ...], given: ServerSettingsGiven) -> None:
        settings = {name: value for name, value in given.items() if name not in LIMIT_NAMES}
        self._dialects = Dialects()
        self._sandboxes = Sandboxes(
            self._dialects.find("openai"),
            scenarios=load_paths(paths, self._dialects),
            settings=read_settings(settings, Settings(), also=LIMIT_NAMES),
            clock=time.monotonic,
        )
        self._upstream = Upstream(
            self._sandboxes,
            control(self._sandboxes, self._dialects),
            clock=time.monotonic,
            limits=read_limits(given),
        )

    def in_thread(self, *, host: str, port: int) -> Running:
        """Listen in a daemon thread; HostError where the address cannot be bound."""
        thread = ThreadHost(self._upstream, host=host, port=port)
        url = _url(*thread.start())
        return Running(
            control=NearControl(self._sandboxes, self._dialects, thread.reached),
            url=url,
            stop=thread.stop,
        )

    @asynccontextmanager
    async def on_loop(self, *, host: str, port: int) -> AsyncIterator[Running]:
        """Listen on the running loop while inside; HostError as above."""
        loop = LoopHost(self._upstream)
        async with listening(self._upstream, host=host, port=port) as address:
            yield Running(
                control=NearControl(self._sandboxes, self._dialects, loop),
                url=_url(*address),
                stop=lambda: None,
            )


def _url(host: str, port: int) -> str:
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{port}"
