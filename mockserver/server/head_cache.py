"""Heads that were parsed before, found again by their bytes.

A client sends the same head again and again, except for the digits of `Content-Length`. The same
bytes mean the same a second time, whatever the body is. That spares a small request a quarter of
its processor time: parsing, decoding, and the map of the headers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mockserver.model.request import Request
from mockserver.server.routing import Target

_MOST = 1024
_LONGEST = 4096
_END = b"\r\n\r\n"
_LENGTHS = (b"\r\nContent-Length: ", b"\r\ncontent-length: ")


@dataclass(frozen=True, slots=True)
class CachedHead:
    """A head for bodies of any length; `place` is the index of its content-length header."""

    target: Target
    example: Request
    place: int

    def request(self, body: bytes) -> Request:
        """The request with this head and that body."""
        return self.example.with_body(body, self.place)


class HeadCache:
    """The heads of one server; all are dropped when there are too many."""

    def __init__(self) -> None:
        self._heads: dict[bytes, CachedHead] = {}

    def find(self, data: bytes) -> tuple[CachedHead, bytes] | None:
        """The head and the body of input that is exactly one request with a known head."""
        cut = _cut(data)
        head = None if cut is None else self._heads.get(cut[0])
        return None if cut is None or head is None else (head, cut[1])

    def add(self, data: bytes, request: Request, target: Target) -> None:
        """Remember the head of input that was parsed as exactly one request, in no chunks."""
        cut = _cut(data)
        places = [place for place, (name, _) in enumerate(request.headers) if name.lower() == "content-length"]
        if cut is None or cut[1] != request.body or len(cut[0]) > _LONGEST or len(places) != 1:
            return
        if not request.keep_alive or request.version != (1, 1):
            return
        if len(self._heads) >= _MOST:
            self._heads.clear()
        self._heads[cut[0]] = CachedHead(target, replace(request, body=b""), places[0])


def _cut(data: bytes) -> tuple[bytes, bytes] | None:
    """The head without the digits of its length, and the body; None for input that is not exactly
    one request whose head gives its length in plain digits."""
    end = data.find(_END)
    for mark in _LENGTHS:
        start = data.find(mark, 0, end)
        if start >= 0:
            start += len(mark)
            stop = data.find(b"\r\n", start)
            body = data[end + len(_END) :]
            return (data[:start] + data[stop:end], body) if data[start:stop] == b"%d" % len(body) else None
    return None
