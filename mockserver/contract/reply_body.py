"""The judgement of a reply that is not streamed: schema first, then what holds between members."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mockserver.contract.collector import FindingCollector, LocatedFinding
from mockserver.contract.invariants import (
    RUNNING,
    compaction_remarks,
    completion_remarks,
    ended_remarks,
    running_remarks,
)
from mockserver.contract.reply_contract import ReplyContract
from mockserver.model.endpoint import Shape
from mockserver.model.findings import Finding
from mockserver.model.json import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    kind: str
    area: str
    rules: Callable[[JSONObject], Iterator[LocatedFinding]]


def _response(body: JSONObject) -> Iterator[LocatedFinding]:
    if body.get("status") in ("queued", "in_progress"):
        return running_remarks(body, RUNNING, "")
    return ended_remarks(body, "")


_FORMS: Final[Mapping[Shape, _Form]] = {
    Shape.CHAT: _Form(kind="chat.completion", area="chat", rules=completion_remarks),
    Shape.RESPONSES: _Form(kind="response", area="responses", rules=_response),
    Shape.COMPACTION: _Form(
        kind="response.compaction", area="compaction", rules=compaction_remarks
    ),
}


def is_error(body: JSON) -> bool:
    """Whether a body is an error envelope; a response has an `error` too, but says its object."""
    return isinstance(body, dict) and "error" in body and "object" not in body


def judge_body(body: JSON, *, shape: Shape, contract: ReplyContract) -> tuple[Finding, ...]:
    """Judge a whole reply of a shape, or an error envelope in its place."""
    findings = FindingCollector(contract.forgives)
    if is_error(body):
        breaches = contract.tables.check(body, "error.envelope", "", final=True)
        findings.breaches("error", breaches)
        return findings.all()
    form = _FORMS[shape]
    running = isinstance(body, dict) and body.get("status") in ("queued", "in_progress")
    breaches = contract.tables.check(body, form.kind, "", final=not running)
    findings.breaches(form.area, breaches)
    if isinstance(body, dict):
        findings.remarks(form.rules(body))
    return findings.all()
