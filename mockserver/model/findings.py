"""Findings: what is wrong with a request or a reply, and the error an upstream answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from mockserver.model.json import JSON, JSONObject
from mockserver.model.request import Headers


class Severity(StrEnum):
    """An error fails verification and rejects a scenario; a notice is only reported."""

    ERROR = "error"
    NOTICE = "notice"


class Rule(NamedTuple):
    """One rule of a contract. `id` is stable: scenarios name it under `breaks`. `source` is the
    public document, or "observed on the wire" where there is none."""

    id: str
    meaning: str
    source: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`rule` is a stable id, `path` leads into the body or event (`output[0].id`), `event` is the
    label or ordinal of the event concerned, None for a whole body."""

    rule: str
    path: str
    message: str
    event: str | None = None
    severity: Severity = Severity.ERROR


class Mismatch(NamedTuple):
    """`path` names the condition and the place in it (`body.messages[0].role`); `expected` and
    `got` are descriptions of any length; reports shorten them."""

    path: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """`html` is the page of a proxy in place of the JSON envelope; `extra` are further members next
    to `message` in the envelope; `envelope` is the error's own, None for the dialect's."""

    status: int
    type: JSON
    code: JSON
    param: JSON
    message: str
    headers: Headers = ()
    html: str | None = None
    extra: JSONObject = field(default_factory=dict)
    envelope: JSON = None
