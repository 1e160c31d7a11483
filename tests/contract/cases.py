"""The row of every case table: a rule, a reply that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.kit import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`note` tells cases of one rule apart. Both functions judge a reply they make."""

    rule: str
    kept: Callable[[], tuple[Finding, ...]]
    broken: Callable[[], tuple[Finding, ...]]
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.rule} {self.note}".strip()
