"""Journal records and verification results as the JSON documents of the control API.

Credentials are masked unless requested; bodies that are not UTF-8 are base64."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from email.utils import mktime_tz, parsedate_tz

from mockserver.model.findings import Finding
from mockserver.model.frames import Ending, Outcome, Part, Script, Send
from mockserver.model.journal import Record
from mockserver.model.json import JSON, JSONObject, JSONReadError, read
from mockserver.model.request import Headers, Request
from mockserver.model.stub import Scenario, Stub
from mockserver.model.stub_set import Match, Miss, NearMiss
from mockserver.model.verdict import ContractViolation, ShadowedStub, UnmatchedRequest, Verdict, VerdictProblem
from mockserver.report.redact import mask_headers, mask_mismatch, mask_query, mask_target
from mockserver.report.text import exchange_text, verdict_text

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def entry_document(
    entry: Record,
    *,
    others: Sequence[ShadowedStub] = (),
    reveal: bool = False,
    replies: bool = False,
    received_at: float | None = None,
    received_time: str | None = None,
) -> JSONObject:
    """One exchange, and the other stubs that could have answered; with `reveal` credentials stay readable, with
    `replies` the bytes of the reply are in it. Its time is given in seconds on the server's clock and in ISO 8601."""
    call, script, choice = entry.call, entry.script, entry.choice
    parsed = read(entry.request.body) if call is None else call.body
    return {
        "number": entry.number,
        "kind": entry.kind.value,
        "at_s": entry.at_s,
        "received_at": received_at,
        "received_time": received_time,
        "clock_s": entry.clock_s,
        "reproducible": entry.reproducible,
        "endpoint": None if call is None else call.endpoint.value,
        "model": None if call is None else call.model,
        "parameters": {} if call is None else dict(call.parameters),
        "stream": entry.streams,
        "status": entry.status,
        "request": _request(entry.request, reveal=reveal),
        "json": None if isinstance(parsed, JSONReadError) else parsed,
        "match": {**_place(choice.scenario, choice.stub), "call": choice.nth + 1}
        if isinstance(choice, Match)
        else None,
        "passed_over": [_shadowed(other) for other in others],
        "miss": {"near": [_near(one) for one in choice.near]} if isinstance(choice, Miss) else None,
        "findings": [_finding(finding) for finding in entry.findings],
        "frames": None if script is None else _frames(script),
        "reply": None if script is None or not replies else reply_document(script, entry),
        "retry_after_s": None if script is None else retry_after_s(script, entry.clock_s),
        "held": list(entry.held),
        "outcome": None if entry.outcome is None else _outcome(entry.outcome),
        "report": exchange_text(entry, others),
    }


def verdict_document(verdict: Verdict, *, sandbox: str = "") -> JSONObject:
    """A verification result with its report; `ok` is whether there are no problems."""
    return {
        "ok": bool(verdict),
        "report": verdict_text(verdict, sandbox=sandbox),
        "complaints": [_problem(one) for one in verdict.problems],
        "fallbacks": [
            {"number": one.number, **_place(one.choice.scenario, one.choice.stub)}
            for one in verdict.fallbacks
            if isinstance(one.choice, Match)
        ],
        "dropped": verdict.dropped,
    }


def scenario_document(scenario: Scenario, calls: Iterable[tuple[Stub, int]]) -> JSONObject:
    """A loaded scenario and the number of calls of each of its stubs."""
    return {
        "scenario": scenario.name,
        "about": scenario.about,
        "dialect": scenario.dialect.name,
        "origin": scenario.origin,
        "stubs": [
            {
                **_place(scenario, stub),
                "on": [endpoint.value for endpoint in stub.on],
                "times": None if stub.times is None else str(stub.times),
                "calls": count,
            }
            for stub, count in calls
        ],
    }


def _request(request: Request, *, reveal: bool) -> JSONObject:
    headers = request.headers if reveal else mask_headers(request.headers)
    query = request.query if reveal else mask_query(request.query)
    try:
        body, encoding = request.body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        body, encoding = b64encode(request.body).decode("ascii"), "base64"
    return {
        "method": request.method,
        "target": request.target if reveal else mask_target(request.target),
        "path": request.path,
        "query": _pairs(query),
        "version": ".".join(str(number) for number in request.version),
        "headers": _pairs(headers),
        "body": body,
        "encoding": encoding,
    }


