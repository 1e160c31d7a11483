"""Raw captures: HTTP/1.x messages one after the other, an event stream or a JSON body alone.

A head is read as it stands. Many tools keep the head as sent and store the body dechunked or decoded, so a body that
does not begin with a chunk size is not chunked, and one that is longer than declared goes on to the next message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from mockserver.model.request import Headers
from mockserver.recording.exchange import RecordedExchange, decoded, header

_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})[^\r\n]*\r?\n")
_REQUEST: Final = re.compile(rb"([A-Z]{3,10}) (\S+) HTTP/\d(?:\.\d)?\r?\n")
# A message begins a line, or follows JSON at once.
_START: Final = re.compile(rb"(?:^|(?<=[}\]]))(?:HTTP/\d(?:\.\d)? \d{3}\b|[A-Z]{3,10} \S+ HTTP/\d)", re.MULTILINE)
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*\r?\n")
_BLANK: Final = re.compile(rb"\r?\n")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


def is_capture(data: bytes) -> bool:
    """Whether bytes begin with the head of an HTTP message."""
    return bool(_STATUS.match(data) or _REQUEST.match(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One HTTP message: `first` is the match of its first line, `body` dechunked, `sizes` those of its portions;
    `start`, `body_start` and `end` are its places in the capture, `chunked` tells whether its body was."""

    first: re.Match[bytes]
    headers: Headers
    body: bytes
    sizes: tuple[int, ...]
    complete: bool
    chunked: bool
    start: int
    body_start: int
    end: int

    @property
    def status(self) -> int | None:
        """The status of a reply; None for a request."""
        return int(self.first[1]) if self.first[1].isdigit() else None


def messages(data: bytes) -> Iterator[Message]:
    """Every message of a capture, in order; what follows the last one is skipped."""
    place = 0
    while place < len(data):
        first = _STATUS.match(data, place) or _REQUEST.match(data, place)
        if first is None:
            following = _START.search(data, place)
            if following is None:
                return
            place = following.start()
            continue
        message = _message(data, first)
        place = message.end
        yield message


def _message(data: bytes, first: re.Match[bytes]) -> Message:
    place = first.end()
    headers: list[tuple[str, str]] = []
    while line := _HEADER.match(data, place):
        headers.append((line[1].decode("ascii"), line[2].decode("latin-1")))
        place = line.end()
    blank = _BLANK.match(data, place)
    start = blank.end() if blank else place
    found = tuple(headers)
    chunked = "chunked" in header(found, "transfer-encoding") and _SIZE.match(data, start) is not None
    if chunked:
        body, sizes, complete, end = _dechunked(data, start)
    else:
        following = _START.search(data, start)
        rest = following.start() if following else len(data)
        length = header(found, "content-length")
        declared = int(length) if length.isascii() and length.isdigit() and len(length) < 12 else None
        is_request = not first[1].isdigit()
        if declared is None and is_request:
            declared = 0
        # A decoded body has another length than the head declares.
        coded = header(found, "content-encoding") not in ("", "identity")
        measured = declared is not None and not coded and not (is_request and rest < start + declared)
        end = min(start + (declared or 0), len(data)) if measured else rest
        body, sizes = data[start:end], (end - start,)
        complete = blank is not None and (coded or declared is None or len(body) == declared)
    return Message(
        first=first,
        headers=found,
        body=body,
        sizes=sizes,
        complete=complete,
        chunked=chunked,
        start=first.start(),
        body_start=start,
        end=end,
    )


def _dechunked(data: bytes, place: int) -> tuple[bytes, tuple[int, ...], bool, int]:
    """The body, the sizes of its chunks, whether the last chunk is there, and where the body ends."""
    chunks: list[bytes] = []
    while size := _SIZE.match(data, place):
        length = int(size[1], 16)
        if not length:
            end = size.end()
            while line := _HEADER.match(data, end):  # trailers
                end = line.end()
            blank = _BLANK.match(data, end)
            return b"".join(chunks), tuple(map(len, chunks)), blank is not None, blank.end() if blank else end
        chunks.append(data[size.end() : size.end() + length])
        place = size.end() + length
        after = _BLANK.match(data, place)
        if after is None:
            break
        place = after.end()
    return b"".join(chunks), tuple(map(len, chunks)), False, min(place, len(data))


def read_capture(data: bytes, origin: str) -> Iterator[RecordedExchange]:
    """The exchanges of a capture: each reply with the request before it, if there is one."""
    request: Message | None = None
    number = 0
    for message in messages(data):
        status = message.status
        if status is None:
            request = message
        elif status >= 200:
            number += 1
            yield _exchange(request, message, status, f"{origin}: reply {number}")
            request = None


def _exchange(request: Message | None, reply: Message, status: int, origin: str) -> RecordedExchange:
    body = decoded(reply.headers, reply.body) if reply.complete else reply.body
    splits = tuple(accumulate(reply.sizes)) if body == reply.body else ()
    found = RecordedExchange(
        origin=origin,
        status=status,
        reply_headers=reply.headers,
        reply_body=body,
        splits=splits,
        complete=reply.complete,
    )
    if request is None:
        return found
    target = request.first[2].decode("latin-1")
    host = header(request.headers, "host")
    return replace(
        found,
        method=request.first[1].decode("ascii"),
        url=f"https://{host}{target}" if target.startswith("/") and host else target,
        request_headers=request.headers,
        request_body=decoded(request.headers, request.body),
    )
