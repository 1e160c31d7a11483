"""A verdict as the control routes tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from mockserver.model.json import JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """True when there is nothing to complain about. `report` is for people, `complaints` for
    programs; `running` are the numbers of replies that were still under way."""

    report: str
    complaints: tuple[JSONObject, ...] = ()
    dropped: int = 0
    running: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return not self.complaints

    @classmethod
    def read(cls, told: JSONObject, running: tuple[int, ...]) -> Self:
        """Read the document of the route `verify`."""
        complaints, dropped = told.get("complaints"), told.get("dropped")
        report = str(told.get("report", ""))
        if running:
            numbers = ", ".join(f"#{number}" for number in running)
            report += f"\n\nstill under way: {numbers}"
        listed = complaints if isinstance(complaints, list) else []
        return cls(
            report=report,
            complaints=tuple(one for one in listed if isinstance(one, dict)),
            dropped=dropped if isinstance(dropped, int) else 0,
            running=running,
        )
