"""Validation of replies: captured bytes, and replies that are values already.

`judge` takes captures, `judge_stream` and `judge_body` take values. All are pure and raise for nothing that a reply can
be. Many tools write captures: some keep the head as sent but store the body dechunked or decoded, so a body that begins
like JSON, HTML or an event stream is read as not chunked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from mockserver.contract import REPLY_FORMS, Machine
from mockserver.contract.invariants import is_running
from mockserver.contract.item_tracker import item_machines
from mockserver.contract.openai import OPENAI
from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.rules import FindingCollector, finding, is_done
from mockserver.contract.stream_chat import CHOICE, CHUNKS
from mockserver.contract.stream_responses import LIFE
from mockserver.items import registry
from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.findings import Finding, Severity
from mockserver.model.frames import Event
from mockserver.model.json import JSON, JSONObject, JSONReadError, as_object, describe_value, read, read_text

__all__ = ["GRAMMAR", "CaptureKind", "Judgement", "judge", "judge_body", "judge_stream", "typed_body"]

GRAMMAR: Final[Mapping[str, Machine]] = {
    machine.name: machine for machine in (LIFE, *item_machines(registry()).values(), CHUNKS, CHOICE)
}
"""Every state machine of the stream grammars by its name."""

_FIELD_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?:(?:data|event|id|retry)?:|(?:data|event|id|retry)[\r\n])")


class CaptureKind(StrEnum):
    """The kind of a captured reply: an event stream, a JSON body, or an error envelope."""

    STREAM = "stream"
    BODY = "body"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The validation result of a captured reply.

    `shape` is the one given or detected, None where it could not be; `status` is None where no
    HTTP head was captured; `events` counts those a client would receive. `message` is that of an error envelope."""

    form: CaptureKind
    shape: Shape | None
    status: int | None
    events: int
    findings: tuple[Finding, ...]
    message: str = ""

    @property
    def good(self) -> bool:
        """Whether the reply keeps the contract; notices do not count."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def judge(capture: bytes, *, shape: Shape | None = None, contract: ReplyContract = OPENAI) -> Judgement:
    """Validate a captured reply: an HTTP/1.1 response, or its body alone, JSON or event stream.

    Without `shape` it is detected from the reply. Findings about HTTP come first, then those about
    the event stream, then those about its content."""
    http = read_capture(capture)
    findings = FindingCollector(contract.ignored_rules)
    findings.extend(http.findings)
    streamed = _is_stream(http)
    _check_content_type(http, findings, streamed=streamed)
    if streamed:
        return _stream_judgement(http, shape, contract, findings)
    return _body_judgement(http, shape, contract, findings)


def judge_stream(events: Sequence[Event], *, shape: Shape, contract: ReplyContract) -> tuple[Finding, ...]:
    """Validate a stream from its first event to its end, with `[DONE]` among its events."""
    form = REPLY_FORMS.get(shape)
    return () if form is None else form.stream(events, contract)


def judge_body(body: JSON, *, shape: Shape, contract: ReplyContract) -> tuple[Finding, ...]:
    """Validate a non-streaming reply of a shape, or an error envelope in its place."""
    if _is_error(body):
        findings = FindingCollector(contract.ignored_rules)
        findings.extend(contract.tables.check(body, "error.envelope", area="error"))
        return findings.all()
    form = REPLY_FORMS.get(shape)
    return () if form is None else form.body(body, contract)


def typed_body(
    body: JSON, contract: ReplyContract, *, kind: str, area: str, invariants: Callable[[JSONObject], Iterable[Finding]]
) -> tuple[Finding, ...]:
    """Validate a body by a type of the contract's tables and by rules between its fields; `area`
    is the first word of the rules' ids."""
    findings = FindingCollector(contract.ignored_rules)
    ended = not (isinstance(body, dict) and is_running(body))
    findings.extend(contract.tables.check(body, kind, area=area, final=ended))
    if isinstance(body, dict):
        findings.extend(invariants(body))
    return findings.all()


def _is_error(body: JSON) -> bool:
    """Whether a body is an error envelope; a response has an `error` too, but also an `object`."""
    return isinstance(body, dict) and "error" in body and "object" not in body


def _error_message(body: JSON) -> str:
    error = as_object(as_object(body).get("error"))
    message = error.get("message")
    return message if isinstance(message, str) else ""


def _is_stream(http: Capture) -> bool:
    """Decided by the bytes; by the content type only where they are ambiguous."""
    if _FIELD_LINE.match(http.body):
        return True
    declared = "text/event-stream" in http.headers.get("content-type", "").lower()
    return declared and not http.body.lstrip().startswith((b"{", b"[", b"<"))


def _check_content_type(http: Capture, findings: FindingCollector, *, streamed: bool) -> None:
    if http.status is None:
        return
    expected = "text/event-stream" if streamed else "application/json"
    found = http.headers.get("content-type", "")
    if found.partition(";")[0].strip().lower() != expected:
        findings.add("http.content_type", "", f"expected content-type {expected}, got {describe_value(found)}")


