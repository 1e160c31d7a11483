"""Long work next to the loop, in daemon threads.

`asyncio.to_thread` uses the loop's executor, which is joined before the process may end: a server
that gets SIGTERM would wait until the last scenario is validated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

_MOST = 4


async def in_thread(function: Callable[[], T], on_end: Callable[[], object] | None = None) -> T:
    """Call in a daemon thread of its own, and return the result or raise the error. A cancelled
    caller leaves the thread running; `on_end` is called on the loop when the function has ended."""
    loop = asyncio.get_running_loop()
    ended: Future[T] = Future()
    ended.set_running_or_notify_cancel()  # it cannot be cancelled from here on

    def work() -> None:
        try:
            ended.set_result(function())
        except Exception as error:  # noqa: BLE001  # raised again in the caller
            ended.set_exception(error)
        if on_end is not None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(on_end)

    waiting = asyncio.wrap_future(ended)
    Thread(target=work, daemon=True).start()
    return await waiting


class WorkerThreads:
    """Runs at most four functions at once, those of cancelled callers included; others wait."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_MOST)

    async def run(self, function: Callable[[], T]) -> T:
        """As `in_thread`, when it is its turn."""
        await self._turn.acquire()
        return await in_thread(function, self._turn.release)
