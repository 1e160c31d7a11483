"""What a request's head may cost: its bytes are counted and its time is taken while it comes.

The parser bounds each line, and nobody else the sum of them or the time between two. A head that
comes in one piece, as nearly all do, costs nothing here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp.http_parser import RawRequestMessage

from mockserver.server.limits import Limits

Refuse = Callable[[int, str, bytes], None]
"""Takes a status, the reason, and the piece of input at which it came to that."""

_TOO_SLOW = 408
_TOO_LONG = 431
# Between a header's name and its value, and behind it.
_AROUND_A_HEADER = len(": \r\n")


class HeadWatch:
    """Watches the heads of one connection; `idle` tells whether no request is under way there."""

    __slots__ = ("_bytes", "_idle", "_limits", "_loop", "_refuse", "_timer")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        *,
        refuse: Refuse,
        idle: Callable[[], bool],
    ) -> None:
        self._loop = loop
        self._limits = limits
        self._refuse = refuse
        self._idle = idle
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def goes_on(self, data: bytes) -> None:
        """Take note of a piece that neither ends a head nor belongs to a body."""
        if not self._bytes and not data.strip(b"\r\n"):
            return  # some clients end a body with an empty line too many
        self._bytes += len(data)
        if self._bytes > self._limits.head_limit:
            self.refuse_too_long(data)
        elif self._timer is None and (within := self._limits.head_timeout_s):
            self._timer = self._loop.call_later(within, self._is_late, data)

    def ended(self) -> int:
        """Take note that no head is under way; the bytes of one that was."""
        held, self._bytes = self._bytes, 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return held

    def is_too_long(self, head: RawRequestMessage) -> bool:
        """Whether a head that came whole is longer than it may be."""
        headers = sum(len(name) + len(value) + _AROUND_A_HEADER for name, value in head.raw_headers)
        return headers + len(head.path) > self._limits.head_limit

    def refuse_too_long(self, data: bytes) -> None:
        """Refuse a head for its length; `data` is the piece in which that shows."""
        message = f"its head is longer than {self._limits.head_limit} bytes"
        self._refuse(_TOO_LONG, message, data)

    def _is_late(self, data: bytes) -> None:
        self._timer = None
        if self._idle():
            message = f"its head took longer than {self._limits.head_timeout_s:g} s"
            self._refuse(_TOO_SLOW, message, data)
        # Else a reply is under way; the next piece of the head sets another term.
