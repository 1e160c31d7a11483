"""What a rule of the reply contract is."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.finding import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`id` is stable: scenarios name it under `breaks`. `source` is the public document, or
    "observed on the wire" where none says it. To break a rule of grade *notice* is no error."""

    id: str
    meaning: str
    source: str
    grade: Grade = Grade.ERROR


def tabulate(source: str, meanings: dict[str, str], grade: Grade = Grade.ERROR) -> tuple[Rule, ...]:
    """Rules that share a source, from id to meaning."""
    return tuple(
        Rule(id=name, meaning=meaning, source=source, grade=grade)
        for name, meaning in meanings.items()
    )
