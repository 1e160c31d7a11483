"""The requests of a sandbox as a list that can be filtered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from mockserver.client.filter import Filter
from mockserver.client.recorded import RecordedRequest
from mockserver.errors import VerificationError


class Requests(Sequence[RecordedRequest]):
    """A snapshot, in order of arrival."""

    def __init__(self, requests: Sequence[RecordedRequest]) -> None:
        self._requests = tuple(requests)

    @overload
    def __getitem__(self, index: int) -> RecordedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> Requests: ...
    def __getitem__(self, index: int | slice) -> RecordedRequest | Requests:
        if isinstance(index, slice):
            return Requests(self._requests[index])
        try:
            return self._requests[index]
        except IndexError:
            raise IndexError(f"no request [{index}] among {len(self)}:\n{self.text}") from None

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(self._requests)

    def __repr__(self) -> str:
        return f"<Requests: {len(self)}>"

    def where(
        self,
        *,
        on: str | tuple[str, ...] | list[str] | None = None,
        when: Mapping[str, object] | None = None,
        stub: str | None = None,
    ) -> Requests:
        """Those for an endpoint, that satisfy conditions as under `when`, that a stub answered."""
        wanted = Filter.of(on=on, when=when, stub=stub)
        return Requests([one for one in self._requests if wanted.holds(one)])

    @property
    def last(self) -> RecordedRequest:
        """The latest; VerificationError where there is none."""
        if not self._requests:
            raise VerificationError("no request came.")
        return self._requests[-1]

    @property
    def text(self) -> str:
        """A line for each, as the journal beside a failed test."""
        return "\n".join(one.report for one in self._requests) or "no request came."
