"""The line of a test that called us: where an inline stub was written."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import FrameType

_OURS = "mockserver."
_told: ContextVar[tuple[str, int] | None] = ContextVar("mockserver_caller", default=None)


def caller() -> tuple[str, int]:
    """Absolute file and line of the nearest frame that is not this package's."""
    told = _told.get()
    if told is not None:
        return told
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect.stack reads every source
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(_OURS):
        frame = frame.f_back
    return ("", 1) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


class CalledHere:
    """Inside, `caller` is who entered, in worker threads as well."""

    def __enter__(self) -> None:
        self._token = _told.set(caller())

    def __exit__(self, *_error: object) -> None:
        _told.reset(self._token)