def _pairs(headers: Headers) -> list[JSON]:
    return [[name, value] for name, value in headers]


def _place(scenario: Scenario, stub: Stub) -> JSONObject:
    return {"scenario": scenario.name, "stub": stub.name, "file": stub.origin.file, "line": stub.origin.line}


def _shadowed(other: ShadowedStub) -> JSONObject:
    return {
        **_place(other.scenario, other.stub),
        "why": other.why.value,
        "priority": other.stub.priority,
        "used": other.used,
        "capacity": other.stub.capacity,
    }


def _near(near: NearMiss) -> JSONObject:
    return {
        **_place(near.scenario, near.stub),
        "conditions": near.conditions - 1,
        "mismatches": [
            {"path": one.path, "wanted": one.expected, "got": mask_mismatch(one)} for one in near.mismatches
        ],
        "used": near.used,
        "capacity": near.capacity,
    }


def _finding(finding: Finding) -> JSONObject:
    return {
        "rule": finding.rule,
        "path": finding.path,
        "message": finding.message,
        "event": finding.event,
        "grade": finding.severity.value,
    }


def _frames(script: Script) -> JSONObject:
    sends = [frame for frame in script.frames if isinstance(frame, Send)]
    return {
        "count": len(script.frames),
        "bytes": sum(len(send.data) for send in sends),
        "events": [label for label in dict.fromkeys(send.label for send in sends) if label],
        "ending": next(frame.title for frame in reversed(script.frames) if isinstance(frame, Ending)),
    }


_UNBOUNDED = 1 << 62
# Framing of HTTP/1.1, which is no part of the body.
_FRAMING = (Part.CHUNK_SIZE, Part.CHUNK_END, Part.LAST_CHUNK)


def reply_document(script: Script, entry: Record) -> JSONObject:
    """Head and body as far as they were sent; the body without chunk sizes, its content coding untouched."""
    left = _UNBOUNDED if entry.outcome is None else entry.outcome.sent
    head, body = b"", b""
    for frame in script.frames:
        if isinstance(frame, Send):
            data, left = frame.data[:left], max(left - len(frame.data), 0)
            if frame.part is Part.HEAD:
                head += data
            elif frame.part not in _FRAMING:
                body += data
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs: list[JSON] = [
        [name, value.strip()] for name, colon, value in (line.partition(":") for line in lines) if colon
    ]
    try:
        text, encoding = body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = b64encode(body).decode("ascii"), "base64"
    return {"status": entry.status, "headers": pairs, "body": text, "encoding": encoding}


def retry_after_s(script: Script, clock_s: float) -> JSON:
    """How long a reply asks to wait, a date by the clock of its sandbox; None where it does not ask."""
    head = next((one.data for one in script.frames if isinstance(one, Send) and one.part is Part.HEAD), b"")
    lines = [line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:]]
    given = {name.lower(): value.strip() for name, _, value in lines}
    for name, scale in (("retry-after-ms", 1000), ("retry-after", 1)):
        if _NUMBER.fullmatch(given.get(name, "")):
            return float(given[name]) / scale
    date = parsedate_tz(given.get("retry-after", ""))
    return None if date is None else max(0.0, mktime_tz(date) - clock_s)


def _outcome(outcome: Outcome) -> JSONObject:
    return {
        "how": outcome.how.value,
        "frames": outcome.frames,
        "sent": outcome.sent,
        "seconds": outcome.ended_s - outcome.started_s,
    }


def _problem(problem: VerdictProblem) -> JSONObject:
    if isinstance(problem, UnmatchedRequest):
        near: list[JSON] = [_near(one) for one in problem.near]
        return {"kind": "unmatched", "number": problem.entry.number, "near": near}
    if isinstance(problem, ContractViolation):
        return {"kind": "breach", "number": problem.entry.number, "finding": _finding(problem.finding)}
    return {
        "kind": "miscounted",
        **_place(problem.scenario, problem.stub),
        "wanted": str(problem.expected),
        "got": problem.got,
    }
