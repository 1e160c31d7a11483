"""Validation of replies: captured bytes, and replies that are values already.

`judge` takes captures, `judge_stream` and `judge_body` take values. All are pure and raise for
nothing that a reply can be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from mockserver.contract import REPLY_FORMS
from mockserver.contract.capture import Capture, SseMessage, read_capture, read_stream
from mockserver.contract.collector import FindingCollector, is_done
from mockserver.contract.invariants import is_running
from mockserver.contract.item_tracker import item_machines
from mockserver.contract.json_diff import describe_value
from mockserver.contract.machine import Machine
from mockserver.contract.openai import OPENAI
from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.stream_chat import CHOICE, CHUNKS
from mockserver.contract.stream_responses import LIFE
from mockserver.items import registry
from mockserver.model.endpoint import SHAPES, Shape
from mockserver.model.events import Event
from mockserver.model.findings import Finding, Severity
from mockserver.model.json import JSON, JSONObject, JSONReadError, read, read_text

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
    HTTP head was captured; `events` counts those a client would receive.
    """

    form: CaptureKind
    shape: Shape | None
    status: int | None
    events: int
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether the reply keeps the contract; notices do not count."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def judge(capture: bytes, *, shape: Shape | None = None, contract: ReplyContract = OPENAI) -> Judgement:
    """Validate a captured reply: an HTTP/1.1 response, or its body alone, JSON or event stream.

    Without `shape` it is detected from the reply. Findings about HTTP come first, then those about
    the event stream, then those about its content.
    """
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
        message = f"expected content-type {expected}, got {describe_value(found)}"
        findings.add("http.content_type", "", message)


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
        message = f"{len(events)} events, none of which belongs to a chat or Responses stream"
        findings.add("reply.shape", "", message)
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
    if isinstance(body, JSONReadError):
        start = describe_value(http.body[:60].decode("utf-8", "replace"))
        findings.add("reply.json", "", f"{start} is not JSON: {body.message}")
    elif _is_error(body):
        form = CaptureKind.ERROR
        _check_status(http, findings, error=True)
        content = judge_body(body, shape=shape or Shape.CHAT, contract=contract)
    else:
        _check_status(http, findings, error=False)
        shape = shape or _body_shape(body)
        if shape is None:
            message = f"expected a completion, a response or an error, got {describe_value(body)}"
            findings.add("reply.shape", "", message)
        else:
            content = judge_body(body, shape=shape, contract=contract)
    return Judgement(form=form, shape=shape, status=http.status, events=0, findings=findings.all() + content)


def _labelled(messages: Sequence[SseMessage]) -> tuple[Event, ...]:
    """Messages as events, labelled by the names they have on the wire."""
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
