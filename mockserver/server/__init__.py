"""What the head of a request may cost: its bytes are counted and timed while it arrives.

The parser bounds each line, and nothing else bounds the sum of them or the time between two. A head
that arrives in one piece, as nearly all do, costs nothing here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from mockserver.model.request import Request
from mockserver.model.settings import Limits

__all__ = ["ADMIN_BODY_LIMIT", "HeadLimit", "Limits", "declared_length"]

ADMIN_BODY_LIMIT = 8 * 1024 * 1024
"""Bytes of an admin request's body; a scenario is far smaller."""

# Between the name and the value of a header, and behind it.
_AROUND_A_HEADER: Final = len(": \r\n")


def declared_length(request: Request) -> int:
    """The length of the body that a head announces, 0 where it announces none."""
    length = request.header("content-length") or ""
    return int(length) if length.isdecimal() else 0


class HeadLimit:
    """The head that is arriving on one connection. `on_late` is called, with the first piece of it,
    when it takes too long."""

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop, on_late: Callable[[bytes], None]) -> None:
        self._limits = limits
        self._loop = loop
        self._on_late = on_late
        self._timer: asyncio.TimerHandle | None = None
        self.received = 0
        """Bytes of a head that is not complete."""

    def feed(self, data: bytes) -> bool:
        """Count a piece that completes no head; False where the head is too long."""
        if not self.received and not data.strip(b"\r\n"):
            return True  # some clients end a body with an empty line too many
        self.received += len(data)
        if self.received > self._limits.head_limit:
            return False
        if self._timer is None and self._limits.head_timeout_s:
            self._timer = self._loop.call_later(self._limits.head_timeout_s, self._late, data)
        return True

    def finish(self) -> int:
        """No head is arriving; gives the bytes that had been received of one."""
        received, self.received = self.received, 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return received

    def exceeded_by(self, size: int, messages: Iterable[Any]) -> bool:
        """Whether one of the heads that arrived complete in `size` bytes is too long."""
        limit = self._limits.head_limit
        return size > limit and any(_size(message) > limit for message in messages)

    @property
    def text(self) -> str:
        """Why a head is rejected for its length."""
        return f"its head is longer than {self._limits.head_limit} bytes"

    def _late(self, data: bytes) -> None:
        self._timer = None  # the next piece starts another
        self._on_late(data)


def _size(message: Any) -> int:
    """Bytes of a head as the parser gives it, about."""
    headers = message.raw_headers
    size = sum(len(name) + len(value) + _AROUND_A_HEADER for name, value in headers)
    return size + len(message.path)
