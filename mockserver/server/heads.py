"""Heads that were parsed before, known again by their bytes.

A client's requests have the same head again and again, but for the length of the body. A head that
aiohttp has parsed is remembered without those digits; the same bytes in the same place mean the
same a second time, whatever the body is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from mockserver.model.request import Head, Request
from mockserver.server.address import Address

_END: Final = b"\r\n\r\n"
_LENGTHS: Final = (b"\r\nContent-Length: ", b"\r\ncontent-length: ")
_MOST: Final = 2048
_LONGEST: Final = 8 * 1024


class _Cut(NamedTuple):
    """A request cut up: what is before and behind the digits of its length, these, the body."""

    before: bytes
    digits: bytes
    behind: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A head by its bytes before and behind the digits of its length, and by its meaning."""

    begin: bytes
    end: bytes
    address: Address
    head: Head

    def recall(self, data: bytes) -> Request | None:
        """The request that `data` is, where it is exactly one with this head."""
        begin, end = self.begin, self.end
        if not data.startswith(begin):
            return None
        start = len(begin)
        stop = data.find(b"\r", start)
        body = data[stop + len(end) :]
        # ISO 8859-1 has more digits than HTTP, and a length could begin with a sign or a zero.
        if data[start:stop] != b"%d" % len(body) or not data.startswith(end, stop):
            return None
        return self.head.request(body)


class Heads:
    """The heads that are known, at most some thousands."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Known] = {}

    def find(self, data: bytes) -> Known | None:
        """The head that `data` begins with, where `data` is exactly one request with it."""
        cut = _cut(data)
        return None if cut is None else self._known.get((cut.before, cut.behind))

    def learn(self, data: bytes, address: Address, request: Request) -> None:
        """Remember the head of a request that came as `data` and was parsed."""
        cut = _cut(data)
        lengths = [
            place
            for place, (name, _) in enumerate(request.headers)
            if name.lower() == "content-length"
        ]
        if cut is None or len(lengths) != 1 or len(cut.before) + len(cut.behind) > _LONGEST:
            return
        [place] = lengths
        name, digits = request.headers[place]
        if digits.encode() != cut.digits or cut.body != request.body:
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        head = Head(
            method="POST",
            target=request.target,
            path=request.path,
            query=request.query,
            before=request.headers[:place],
            length=name,
            behind=request.headers[place + 1 :],
        )
        self._known[cut.before, cut.behind] = Known(cut.before, cut.behind, address, head)


def _cut(data: bytes) -> _Cut | None:
    """None for what is not one whole request whose head tells its length in plain digits."""
    end = data.find(_END)
    for spelled in _LENGTHS:
        start = data.find(spelled, 0, end)
        if start >= 0:
            break
    else:
        return None
    start += len(spelled)
    stop = data.find(b"\r\n", start)
    digits = data[start:stop]
    body = data[end + len(_END) :]
    if digits != b"%d" % len(body):
        return None
    return _Cut(data[:start], digits, data[stop : end + len(_END)], body)
