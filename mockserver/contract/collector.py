"""A finding before it is known in which event it stands, and the list that gathers findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from mockserver.contract.rules import RULES
from mockserver.contract.types import TypeViolation
from mockserver.model.findings import Finding

_MOST: Final = 20
_MORE: Final = " (further breaches of this rule are not listed)"


class LocatedFinding(NamedTuple):
    """A rule that something at a path breaks."""

    rule: str
    path: str
    message: str


class FindingCollector:
    """Findings in the order in which they were made.

    Forgiven rules leave no trace. Of one rule the first twenty are kept, the last of which says
    that there are more: a stream of ten thousand events with a wrong id is one mistake.
    """

    __slots__ = ("_counts", "_forgives", "_kept")

    def __init__(self, forgives: frozenset[str] = frozenset()) -> None:
        self._forgives = forgives
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(self, rule: str, path: str, message: str, event: str | None = None) -> None:
        """Note one breach."""
        if rule in self._forgives:
            return
        self._counts[rule] += 1
        count = self._counts[rule]
        if count > _MOST:
            return
        self._kept.append(
            Finding(
                rule=rule,
                path=path,
                message=message + _MORE if count == _MOST else message,
                event=event,
                severity=RULES[rule].severity,
            )
        )

    def remarks(self, remarks: Iterable[LocatedFinding], event: str | None = None) -> None:
        """Note remarks."""
        for rule, path, message in remarks:
            self.add(rule, path, message, event)

    def breaches(
        self, area: str, breaches: Iterable[TypeViolation], event: str | None = None
    ) -> None:
        """Note breaches of the schema rules of an area; its errors stand before its notices."""
        unknown = []
        for breach in breaches:
            if breach.problem == "unknown":
                unknown.append(breach)
            else:
                self.add(f"{area}.schema.{breach.problem}", breach.path, breach.message, event)
        for breach in unknown:
            self.add(f"{area}.schema.unknown", breach.path, breach.message, event)

    def all(self) -> tuple[Finding, ...]:
        """Everything noted so far."""
        return tuple(self._kept)
