"""Exchanges, verification results and timelines of replies as text.

An exchange is one line, in the log and in the journal attached to a failed test. A verification result begins with
counts; each request and stub with a problem follows.

Its text is also the message of an unmatched request's 404, the failure of a test and the answer
of `verify`; so it holds nothing that differs from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mockserver.model.call import Call
from mockserver.model.findings import Finding, Mismatch, Severity
from mockserver.model.frames import OutcomeKind, Part, Script, Send, Stall, Wait
from mockserver.model.journal import ExchangeKind, Record
from mockserver.model.request import Request
from mockserver.model.route import PREFIX
from mockserver.model.stub import Stub
from mockserver.model.stub_set import Match, Miss, NearMiss, condition_of
from mockserver.model.verdict import (
    CallCountMismatch,
    ShadowedStub,
    ShadowReason,
    UnmatchedRequest,
    Verdict,
    shadowed_stubs,
)
from mockserver.report.redact import mask_mismatch, truncate_middle

_PATH_WIDTH = 27
_EXPECTED_WIDTH = 60
_GAP = "   "


def stub_title(stub: Stub) -> str:
    """The place and name of a stub: `weather.yaml:20 "tells the weather"`."""
    return f'{stub.origin.file}:{stub.origin.line} "{truncate_middle(stub.name)}"'


def near_miss_lines(near: Iterable[NearMiss]) -> Iterator[str]:
    """One line for each stub, closest first, followed by one for each mismatch."""
    for index, one in enumerate(near):
        word = "also" if index else "closest"
        yield f"{word:<9}{stub_title(one.stub)} — {_difference(one)}"
        yield from (f"  {row}" for row in _rows(one.mismatches))


def _difference(near: NearMiss) -> str:
    used = f"exhausted ({near.used}/{near.capacity} calls)"
    if not near.mismatches:
        return f"matches, but {used}"
    also = f", and {used}" if near.used_up else ""
    if any(mismatch.path == "on" for mismatch in near.mismatches):
        return f"not for this endpoint{also}"
    # `conditions` counts the endpoint as well, which is not written under `when`.
    whole = near.conditions - 1
    count = len({condition_of(mismatch.path) for mismatch in near.mismatches})
    return f"{count} of {whole} conditions {'differs' if count == 1 else 'differ'}{also}"


def _rows(mismatches: tuple[Mismatch, ...]) -> Iterator[str]:
    rows = [
        (one.path, f"expected {truncate_middle(one.expected)}", f"got {truncate_middle(mask_mismatch(one))}")
        for one in mismatches
    ]
    paths = max((len(path) for path, _, _ in rows), default=0) + len(_GAP)
    wide = max((len(want) for _, want, _ in rows if len(want) <= _EXPECTED_WIDTH), default=0)
    for path, want, got in rows:
        yield f"{path:<{max(paths, _PATH_WIDTH)}}{want:<{wide}}{_GAP}{got}"


_INDENT = "    "
_NO_ENDPOINT = "no endpoint has this path"
_DOUBLED = f"{PREFIX}{PREFIX}/"
_NO_STUB = "no stubs are loaded"
_SHOWN = 20


def verdict_text(verdict: Verdict, *, sandbox: str = "") -> str:
    """The whole report, without a final newline; each request is printed with the `sandbox`."""
    blocks = [_summary(verdict)]
    about = sorted(
        (one for one in verdict.problems if not isinstance(one, CallCountMismatch)), key=lambda one: one.entry.number
    )
    requests = [list(group) for _, group in groupby(about, key=lambda one: one.entry.number)]
    for ours in requests[:_SHOWN]:
        entry = ours[0].entry
        lines = [request_title(entry.number, entry.request, entry.streams, sandbox)]
        for one in ours:
            found = (
                _near_lines(one.near, entry.call, entry.request.path)
                if isinstance(one, UnmatchedRequest)
                else [finding_line(one.finding)]
            )
            lines.extend(_INDENT + line for line in found)
        blocks.append("\n".join(lines))
    if len(requests) > _SHOWN:
        blocks.append(f"… and {len(requests) - _SHOWN} more requests.")
    if verdict.count_mismatches:
        blocks.append("\n".join(_count_line(one) for one in verdict.count_mismatches))
    if verdict.fallbacks:
        blocks.append("\n".join(_fallback_lines(verdict.fallbacks)))
    if verdict.dropped:
        blocks.append(_dropped(verdict.dropped))
    return "\n\n".join(blocks)


def miss_text(
    number: int, request: Request, call: Call | None, near: tuple[NearMiss, ...], *, sandbox: str = ""
) -> str:
    """The report of one unmatched request: the message of its 404."""
    lines = ["1 unmatched request.", "", request_title(number, request, call is not None and call.stream, sandbox)]
    lines.extend(_INDENT + line for line in _near_lines(near, call, request.path))
    return "\n".join(lines)


def request_title(
    number: int,
    request: Request,
    streams: bool,  # noqa: FBT001  # read by position in one place each
    sandbox: str = "",
) -> str:
    """`#2  POST /v1/chat/completions  stream   weather sandbox`."""
    stream = "  stream" if streams else ""
    where = f"   {truncate_middle(sandbox)} sandbox" if sandbox else ""
    route = f"  {request.method} {truncate_middle(request.path)}" if request.method else ""
    return f"#{number}{route}{stream}{where}"


def _summary(verdict: Verdict) -> str:
    missing = sum(one.expected.least - one.got for one in verdict.count_mismatches)
    broken = len({one.entry.number for one in verdict.violations})
    counts = (
        (len(verdict.unmatched), "unmatched request", "unmatched requests"),
        (broken, "request violates the contract", "requests violate the contract"),
        (missing, "expected call is missing", "expected calls are missing"),
    )
    parts = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    return "; ".join(parts) + "." if parts else "OK: no problems."


def _near_lines(near: tuple[NearMiss, ...], call: Call | None, path: str) -> Iterator[str]:
    if call is None:
        yield _NO_ENDPOINT
    if path.startswith(_DOUBLED):
        yield f"did you mean {path.removeprefix(PREFIX)}? {PREFIX} is doubled: the client adds what its base URL has"
    if call is None:
        return
    if not near:
        yield _NO_STUB
    else:
        yield from near_miss_lines(near)


def finding_line(finding: Finding) -> str:
    """`breaks   request.required   messages: is missing`; notices begin with that word."""
    word = "breaks" if finding.severity is Severity.ERROR else "notice"
    place = ": ".join(part for part in (finding.event, finding.path) if part)
    message = truncate_middle(f"{place}: {finding.message}" if place else finding.message)
    return f"{word:<9}{finding.rule}   {message}"


def _count_line(one: CallCountMismatch) -> str:
    word = "too few calls" if one.got else "never called"
    return f"{word:<14}{stub_title(one.stub)}   expected {one.expected}, got {one.got}"


def _fallback_lines(entries: Sequence[Record]) -> Iterator[str]:
    """The calls of each fallback stub: `2 requests were answered by a fallback: anything.yaml:3 "answers" (#1, #4)`."""
    numbers: dict[str, list[int]] = {}
    for entry in entries:
        if isinstance(entry.choice, Match):
            numbers.setdefault(stub_title(entry.choice.stub), []).append(entry.number)
    for title, found in numbers.items():
        requests = "1 request was" if len(found) == 1 else f"{len(found)} requests were"
        shown = ", ".join(f"#{number}" for number in found[:_SHOWN])
        yield f"{requests} answered by a fallback: {title} ({shown}{', …' if len(found) > _SHOWN else ''})"


def _dropped(count: int) -> str:
    entries = "entry was" if count == 1 else "entries were"
    return f"{count} older journal {entries} dropped by the journal's limit and not verified."


# --- exchanges ---


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
    real = "" if record.reproducible else "   not reproducible"
    return f"{title}{status}   {_answered_by(record)}{held}   {_ended(record)}{real}"


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
        if entry.reason and entry.kind is ExchangeKind.CALL:
            return entry.reason
        answered = entry.kind is ExchangeKind.CALL and entry.status < 400
        text = "answered without a stub" if answered else _UNASKED[entry.kind]
        return f"{text}: {entry.reason}" if entry.reason else text
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


# --- timelines ---

_SENT_WIDTH = 100
# Chunk framing around an event is counted with it and not shown.
_FRAMING = (Part.CHUNK_SIZE, Part.CHUNK_END)


@dataclass(slots=True, kw_only=True)
class TimelineRow:
    """One event, stall or ending, `at_s` after the start of the reply. `event` is the ordinal of an event in the
    stream without faults."""

    at_s: float
    what: str
    size: int | None
    shown: str
    nth: int | None = None
    event: int | None = None
    last: Part | None = None


def timeline_text(script: Script) -> str:
    """One line for each event, stall and ending; times are from the start of the reply."""
    rows = list(timeline_rows(script))
    what_width = max(len(row.what) for row in rows)
    size_width = max(len(_size(row)) for row in rows)
    return "\n".join(
        f"{_clock(row.at_s):>9}  {row.what:<{what_width}}  {_size(row):>{size_width}}  "
        f"{truncate_middle(row.shown, _SENT_WIDTH)}".rstrip()
        for row in rows
    )


def timeline_rows(script: Script) -> Iterator[TimelineRow]:
    """The rows of a script, in the order in which they are sent."""
    at_s = 0.0
    current: TimelineRow | None = None
    for frame in script.frames:
        if isinstance(frame, Send):
            if current is not None and _continues(current, frame):
                _add(current, frame)
                continue
            if current is not None:
                yield current
            current = TimelineRow(at_s=at_s, what=frame.label or frame.part.value, size=0, shown="", nth=frame.nth)
            _add(current, frame)
            continue
        if current is not None:
            yield current
            current = None
        match frame:
            case Wait():
                at_s += frame.seconds
            case Stall():
                endless = "until the client disconnects"
                shown = endless if frame.seconds is None else f"for {_clock(frame.seconds)}"
                if frame.beat is not None:
                    shown += f", {len(frame.beat.data(0))} B every {_clock(frame.beat.every_s)}"
                yield TimelineRow(at_s=at_s, what="stall", size=None, shown=shown)
                at_s += frame.seconds or 0.0
            case _:
                yield TimelineRow(at_s=at_s, what=frame.title, size=None, shown=frame.description)


def _continues(row: TimelineRow, send: Send) -> bool:
    """Whether a send is of the same event, or of the same chunk, as the row before it."""
    same_event = send.nth is not None and row.nth == send.nth
    return same_event or row.last is Part.CHUNK_SIZE or send.part is Part.CHUNK_END


def _add(row: TimelineRow, send: Send) -> None:
    row.size = (row.size or 0) + len(send.data)
    row.last = send.part
    if send.part not in _FRAMING:
        row.shown += _shown(send)
        row.what = send.label or send.part.value
        row.event = send.event


def _shown(send: Send) -> str:
    text = send.data.decode("utf-8", "backslashreplace").replace("\r\n", "\n").strip("\n")
    if send.part is Part.HEAD:
        first, *rest = text.split("\n")
        kind = next((line for line in rest if line.lower().startswith("content-type:")), "")
        return f"{first}  {kind}".rstrip()
    return "  ".join(text.split("\n"))


def _size(row: TimelineRow) -> str:
    return "" if row.size is None else f"{row.size} B"


def _clock(seconds: float) -> str:
    """Milliseconds below ten seconds, seconds above."""
    if seconds >= 10:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.4g} ms" if seconds < 1 else f"{seconds * 1000:.0f} ms"
