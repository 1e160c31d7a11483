"""Time that passes amid a reply: it ends early when the peer goes, and at once when the server
stops.

A peer that sends FIN may still read, but a client that closed looks just the same: at the first
wait after it the peer is taken for gone. (A proxy in front of a real upstream gives up there, too.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mockserver.model.frames import ClientDisconnected


class Resting:
    """The one wait of a connection; `left` tells whether its peer has gone or sent FIN."""

    __slots__ = ("_left", "_loop", "_pause")

    def __init__(self, loop: asyncio.AbstractEventLoop, left: Callable[[], bool]) -> None:
        self._loop = loop
        self._left = left
        self._pause: asyncio.Future[None] | None = None

    async def some(self, seconds: float | None) -> None:
        """Let time pass, without end when None; 0 gives way to the loop once.

        Raises:
            ClientDisconnected: as soon as the peer is gone or has sent FIN.
        """
        if seconds is not None and seconds <= 0:
            await asyncio.sleep(0)
            return
        pause: asyncio.Future[None] = self._loop.create_future()
        timer = None if seconds is None else self._loop.call_later(seconds, _settle, pause)
        try:
            await self.until(pause)
        finally:
            if timer is not None:
                timer.cancel()

    async def until(self, released: asyncio.Future[None]) -> None:
        """Wait for `released`, which is settled early when the peer goes, and is cancelled when
        the server stops.

        Raises:
            ClientDisconnected: as soon as the peer is gone or has sent FIN.
        """
        if not self._left():
            self._pause = released
            try:
                await released
            finally:
                self._pause = None
        if self._left():
            raise ClientDisconnected

    def end(self) -> None:
        """Settle what is waited for: the peer has gone."""
        if self._pause is not None:
            _settle(self._pause)

    def cancel(self) -> None:
        """Cancel what is waited for: the server stops."""
        if self._pause is not None:
            self._pause.cancel()


def _settle(pause: asyncio.Future[None]) -> None:
    if not pause.done():
        pause.set_result(None)
