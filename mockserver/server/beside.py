"""Long work beside the loop, in threads that nobody waits for when the server ends.

The loop's own executor is joined before the process may go, however long that takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

MOST = 4
"""Pieces of work that run at once; others wait for their turn."""


class Beside:
    """Runs functions, at most `MOST` of them at once, given up ones included."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(MOST)

    async def run(self, function: Callable[[], T]) -> T:
        """Call in a thread, and give the result or raise the error; a caller who is cancelled
        leaves the thread to itself."""
        await self._turn.acquire()
        loop = asyncio.get_running_loop()
        ended: Future[T] = Future()
        ended.set_running_or_notify_cancel()  # from here on it cannot be called off

        def work() -> None:
            try:
                ended.set_result(function())
            except Exception as error:  # noqa: BLE001  # it is raised in whoever waits
                ended.set_exception(error)
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._turn.release)

        # What would wake a loop that is closed must not be told on the thread's stderr.
        waiting = asyncio.wrap_future(ended)
        Thread(target=work, daemon=True).start()
        return await waiting