def _check_status(http: Capture, findings: FindingCollector, *, error: bool) -> None:
    if http.status is None or (200 <= http.status < 300) is not error:
        return
    expected = "an error status" if error else "a status of 2xx"
    findings.add("http.status", "", f"expected {expected}, got status {http.status}")


def _stream_judgement(
    http: Capture, shape: Shape | None, contract: ReplyContract, findings: FindingCollector
) -> Judgement:
    _check_status(http, findings, error=False)
    stream = read_stream(http.body)
    findings.extend(stream.findings)
    events = _labelled(stream.messages)
    shape = shape or _stream_shape(events)
    content: tuple[Finding, ...] = ()
    if shape is None:
        findings.add("reply.shape", "", f"{len(events)} events, none of which belongs to a chat or Responses stream")
    else:
        content = judge_stream(events, shape=shape, contract=contract)
    return Judgement(
        form=CaptureKind.STREAM, shape=shape, status=http.status, events=len(events), findings=findings.all() + content
    )


def _body_judgement(
    http: Capture, shape: Shape | None, contract: ReplyContract, findings: FindingCollector
) -> Judgement:
    body = read(http.body)
    form = CaptureKind.BODY
    content: tuple[Finding, ...] = ()
    message = ""
    if isinstance(body, JSONReadError):
        start = describe_value(http.body[:60].decode("utf-8", "replace"))
        findings.add("reply.json", "", f"{start} is not JSON: {body.message}")
    elif _is_error(body):
        form = CaptureKind.ERROR
        message = _error_message(body)
        _check_status(http, findings, error=True)
        content = judge_body(body, shape=shape or Shape.CHAT, contract=contract)
    else:
        _check_status(http, findings, error=False)
        shape = shape or _body_shape(body)
        if shape is None:
            found = f"expected a completion, a response or an error, got {describe_value(body)}"
            findings.add("reply.shape", "", found)
        else:
            content = judge_body(body, shape=shape, contract=contract)
    return Judgement(
        form=form, shape=shape, status=http.status, events=0, findings=findings.all() + content, message=message
    )


def _labelled(messages: Sequence[SseMessage]) -> tuple[Event, ...]:
    seen: Counter[str] = Counter()
    events = []
    for ordinal, message in enumerate(messages):
        value = read_text(message.data)
        event = Event(
            label="terminator",
            ordinal=ordinal,
            data=None if isinstance(value, JSONReadError) else value,
            text=message.data if isinstance(value, JSONReadError) else None,
            name=message.name,
        )
        if not is_done(event):
            kind = event.data.get("type") if isinstance(event.data, dict) else None
            name = kind[:80] if isinstance(kind, str) else "event"
            event = replace(event, label=f"{name}[{seen[name]}]")
            seen[name] += 1
        events.append(event)
    return tuple(events)


def _stream_shape(events: Sequence[Event]) -> Shape | None:
    for event in events:
        if isinstance(event.data, dict):
            for shape in REPLY_FORMS.names:
                if REPLY_FORMS[shape].is_event(event.data):
                    return shape
    return None


def _body_shape(body: JSON) -> Shape | None:
    if not isinstance(body, dict):
        return None
    name = body.get("object")
    for spec in SHAPES:
        if name in spec.objects:
            return spec.name
    return next((shape for shape in REPLY_FORMS.names if REPLY_FORMS[shape].member in body), None)


_STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: [^\r\n]*)?")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_PLAIN: Final = re.compile(rb"\s*(?:[{\[<:]|\xef\xbb\xbf|(?:data|event|id|retry)[:\r\n])")
_LINE_END: Final = re.compile(rb"\r?\n")
_DIGITS: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """`status` is None where no head was captured; header names are in lower case, and the last of
    equal names is kept. `body` is dechunked."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes
    findings: tuple[Finding, ...] = ()


def read_capture(data: bytes) -> Capture:
    """Parse a capture. Never fails: what is wrong is a finding."""
    if not data.startswith(b"HTTP/"):
        return Capture(body=data)
    findings: list[Finding] = []
    status, headers, place = _head(data, 0, findings)
    while status is not None and 100 <= status < 200 and data.startswith(b"HTTP/", place):
        status, headers, place = _head(data, place, findings)
    body = _body(data[place:], headers, findings)
    return Capture(status=status, headers=headers, body=body, findings=tuple(findings))


def _head(data: bytes, start: int, findings: list[Finding]) -> tuple[int | None, dict[str, str], int]:
    """Status, headers, and where the body begins."""
    status: int | None = None
    headers: dict[str, str] = {}
    place, number = start, 0
    for end in _LINE_END.finditer(data, start):
        line = data[place : end.start()]
        place, number = end.end(), number + 1
        if not line:
            return status, headers, place
        if number == 1:
            first = _STATUS_LINE.fullmatch(line)
            status = int(first[1]) if first else None
            if first is None:
                _report(findings, "http.head", f"expected a status line, got {_text(line)}")
            continue
        header = _HEADER.fullmatch(line)
        if header is None:
            _report(findings, "http.head", f"expected a header line, got {_text(line)}")
        else:
            headers[header[1].decode("ascii").lower()] = header[2].decode("latin-1")
    _report(findings, "http.head", "the capture ends inside the head")
    return status, headers, len(data)


def _body(body: bytes, headers: Mapping[str, str], findings: list[Finding]) -> bytes:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity" and not _is_text(body):
        _report(findings, "http.coding", f"the body is encoded as {describe_value(coding)}; capture it decoded")
        return b""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return body if _PLAIN.match(body) else _unchunked(body, findings)
    length = headers.get("content-length", "")
    if coding == "identity" and length:
        return _measured(body, length, findings)
    return body


def _measured(body: bytes, length: str, findings: list[Finding]) -> bytes:
    if not _DIGITS.fullmatch(length):
        _report(findings, "http.head", f"expected a number as content-length, got {describe_value(length)}")
        return body
    declared = int(length)
    if len(body) < declared:
        _report(findings, "http.body.short", f"expected {declared} bytes as in content-length, got {len(body)}")
    elif len(body) > declared:
        _report(findings, "http.body.long", f"{len(body) - declared} bytes follow the body")
    return body[:declared]


def _unchunked(body: bytes, findings: list[Finding]) -> bytes:
    chunks: list[bytes] = []
    place = 0
    while place < len(body):
        size = _SIZE.match(body, place)
        if size is None:
            _report(findings, "http.chunk", f"expected a chunk size, got {_text(body[place : place + 20])}")
            return b"".join(chunks)
        length, start = int(size[1], 16), size.end()
        if length == 0:
            _after_last(body, start, findings)
            return b"".join(chunks)
        chunk = body[start : start + length]
        chunks.append(chunk)
        end = _LINE_END.match(body, start + length)
        if len(chunk) < length or (end is None and start + length >= len(body)):
            break
        if end is None:
            found = _text(body[start + length : start + length + 20])
            _report(findings, "http.chunk", f"expected a line end after {length} bytes of a chunk, got {found}")
            return b"".join(chunks)
        place = end.end()
    _report(findings, "http.chunk.last", "the body ends without the last chunk")
    return b"".join(chunks)


def _after_last(body: bytes, place: int, findings: list[Finding]) -> None:
    """Skip the trailers up to the blank line that ends the message."""
    for end in _LINE_END.finditer(body, place):
        line, place = body[place : end.start()], end.end()
        if not line:
            if place < len(body):
                _report(findings, "http.body.long", f"{len(body) - place} bytes follow the body")
            return
    _report(findings, "http.chunk.last", "the capture ends before the blank line of the last chunk")


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(data: bytes) -> str:
    return describe_value(data.decode("latin-1"))


def _report(findings: list[Finding], rule: str, message: str) -> None:
    findings.append(finding(rule, "", message))


_LINE: Final = re.compile("([^\r\n]*)(\r\n|\r|\n|\\Z)")


class SseMessage(NamedTuple):
    """One dispatched event. `name` is None without an `event` field."""

    name: str | None
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """The messages a client receives, and findings about the form of the stream."""

    messages: tuple[SseMessage, ...]
    findings: tuple[Finding, ...]


def read_stream(data: bytes) -> EventStream:
    """Read a whole event stream; an event without its blank line is dropped, as clients do."""
    messages: list[SseMessage] = []
    findings: list[Finding] = []
    lines: list[str] = []
    name: str | None = None
    start: int | None = None
    for number, line in enumerate(_lines(data, findings), start=1):
        if line.startswith(":"):
            continue
        if line:
            start = start or number
            field_name, _, text = line.partition(":")
            value = text.removeprefix(" ")
            if field_name == "data":
                lines.append(value)
            elif field_name == "event":
                name = value
            else:
                _check_field(field_name, value, f"line {number}", findings)
            continue
        if lines:
            messages.append(SseMessage(name or None, "\n".join(lines)))
        elif name is not None:
            _report(findings, "sse.data", f"the event in line {start} has no data, which most readers ignore")
        lines, name, start = [], None, None
    if lines or name is not None:
        message = f"the event from line {start} on has no blank line after it and is dropped"
        _report(findings, "sse.final_blank", message)
    return EventStream(messages=tuple(messages), findings=tuple(findings))


def _lines(data: bytes, findings: list[Finding]) -> Iterator[str]:
    """The lines without their ends; the last line may have none."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        _report(findings, "sse.utf8", f"invalid UTF-8 at byte {error.start}")
        text = data.decode("utf-8", "replace")
    if text.startswith("\ufeff"):
        _report(findings, "sse.bom", "a byte order mark, which some readers take for text")
        text = text[1:]
    for line in _LINE.finditer(text):
        if line[2] or line[1]:
            yield line[1]


def _check_field(name: str, value: str, where: str, findings: list[Finding]) -> None:
    if name not in ("id", "retry"):
        _report(findings, "sse.field", f"unknown field {describe_value(name)} in {where}, which readers ignore")
    elif name == "id" and "\0" in value:
        _report(findings, "sse.id", f"an id with NUL in {where}, which readers ignore")
    elif name == "retry" and not (value.isascii() and value.isdigit()):
        _report(findings, "sse.retry", f"expected digits as retry, got {describe_value(value)} in {where}")
