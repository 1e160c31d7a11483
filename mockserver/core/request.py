"""An HTTP request as it was received: nothing decoded, nothing lost."""

from __future__ import annotations

from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for every exchange
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
    _named: dict[str, str] | None = field(default=None, init=False, repr=False, compare=False)
    common: dict[str, object] | None = field(default=None, init=False, repr=False, compare=False)
    """What follows from the head alone, for all requests with the same head but for its length;
    None where nobody knows of others."""

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

    def recall(self, named: dict[str, str], common: dict[str, object]) -> None:
        """Take what is known of the head: see `named` and `common`."""
        self._named = named
        self.common = common

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every value of a header in order, by a name in lower case."""
        return tuple(value for key, value in self.headers if key.lower() == name)
