"""The value of a pairing rule: what a schema cannot say, as one small function with an id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.contract.requests.facts import Facts
from mockserver.contract.requests.form import Form
from mockserver.core.finding import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One breach of a rule; `param` and `code` are what the upstream's answer carries."""

    path: str
    message: str
    param: str | None = None
    code: str | None = None


Find: TypeAlias = Callable[[Facts], Iterable[Complaint]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """`find` runs once for bodies of these `forms` that have one of the one or two `members`."""

    id: str
    meaning: str
    source: str
    forms: tuple[Form, ...]
    members: tuple[str, ...]
    find: Find
    grade: Grade = Grade.ERROR
