"""The judgement of anyone's reply: bytes as they were captured, from the first to the last.

`judge` is for captures; `judge_stream` and `judge_body` are for replies that are values already.
All are pure, and raise for nothing that a reply can be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from mockserver.contract.capture import Capture, SseMessage, read_capture, read_stream
from mockserver.contract.collector import FindingCollector
from mockserver.contract.event_reading import is_done
from mockserver.contract.json_diff import describe_value
from mockserver.contract.openai import OPENAI
from mockserver.contract.reply_body import is_error, judge_body
from mockserver.contract.reply_contract import ReplyContract
from mockserver.contract.reply_stream import judge_stream
from mockserver.model.endpoint import Shape
from mockserver.model.events import Event
from mockserver.model.findings import Finding, Severity
from mockserver.model.json import JSON, JSONReadError, read, read_text

__all__ = ["CaptureKind", "Judgement", "judge", "judge_body", "judge_stream"]

_FIELD_LINE: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?[\r\n]*(?:(?:data|event|id|retry)?:|(?:data|event|id|retry)[\r\n])"
)
_SHAPE_OF_OBJECT: Final = {
    "chat.completion": Shape.CHAT,
    "chat.completion.chunk": Shape.CHAT,
    "response": Shape.RESPONSES,
    "response.compaction": Shape.COMPACTION,
}


class CaptureKind(StrEnum):
    """How a reply came: as a stream of events, whole, or as an error envelope."""

    STREAM = "stream"
    BODY = "body"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`shape` is the one given or found out, None where it could not be; `status` is None where no
    HTTP head was captured; `events` counts those a client would get."""

    form: CaptureKind
    shape: Shape | None
    status: int | None
    events: int
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether the reply keeps the contract; notices do not count."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def judge(
    capture: bytes, *, shape: Shape | None = None, contract: ReplyContract = OPENAI
) -> Judgement:
    """Judge a captured reply: an HTTP/1.1 response, or its body alone, JSON or an event stream.

    Without a shape it is told from the reply itself. Findings about HTTP come first, then those
    about the event stream, then those about what it carries.
    """
    http = read_capture(capture)
    findings = FindingCollector(contract.forgives)
    findings.remarks(http.remarks)
    streamed = _is_stream(http)
    _content_type(http, findings, streamed=streamed)
    if streamed:
        return _judge_stream(http, shape, contract, findings)
    return _judge_body(http, shape, contract, findings)


def _is_stream(http: Capture) -> bool:
    """The bytes tell; the content type only where they could be anything."""
    if _FIELD_LINE.match(http.body):
        return True
    declared = "text/event-stream" in http.headers.get("content-type", "").lower()
    return declared and not http.body.lstrip().startswith((b"{", b"[", b"<"))


def _content_type(http: Capture, findings: FindingCollector, *, streamed: bool) -> None:
    if http.status is None:
        return
    wanted = "text/event-stream" if streamed else "application/json"
    found = http.headers.get("content-type", "")
    if found.partition(";")[0].strip().lower() != wanted:
        message = f"found content-type {describe_value(found)}, {wanted} would be right"
        findings.add("http.content_type", "", message)


def _status(http: Capture, findings: FindingCollector, *, error: bool) -> None:
    if http.status is None or (200 <= http.status < 300) is not error:
        return
    wanted = "an error status" if error else "a status of 2xx"
    message = f"found status {http.status}, {wanted} would be right"
    findings.add("http.status", "", message)


def _judge_stream(
    http: Capture, shape: Shape | None, contract: ReplyContract, findings: FindingCollector
) -> Judgement:
    _status(http, findings, error=False)
    stream = read_stream(http.body)
    findings.remarks(stream.remarks)
    events = _events(stream.messages)
    shape = shape or _shape_of_stream(events)
    judged: tuple[Finding, ...] = ()
    if shape is None:
        message = f"{len(events)} events, none of which is of a chat or Responses stream"
        findings.add("reply.shape", "", message)
    else:
        judged = judge_stream(events, shape=shape, contract=contract)
    return Judgement(
        form=CaptureKind.STREAM,
        shape=shape,
        status=http.status,
        events=len(events),
        findings=findings.all() + judged,
    )


def _judge_body(
    http: Capture, shape: Shape | None, contract: ReplyContract, findings: FindingCollector
) -> Judgement:
    body = read(http.body)
    form = CaptureKind.BODY
    judged: tuple[Finding, ...] = ()
    if isinstance(body, JSONReadError):
        start = describe_value(http.body[:60].decode("utf-8", "replace"))
        findings.add("reply.json", "", f"found {start}: {body.message}")
    elif is_error(body):
        form = CaptureKind.ERROR
        _status(http, findings, error=True)
        judged = judge_body(body, shape=shape or Shape.CHAT, contract=contract)
    else:
        _status(http, findings, error=False)
        shape = shape or _shape_of_body(body)
        if shape is None:
            message = (
                f"found {describe_value(body)}, a completion, a response or an error would be right"
            )
            findings.add("reply.shape", "", message)
        else:
            judged = judge_body(body, shape=shape, contract=contract)
    return Judgement(
        form=form,
        shape=shape,
        status=http.status,
        events=0,
        findings=findings.all() + judged,
    )


def _events(messages: Sequence[SseMessage]) -> tuple[Event, ...]:
    """Messages as events, labelled by their wire names."""
    seen: Counter[str] = Counter()
    events = []
    for ordinal, message in enumerate(messages):
        value = read_text(message.data)
        broken = isinstance(value, JSONReadError)
        event = Event(
            label="",
            ordinal=ordinal,
            data=None if isinstance(value, JSONReadError) else value,
            text=message.data if broken else None,
            name=message.name,
        )
        wire = "[DONE]" if is_done(event) else _wire_name(event.data)
        label = "terminator" if wire == "[DONE]" else f"{wire}[{seen[wire]}]"
        seen[wire] += 1
        events.append(replace(event, label=label))
    return tuple(events)


def _wire_name(data: JSON) -> str:
    kind = data.get("type") if isinstance(data, dict) else None
    return kind[:80] if isinstance(kind, str) else "event"


def _shape_of_stream(events: Sequence[Event]) -> Shape | None:
    for event in events:
        data = event.data
        if not isinstance(data, dict):
            continue
        kind = data.get("type")
        if isinstance(kind, str) and (kind == "error" or kind.startswith("response.")):
            return Shape.RESPONSES
        if "choices" in data or data.get("error") is not None:
            return Shape.CHAT
    return None


def _shape_of_body(body: JSON) -> Shape | None:
    if not isinstance(body, dict):
        return None
    named = body.get("object")
    if isinstance(named, str) and named in _SHAPE_OF_OBJECT:
        return _SHAPE_OF_OBJECT[named]
    if "choices" in body:
        return Shape.CHAT
    return Shape.RESPONSES if "output" in body else None
