"""An HTTP request as it was received: nothing decoded, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter

Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True, eq=False)  # not frozen: one is made for every exchange
class Request:
    """`target` is the request target as received, `path` the decoded path below any sandbox
    prefix; `headers` keep order, case and repetition; `body` is what followed the head after
    transfer coding was taken off, content coding left on. `version` is (1, 0) or (1, 1)."""

    method: str
    target: str
    path: str
    query: Headers = ()
    headers: Headers = ()
    body: bytes = b""
    version: tuple[int, int] = (1, 1)
    common: dict[str, object] | None = field(default=None, init=False, repr=False)
    """What follows from the head alone, for all requests with the same head but for its length;
    None where nobody knows of others."""
    _named: dict[str, str] | None = field(default=None, init=False, repr=False)

    def __eq__(self, other: object) -> bool:
        """Whether the same was received, recalled or not."""
        return isinstance(other, Request) and _received(self) == _received(other)

    __hash__ = None  # type: ignore[assignment]  # as it can be changed

    @property
    def size_bytes(self) -> int:
        """About how many bytes it holds on to."""
        size = len(self.body) + len(self.target)
        return size + sum(map(len, chain.from_iterable(self.headers)))

    @property
    def named(self) -> dict[str, str]:
        """The first value of every header by its name in lower case."""
        named = self._named
        if named is None:
            named = self._named = {key.lower(): value for key, value in reversed(self.headers)}
        return named

    def header(self, name: str) -> str | None:
        """The first value of a header, by a name in lower case."""
        return self.named.get(name)

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every value of a header in order, by a name in lower case."""
        return tuple(value for key, value in self.headers if key.lower() == name)


_received = attrgetter("method", "target", "path", "query", "headers", "body", "version")


@dataclass(frozen=True, slots=True)
class Head:
    """A head that other requests share but for the digits of its content-length: what it says, the
    headers `before` and `behind` that one, and its name as `length`. `common` is theirs who
    answer."""

    method: str
    target: str
    path: str
    query: Headers
    before: Headers
    length: str
    behind: Headers
    common: dict[str, object] = field(default_factory=dict)
    size_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        size = sum(map(len, chain.from_iterable((*self.before, *self.behind))))
        object.__setattr__(self, "size_bytes", size + len(self.target) + len(self.length))

    def request(self, body: bytes) -> Request:
        """The request with this head and that body, most of it made when it is asked for."""
        made = _new(_Recalled)
        made.head = self
        made.body = body
        made.common = self.common
        return made


class _Recalled(Request):
    """A request of which head and body are known; the other members come to be by `__getattr__`."""

    __slots__ = ("head",)
    head: Head

    def __getattr__(self, name: str) -> object:
        # Only what has not been set comes here, and all of it is set at once.
        if name not in _OF_THE_HEAD:
            raise AttributeError(name)
        head = self.head
        self.method, self.target, self.path = head.method, head.target, head.path
        self.query, self.version, self._named = head.query, (1, 1), None
        self.headers = (*head.before, (head.length, str(len(self.body))), *head.behind)
        return getattr(self, name)

    @property
    def size_bytes(self) -> int:
        return self.head.size_bytes + len(self.body)


_OF_THE_HEAD = frozenset({"method", "target", "path", "query", "version", "headers", "_named"})
_new = _Recalled.__new__
