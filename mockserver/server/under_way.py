"""What a server has begun and not ended, counted for its last line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Doing(StrEnum):
    """What may be under way; the value is said of one, `%s` being the plural's ending."""

    EXCHANGE = "exchange%s under way"
    READING = "request%s half read"
    CONTROL = "control request%s under way"


class UnderWay:
    """Counts of what is being done now."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Doing, 0)

    @contextmanager
    def doing(self, what: Doing) -> Iterator[None]:
        """It is done inside."""
        self._counts[what] += 1
        try:
            yield
        finally:
            self._counts[what] -= 1

    def __str__(self) -> str:
        """Exchanges in any case, the rest where there is some."""
        return ", ".join(
            f"{count} {what % ('' if count == 1 else 's')}"
            for what, count in self._counts.items()
            if count or what is Doing.EXCHANGE
        )
