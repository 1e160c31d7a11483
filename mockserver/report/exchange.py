"""One line for each exchange: the log, and the journal attached to a failed test."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.model.frames import OutcomeKind
from mockserver.model.journal import ExchangeKind, Record
from mockserver.model.stub_set import Match, Miss
from mockserver.model.verdict import ShadowedStub, ShadowReason, shadowed_stubs
from mockserver.report.verdict import finding_line, request_title, stub_title

_COMPLETE = OutcomeKind.COMPLETE
_UNASKED = {
    ExchangeKind.CALL: "rejected before matching",
    ExchangeKind.SIDE: "other request",
    ExchangeKind.GARBAGE: "non-HTTP input",
}


def exchange_line(record: Record, *, sandbox: str = "") -> str:
    """Request, status, stub and outcome on one line."""
    title = request_title(record.number, record.request, record.streams, sandbox)
    status = f"   {record.status}" if record.status else ""
    held = "".join([f"   paused {place}" for place in record.held]) if record.held else ""
    return f"{title}{status}   {_answered_by(record)}{held}   {_ended(record)}"


def exchange_text(entry: Record, others: Iterable[ShadowedStub] = ()) -> str:
    """The line of an exchange, followed by one for each finding and each shadowed stub."""
    lines = [finding_line(finding) for finding in entry.findings]
    lines.extend(_shadowed_line(other, entry) for other in others)
    return "\n".join((exchange_line(entry), *(f"    {line}" for line in lines)))


def journal_text(entries: Iterable[Record], *, dropped: int = 0) -> str:
    """The `exchange_text` of every exchange, without a final newline."""
    listed = [*entries]
    lines = [f"{dropped} older entries dropped"] if dropped else []
    others = shadowed_stubs(listed, range(1, 1 + max((one.number for one in listed), default=0)))
    lines.extend(exchange_text(entry, others.get(entry.number, ())) for entry in listed)
    return "\n".join(lines) if lines else "no requests received."


def _shadowed_line(other: ShadowedStub, entry: Record) -> str:
    """`also     weather.yaml:20 "tells the weather" — matches, but a stub before it won`."""
    return f"{'also':<9}{stub_title(other.stub)} — matches, but {_reason(other, entry)}"


def _reason(other: ShadowedStub, entry: Record) -> str:
    if other.why is ShadowReason.USED_UP:
        return f"exhausted ({other.used}/{other.stub.capacity} calls)"
    if other.why is ShadowReason.ORDER:
        return "a stub before it won"
    chosen = f", not {entry.choice.stub.priority}" if isinstance(entry.choice, Match) else ""
    return f"has priority {other.stub.priority}{chosen}"


def _answered_by(entry: Record) -> str:
    choice = entry.choice
    if choice is None:
        answered = entry.kind is ExchangeKind.CALL and entry.status < 400
        return "answered without a stub" if answered else _UNASKED[entry.kind]
    if isinstance(choice, Miss):
        return f"unmatched, closest {stub_title(choice.near[0].stub)}" if choice.near else "unmatched"
    capacity = choice.stub.capacity
    bound = "" if capacity is None else f" of {capacity}"
    return f"{stub_title(choice.stub)} call {choice.nth + 1}{bound}"


def _ended(record: Record) -> str:
    outcome = record.outcome
    if outcome is None:
        return "in flight"
    how = outcome.how
    # The value of an enumeration's member is looked up by a Python function before 3.12.
    word = "complete" if how is _COMPLETE else how.value.replace("_", " ")
    took_ms = (outcome.ended_s - outcome.started_s) * 1000
    return f"{word}, {outcome.sent} bytes in {took_ms:.0f} ms"
