"""Heads that were parsed before, known again by their bytes.

A client's requests have the same head again and again, but for the length of the body. A head that
aiohttp has parsed is remembered without those digits; the same bytes in the same place mean the
same a second time, whatever the body is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mockserver.core.request import Headers, Request
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
    """A head by its bytes before and behind the digits of its length, and by its meaning: the
    headers before and behind the content-length, whose name is `length`; `named` are the first
    values by names in lower case, `common` is theirs who answer."""

    begin: bytes
    end: bytes
    address: Address
    target: str
    before: Headers
    length: str
    behind: Headers
    named: dict[str, str]
    common: dict[str, object] = field(default_factory=dict)

    def recall(self, data: bytes) -> Request | None:
        """The request that `data` is, where it is exactly one with this head."""
        begin, end = self.begin, self.end
        if not data.startswith(begin):
            return None
        start = len(begin)
        stop = data.find(b"\r\n", start)
        digits = data[start:stop]
        size = len(data) - stop - len(end)
        # ISO 8859-1 has more digits than HTTP, and a length could begin with a sign or a zero.
        if digits != b"%d" % size or not data.startswith(end, stop):
            return None
        return self.request(digits.decode(), data[stop + len(end) :])

    def request(self, digits: str, body: bytes) -> Request:
        """A request with this head and so long a body."""
        made = Request(
            method="POST",
            target=self.target,
            path=self.address.path,
            query=self.address.query,
            headers=(*self.before, (self.length, digits), *self.behind),
            body=body,
        )
        made.recall({**self.named, "content-length": digits}, self.common)
        return made


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
        self._known[cut.before, cut.behind] = Known(
            cut.before,
            cut.behind,
            address,
            request.target,
            request.headers[:place],
            name,
            request.headers[place + 1 :],
            {key.lower(): value for key, value in reversed(request.headers)},
        )


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
