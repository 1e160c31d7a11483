"""Looking again and again until something holds, with a bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSES_S = (0.001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)


def poll(look: Callable[[], T], good: Callable[[T], bool], timeout_s: float) -> T:
    """The first sight that is good, or the last one before time ran out."""
    deadline = time.monotonic() + timeout_s
    seen = look()
    turn = 0
    while not good(seen) and time.monotonic() < deadline:
        time.sleep(_PAUSES_S[min(turn, len(_PAUSES_S) - 1)])
        turn += 1
        seen = look()
    return seen
