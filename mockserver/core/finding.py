"""One breach of a contract, seen in a request or in a reply."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """An error fails a verdict and refuses a scenario; a notice is only shown."""

    ERROR = "error"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`rule` is a stable id, `path` leads into the body or event (`output[0].id`), `event` is the
    label or ordinal of the event concerned, None for a whole body."""

    rule: str
    path: str
    message: str
    event: str | None = None
    grade: Grade = Grade.ERROR
