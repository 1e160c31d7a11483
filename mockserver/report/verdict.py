"""A verification result as text: counts first, then each request and stub with a problem.

The same text is the message of an unmatched request's 404, the failure of a test and the answer
of `verify`; so it holds nothing that differs from run to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from mockserver.model.call import Call
from mockserver.model.findings import Finding, Mismatch, Severity
from mockserver.model.request import Request
from mockserver.model.stub import Stub
from mockserver.model.stub_set import NearMiss
from mockserver.model.verdict import CallCountMismatch, ContractViolation, UnmatchedRequest, Verdict
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
    count = len({_condition(mismatch.path) for mismatch in near.mismatches})
    return f"{count} of {whole} conditions {'differs' if count == 1 else 'differ'}{also}"


def _condition(path: str) -> str:
    """`body.messages[0].role` belongs to the condition `body`; each header is a condition."""
    place = path.partition(".")[0].partition("[")[0]
    return path if place in ("header", "query") else place


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
            lines.extend(_INDENT + line for line in _problem_lines(one, entry.call))
        blocks.append("\n".join(lines))
    if len(requests) > _SHOWN:
        blocks.append(f"… and {len(requests) - _SHOWN} more requests.")
    if verdict.count_mismatches:
        blocks.append("\n".join(_count_line(one) for one in verdict.count_mismatches))
    if verdict.dropped:
        blocks.append(_dropped(verdict.dropped))
    return "\n\n".join(blocks)


def miss_text(
    number: int, request: Request, call: Call | None, near: tuple[NearMiss, ...], *, sandbox: str = ""
) -> str:
    """The report of one unmatched request: the message of its 404."""
    lines = ["1 unmatched request.", "", request_title(number, request, call is not None and call.stream, sandbox)]
    lines.extend(_INDENT + line for line in _near_lines(near, call))
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
    asked = f"  {request.method} {truncate_middle(request.path)}" if request.method else ""
    return f"#{number}{asked}{stream}{where}"


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


def _problem_lines(problem: UnmatchedRequest | ContractViolation, call: Call | None) -> Iterator[str]:
    if isinstance(problem, UnmatchedRequest):
        yield from _near_lines(problem.near, call)
    else:
        yield finding_line(problem.finding)


def _near_lines(near: tuple[NearMiss, ...], call: Call | None) -> Iterator[str]:
    if call is None:
        yield _NO_ENDPOINT
    elif not near:
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


def _dropped(count: int) -> str:
    entries = "entry was" if count == 1 else "entries were"
    return f"{count} older journal {entries} dropped by the journal's limit and not verified."
