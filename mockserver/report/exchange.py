"""A line for each exchange: the live log, and the journal beside a failed test."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.core.board import Miss
from mockserver.core.journal import Entry, Kind
from mockserver.report.nearness import stub_title
from mockserver.report.verdict import finding_line, request_title

_UNASKED = {
    Kind.CALL: "refused before any stub",
    Kind.SIDE: "side traffic",
    Kind.GARBAGE: "no HTTP request",
}


def exchange_line(entry: Entry, *, sandbox: str = "") -> str:
    """Request, status, who answered, how it ended, on one line."""
    title = request_title(entry.number, entry.request, entry.call, sandbox)
    return "   ".join(part for part in (title, *_parts(entry)) if part)


def exchange_text(entry: Entry) -> str:
    """The line of an exchange and below it a line for each finding."""
    findings = (f"    {finding_line(finding)}" for finding in entry.findings)
    return "\n".join((exchange_line(entry), *findings))


def journal_text(entries: Iterable[Entry], *, dropped: int = 0) -> str:
    """Every exchange with its findings below it, without a final newline."""
    lines = [f"{dropped} older dropped"] if dropped else []
    lines.extend(exchange_text(entry) for entry in entries)
    return "\n".join(lines) if lines else "no request came."


def _parts(entry: Entry) -> tuple[str, ...]:
    held = (f"held {place}" for place in entry.held)
    status = str(entry.status) if entry.status else ""
    return (status, _answered_by(entry), *held, _ended(entry))


def _answered_by(entry: Entry) -> str:
    choice = entry.choice
    if choice is None:
        answered = entry.kind is Kind.CALL and entry.status < 400
        return "answered without a stub" if answered else _UNASKED[entry.kind]
    if isinstance(choice, Miss):
        return (
            f"unmatched, closest {stub_title(choice.near[0].stub)}" if choice.near else "unmatched"
        )
    capacity = choice.stub.capacity
    bound = "" if capacity is None else f" of {capacity}"
    return f"{stub_title(choice.stub)} call {choice.nth + 1}{bound}"


def _ended(entry: Entry) -> str:
    outcome = entry.outcome
    if outcome is None:
        return "under way"
    how = outcome.how.value.replace("_", " ")
    took = (outcome.ended_s - outcome.started_s) * 1000
    return f"{how}, {outcome.sent} bytes in {took:.0f} ms"
