"""An HTTP request as it was received: nothing decoded, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

Headers = tuple[tuple[str, str], ...]

# How many decoded headers are kept, and how long their values may be.
_MOST, _LONGEST = 4096, 200


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for every exchange
class Request:
    """`target` is the request target as received, `path` the decoded path below any sandbox
    prefix; `headers` keep order, case and repetition; `body` is what followed the head, transfer
    coding removed, content coding kept. `version` is (1, 0) or (1, 1).

    `keep_alive` says whether the client may send another request on this connection. An `oversize`
    body is longer than the server's limit; it was not read and `body` is empty.
    """

    method: str
    target: str
    path: str
    query: Headers = ()
    headers: Headers = ()
    body: bytes = b""
    version: tuple[int, int] = (1, 1)
    keep_alive: bool = True
    oversize: bool = False
    _header_map: dict[str, str] | None = field(default=None, init=False, repr=False, compare=False)
    _head_bytes: int = field(default=0, init=False, repr=False, compare=False)

    def with_body(self, body: bytes, place: int) -> Request:
        """A request with the same head and another body; the header at `place` is its length."""
        made = _new(Request)
        name, old = self.headers[place]
        length = str(len(body))
        made.method, made.target, made.path = self.method, self.target, self.path
        made.query, made.body = self.query, body
        made.headers = (*self.headers[:place], (name, length), *self.headers[place + 1 :])
        made.version, made.keep_alive, made.oversize = self.version, self.keep_alive, False
        made._header_map = {**self.header_map, "content-length": length}  # noqa: SLF001  # one of its own kind
        made._head_bytes = self._head_size - len(old) + len(length)  # noqa: SLF001
        return made

    @property
    def size_bytes(self) -> int:
        """About how many bytes it holds on to."""
        return self._head_size + len(self.body)

    @property
    def _head_size(self) -> int:
        if not self._head_bytes:
            self._head_bytes = len(self.target) + sum(map(len, chain.from_iterable(self.headers)))
        return self._head_bytes

    @property
    def header_map(self) -> dict[str, str]:
        """The first value of every header by its name in lower case."""
        found = self._header_map
        if found is None:
            found = self._header_map = {key.lower(): value for key, value in reversed(self.headers)}
        return found

    def header(self, name: str) -> str | None:
        """The first value of a header, by a name in lower case."""
        return self.header_map.get(name)

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every value of a header in order, by a name in lower case."""
        return tuple(value for key, value in self.headers if key.lower() == name)


_new = Request.__new__
_decoded_headers: dict[tuple[bytes, bytes], tuple[str, str]] = {}


def decode_headers(raw: tuple[tuple[bytes, bytes], ...]) -> Headers:
    """Every header in its order; what is no UTF-8 in a value is escaped by surrogates."""
    # Clients send the same headers again and again; the journal then holds each of them once.
    get = _decoded_headers.get
    return tuple([get(pair) or _decoded(pair) for pair in raw])


def _decoded(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = pair
    decoded = name.decode("latin-1"), value.decode("utf-8", "surrogateescape")
    if len(value) <= _LONGEST:
        if len(_decoded_headers) >= _MOST:
            _decoded_headers.clear()
        _decoded_headers[pair] = decoded
    return decoded
