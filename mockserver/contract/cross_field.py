"""The value of a pairing rule: what a schema cannot say, as one small function with an id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.contract.body_index import BodyIndex
from mockserver.contract.request_body import BodyKind
from mockserver.model.findings import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleViolation:
    """One breach of a rule; `param` and `code` are what the upstream's answer carries."""

    path: str
    message: str
    param: str | None = None
    code: str | None = None


Find: TypeAlias = Callable[[BodyIndex], Iterable[RuleViolation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFieldRule:
    """`find` runs once for bodies of these `forms` that have one of the one or two `members`."""

    id: str
    meaning: str
    source: str
    forms: tuple[BodyKind, ...]
    members: tuple[str, ...]
    find: Find
    severity: Severity = Severity.ERROR
