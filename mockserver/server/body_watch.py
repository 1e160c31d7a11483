"""What a request's body may cost: whoever reads it learns at once that it broke off, is malformed
or too slow, and what nobody reads is not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp.streams import StreamReader

from mockserver.model.frames import ClientDisconnected
from mockserver.server.breach import MalformedBodyError, SlowBodyError
from mockserver.server.limits import Limits


class BodyWatch:
    """Watches the bodies of one connection. `left` tells whether its peer has gone or sent FIN.

    `spoilt` says that a body did not come to its end, so that no request can follow it."""

    __slots__ = ("_left", "_limits", "_loop", "_read", "_unread", "spoilt")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, limits: Limits, left: Callable[[], bool]
    ) -> None:
        self._loop = loop
        self._limits = limits
        self._left = left
        self._read: StreamReader | None = None
        self._unread: StreamReader | None = None
        self.spoilt = False

    @contextmanager
    def reading(self, body: StreamReader, malformed: str | None) -> Iterator[None]:
        """Wait inside for `body`, which is incomplete; that it stays so raises in whoever waits.
        `malformed` says what is known to be wrong with it.

        Raises:
            ClientDisconnected: the peer has left or finished with the body incomplete.
            MalformedBodyError: the body is malformed.
            SlowBodyError: the body took longer than it may.
        """
        self._read = body
        timer = None
        if within := self._limits.body_timeout_s:
            slow = SlowBodyError(f"it took longer than {within:g} s")
            timer = self._loop.call_later(within, self.break_off, slow)
        try:
            self._expect_more(malformed)
            yield
        except (MalformedBodyError, ClientDisconnected):
            self.spoilt = True
            body.feed_eof()  # or aiohttp would try to read the rest
            raise
        finally:
            self._read = None
            if timer is not None:
                timer.cancel()

    def break_off(self, error: Exception) -> None:
        """Raise an error in whoever waits for the rest of a body."""
        if self._read is not None and not self._read.is_eof():
            self._read.set_exception(error)

    def leave(self, body: StreamReader) -> None:
        """Take note of a body that nobody will read."""
        if not body.is_eof():
            self._unread = body
            self._give_up()

    def peer_left(self) -> None:
        """Take note that nothing more comes."""
        self.break_off(ClientDisconnected())
        self._give_up()

    def _expect_more(self, malformed: str | None) -> None:
        if malformed is not None:
            raise MalformedBodyError(malformed)
        if self._left():
            raise ClientDisconnected

    def _give_up(self) -> None:
        # aiohttp reads for a while what a handler left unread, even where nothing can come.
        if self._unread is not None and self._left():
            self._unread.feed_eof()
            self._unread = None
