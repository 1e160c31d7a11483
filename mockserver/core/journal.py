"""The ordered, bounded record of exchanges in one sandbox.

Entries keep raw bytes; parsed forms are made when somebody asks. An entry is replaced, not
changed, when its exchange ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from mockserver.core.board import Match, Miss
from mockserver.core.call import Call
from mockserver.core.finding import Finding
from mockserver.core.frames import Script
from mockserver.core.outcome import Outcome
from mockserver.core.request import Request


class Kind(StrEnum):
    """What an exchange was: a call of an endpoint, side traffic such as `GET /v1/models`, or
    bytes that were no HTTP request."""

    CALL = "call"
    SIDE = "side"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`number` counts from 1 in the sandbox; `at_s` is seconds since the sandbox was made.

    `call` is None where the body could not be read or nothing was called; `choice` is None where
    the request was answered before any stub was asked. `status` is the HTTP status of the answer
    (0 where none was sent), `script` the frames of a performed reply, `held` the places where it
    came to a closed gate, `outcome` how it ended, None while it is under way.
    """

    number: int
    kind: Kind
    at_s: float
    request: Request
    call: Call | None = None
    choice: Match | Miss | None = None
    findings: tuple[Finding, ...] = ()
    status: int = 0
    script: Script | None = None
    held: tuple[str, ...] = ()
    outcome: Outcome | None = None


class Journal:
    """Keeps the last `limit` entries and at most `limit_bytes` of request bodies."""

    def __init__(self, *, limit: int = 10_000, limit_bytes: int = 64 * 1024 * 1024) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._entries: dict[int, Entry] = {}
        self._bytes = 0
        self._next = 1

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())

    @property
    def dropped(self) -> int:
        """How many entries the bounds have pushed out since the last clearing."""
        return self._next - 1 - len(self._entries)

    @property
    def open(self) -> tuple[Entry, ...]:
        """Exchanges still under way."""
        return tuple(one for one in self._entries.values() if one.outcome is None)

    def next_number(self) -> int:
        """The number that the next entry will bear."""
        return self._next

    def add(self, entry: Entry) -> None:
        """Record an exchange; its number must be `next_number()`."""
        self._entries[entry.number] = entry
        self._next = entry.number + 1
        self._bytes += len(entry.request.body)
        while len(self._entries) > self._limit or self._over_bytes():
            oldest = next(iter(self._entries))
            self._bytes -= len(self._entries.pop(oldest).request.body)

    def _over_bytes(self) -> bool:
        return self._bytes > self._limit_bytes and len(self._entries) > 1

    def end(self, number: int, outcome: Outcome) -> None:
        """Say how an exchange ended; one that was dropped or cleared meanwhile is ignored."""
        entry = self._entries.get(number)
        if entry is not None:
            self._entries[number] = replace(entry, outcome=outcome)

    def hold(self, number: int, place: str) -> None:
        """Say that an exchange came to a closed gate; see `end` for what is ignored."""
        entry = self._entries.get(number)
        if entry is not None:
            self._entries[number] = replace(entry, held=(*entry.held, place))

    def get(self, number: int) -> Entry | None:
        return self._entries.get(number)

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        self._entries.clear()
        self._bytes = 0
        self._next = 1
