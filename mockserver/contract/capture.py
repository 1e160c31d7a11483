"""A captured HTTP/1.1 reply taken apart: status, headers, body. A body alone is a capture too.

Captures are made by many tools. Some write the head of the wire and the body without its chunks,
or unpacked; so what begins like JSON, HTML or an event stream is taken for a body without chunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.contract.collector import LocatedFinding
from mockserver.contract.json_diff import describe_value

_STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: [^\r\n]*)?")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_PLAIN: Final = re.compile(rb"\s*(?:[{\[<:]|\xef\xbb\xbf|(?:data|event|id|retry)[:\r\n])")
_LINE_END: Final = re.compile(rb"\r?\n")
_DIGITS: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """`status` is None where no head was captured; header names are in lower case, of equal ones
    the last is kept. `body` is free of chunks."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes
    remarks: tuple[LocatedFinding, ...] = ()


def read_capture(data: bytes) -> Capture:
    """Take a capture apart; never fails, what is wrong is a remark."""
    if not data.startswith(b"HTTP/"):
        return Capture(body=data)
    remarks: list[LocatedFinding] = []
    status, headers, place = _head(data, 0, remarks)
    while status is not None and 100 <= status < 200 and data.startswith(b"HTTP/", place):
        status, headers, place = _head(data, place, remarks)
    body = _body(data[place:], headers, remarks)
    return Capture(status=status, headers=headers, body=body, remarks=tuple(remarks))


def _head(
    data: bytes, start: int, remarks: list[LocatedFinding]
) -> tuple[int | None, dict[str, str], int]:
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
                _say(remarks, "http.head", f"found status line {_text(line)}")
            continue
        header = _HEADER.fullmatch(line)
        if header is None:
            _say(remarks, "http.head", f"found header line {_text(line)}")
        else:
            headers[header[1].decode("ascii").lower()] = header[2].decode("latin-1")
    _say(remarks, "http.head", "the capture ends inside the head")
    return status, headers, len(data)


def _body(body: bytes, headers: Mapping[str, str], remarks: list[LocatedFinding]) -> bytes:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity" and not _is_text(body):
        _say(remarks, "http.coding", f"the body is {describe_value(coding)}, capture it unpacked")
        return b""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return body if _PLAIN.match(body) else _unchunked(body, remarks)
    length = headers.get("content-length", "")
    if coding == "identity" and length:
        return _measured(body, length, remarks)
    return body


def _measured(body: bytes, length: str, remarks: list[LocatedFinding]) -> bytes:
    if not _DIGITS.fullmatch(length):
        _say(
            remarks,
            "http.head",
            f"found content-length {describe_value(length)}, a number would be right",
        )
        return body
    wanted = int(length)
    if len(body) < wanted:
        message = f"the body has {len(body)} bytes, {wanted} as content-length says would be right"
        _say(remarks, "http.body.short", message)
    elif len(body) > wanted:
        _say(remarks, "http.body.long", f"{len(body) - wanted} bytes follow the body")
    return body[:wanted]


def _unchunked(body: bytes, remarks: list[LocatedFinding]) -> bytes:
    chunks: list[bytes] = []
    place = 0
    while place < len(body):
        size = _SIZE.match(body, place)
        if size is None:
            _say(remarks, "http.chunk", f"found {_text(body[place : place + 20])} for a chunk size")
            return b"".join(chunks)
        length, start = int(size[1], 16), size.end()
        if length == 0:
            _after_last(body, start, remarks)
            return b"".join(chunks)
        chunk = body[start : start + length]
        chunks.append(chunk)
        end = _LINE_END.match(body, start + length)
        if len(chunk) < length or (end is None and start + length >= len(body)):
            break
        if end is None:
            found = _text(body[start + length : start + length + 20])
            _say(remarks, "http.chunk", f"found {found} behind {length} bytes of a chunk")
            return b"".join(chunks)
        place = end.end()
    _say(remarks, "http.chunk.last", "the body ends without the last chunk")
    return b"".join(chunks)


def _after_last(body: bytes, place: int, remarks: list[LocatedFinding]) -> None:
    """Pass over the trailers, up to the blank line that ends the message."""
    for end in _LINE_END.finditer(body, place):
        line, place = body[place : end.start()], end.end()
        if not line:
            if place < len(body):
                _say(remarks, "http.body.long", f"{len(body) - place} bytes follow the body")
            return
    _say(remarks, "http.chunk.last", "the capture ends before the blank line of the last chunk")


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(data: bytes) -> str:
    return describe_value(data.decode("latin-1"))


def _say(remarks: list[LocatedFinding], rule: str, message: str) -> None:
    remarks.append(LocatedFinding(rule, "", message))


_LINE: Final = re.compile("([^\r\n]*)(\r\n|\r|\n|\\Z)")
_BOM: Final = "\ufeff"
_FIELDS: Final = frozenset({"event", "data", "id", "retry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SseMessage:
    """One dispatched event; `name` is None without an `event` field, `comments` stood before or in
    it, `line` is where its first field stands, from 1."""

    name: str | None
    data: str
    line: int
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """What a reader gets, and what is to be said about the form."""

    messages: tuple[SseMessage, ...]
    remarks: tuple[LocatedFinding, ...]


def read_stream(data: bytes) -> EventStream:
    """Read a whole event stream; an event without its blank line is lost, as it is to a client."""
    reader = _Reader()
    for number, line in enumerate(_lines(reader.decoded(data)), start=1):
        reader.take(line, number)
    reader.end()
    return EventStream(messages=tuple(reader.messages), remarks=tuple(reader.remarks))


def _lines(text: str) -> Iterator[str]:
    """The lines without their ends; the last may have had none."""
    for line in _LINE.finditer(text):
        if line[2] or line[1]:
            yield line[1]


class _Reader:
    def __init__(self) -> None:
        self.messages: list[SseMessage] = []
        self.remarks: list[LocatedFinding] = []
        self._comments: list[str] = []
        self._data: list[str] = []
        self._name: str | None = None
        self._line: int | None = None

    def decoded(self, data: bytes) -> str:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._say("sse.utf8", f"invalid UTF-8 at byte {error.start}")
            text = data.decode("utf-8", "replace")
        if text.startswith(_BOM):
            self._say("sse.bom", "found a byte order mark, which some readers take for text")
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
            message = (
                f"the event begun in line {self._line} has no blank line behind it and is lost"
            )
            self._say("sse.final_blank", message)

    def _field(self, field: str, value: str, number: int) -> None:
        where = f"line {number}"
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field not in _FIELDS:
            self._say(
                "sse.field", f"found field {describe_value(field)} in {where}, which readers ignore"
            )
        elif field == "id" and "\0" in value:
            self._say("sse.id", f"found an id with NUL in {where}, which readers ignore")
        elif field == "retry" and not (value.isascii() and value.isdigit()):
            self._say(
                "sse.retry",
                f"found retry {describe_value(value)} in {where}, digits would be right",
            )

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
            self._say("sse.data", message)
        self._data.clear()
        self._name = self._line = None

    def _say(self, rule: str, message: str) -> None:
        self.remarks.append(LocatedFinding(rule, "", message))
