"""Which exchanges of a journal a request of the control API selects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from mockserver.admin.verbs import AdminError
from mockserver.model.conditions import Condition
from mockserver.model.cursor import unknown
from mockserver.model.endpoint import ENDPOINTS, Endpoint
from mockserver.model.journal import Record
from mockserver.model.stub_set import Match


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Without a member every exchange is selected; `conditions` and `on` select calls of endpoints only."""

    conditions: tuple[Condition, ...] = ()
    on: tuple[Endpoint, ...] = ()
    stub: str | None = None
    status: int | None = None
    outcome: str | None = None

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Self:
        """Read the members of a request whose types are checked.

        Raises ScenarioError: a condition is wrong; AdminError: there is no such endpoint."""
        when, on, stub, status, outcome = (given.get(name) for name in ("when", "on", "stub", "status", "outcome"))
        conditions: tuple[Condition, ...] = ()
        if when is not None:
            from mockserver.scenario.load import load_conditions  # noqa: PLC0415  # heavy; few requests select by conditions

            conditions = load_conditions(when, "when")
        names = [] if on is None else [str(one) for one in (on if isinstance(on, list) else [on])]
        for name in names:
            if name not in ENDPOINTS.names:
                raise AdminError(404, unknown("endpoint", name, map(str, ENDPOINTS.names)))
        return cls(
            conditions=conditions,
            on=tuple(Endpoint(name) for name in names),
            stub=stub if isinstance(stub, str) else None,
            status=status if isinstance(status, int) else None,
            outcome=outcome if isinstance(outcome, str) else None,
        )

    def holds(self, record: Record) -> bool:
        """Whether a record agrees with every member."""
        if self.status is not None and record.status != self.status:
            return False
        if self.outcome is not None and (record.outcome is None or record.outcome.how != self.outcome):
            return False
        if self.stub is not None and not (isinstance(record.choice, Match) and record.choice.stub.name == self.stub):
            return False
        if self.on and record.endpoint not in self.on:
            return False
        if not self.conditions:
            return True
        call = record.call
        return call is not None and not any(one.mismatches(call) for one in self.conditions)
