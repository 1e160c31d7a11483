"""A captured HTTP/1.1 reply taken apart: status, headers, body. A body alone is a capture too.

Captures are made by many tools. Some write the head of the wire and the body without its chunks,
or unpacked; so what begins like JSON, HTML or an event stream is taken for a body without chunks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.contract.replies.remark import Remark
from mockserver.contract.replies.shown import shown

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
    remarks: tuple[Remark, ...] = ()


def read_capture(data: bytes) -> Capture:
    """Take a capture apart; never fails, what is wrong is a remark."""
    if not data.startswith(b"HTTP/"):
        return Capture(body=data)
    remarks: list[Remark] = []
    status, headers, place = _head(data, 0, remarks)
    while status is not None and 100 <= status < 200 and data.startswith(b"HTTP/", place):
        status, headers, place = _head(data, place, remarks)
    body = _body(data[place:], headers, remarks)
    return Capture(status=status, headers=headers, body=body, remarks=tuple(remarks))


def _head(data: bytes, start: int, remarks: list[Remark]) -> tuple[int | None, dict[str, str], int]:
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


def _body(body: bytes, headers: Mapping[str, str], remarks: list[Remark]) -> bytes:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity" and not _is_text(body):
        _say(remarks, "http.coding", f"the body is {shown(coding)}, capture it unpacked")
        return b""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return body if _PLAIN.match(body) else _unchunked(body, remarks)
    length = headers.get("content-length", "")
    if coding == "identity" and length:
        return _measured(body, length, remarks)
    return body


def _measured(body: bytes, length: str, remarks: list[Remark]) -> bytes:
    if not _DIGITS.fullmatch(length):
        _say(remarks, "http.head", f"found content-length {shown(length)}, a number would be right")
        return body
    wanted = int(length)
    if len(body) < wanted:
        message = f"the body has {len(body)} bytes, {wanted} as content-length says would be right"
        _say(remarks, "http.body.short", message)
    elif len(body) > wanted:
        _say(remarks, "http.body.long", f"{len(body) - wanted} bytes follow the body")
    return body[:wanted]


def _unchunked(body: bytes, remarks: list[Remark]) -> bytes:
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


def _after_last(body: bytes, place: int, remarks: list[Remark]) -> None:
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
    return shown(data.decode("latin-1"))


def _say(remarks: list[Remark], rule: str, message: str) -> None:
    remarks.append(Remark(rule, "", message))
