"""Reading of captured replies: an HTTP/1.1 response or its body alone, and event streams.

Many tools write captures. Some keep the head as sent but store the body dechunked or decoded, so a
body that begins like JSON, HTML or an event stream is read as not chunked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.contract.collector import finding
from mockserver.contract.json_diff import describe_value
from mockserver.model.findings import Finding

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
        message = f"expected {declared} bytes as in content-length, got {len(body)}"
        _report(findings, "http.body.short", message)
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
_BOM: Final = "\ufeff"
_FIELDS: Final = frozenset({"event", "data", "id", "retry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SseMessage:
    """One dispatched event. `name` is None without an `event` field, `comments` occurred in or
    before it, `line` is that of its first field, from 1."""

    name: str | None
    data: str
    line: int
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """The messages a client receives, and findings about the form of the stream."""

    messages: tuple[SseMessage, ...]
    findings: tuple[Finding, ...]


def read_stream(data: bytes) -> EventStream:
    """Read a whole event stream; an event without its blank line is dropped, as clients do."""
    reader = _Reader()
    for number, line in enumerate(_lines(reader.decoded(data)), start=1):
        reader.take(line, number)
    reader.end()
    return EventStream(messages=tuple(reader.messages), findings=tuple(reader.findings))


def _lines(text: str) -> Iterator[str]:
    """The lines without their ends; the last line may have none."""
    for line in _LINE.finditer(text):
        if line[2] or line[1]:
            yield line[1]


class _Reader:
    def __init__(self) -> None:
        self.messages: list[SseMessage] = []
        self.findings: list[Finding] = []
        self._comments: list[str] = []
        self._data: list[str] = []
        self._name: str | None = None
        self._line: int | None = None

    def decoded(self, data: bytes) -> str:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._report("sse.utf8", f"invalid UTF-8 at byte {error.start}")
            text = data.decode("utf-8", "replace")
        if text.startswith(_BOM):
            self._report("sse.bom", "a byte order mark, which some readers take for text")
            text = text[1:]
        return text

    def take(self, line: str, number: int) -> None:
        if not line:
            self._dispatch()
            return
        if line.startswith(":"):
            self._comments.append(line[1:].removeprefix(" "))
            return
        field, _, value = line.partition(":")
        if self._line is None:
            self._line = number
        self._field(field, value.removeprefix(" "), number)

    def end(self) -> None:
        if self._data or self._name is not None:
            message = f"the event from line {self._line} on has no blank line after it and is dropped"
            self._report("sse.final_blank", message)

    def _field(self, field: str, value: str, number: int) -> None:
        where = f"line {number}"
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field not in _FIELDS:
            self._report("sse.field", f"unknown field {describe_value(field)} in {where}, which readers ignore")
        elif field == "id" and "\0" in value:
            self._report("sse.id", f"an id with NUL in {where}, which readers ignore")
        elif field == "retry" and not (value.isascii() and value.isdigit()):
            self._report("sse.retry", f"expected digits as retry, got {describe_value(value)} in {where}")

    def _dispatch(self) -> None:
        if self._data:
            self.messages.append(
                SseMessage(
                    name=self._name or None,
                    data="\n".join(self._data),
                    line=self._line or 0,
                    comments=tuple(self._comments),
                )
            )
            self._comments.clear()
        elif self._name is not None:
            message = f"the event in line {self._line} has no data, which most readers ignore"
            self._report("sse.data", message)
        self._data.clear()
        self._name = self._line = None

    def _report(self, rule: str, message: str) -> None:
        self.findings.append(finding(rule, "", message))
